"""More lines of products in which the place makes a word a secret, where the word itself must look chosen.

Unlike the rows of :mod:`inventory.privacy.secrets.line_positions` these stand after words so common (``key``, ``allow``) that a
plain word behind them says nothing.
"""
# ruff: noqa: E501 - a table of patterns, each in one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.line_positions import found_in
from inventory.privacy.secrets.shapes import unless_no_secret
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.triggers import Near

KIND = "password in its place"

_WORD = rb"[\"']?(?P<secret>(?<=\")[^\"]+(?=\")|(?<=')[^']+(?=')|[^\s\"';]+)"
# Each with what must be in the line, in lower case, and whether the secret must look chosen.
_PLACES: tuple[tuple[bytes, bool, re.Pattern[bytes]], ...] = tuple(
    (needed, chosen, re.compile(pattern, re.IGNORECASE))
    for needed, chosen, pattern in (
        # Exim: ": user : secret", "^user^secret", host/database/user/secret, a comparison with the client's word
        (b"client_send", False, rb"\bclient_send\s*+=\s*+\"?(?::?\s*+[^\s:^\"]{1,80}\s++:\s*+|\^[^^\"]{1,80}\^)(?P<secret>[^\"\s]+)"),
        (b"_servers", False, rb"\b(?:mysql|pgsql|oracle|ldap|redis)_servers\s*+=\s*+(?:[^\s/:]{1,120}|\([^()]{1,120}\))/[^/:\s]{0,80}/[^/:\s]{0,80}/(?P<secret>[^\s:]+)"),
        (b"eq{$", False, rb"\beq\s?\{\$(?:auth)?[123]\}\{(?P<secret>[^${}]{3,120})\}\}\s*+\}?"),
        # Apache, nginx, squid, HAProxy, Redis
        (b"authbasicfake", False, rb"^\s*+AuthBasicFake\s++\S+\s++" + _WORD),
        (b"mdexternal", False, rb"^\s*+MDExternalAccountBinding\s++\S+\s++(?!/)(?P<secret>\S+)\s*+$"),
        (b"sql_info", False, rb"^\s*+Auth_\w{1,10}SQL_Info\s++\S+\s++\S+\s++" + _WORD),
        (b"secure_link", False, rb"^\s*+secure_link_(?:md5|secret)\s++[\"']?(?:[^\s$]*+\$\S*+\s++)?(?P<secret>[^\s\"'$;]+)[\"']?\s*+;"),
        (b"cachemgr_passwd", False, rb"^\s*+cachemgr_passwd\s++(?!none\b|disable\b)" + _WORD),
        (b"rename-command", False, rb"^\s*+rename-command\s++\S+\s++\"?(?P<secret>[^\s\"]{8,})"),
        # JBoss, Bundler, ejabberd, Icinga
        (b"clear-text", False, rb"\bclear-text\s*+=\s*+\"(?P<secret>[^\"]+)\""),
        (b"bundle_", False, rb"^\s*+(?:export\s++)?BUNDLE_[A-Z0-9_]{1,120}\s*+[:=]\s*+[\"']?[^\s:\"'/]{1,80}:(?P<secret>[^\s\"']+)"),
        (b"{", False, rb"\{\s*+(?:mysql|pgsql|mssql|odbc|ldap)\s*+,(?:\s*+(?:\"[^\"]{0,120}\"|\d{1,5})\s*+,){2,4}\s*+\"(?P<secret>[^\"]+)\"\s*+\}"),
        (b"{cookie", False, rb"\{\s*+cookie\s*+,\s*+[\"']?(?P<secret>[^\"'}\s]+)"),
        (b"auth", True, rb"\b\w{0,20}auth_?(?:pair|info|basic|string|line|userpass|user_pass)\s*+[=:]\s*+[\"']?[\w.\\@-]{1,64}:" + _WORD),
        (b"check_command", True, rb"^\s*+check_command\s++check_\w{0,20}(?:sql|pgsql|oracle|ldap|ftp|imap|pop|smtp|snmp|mongo|http|login|jmx|ssh)\w{0,20}(?:![^!\s]{0,80}){0,4}?!(?P<secret>[^!\s/]{4,})\s*+$"),
        # curl's own files, lftp, monit, iSCSI targets, IRC servers
        (b"user", True, rb"^\s*+-{0,2}(?:proxy-)?user(?:\s*+[=:]\s*+|\s++)[\"']?[^\s:\"'/]{1,80}:" + _WORD + rb"[\"']?\s*+$"),
        (b"-u ", False, rb"^\s*+-[uU]\s++[\"']?[^\s:\"'/-][^\s:\"'/]{0,80}:" + _WORD + rb"[\"']?\s*+$"),
        (b"open ", False, rb"\bopen\s++(?:-[a-tv-z]\s++\S+\s++){0,3}-u\s*+[\"']?[^\s,\"']{1,80},(?P<secret>[^\s\"';]+)"),
        (b"allow ", True, rb"\sallow\s++[\"']?[\w.-]{1,64}[\"']?:(?!\d+(?:\s|$))" + _WORD + rb"[\"']?(?:\s++read-?only)?\s*+$"),
        (b"inguser", False, rb"^\s*+(?:incoming|outgoing)user\s++\S+\s++" + _WORD),
        (b":", True, rb"^\s*+[OoCcNnIi]:[^:\s]{1,120}:(?P<secret>[^:\s]{3,80}):[^:]{0,80}:"),
        (b"|", True, rb"^\s*+[^|\s]{1,80}\|[\w.-]{1,120}:" + _WORD + rb"\s*+$"),
        (b"|", False, rb"^\s*+[\w.-]{1,64}\|[\w.-]{1,64}\|(?P<secret>[^|\s]{4,80})\|\d{1,3}(?:\.\d{1,3}){3}\|\d{1,5}\s*+$"),
        (b"ldapbinddn", False, rb"^\s*+LDAPBindDN\s++(?:\"[^\"]*+\"|\S++)\s++" + _WORD),
        (b"ldapdninfo", False, rb"^\s*+LDAPDNInfo\s++(?:\"[^\"]*+\"|\S++)\s++" + _WORD),
        (b"-k=", True, rb"^\s*+-k=" + _WORD + rb"\s*+$"),
        (b"password ", True, rb"^\s*+(?:[\w.:-]{1,60}\s++){1,4}(?:[\w-]{1,20}-)?password\s++[\"']?(?P<secret>(?=\S*[0-9])[^\s\"';]{5,80})[\"']?\s*+;?\s*+$"),
        (b" key", True, rb"\b(?:master|secret|private|api|access|encryption|(?:pre-?)?shared|licen[sc]e|wpa|wlan|wifi)[ _-]key\s*+[:=]\s++" + _WORD + rb"\s*+$"),
        (b"enable:", True, rb"^\s*+enable:\s++(?P<secret>(?=\S*[0-9])\S{4,80})\s*+$"),
        (b"key_", False, rb"^\s*+key_\w{1,40}=\(?\s*+[\"']s:(?P<secret>[^\s\"']+)"),
        (b"shutdown=", True, rb"<Server\s[^<>]{0,200}?\bshutdown=\"(?!SHUTDOWN\")(?P<secret>[^\"]+)\""),
        (b"sleep ", True, rb"\becho\s++[^;|]{1,80};\s*+sleep\s++[\d.]{1,6};\s*+echo\s++(?:-\w{1,3}\s++)?" + _WORD + rb"[\"']?\s*+;"),
        (b":", False, rb"^\s*+(?:internal|[\w ()/.-]{1,60}(?:Token|Certificate DB)):(?P<secret>\S+)\s*+$"),
        (b"connect(", False, rb"\bconnect\(\s*+[\"'][\w$\#]{1,60}/(?P<secret>[^@\s\"'/]{2,80})@"),
        (b" encrypted", False, rb"^\s*+(?:(?:enable\s++password|passwd|username\s++\S++\s++password)\s++)(?P<secret>\S{8,80})\s++encrypted\b"),
        (b"saved_", True, rb"^\s*+SAVED_\w{2,40}=" + _WORD),
        (b"hotp", False, rb"^\s*+HOTP\S{0,20}\s++\S++\s++\S++\s++(?P<secret>[0-9a-f]{32,128})\b"),
        (b"skey", True, rb"^\s*+skey\s*+=\s*+" + _WORD),
        # modems, fences, keys of IPsec by hand, COBOL
        (b"cpin=", False, rb"\bAT\+CPIN=\"?(?P<secret>\d{4,8})"),
        (b"*encoded*", False, rb"\*encoded\*(?P<secret>[^\s,\"']+)"),
        (b"stonith", False, rb"\bstonith::\S{1,200}::(?P<secret>[^\s:]+)"),
        (b"stonith", False, rb"^\s*+stonith_host\s++\S++\s++external/\S++\s++\S++\s++\S++\s++\S++\s++(?P<secret>\S+)"),
        (b",p:", False, rb"\bU:[^\s,:\"']{1,64},P:(?P<secret>[^\s,\"']+)"),
        (b"k_g", False, rb"^\s*+k_g\s++(?P<secret>\S+)"),
        (b"=:", False, rb"(?<![\w.-])[\w.-]{1,40}=:(?P<secret>[^\s:@/\"']{3,80})@[\w.-]{1,120}(?::\d|/|\s|$)"),
        (b"\"ldap ", False, rb"\bdatabase\s++\"ldap\s[^{}\"]{0,80}\{[^{}\"]{0,200}\}\s*+\{(?P<secret>[^{}\"]+)\}"),
        (b" -", False, rb"\s-[EA]\s++[\w-]{2,40}\s++(?:\"(?P<secret>[^\"]+)\"|(?P<bare>0x[0-9a-f]{16,200}))"),
        (b"word: ", False, rb"\b(?:ogin|ame):\S{0,40}\s++\S{1,80}\s++(?:ass|ss|s)?word:\S{0,40}\s++(?P<secret>[^\s\"';&]+)"),
        (b"accept", False, rb"\baccept(?:\.authn)?\.users=[^\s:,]{1,80}::(?P<secret>[^\s,]+)"),
        (b"move ", False, rb"\bMOVE\s++['\"](?P<secret>[^'\"]+)['\"]\s++TO\s++[\w-]{0,40}(?:PASS|PWD|SECRET)"),
        (b" pic ", False, rb"[\w-]{0,40}(?:PASS|PWD|SECRET)[\w-]{0,40}\s++PIC\s[^'\"\n]{0,80}?\bVALUE\s++(?:IS\s++)?['\"](?P<secret>[^'\"]+)['\"]"),
        (b"values", False, rb"\bVALUES\b.{0,300}?\b(?:MD5|SHA[12]?|OLD_PASSWORD|PASSWORD|ENCRYPT|CRYPT)\(\s*+'(?P<secret>[^'$]+)'"),
        # SNMP
        (b"community", True, rb"^\s*+(?:env\.)?[\w.-]{0,40}community[\s=:]++(?!of\b)(?P<quote>[\"']?)(?P<secret>[^\s\"':;{,()]+)(?P=quote)\s*+[;{]?\s*+$"),
        (b"authcommunity", False, rb"^\s*+authCommunity\s++\S+\s++" + _WORD),
        (b"community", True, rb"\b(?:set\s++)?snmp(?:-server)?\s*+\{?\s*+(?:v1-v2c\s++)?(?:view\s++\S+\s++)?community\s++(?!set\b|add\b|list\b)" + _WORD),
        (b"community", False, rb"^\s*+/?snmp\s++community\s++(?:set|add)\s.{0,120}?\bname=" + _WORD),
        (b"defauth", False, rb"^\s*+def(?:Auth|Priv)(?:Passphrase|MasterKey|LocalizedKey)\s++" + _WORD),
        (b"defprivpass", False, rb"^\s*+defPrivPassphrase\s++" + _WORD),
        # switches, routers and firewalls
        (b"enable ", True, rb"^\s*+enable\s++(?:password|secret)\s++(?:level\s++\d+\s++)?" + _WORD + rb"\s*+(?:encrypted)?\s*+$"),
        (b"snmp-server", False, rb"^\s*+snmp-server\s++host\s++(?:\S+\s++)?\d\S*\s++(?:(?:traps|informs)\s++)?(?:version\s++(?:1|2c|3\s++\w+)\s++)?(?!version\b|vrf\b|traps\b|informs\b|community\b|use-vrf\b)" + _WORD),
        (b"snmp-server", False, rb"^\s*+snmp-server\s++user\s.{0,120}?\sauth\s++(?:md5|sha\S*)\s++" + _WORD),
        (b"snmp-server", False, rb"^\s*+snmp-server\s++user\s.{0,300}?\spriv\s++(?:(?:des|3des|aes\S*)\s++)?(?:(?:128|192|256)\s++)?" + _WORD),
        (b"key ", True, rb"^\s++key\s++(?:[0-8]\s++)?(?P<secret>[^\s\"';{}=:,()]+)\s*+$"),
        (b"key ", False, rb"\bpre-shared-key\s++(?:address|hostname)\s++\S+\s++(?:\d\S*\s++)?key\s++(?:[0-9]\s++)?" + _WORD),
        (b"-psk", False, rb"\bwpa-psk\s++(?:ascii|hex)\s++(?:[0-9]\s++)?" + _WORD),
        (b"authentication-key", False, rb"\bauthentication-key\s++\"(?P<secret>[^\"]+)\""),
        (b"plaintext", False, rb"\bplaintext\s++\"(?P<secret>[^\"]+)\"\s*+$"),
        (b" enc ", False, rb"^\s*+set\s++[\w-]{1,60}\s++ENC\s++" + _WORD),
        (b"cipher", True, rb"\b(?:password|key|community\s++(?:read|write))\s++(?:level\s++\d{1,2}\s++)?(?:irreversible-)?(?:cipher|simple)\s++" + _WORD),
        (b"option", True, rb"^\s*+option\s++(?:key\d?|[\w-]{0,40}(?:secret|passw\w{0,10}|psk|token))\s++" + _WORD + rb"[\"']?\s*+$"),
        (b"option", False, rb"^\s*+option\s++key\s++'(?P<secret>[^'/][^']{7,63})'"),
        (b"des ", False, rb"\blogin\s*+=\s*+des\s++\"?(?P<secret>[./A-Za-z0-9]{13})\b"),
        # GRUB, mail relays, hosts' own words in other alphabets
        (b"password ", True, rb"^\s*+password\s++(?:root|admin\w{0,10}|superuser|grub|operator)\s++" + _WORD + rb"\s*+$"),
        (b"]", False, rb"^\s*+\[[\w.:-]{1,120}\](?::[\w-]{1,20})?\s++[^\s:]{1,120}:(?P<secret>\S+)\s*+$"),
        (b"contrase", False, rb"contrase(?:\xc3[\xb1\x91]|\xf1|n)a\w{0,20}[\"']?\s*+(?:=>|[=:])\s*+" + _WORD),
        (b"base64", False, rb"\b(?:base64_encode|b64encode|btoa|encode_base64|Base64\.encode\w{0,20}|Buffer(?:\.from)?)\s*+\(\s*+b?[\"'][\w.@-]{1,64}:(?P<secret>[^\"'$]+)[\"']"),
        (b"<(", False, rb"<\(\s*+(?:echo|printf)\s++(?:-n\s++)?[\"']?(?P<secret>[^\s\"'()$`]+)[\"']?\s*+\)"),
        (b"set ", True, rb"\bset\s++(?:--\w{1,20}\s++)?(?:[\w./:@-]{0,80}[._:-])?(?:aws_)?(?:secret\w{0,20}|passw\w{0,10}|_?authtoken|token|requirepass|masterauth)\s++" + _WORD),
        # hosts written after the login, a list of one-letter fields, a word handed over by echo
        (b"@", True, rb"(?<![\w/:@.-])(?!(?:mailto|news|cc|bcc|to|from|by|sips?|xmpp|acct|git|ssh|user|host|e?-?mail|maintainer|author|contact)s?:)[\w./\\-]{1,64}:(?P<secret>(?=[^\s:@/\"']*[0-9])[^\s:@/\"'<>(),]{4,80})@(?!sha\d)[\w-]+(?:[\w.-]|:/)"),
        (b"@", False, rb"(?:^|[\s=\"'])[\w.\\-]{1,64}:(?P<secret>[^\s:@/\"']{4,80})@[\w.-]{1,120}:/"),
        (b"//", False, rb"(?:^|[\s=\"'])//[^\s:/@\"']{1,64}:(?P<secret>[^\s:/@\"']{2,80})@[\w-]"),
        (b"userid=", False, rb"\buserid=[\"']?[\w$\#]{1,64}/(?P<secret>[^\s@\"'/]+)"),
        (b".logon", False, rb"\.logon\s++[^\s,]{1,120},(?P<secret>[^\s;\"']+)"),
        (b"ftp", True, rb"[\"'n]user\s++\S{1,64}\s(?P<secret>[^\s\"'\\]{4,80})(?:\\n|[\"'])"),
        (b"deb", True, rb"^\s*+(?:deb|deb-src)\s.{0,200}?/(?P<secret>(?-i:(?=[\w-]{0,63}[0-9])(?=[\w-]{0,63}[a-z])(?=[\w-]{0,63}[A-Z])[\w-]{20,64}))(?=/|\s|$)"),
        (b"url", True, rb"^\s*+(?:base|mirror)?url\s*+=.{0,200}?/(?P<secret>(?-i:(?=[\w-]{0,63}[0-9])(?=[\w-]{0,63}[a-z])(?=[\w-]{0,63}[A-Z])[\w-]{20,64}))(?=/|\s|$)"),
        (b"?", True, rb"\?(?P<secret>(?-i:(?=[A-Za-z]{0,80}[0-9])(?=[a-z0-9]{0,80}[A-Z])[A-Za-z0-9+/]{32,80}={0,2}))(?=[\s\"']|$)"),
        (b",p=", False, rb"\b[hu]=[^\s,]{1,120}(?:,[A-Za-z]=[^\s,]{0,120}){0,8},p=(?P<secret>[^\s,\"']+)"),
        (b"echo", False, rb"\bpass\w{0,12}?_?(?:eval|cmd|command)[\"']?(?:\s*+[=:]\s*+|\s++)[\"']?(?:/bin/)?echo\s++(?:-n\s++)?[\"']?(?P<secret>[^\s\"'|$`]+)"),
        (b"sql:", False, rb":om(?:my|pg)sql:[^\s,]{1,120},[^\s,]{1,120},[^\s,]{1,120},(?P<secret>[^\s,;]+)"),
        (b"cookie", False, rb"^\s*+(?:node|erlang|distributed)[._]cookie\s*+=\s*+" + _WORD),
        (b"cookie", False, rb"^\s*+cookie\s++(?P<secret>[0-9a-f]{12,128})\s*+$"),
        (b":c", False, rb"(?<![\w.-])[\w.-]{1,64}:C[LR]:(?P<secret>\S+)"),
        (b"target[", False, rb"^\s*+Target\[[^\]]{1,80}\]:.{0,80}?:(?P<secret>[^\s:@]+)@"),
        (b"equals(", False, rb"\"(?P<secret>[^\"]{3,120})\"\.equals(?:IgnoreCase)?\(\s*+(?:\w{1,30}\.)?\w{0,30}(?:pass|pwd|pw|secret|token)\w{0,20}\s*+\)"),
        (b"equals(", False, rb"(?:pass\w{0,20}|pwd|pw|secret|token)\.equals(?:IgnoreCase)?\(\s*+\"(?P<secret>[^\"]{3,120})\""),
        (b"-p", False, rb"[\"']-{1,2}(?:u|U|user(?:name)?|l|login)[\"']\s*+,\s*+[\"'][^\"']{1,80}[\"']\s*+,\s*+(?:[\"'][^\"']{0,80}[\"']\s*+,\s*+){0,4}[\"']-(?:p|w|P|W|pw)[\"']\s*+,\s*+[\"'](?P<secret>[^\"']{3,200})[\"']"),
        (b"username=", False, rb"(?<!\S)--?[\w.-]{0,40}username=[\"']?[^\s:\"'/%${]{1,80}:(?!\d++(?:\s|$))" + _WORD),
        (b"put ", False, rb"\bput\s++[\w./-]{0,100}(?:password|passwd|secret|token|passphrase)\s++" + _WORD),
        (b"<<<", False, rb"\bread\s++(?:-\w\s++)?\w{0,30}(?:pass|pw|secret|token)\w{0,20}\s*+<<<\s*+" + _WORD),
        (b"| base64", False, rb"\becho\s++(?:-n\s++)?[\"']?(?P<secret>[A-Za-z0-9+/]{4,400}={0,2})[\"']?\s*+\|\s*+(?:base64|openssl\s++base64)\b"),
        (b"decode", False, rb"(?:pass|pw|secret|token)\w{0,20}[\"'\]]{0,2}\s*+(?:=>?|:)\s*+[\w.]{0,40}(?:decode|base64|atob)\w{0,20}\(\s*+b?[\"'](?P<secret>[^\"'$]+)[\"']"),
        (b"default", False, rb"[\"']--?[\w-]{0,40}(?:password|passwd|passphrase|secret|token|pw)[\"'].{0,200}?\bdefault\s*+=\s*+[\"'](?P<secret>[^\"']+)[\"']"),
        (b"tochararray", False, rb"\"(?P<secret>(?!0123|abcd|ABCD)[^\"]{3,120})\"\.toCharArray\(\)"),
        (b"hc-ping", False, rb"hc-ping\.com/(?P<secret>[\w/-]{20,80})"),
        (b"authentication ", False, rb"^\s*+[\w-]{0,40}authentication\s++[\w.-]{1,64}:(?!\d+\s*+$)" + _WORD + rb"\s*+$"),
        (b"userpass", True, rb"^\s*+[\w-]{0,40}userpass(?:\s*+=\s*+|\s++)[\w.-]{1,64}:" + _WORD + rb"\s*+$"),
        # notes of people
        (b" ist ", True, rb"\b(?:passwor[td]|kennwort|pin|pw)\s++(?:(?:fuer|f\xc3\xbcr|von|auf|zu[rm]?)\s++\S++\s++){0,2}(?:ist|lautet)(?:\s*+:)?\s++" + _WORD + rb"\s*+$"),
        (b" is ", True, rb"\b(?:passwor[td]|passphrase|pw)\s++(?:(?:for|of|on|to)\s++\S++\s++){0,2}is(?:\s*+:)?\s++[\"']?(?P<secret>(?=\S*[0-9])[^\s\"';]{5,60}?)[\"'.]?\s*+$"),
        (b" / ", True, rb"\b(?:login|zugang|user|benutzer|account|anmeldung|zugangsdaten)\b[^/\n]{0,60}\s/\s" + _WORD + rb"\s*+$"),
        # a function of the database around the word
        (b"pass", False, rb"\bpass\w{0,20}[\"'`]?\s*+=\s*+(?:\w{0,12}(?:password|md5|sha\d?|crypt|encrypt)\w{0,8})\s*+\(\s*+'(?P<secret>[^']+)'"),
        # addresses that open a door to whoever knows them
        (b"webhook", False, rb"\b(?:discord(?:app)?\.com/api/webhooks/\d{10,24}/|[\w.-]{1,80}/webhook(?:b2)?/[\w@-]{1,120}/IncomingWebhook/)(?P<secret>[\w/-]{16,200})"),
        (b"/bot", False, rb"/bot(?P<secret>\d{6,12}:[\w-]{30,50})"),
        (b"hooks", True, rb"/hooks/(?:catch/\d{1,12}/)?(?P<secret>[\w/-]{16,100})"),
        (b"=", True, rb"[?&](?:[\w-]{0,20}_)?(?:key|auth|sig|code)=(?P<secret>[^\s&\"'<>$%{}]{6,200})"),
    )
)  # fmt: skip
_BASIC = re.compile(rb"\bbasic(?:[_-]?auth)?(?:\\?\s|%20|\+)+(?P<secret>[A-Za-z0-9+/]{6,400}={0,2})", re.IGNORECASE)
_NOTE = re.compile(
    rb"(?P<name>(?:passwor[dt]|kennwort|pw|passphrase)\s++[\w.@-]{2,40})\s*+[:=]\s++(?P<secret>\S++)\s*+$",
    re.IGNORECASE,
)
_BEARER = re.compile(rb"[\"' ]Bearer\\?\s+(?P<secret>[\w.~+/-]{8,300}=*)[\"']")

