"""Lines of products that mark a secret by its place and not by a name or a sign."""
# ruff: noqa: E501 - a table of patterns, each in one line

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from inventory.privacy.secrets import values
from inventory.privacy.secrets.shapes import unless_empty, unless_no_secret
from inventory.privacy.secrets.spans import Span
from inventory.privacy.secrets.triggers import Near

KIND = "password of a login"

_PGPASS = re.compile(
    rb"""^(?:[^\s:\\]|\\.){1,256}:(?:\d{1,5}|\*):(?!\d+:)(?:[^\s:\\]|\\.){1,256}:(?!\d+:)(?:[^\s:\\]|\\.){1,256}
    :(?!\*\s*$)(?P<secret>(?:[^\s:\\/]|\\.)(?:[^:\\\s]|\\.)*)\s*$""",
    re.VERBOSE,
)
_QUOTED = rb"""(?:"(?P<secret>[^"]+)"|'(?P<single>[^']+)'|(?P<bare>[^\s"';]+))"""
# Each with what must be in the line, in lower case.
_DIALECTS: tuple[tuple[bytes, re.Pattern[bytes]], ...] = tuple(
    (needed, re.compile(pattern, re.IGNORECASE))
    for needed, pattern in (
        # netrc, fetchmail
        (b"pass", rb"\b(?-i:login|user(?:name)?)\s+(?!and\b|or\b|name\b|with\b|the\b|,)\S+\s+(?:there\s+)?(?:with\s+)?(?:insecure-)?(?-i:pass(?:word|wd)?)\s+(?:is\s+)?"
         + _QUOTED),
        (b"machine", rb"\bmachine\s+\S+\s+(?:(?:login|user|account|port)\s+\S+\s+){0,3}password\s+(?P<secret>\S+)"),
        # haproxy, Redis
        (b"password", rb"^\s*user\s+\S.{0,300}?\s(?:insecure-)?password\s+(?P<secret>\S+)"),
        (b"auth", rb"^\s*(?:stats\s+auth|http_proxy_auth)\s+\S+?:(?P<secret>\S+)"),
        (b"user", rb"^\s*user\s+\S+\s.{0,300}?[\s](?:>|<(?!redacted[:>])|\#)(?P<secret>\S+)"),
        (b"sentinel", rb"^\s*sentinel\s+auth-pass\s+\S+\s+(?P<secret>\S+)"),
        # proftpd, squid, ipsec, openssl, tinyproxy, Network UPS Tools, Heartbeat, TURN, IRC services
        (b"device", rb"^\s*DEVICE\s+[^\s:]{1,120}:\d{1,5}:\w{1,20}:(?P<secret>\S+)"),
        (b"add password", rb"^\s*add\s+password\s+\S+\s+\{?(?P<secret>[^\s{}]+)"),
        (b"add password", rb"^\s*add\s+password\s+\S+\s+\S+\s+\{?(?P<secret>[^\s{}]+)"),
        (b"key ", rb"^\s*key\s+(?:hmac-\w{3,10}:)?[\w.-]{2,120}\s+(?P<secret>[A-Za-z0-9+/]{16,200}={0,2})\s*$"),
        (b"userpassword", rb"^\s*UserPassword\s+\S+\s+(?P<secret>[^\s:=]\S*)\s*$"),
        (b"conn", rb"^\s*conn(?:ect)?\s+[\w$\#]{1,60}/\"?(?P<secret>[^\s@;\"]+)"),
        (b":pserver:", rb":pserver:[^\s:@]{1,80}:(?P<secret>[^\s:@]{1,120})@"),
        (b"auth ", rb"\bAUTH\s+(?:PLAIN|LOGIN)\s+(?P<secret>[A-Za-z0-9+/]{8,400}={0,2})"),
        (b" ", rb"^\s*(?:IPSec|Xauth|Options?|param(?:eter)?|set(?:\s+\w{1,20})?)\s+[\"']?(?:[\w.-]{0,40}[_.-])?(?:(?:psk)?secret|passw(?:or)?d|passphrase|psk)[\"']?"
         rb"\s+(?![\[$(])" + _QUOTED + rb"\s*+(?:;\s*+)?$"),
        (b"openrowset", rb"\bOPENROWSET\s*\(\s*'[^']{0,80}'\s*,\s*'[^']{0,120}'\s*;\s*'[^']{0,80}'\s*;\s*'(?P<secret>[^']+)'"),
        (b"sp_addlinked", rb"\bsp_addlinkedsrvlogin\s[^;]{0,300},\s*N?'(?P<secret>[^']+)'\s*(?:[;)]|$)"),
        (b"sqlconnectinfo", rb"^\s*SQLConnectInfo\s+\S+\s+\S+\s+(?P<secret>\S+)"),
        (b"login=", rb"\blogin=[^\s:]{1,128}:(?P<secret>\S+)"),
        (b"psk", rb":\s*(?-i:PSK)\s+" + _QUOTED),
        (b"xauth", rb":\s*XAUTH\s+" + _QUOTED),
        (b": eap", rb":\s*EAP\s+" + _QUOTED),
        (b"pass:", rb"(?:-pass(?:in|out|word)?\s+|^\s*secret\s*=\s*)[\"']?pass:(?P<secret>[^\s\"'/`$][^\s\"']*)"),
        (b"basicauth", rb"^\s*BasicAuth\s+[^\s:=]+\s+(?P<secret>\S+)\s*$"),
        (b"monitor", rb"^\s*MONITOR\s+[^\s@]{1,80}@\S+\s+\d+\s+\S+\s+" + _QUOTED + rb"\s+(?:master|slave|primary|secondary)"),
        # Heartbeat, ntpd, chrony
        (b" ", rb"^\s*\d{1,5}\s+(?:sha1|sha256|sha512|sha|md5|crc|hmac-\w+|aes\w+|m)\s+(?:ASCII:|HEX:)?(?P<secret>\S{4,})\s*(?:\#.*)?$"),
        # Nagios, kickstart, debconf, Postfix, monit, TACACS+, CVS, voicemail of Asterisk, RDP
        (b"$user", rb"^\s*\$USER\d{1,3}\$\s*=\s*(?!/)(?P<secret>\S+)\s*$"),
        (b"rootpw", rb"^\s*(?:rootpw|grubpw|sshpw)\s+(?:--[\w=.-]+\s+)*" + _QUOTED),
        (b"passw", rb"^\s*\S+\s+\S{0,80}?(?:passw|passphrase)[^\s:=]{0,80}\s+(?:password|string)\s+(?P<secret>\S.*)$"),
        (b"static:", rb"\bstatic:[^\s:]{1,120}:(?P<secret>\S+)"),
        (b"allow ", rb"^\s*allow\s+[\"']?[\w.-]{1,64}[\"']?:(?!\d)" + _QUOTED + rb"(?:\s+read-?only)?\s*$"),
        (b"cleartext", rb"=\s*cleartext\s+" + _QUOTED),
        (b"login", rb"\b(?:login|enable|pap|chap|ms-chap|arap)\s*=\s*+(?:(?:des|md5|file)\s++)?(?P<secret>[./A-Za-z0-9$]{13,40})\s*$"),
        (b":pserver:", rb":pserver:\S{1,200}\s+(?P<secret>A\S+)\s*$"),
        (b"=>", rb"^\s*\d{2,6}\s*=>\s*-?(?P<secret>\d{3,12}|[^\s,@:]{4,40}),(?:[^,]{0,80},|(?<=\d,)[A-Z][\w. -]{1,60}$)"),
        (b"password 51:b:", rb"^password 51:b:(?P<secret>\S+)"),
        (b"connectinfo", rb"^\s*SQLNamedConnectInfo\s+\S+\s+\S+\s+\S+\s+\S+\s+(?P<secret>\S+)"),
        (b"rsa", rb":\s*(?:RSA|ECDSA|P12|PKCS8|PRIVATE)\s+\S+\s+" + _QUOTED),
        (b"#define", rb"^\s*\#\s*define\s+\w*(?:PASS|SECRET|TOKEN|PW)\w{0,20}\s+L?\"(?P<secret>[^\"]+)\""),
        (b"sp_add", rb"\bsp_add(?:login|user|linkedsrvlogin)\b(?!').{0,200}?'[^']{1,64}'\s*,\s*N?'(?P<secret>[^']+)'"),
        (b"sp_password", rb"\bsp_password\b(?!').{0,100}?,\s*N?'(?P<secret>[^']+)'"),
        (b"mapnetworkdrive", rb"\bMapNetworkDrive\b.{0,200},\s*\"(?P<secret>[^\"]+)\"\s*+\)?\s*+$"),
        (b".open", rb"\.Open\s+\"[^\"]{1,300}\"\s*,\s*\"[^\"]{1,64}\"\s*,\s*\"(?P<secret>[^\"]+)\""),
        # a tuple or a pair of Erlang and Lisp
        (b"pass", rb"(?:\{\s*'?\w{0,40}(?:pass(?:word|wd|phrase)?|secret)'?\s*,|\(\s*\w{0,40}(?:password|passwd|secret)\s+\.)\s*(?:<<)?\"(?P<secret>[^\"]+)\""),
        # files of hashes and keys by user
        (b":", rb"^[^\s:]{1,64}:[^:\s][^:]{0,80}:(?P<secret>[0-9a-f]{32})\s*$"),
        (b":", rb"^[\w.@-]{1,64}:(?P<secret>(?:md5)?[0-9a-f]{32,128})\s*$"),
        (b":", rb"^[^\s:]{1,64}:(?P<secret>(?-i:(?=[./A-Za-z]{0,12}[0-9])(?=[./a-z0-9]{0,12}[A-Z])[./0-9A-Za-z]{13}))(?::|\s*$)"),
        (b":", rb"^[^\s:]{1,64}:\d{0,10}:(?P<secret>(?-i:(?=[./A-Za-z]{0,12}[0-9])(?=[./a-z0-9]{0,12}[A-Z])[./0-9A-Za-z]{13}))(?::|\s*$)"),
        (b":", rb"^[^\s:]{1,64}:\d{1,10}:(?:[0-9A-FX]{32}):(?P<secret>[0-9A-F]{32}):"),
        (b"user=", rb"^\s*user=[^\s:=,;]+:(?P<secret>[^\s,;]+)\s*$"),
        (b"serv", rb"\b(?:Nick|Chan|Auth)Serv\w{0,20}[\s:]{1,5}(?:IDENTIFY|REGISTER|AUTH)\s+(?P<secret>[^\s\"']+)"),
        (b"authinfo:", rb"\"P[:=](?P<secret>[^\"]+)\""),
        (b"user_", rb"^\s+user_(?!dn|name|id|key|filter|base|group|agent|attr|role)[\w.-]{1,64}=\"(?P<secret>[^\"]+)\""),
        # SNMP
        (b"community", rb"^\s*(?:ro|rw|auth|trap)community6?\s+" + _QUOTED),
        (b"community", rb"^\s*snmp-server\s+community\s+(?P<secret>\S+)"),
        (b"com2sec", rb"^\s*com2sec6?\s+(?:-Cn\s+\S+\s+)?\S+\s+\S+\s+" + _QUOTED),
        (b"createuser", rb"^\s*createUser\s+(?:-e\s+\S+\s+)?\S+\s+(?:MD5|SHA\S*)\s+" + _QUOTED),
        (b"createuser", rb"^\s*createUser\s.{0,200}?\s(?:DES|AES\S*)\s+" + _QUOTED),
        (b"usmuser", rb"\s(?P<secret>0x(?!8000)[0-9a-f]{32,128})\b"),
        (b"sink", rb"^\s*(?:trap2?sink|informsink)\s+\S+\s+(?P<secret>\S+)"),
        # switches and routers, and what is configured as they are
        (b"password ", rb"^\s*(?:(?:enable|username|neighbor|line|ppp|isis|ip|standby|user|peer|vrrp|key)\b.{0,80}?)?"
         rb"\bpassword\s+(?:encrypted\s+)?(?:level\s+\d+\s+)?[0-9]\s+(?P<secret>\S+)\s*$"),
        (b"neighbor", rb"^\s*neighbor\s+\S+\s+password\s+" + _QUOTED),
        (b"secret ", rb"^\s*(?:enable|username\s+\S+.{0,40}?)\s+secret\s+(?:[0-9]\s+)?(?P<secret>\S+)"),
        (b"username ", rb"^\s*username\s+\S+(?:\s+privilege\s+\d+)?\s+password\s+(?:[0-9]\s+)?(?P<secret>\S+)\s*(?:[!\#;].*)?$"),
        (b"-key", rb"^\s*(?:(?:ip|ntp|isis|area|ipv6|key)\s+(?:\S+\s+){0,3})?(?:message-digest-key\s+\d+\s+md5|authentication-key(?:\s+\d+)?(?:\s+md5)?)\s+(?:[0-9]\s+)?"
         rb"(?P<secret>[^\s\"';=:]+)\s*$"),
        (b"key-string", rb"^\s*key-string\s+(?:[0-9]\s+)?(?P<secret>\S+)"),
        (b"isakmp", rb"\bisakmp\s+key\s+(?:[0-9]\s+)?(?P<secret>\S+)\s+(?:address|hostname)"),
        (b"-server", rb"^\s*(?:radius|tacacs)-server\s.{0,120}?\bkey\s+(?:[0-9]\s+)?(?P<secret>\S+)"),
        (b"pre-shared-", rb"\bpre-shared-(?:key|secret)\s+(?:local\s+|remote\s+|ascii-text\s+)?(?!\d+\s+string)(?:[0-9]\s+)?" + _QUOTED),
        (b"authentication ", rb"^\s*(?:vrrp|standby)\s+\d+\s+authentication\s+(?:text\s+|md5\s+key-string\s+)?(?P<secret>\S+)"),
        # DRBD, BIND, DHCP, keepalived, FRR
        (b"shared-secret", rb"\bshared-secret\s+" + _QUOTED),
        (b"secret ", rb"\bsecret\s+\"?(?P<secret>[A-Za-z0-9+/=]{8,})\"?\s*;"),
        (b"auth_pass", rb"^\s*auth_pass\s+(?P<secret>\S+)"),
        (b"wireless-key", rb"^\s*wireless-key\d?\s+(?P<secret>\S.*)$"),
        (b"wep-key", rb"^\s*wep-key\d?\s+(?P<secret>\S.*)$"),
        # user%secret, user:secret and user/secret where a host follows, or an option requires it
        (b"user", rb"\buser(?:name)?=[^\s,%=\"']{1,80}%(?![0-9A-F]{2}\w)(?P<secret>[^\s,]+)"),
        (b"%", rb"(?:^|\s)//\S+\s+[\w.\\-]{1,64}%(?P<secret>\S(?:[^\s]|[ ](?=\S+ ))*)"),
        (b"fs", rb"\b\w{1,20}fs\\?\#[\w.-]{1,64}\\?:(?P<secret>[^\s@]{1,128})@"),
        (b"auth", rb"\b\w{0,20}auth[\"']?\s*[=:]\s*[\"']?[\w.\\@-]{1,64}:(?!\d+\b)(?P<secret>[^\s,\"';/][^\s,\"';]+)"),
        (b"userpwd", rb"\b(?:CURLOPT_(?:PROXY)?USERPWD|\w{0,20}userpwd)\b[\"']?\s*(?:,|=>?|:)\s*[\"'][^\s:\"']{1,80}:(?P<secret>[^\"']+)"),
        (b"@(", rb"\b[\w.-]{1,64}:(?P<secret>[^\s:@/\"']{1,128})@\("),
        (b"@tcp(", rb"\b[\w.-]{1,64}:(?P<secret>[^\s:@/\"']{1,128})@tcp\("),
        (b"@unix(", rb"\b[\w.-]{1,64}:(?P<secret>[^\s:@/\"']{1,128})@unix\("),
        (b"register", rb"^\s*register\s*=>?\s*[^\s:@/]{1,80}:(?P<secret>[^\s@]+)@"),
        (b"upstream", rb"^\s*(?:upstream|parent)\s+\S+\s+[^\s:@/]{1,80}:(?P<secret>[^\s@]+)@"),
        # "[relay]:587 user:secret" of mail relays
        (b":", rb"^\s*(?:\[[\w.:-]{1,120}\](?::[\w-]{1,20})?|[\w-]{1,63}(?:\.[\w-]{1,63})+(?::\d{1,5})?|@[\w.-]{1,120})\s+"
         rb"[\w.+@-]{1,120}:(?!\d+\s*$)(?-i:(?=\S*[^a-z.,;{\s]))(?P<secret>[^\s:/,;{][^\s:]*[^\s:,;{])\s*$"),
        # DB2, Oracle's odbc lists
        (b" using", rb"\bconnect\s+to\s+\S+\s+user\s+\S+\s+using\s+(?P<secret>[^\s;\"']+)"),
        (b"odbc://", rb"\bodbc://[^\s:\"'/]{1,64}:[^\s:\"'/]{1,64}:(?P<secret>[^\s:\"'/]{1,128})"),
        # Windows
        (b"net", rb"\bnet(?:\.exe)?\s+use\s+(?:[A-Za-z*]:?\s+)?\\\\\S+\s+(?:/u(?:ser)?:\S+\s+)?(?P<secret>[^\s/*\"]\S*)"),
        (b"/user:", rb"\bnet(?:\.exe)?\s+use\s.{0,200}?/u(?:ser)?:\S+\s+(?P<secret>[^\s/\"]\S*)"),
        (b"net", rb"\bnet(?:\.exe)?\s+user\s+\S+\s+(?P<secret>[^\s/*\"]\S*)\s+/add"),
        (b"/pass:", rb"\s/pass(?:word)?:(?P<secret>[^\s\"]+)"),
        (b"/rp", rb"\bschtasks\b.{0,300}?\s/rp\s+(?P<secret>[^\s\"]+)"),
        # clear text in SQL, terraform's generated passwords, repositories with a key in the path
        (b"password(", rb"\b(?:old_)?password\s*\(\s*['\"](?P<secret>[^'\"]+)['\"]\s*\)"),
        (b"for user", rb"\bset\s+password\s+for\s.{0,120}?=\s*'(?P<secret>[^']+)'"),
        (b"\"jwt", rb"\"(?:Jwt|Token|Auth)\w*\"\s*:\s*\{[^{}]{0,200}?\"(?:Signing|Security|IssuerSigning)?Key\"\s*:\s*\"(?P<secret>[^\"]{8,})\""),
        (b"baseurl", rb"^\s*baseurl\s*=.{0,200}?/(?P<secret>[0-9a-f]{32,64})(?:/|\s|$)"),
        (b"deb", rb"^\s*(?:deb|deb-src)\s.{0,200}?/(?P<secret>[0-9a-f]{32,64})(?:/|\s|$)"),
        # the pair of words in which openvpn, rsync and others store a login, behind the name of the user
        (b"convertto-securestring", rb"\bConvertTo-SecureString\s+(?:-String\s+)?[\"'](?P<secret>[^\"']+)[\"']"),
    )
)  # fmt: skip
_RESULT = re.compile(rb"""["'](?:result|bcrypt_hash)["']\s*:\s*["'](?P<secret>[^"']{8,200})["']""")

