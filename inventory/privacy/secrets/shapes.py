"""Secrets that are known by their own shape or by the syntax around them, whatever the setting is called."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.privacy.secrets import secret_names, values
from inventory.privacy.secrets.assignments import holds
from inventory.privacy.secrets.spans import Span

_URL = re.compile(rb"""(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s:/@"'<>\[]{0,256}:(?=[^\s@])""")
_URL_END = re.compile(
    rb"""[\s"'`]|<(?!redacted[:>])|>(?<!<redacted>)(?<!<redacted:[0-9a-f]{8}>)(?<!<redacted:[0-9a-f]{16}>)"""
)
_PATH_START = re.compile(rb"[/?#]")
_PORT = re.compile(rb"\d{1,5}(?:[/?#:,]|$)")
_URL_TOKEN = re.compile(rb"[A-Za-z][A-Za-z0-9+.-]{1,30}://(?P<secret>[A-Za-z0-9_.-]{16,255}):?@")
_ORACLE = re.compile(rb"jdbc:oracle:\w{3,6}:[^/\s\"'@]{1,128}/(?P<secret>[^@\s\"']{1,256})@", re.IGNORECASE)

_HEADER = re.compile(
    rb"""\b(?:proxy-)?authorization(?:\\?["']?\s*[:=,]\\?\s*\\?["']?|["'\])]+\s*=\s*["']?|\s+["'])
    (?:(?:basic|bearer|token|digest|negotiate|ntlm|apikey|aws4-hmac-sha256)\\?\s+)?(?P<secret>[^\s"'\\;][^"'\\]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_SCHEME = re.compile(rb"(?:basic|bearer|token|digest|negotiate|ntlm|apikey)\\?\s+$", re.IGNORECASE)
_COOKIE = re.compile(rb"""\bcookie:\s*+(?P<secret>[^\s"'=;]{1,200}+=[^"']+)""", re.IGNORECASE)
_OTHER_HEADER = re.compile(
    rb"""\b(?:x-api-key|x-auth-token|x-vault-token|x-amz-security-token|private-token)
    ["']?\s*+[:,\s]\s*+["']?(?P<secret>[^\s"'][^"']{7,})""",
    re.VERBOSE | re.IGNORECASE,
)
_BEARER = re.compile(rb"\b[Bb]earer\s+(?P<secret>[A-Za-z0-9._~+/-]{16,}=*)")

_IDENTIFIED = re.compile(
    rb"""(?:\b|\\040)identified(?:\s|\\040)+(?:with(?:\s|\\040)+[\w'"]+(?:\s|\\040)+)?(?:by|as|using)(?:\s|\\040)+(?:password(?:\s|\\040)+)?(?P<q>["'])(?P<secret>(?:[^"'\\]|\\.)+)(?P=q)""",
    re.VERBOSE | re.IGNORECASE,
)
_IDENTIFIED_BARE = re.compile(
    rb"\b(?:user|grant|role|connect\s+to)\b.{1,300}?\bidentified\s+by\s+(?P<secret>[^\s\"';]+)(?=\s*+(?:[;,)\"'\\]|$"
    rb"|(?:default|temporary|quota|profile|account|password|replace|container|with|require|using|comment|grant|go)\b))",
    re.IGNORECASE,
)

_TOKENS = re.compile(
    rb"""(?<![A-Za-z0-9])(?P<secret>
        (?:AKIA|ASIA)[0-9A-Z]{16}
      | gh[pousr]_[A-Za-z0-9]{20,255} | github_pat_[A-Za-z0-9_]{20,255}
      | glpat-[A-Za-z0-9_-]{20,64}
      | xox[abeoprs]-[A-Za-z0-9-]{10,250}
      | (?<![\w-])eyJ[A-Za-z0-9_-]{8,}+\.eyJ[A-Za-z0-9_-]{4,}+\.[A-Za-z0-9_-]*
      | AIza[0-9A-Za-z_-]{35}
      | (?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,99}
      | SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}
      | hv[sbr]\.[A-Za-z0-9_-]{24,200}
      | (?<![\w.])s\.(?=[A-Za-z]{0,23}[0-9])(?=[a-z0-9]{0,23}[A-Z])[A-Za-z0-9]{24}(?![\w.(])
      | do[opr]_v1_[0-9a-f]{64} | npm_[A-Za-z0-9]{36} | pypi-AgEIcHlwaS[A-Za-z0-9_-]{50,255}
      | sk-(?:proj|ant|svcacct|admin|or-v1|lf)-[A-Za-z0-9_-]{20,300} | sk-[A-Za-z0-9]{32,64}
      | gsk_[A-Za-z0-9]{40,64}
      | hf_[A-Za-z0-9]{30,40} | r8_[A-Za-z0-9]{37} | xai-[A-Za-z0-9]{60,90} | pplx-[A-Za-z0-9]{40,60}
      | \d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![\w-]) | [MNO][A-Za-z0-9_-]{23,27}\.[\w-]{6}\.[\w-]{27,40}
      | key-[0-9a-z]{32}(?![0-9a-z]) | xkeysib-[0-9a-f]{64}-\w{16} | whsec_[A-Za-z0-9+/=]{24,64}
      | gl(?:rt|dt|cbt|oas|soat|ptt|ft|imt|agent)-[A-Za-z0-9_-]{20,64} | dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,64}
      | xapp-[0-9A-Za-z-]{20,200} | shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32} | sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}
      | ATATT3[A-Za-z0-9_=-]{50,300} | ATBB[A-Za-z0-9]{20,60} | figd_[A-Za-z0-9_-]{40,60} | lin_api_[A-Za-z0-9]{40}
      | glsa_[A-Za-z0-9]{32}_[0-9a-f]{8} | glc_[A-Za-z0-9+/=]{32,400} | sntry[su]_[A-Za-z0-9+/=_-]{40,255}
      | tskey-[a-z]{3,10}-[A-Za-z0-9-]{16,80} | dapi[0-9a-f]{32} | PMAK-[0-9a-f]{24}-[0-9a-f]{34}
      | NRAK-[A-Z0-9]{27} | rubygems_[0-9a-f]{48} | pul-[0-9a-f]{40} | dp\.(?:pt|st|ct|sa)\.[\w.-]{40,80}
      | oy2[a-z0-9]{43} | GOCSPX-[A-Za-z0-9_-]{28} | ya29\.[A-Za-z0-9_-]{20,400}
      | v2\.local\.[A-Za-z0-9_-]{30,400} | ntn_[A-Za-z0-9]{40,60} | nfp_[A-Za-z0-9]{36} | fo1_[\w-]{43}
      | ops_eyJ[\w-]{50,}+ | AQAAANCMnd8BFdERjHoAwE[A-Za-z0-9+/]*+={0,2}
      | JDJ[5hi]JD[A-Za-z0-9+/]{60,80}={0,2}
      | AKCp[A-Za-z0-9]{30,80} | LTAI[A-Za-z0-9]{12,24}(?![A-Za-z0-9]) | AKID[A-Za-z0-9]{32} | secret_[A-Za-z0-9]{43}
      | [0-9a-f]{32}-us\d{1,2}(?!\d) | pat[A-Za-z0-9]{14}\.[0-9a-f]{64} | sq[apu]_[0-9a-f]{40} | sbp_[0-9a-f]{40}
      | dt0[a-z]\d\d\.[A-Z0-9]{8,24}\.[A-Z0-9]{64} | [A-Za-z0-9_~.]{3}\dQ~[A-Za-z0-9_~.-]{31,34} | SK[0-9a-f]{32}
      | re_[A-Za-z0-9]{8}_[A-Za-z0-9]{24} | CFPAT-[\w-]{43} | pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64}
      | rnd_[A-Za-z0-9]{28}
      | pnu_[A-Za-z0-9]{36} | bkua_[0-9a-z]{40} | tfp_[\w.=-]{40,70} | shippo_(?:live|test)_[0-9a-f]{40}
      | access-(?:sandbox|development|production)-[0-9a-f]{8}-[0-9a-f-]{27} | sgp_[0-9a-f]{40,80} | phx_[A-Za-z0-9]{43}
      | FLWSECK(?:_TEST)?-[0-9A-Za-z]{12,40} | [A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,90} | 1//0[\w-]{20,200}
      | AAAA[\w-]{7}:APA91b[\w-]{100,200} | eyJrIjoi[A-Za-z0-9+/]{40,200}={0,2} | v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}
    )""",
    re.VERBOSE,
)
_SLACK_HOOK = re.compile(rb"hooks\.slack\.com/services/(?P<secret>[A-Za-z0-9/]{20,90})")
_HASH = re.compile(
    rb"""(?P<secret>
        \$(?:1|apr1)\$[./A-Za-z0-9]{1,8}\$[./A-Za-z0-9]{22}
      | \$(?:5|6)\$(?:rounds=\d{1,9}\$)?[^\s$:]{1,16}\$[./A-Za-z0-9]{43,86}
      | \$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}
      | \$(?:y|gy|7)\$[./A-Za-z0-9]{1,16}\$[./A-Za-z0-9]{1,90}\$[./A-Za-z0-9]{43,90}
      | \$argon2(?:id|i|d)\$[A-Za-z0-9+/$=,.]{20,512}
      | \$[PHS]\$[./A-Za-z0-9]{31,52}
      | \{(?:S?SHA|SSHA256|SSHA512|SHA256|SHA512|SMD5|noop
        |bcrypt|pbkdf2|scrypt|argon2(?:id|i|d)?|ARGON2(?:ID|I)|MD5|CRYPT|PBKDF2[A-Z0-9-]{0,12}|CLEAR(?:TEXT)?
        |PLAIN(?:-MD4|-MD5|-TRUNC)?|(?:LDAP|CRAM|DIGEST|HMAC)-MD5|(?:MD5|BLF|SHA256|SHA512|DES)-CRYPT|NTLM|LANMAN)(?:\.\w{3,6})?\}
        [^\s"',;<>]{1,512}
      | \{(?:xor|aes|des|cipher|AES\d*|XOR|RC2|3DES)\}(?=[a-z]{0,80}[^a-z\s])[A-Za-z0-9+/=:,_-]{4,512}
      | ENC\([A-Za-z0-9+/=_-]{8,512}\)
      | \{AQAAABAAAA[A-Za-z0-9+/=]{8,512}\} | (?:pbkdf2|scrypt|argon2\w?):[\w:]{3,40}\$[A-Za-z0-9./$+=]{16,512}
      | grub\.pbkdf2\.sha\d{3}\.[0-9A-F.]{40,600}
      | \$(?:sha1|bcrypt-sha256|ml|pbkdf2(?:-sha\d{3})?)\$[^\s"',;<>]{12,512}
      | \$[89]\$(?:[./A-Za-z0-9]{14}\$[./A-Za-z0-9]{43}|[./A-Za-z0-9-]{8,512}(?![$\w]))
      | (?<![\w])0x0[12]00[0-9A-Fa-f]{48,140} | SCRAM-SHA-(?:1|256|512)\$\d{1,9}:[A-Za-z0-9+/=$:]{20,512}
      | (?:pbkdf2|bcrypt|scrypt)(?:_sha\d{1,3})?\$[A-Za-z0-9./$=+-]{20,512}
      | \bSHA-(?:1|256|512),[0-9A-F]{40,128},[0-9A-F]{16,64}
      | (?<![A-Za-z0-9])md5[0-9a-f]{32}(?![0-9a-f])
      | (?<![A-Za-z0-9])\*[0-9A-F]{40}(?![0-9A-F])
    )""",
    re.VERBOSE,
)
_CDATA = re.compile(rb"<(?P<name>[\w.:-]{1,80}+)[^<>]*+><!\[CDATA\[")
_TAG = re.compile(rb"<(?P<name>[\w.:-]{1,80}+)(?P<attributes>[^<>]*+)>(?P<secret>[^<>]*+)")
_NAME_ATTRIBUTE = re.compile(rb"""\b(?:[nN]ame|[kK]ey|property)\s*=\s*["'](?P<name>[\w.:-]{1,120})["']""")
_INNER = re.compile(rb"<(?:\w{1,20}:)?(?:value|string|val)\b[^<>]{0,80}>(?P<secret>[^<>]+)</", re.IGNORECASE)
_INNER_DEFAULT = re.compile(rb"<(?:System)?Property\s[^<>]{0,200}?\bdefault=\"(?P<secret>[^\"<>]+)\"", re.IGNORECASE)
"""In Jetty: the value unless a property overrides it."""
_VALUE_ATTRIBUTE = re.compile(rb"""\b[vV]alue\s*=\s*(?:"(?P<a>[^"]+)"|'(?P<b>[^']+)')""")


def urls(line: bytes) -> Iterator[Span]:
    """Credentials in URLs."""
    for match in _URL.finditer(line):
        start = match.end()
        limit = min(len(line), start + 2048)
        # The authority ends at the first "/", "?" or "#", so the last "@" before it closes the secret. A raw "/" inside
        # a secret is wrong but occurs; then the text after the colon is not a port, and the first "@" after it counts.
        path = _PATH_START.search(line, start, limit)
        authority = _before(_URL_END, line, start, path.start() if path else limit)
        at = line.rfind(b"@", start, authority)
        if at < 0 and path and authority == path.start() and not _PORT.match(line, start, limit):
            at = line.find(b"@", start, _before(_URL_END, line, start, limit))
        value = line[start:at] if at > 0 else b""
        if value and not values.is_token(value) and not values.is_reference(value):
            yield Span(start, at, "credentials in a URL", True)
    for match in _ORACLE.finditer(line):
        yield from unless_empty(match, "credentials in a URL")
    for match in _URL_TOKEN.finditer(line):
        if values.looks_random(match["secret"]):
            yield Span(*match.span("secret"), "token in a URL", True)


def _before(pattern: re.Pattern[bytes], line: bytes, start: int, limit: int) -> int:
    """The first match of ``pattern``, or else ``limit``."""
    stop = pattern.search(line, start, limit)
    return stop.start() if stop else limit


def headers(line: bytes) -> Iterator[Span]:
    """HTTP credentials."""
    for match in _HEADER.finditer(line):
        # Without a scheme it is prose or a program's variable, unless it looks random.
        if _SCHEME.search(line, match.start(), match.start("secret")) or values.looks_random(match["secret"].rstrip()):
            yield from unless_empty(match, "HTTP credentials")
    for pattern in (_COOKIE, _OTHER_HEADER):
        for match in pattern.finditer(line):
            yield from unless_empty(match, "HTTP credentials")
    for match in _BEARER.finditer(line):
        yield from unless_empty(match, "bearer token")


def sql(line: bytes) -> Iterator[Span]:
    """``IDENTIFIED BY``."""
    for pattern in (_IDENTIFIED, _IDENTIFIED_BARE):
        for match in pattern.finditer(line):
            yield from unless_empty(match, "password in SQL")


def tokens(line: bytes) -> Iterator[Span]:
    """Access tokens of well-known services."""
    for pattern in (_TOKENS, _SLACK_HOOK):
        for match in pattern.finditer(line):
            yield Span(*match.span("secret"), "access token", True)


def hashes(line: bytes) -> Iterator[Span]:
    """Password hashes."""
    for match in _HASH.finditer(line):
        yield Span(*match.span("secret"), "password hash", True)


def elements(line: bytes) -> Iterator[Span]:
    """XML: ``<password>x</password>``, ``<property name="password" value="x"/>``."""
    at = 0
    while head := _CDATA.search(line, at):
        end = line.find(b"]]>", head.end())
        at = len(line) if end < 0 else end
        if _held_by(head["name"], line[head.end() : at], weak=True):
            yield from unless_no_secret(line, head.end(), at, "XML element")
    indent = len(line) - len(line.lstrip())
    for match in _TAG.finditer(line):
        attributes = match["attributes"]
        named = _NAME_ATTRIBUTE.search(attributes)
        closed = line.startswith(b"</", match.end()) or match.start() <= indent
        if closed and (
            _held_by(match["name"], match["secret"]) or (named and _held_by(named["name"], match["secret"]))
        ):
            yield from unless_empty(match, "XML element")
        tagged = match["name"] if named is None else named["name"]
        if not match["secret"].strip() and secret_names.is_secret(tagged):
            for pattern in (_INNER, _INNER_DEFAULT):
                if inner := pattern.match(line, match.end()):
                    yield from unless_empty(inner, "XML element")
        if value := _VALUE_ATTRIBUTE.search(attributes):
            group = "a" if value["a"] is not None else "b"
            if _held_by(tagged, value[group]):
                at = match.start("attributes")
                yield Span(at + value.start(group), at + value.end(group), "XML attribute", True)


def unless_empty(match: re.Match[bytes], kind: str) -> Iterator[Span]:
    """The group ``secret``, see :func:`unless_no_secret`."""
    yield from unless_no_secret(match.string, *match.span("secret"), kind)


def _held_by(name: bytes, value: bytes, *, weak: bool = False) -> bool:
    """Whether the value of an element or attribute of this name is a secret."""
    name = name.rsplit(b":", 1)[-1]
    promised = secret_names.strength(name)
    if promised is secret_names.NameStrength.NONE or (promised is secret_names.NameStrength.WEAK and not weak):
        return False
    return holds(name, promised, value)


def unless_no_secret(line: bytes, start: int, end: int, kind: str) -> Iterator[Span]:
    """The trimmed stretch, unless it is empty, a token, a reference or a switch."""
    value = line[start:end]
    bare = value.strip()
    if not bare or values.is_token(bare) or values.is_reference(bare) or values.is_switch(bare):
        return
    start += len(value) - len(value.lstrip())
    yield Span(start, start + len(bare), kind, True)