_WHERE: dict[bytes, tuple[bytes | Near, ...]] = {
    b":": (
        Near((b"o:", b"c:", b"n:", b"i:"), re.compile(rb"(?<![\w/.])[ocni]:[^:\s]{1,120}:[^:\s]{3,80}:[^:]{0,80}:")),
        Near((b"internal:", b"token:", b"token):", b"certificate db:"), re.compile(rb"[\w ]{5,14}\)?:\S{1,200}+\s*+$")),
    ),
    b"{": (Near((b"{mysql", b"{pgsql", b"{mssql", b"{odbc", b"{ldap"), re.compile(rb"\{\w+\s*+,")),),
    b"]": (Near((b"]",), re.compile(rb"\](?::[\w-]{1,20})?\s++[^\s:]{1,120}:")),),
    b"=": (Near((b"key=", b"auth=", b"sig=", b"code="), re.compile(rb"(?<=[?&_])(?:key|auth|sig|code)=[^\s&\"'<>$%{}]{6}")),),
    b"@": (Near((b"@",), re.compile(rb"(?<=[^\s:@/\"'<>(),]{4})@(?!sha\d)[\w-]")),),
    b"//": (Near((b"//",), re.compile(rb"(?<![^\s=\"'])//[^\s:/@\"']{1,64}:[^\s:/@\"']{2,80}@")),),
    b"?": (Near((b"?",), re.compile(rb"\?[a-z0-9+/]{32}")),),
    b" / ": (Near((b" / ",), re.compile(rb" / \S+\s*+$")),),
    b"key ": (
        Near((b"key ",), re.compile(rb"(?<=\s)key\s++(?:[0-8]\s++)?[^\s\"';{}=:]+\s*+$")),
        Near((b"-key ",), re.compile(rb"-key\s++(?:address|hostname)\s")),
    ),
    b"open ": (Near((b"open ",), re.compile(rb"open\s++-")),),
    b"hooks": (Near((b"/hooks/",), re.compile(rb"/hooks/[\w/-]{16}")),),
    b"user": (Near((b"user",), re.compile(rb"user(?:\s*+[=:]\s*+|\s++)[\"']?[^\s:\"'/]{1,80}:[^\s\"';]{1,200}+[\"']?\s*+$")),),
    b"option": (Near((b"option",), re.compile(rb"option\s++[\w-]{0,40}(?:key|secret|passw|psk|token)")),),
    b"auth": (Near((b"auth",), re.compile(rb"auth_?(?:pair|info|basic|string|line|user)")),),
    b"pass": (
        Near((b"pass",), re.compile(rb"pass\w{0,20}[\"'`]?\s*+=\s*+\w{0,12}(?:password|md5|sha\d?|crypt|encrypt)\w{0,8}\s*+\(")),
    ),
    b"|": (Near((b"|",), re.compile(rb"\|[\w.-]{1,120}(?::\S{1,200}+\s*+$|\|[^|\s]{4,80}\|\d)")),),
    b" -": (Near((b" -e ", b" -a "), re.compile(rb" -[ea]\s++[\w-]{2,40}\s++(?:\"|0x[0-9a-f]{16})")),),
    b"=:": (Near((b"=:",), re.compile(rb"=:[^\s:@/\"']{3,80}@")),),
    b"move ": (Near((b"move ",), re.compile(rb"move\s++['\"]")),),
    b"values": (Near((b"values",), re.compile(rb"values\b.{0,300}?\b(?:md5|sha[12]?|(?:old_)?password|(?:en)?crypt)\(")),),
    b"cipher": (b"cipher", Near((b" simple ",), re.compile(rb" simple \S"))),
    b" key": (Near((b" key:", b" key =", b" key="), re.compile(rb" key\s*+[:=]\s++\S{1,200}+\s*+$")),),
    b"sleep ": (Near((b"sleep ",), re.compile(rb"sleep\s++[\d.]{1,6};\s*+echo\s")),),
    b"echo": (Near((b"echo ",), re.compile(rb"(?<=[=:\s\"'/])echo\s")),),
    b"ftp": (Near((b"| ftp", b"|ftp"), re.compile(rb"\| ?ftp")),),
    b"deb": (Near((b"deb ", b"deb-src"), re.compile(rb"(?<![\w./-])deb")),),
    b"url": (Near((b"url=", b"url "), re.compile(rb"url\s*+=.{0,200}/[\w-]{20}")),),
    b"set ": (Near((b"set ",), re.compile(rb"set\s++(?:--\w{1,20}\s++)?[\w./:@-]{0,80}?(?:secret|passw|token|requirepass|masterauth)")),),
    b"base64": (b"base64_encode", b"b64encode", b"btoa", b"encode_base64", b"base64.encode", b"buffer(", b"buffer.from"),
    b"put ": (Near((b"put ",), re.compile(rb"put\s++[\w./-]{0,100}?(?:password|passwd|secret|token|passphrase)\s")),),
    b"| base64": (b"| base64", b"|base64", b"| openssl base64"),
    b"decode": (b"b64decode(", b"base64_decode(", b"atob(", b"decode_base64(", b"decode("),
    b"default": (Near((b"default",), re.compile(rb"default\s*+=\s*+[\"']")),),
    b"-p": (Near((b"\"-p\"", b"'-p'", b"\"-w\"", b"'-w'", b"\"-pw\""), re.compile(rb"[\"']-pw?[\"']\s*+,|[\"']-w[\"']\s*+,")),),
    b":c": (Near((b":cl:", b":cr:"), re.compile(rb"(?<=[\w.-]):c[lr]:\S")),),
    b"-u ": (Near((b"-u ",), re.compile(rb"(?<!\S)-u\s++[\"']?[^\s:\"'/]{1,80}:")),),
    b" is ": (
        Near((b"ord for ", b"ord of ", b"ord on ", b"ord to ", b"phrase for "), re.compile(rb"\w{3,6} (?:for|of|on|to) \S+\s.{0,60}? is ")),
        Near((b"d is ", b"pw is ", b"e is "), re.compile(rb"(?:(?<=wor)[td]|(?<=phras)e|pw) is")),
    ),
    b" ist ": (Near((b" ist ",), re.compile(rb"\sist\s")),),
}  # fmt: skip
"""For words too common to be triggers: the text around them where a row of the table can match."""