_WHERE: dict[bytes, tuple[bytes | Near, ...]] = {
    b":": (
        Near((b":",), re.compile(rb":(?:(?:md5)?[0-9a-f]{32}|[./0-9a-z]{13}(?:[:\s]|$)|[0-9a-fx]{32}:)")),
        Near((b"]",), re.compile(rb"\](?::[\w-]{1,20})?\s+[\w.+@-]+:")),
        Near((b"@",), re.compile(rb"@[\w.-]+:\S")),
    ),
    b"key ": (Near((b"key ",), re.compile(rb"key\s+\S+\s+[a-z0-9+/]{16,200}={0,2}\s*+$")),),
    b"conn": (Near((b"conn ", b"connect "), re.compile(rb"conn(?:ect)?\s+[\w$\#]{1,60}/")),),
    b"auth ": (Near((b"auth ",), re.compile(rb"auth\s+(?:plain|login)\s")),),
    b" ": (
        Near(
            (b"ipsec ", b"xauth ", b"option", b"param", b"set "),
            re.compile(rb"\w{3,9}\s+(?:\w{1,20}\s+)?[\"']?[\w.-]{0,80}(?:secret|passw|passphrase|psk)"),
        ),
        *(Near((kind,), re.compile(rb"(?<=\d\s)" + kind)) for kind in (b"sha", b"md5", b"crc", b"hmac-", b"aes", b"m")),
    ),
    b"%": (Near((b"//",), re.compile(rb"(?<!:)//\S{1,200}\s+[\w.\\-]{1,64}%")),),
    b"user": (b"user ", b"user=", b"user\t", b"username"),
    b"auth": (Near((b"auth",), re.compile(rb"auth(?:\s|[=:\"'])")),),
    b"login": (Near((b"login",), re.compile(rb"login\s*=")),),
    b"net": (b"net.exe", Near((b"net use",), re.compile(rb"net use"))),
    b"deb": (Near((b"deb ", b"deb-src"), re.compile(rb"(?<![\w./-])deb")),),
    b"rsa": (Near((b"rsa",), re.compile(rb"(?<=[:\s])rsa\s")),),
    b"=>": (Near((b"=>",), re.compile(rb"(?<=[\d\s])=>\s*-?[^,]{3,40},")),),
}
"""For words too common to be triggers: the text around them where a row of the table can match."""


def rules() -> Iterator[tuple[Callable[[bytes], Iterator[Span]], tuple[bytes | Near, ...]]]:
    """The rules of the table, one for all rows that need the same word, each with its triggers."""
    by_word: dict[bytes, list[re.Pattern[bytes]]] = {}
    for needed, pattern in _DIALECTS:
        by_word.setdefault(needed, []).append(pattern)
    for needed, patterns in by_word.items():
        yield partial(_rows, tuple(patterns)), _WHERE.get(needed, (needed,))
    yield _pgpass, (Near((b":*", *(b":%d" % digit for digit in range(10))), re.compile(rb":(?:\d{1,5}|\*):")),)
    yield _generated, (b'"result', b"'result", b"bcrypt_hash")


def _rows(patterns: Sequence[re.Pattern[bytes]], line: bytes) -> Iterator[Span]:
    for pattern in patterns:
        for match in found_in(pattern, line):
            yield from _of(match)


def _pgpass(line: bytes) -> Iterator[Span]:
    if line.count(b":") >= 4 and (match := _PGPASS.match(line)):
        yield from unless_empty(match, "line of a password file")


def _generated(line: bytes) -> Iterator[Span]:
    for match in _RESULT.finditer(line):
        if values.looks_random(match["secret"]):
            yield from unless_empty(match, "generated password")


def found_in(pattern: re.Pattern[bytes], line: bytes) -> Iterable[re.Match[bytes]]:
    """The place where a pattern of a table matches. One that begins with the line is tried there only: a search tries
    each byte.
    """
    if not pattern.pattern.startswith(b"^"):
        return pattern.finditer(line)
    match = pattern.match(line)
    return () if match is None else (match,)


def _of(match: re.Match[bytes]) -> Iterator[Span]:
    for group in ("secret", "single", "bare"):
        if match.groupdict().get(group):
            value = match[group]
            if not values.is_template(value) and not values.is_expression(value):
                quoted = match.string[match.start(group) - 1 : match.start(group)] in (b'"', b"'")
                quoted = quoted or match.string.startswith((b"@tcp(", b"@unix("), match.end(group))
                for span in unless_no_secret(match.string, *match.span(group), KIND):
                    yield span._replace(literal=quoted)
            return