def rules() -> Iterator[tuple[Callable[[bytes], Iterator[Span]], tuple[bytes | Near, ...]]]:
    """The rules of the table, one for all rows that need the same word, each with its triggers; then the headers."""
    by_word: dict[bytes, list[tuple[bool, re.Pattern[bytes]]]] = {}
    for needed, chosen, pattern in _PLACES:
        by_word.setdefault(needed, []).append((chosen, pattern))
    for needed, rows in by_word.items():
        yield partial(_rows, tuple(rows)), _WHERE.get(needed, (needed,))
    yield _notes, (Near((b"password ", b"passwort ", b"kennwort ", b"passphrase ", b"pw "), _NOTE),)
    yield _basic, (Near((b"basic",), re.compile(rb"basic(?:[_-]?auth)?(?:\\?\s|%20|\+)+[a-z0-9+/]{6}")),)
    yield _bearer, (b"bearer",)


def _rows(rows: Sequence[tuple[bool, re.Pattern[bytes]]], line: bytes) -> Iterator[Span]:
    for chosen, pattern in rows:
        for match in found_in(pattern, line):
            group = match.lastgroup if match.lastgroup == "bare" else "secret"
            if not values.is_template(match[group]) and (not chosen or values.looks_chosen(match[group])):
                yield from unless_no_secret(line, *match.span(group), KIND)


def _notes(line: bytes) -> Iterator[Span]:
    """Notes that people write: ``root pw db01: x``."""
    for match in _NOTE.finditer(line):
        name = b"_".join(match["name"].split())
        if secret_names.is_secret(name) and values.looks_chosen(match["secret"]):
            yield from unless_no_secret(line, *match.span("secret"), KIND)


def _basic(line: bytes) -> Iterator[Span]:
    for match in _BASIC.finditer(line):
        if values.is_basic_credential(match["secret"]):
            yield from unless_no_secret(line, *match.span("secret"), "HTTP credentials")


def _bearer(line: bytes) -> Iterator[Span]:
    for match in _BEARER.finditer(line):
        if values.looks_chosen(match["secret"]):
            yield from unless_no_secret(line, *match.span("secret"), "HTTP credentials")
