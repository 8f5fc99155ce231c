"""The decision whether a recognised secret keeps its whole file out of images.

Stricter than redaction: a program's expressions, names and form labels, tables of countries, highlighters and
translators, and the placeholders of documentation do not count.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from inventory.privacy.secrets import guarded_positions, password_files, private_keys, values
from inventory.privacy.secrets.spans import Span

_CODE = frozenset(
    b"""py pyi php php3 php4 php5 php7 phtml inc pl pm rb rake erb js mjs cjs ts jsx tsx java jsp groovy scala kt go rs
    c h cc cpp hpp cs vb vbs lua tcl tm r sql html htm xhtml twig tpl vue css scss less map po pot mo fish vim csh tcsh
    zsh cmake ps awk sed m4 el lisp scm hs erl ex exs clj swift dart f f90 pas d t tsv bki xslt xsl specs mk aug ppd
    nanorc jst pegphp""".split()
)
_PROSE = frozenset(b"md rst adoc asciidoc tex 1 2 3 4 5 6 7 8 pod texi info nroff ronn".split())
_WRITTEN_FOR_PEOPLE = re.compile(r"/(?:usr/share|docs?)/")
_EXAMPLES = re.compile(
    r"/(?:locales?|langs?|languages?|i18n|l10n|locali[sz]ations?|translations?|completions|site-functions"
    r"|logcheck|filter\.d|usr/share/(?:doc|[\w.+-]+-docs?|man|info|help"
    r"|gtk-doc|javadoc|vim|mime|maven-repo|zoneinfo|publicsuffix))/"
    r"|\.info-\d{1,3}$"
    # Messages of Java, in one language or the language that there is for all others.
    r"|/(?:LocalStrings|[mM]essages?|[\w.-]{0,60}(?:Resources?|Bundle|Strings|Labels|Texts|Messages))"
    r"(?:_[a-z]{2,3}(?:_\w{2,8})?)?\.properties$"
)
_TESTS = re.compile(r"/(?:[Tt]ests?|[Ff]ixtures)/")
"""Of installed software."""
_OWN = re.compile(r"/(?:root|home/[^/]+)/(?:[^/.][^/]*/)?[^/]+")
"""Notes and logs of people, where a password is one."""
_SOFTWARE = re.compile(r"^/usr/(?:share|lib(?:32|64|exec|x32)?|src)/|/(?:site|dist)-packages/|/node_modules/|/gems/")
"""Directories of programs that a distribution or a package manager installed."""
# Settings of which a word without digits ("geheim") may be the value; a program's "token" needs more to be believed.
_ABOUT_PASSWORD = re.compile(
    r"^value of (?!pass$).*(?:pass|pwd?|secret)$|^value of .*(?:pass(?:word|wd|wort|phrase)|kennwort)|^value of creds$"
    r"|^(?:password|XML|credentials|value in a list)",
    re.I,
)
# What packages ship for a first start, and what every manual shows.
_SHIPPED = frozenset(
    b"testing123 foobared snakeoil changeit s3cret password_here rcmail-!24bytedeskey*str basic bearer".split()
)
# For these a number is a secret too, unless it is in a program that counts.
_NUMBERED = re.compile(
    r"^value of .*(?:pass(?:word|wd|wort|phrase)?|pwd?|secret|pin)$|^(?:password of a login|XML)", re.I
)
_TO_FILL_IN = re.compile(
    rb"x{3,}_\w+_x{3,}|_[a-z]+(?:_[a-z]+)+_|change[_ -]?(?:me|this|it)(?:[_ -][a-z]+)*!?"
    rb"|your[a-z_ -]{0,30}(?:pass|secret|token|key|code)[a-z_ -]{0,20}"
    rb"|(.)\1{2,}",
    re.IGNORECASE,
)
"""A mark that a tool or a person is to replace; one sign again and again."""
_TYPE = re.compile(
    rb"(?:str|string|bool|boolean|int|integer|float|number|list|array|dict|mixed|void)(?:\s*[,|]\s*\w+)*", re.IGNORECASE
)
"""Words by which a schema describes a setting."""
_MEDIA_TYPE = re.compile(rb"(?:application|text|image|audio|video|font|model|message|multipart)/[\w.+-]+")
_INTEGRITY = re.compile(rb"sha(?:1|256|384|512)-[A-Za-z0-9+/=]+")
"""The checksum of a package of npm."""
_WORDS = re.compile(rb"(?:[A-Za-z]+\d{0,2}|\d{1,2})(?:[._-](?:[A-Za-z]+\d{0,2}|\d{1,2}))*")
"""Words and versions: ``support.function.C99.c``, ``variable-2``."""
_NAME = re.compile(
    rb"[$@_\\-]{0,2}[A-Za-z]+(?:(?:[._:@-]|::|\\{1,2})[A-Za-z]+)+[_@]?|[a-z]+(?:[A-Z][a-z]+)+|(?:[A-Z][a-z]+){2,}"
)
"""A name in a program, of several words: ``auth_ntlm``, ``overEvery``, ``App\\UserController``."""
_PRIVATE_NAME = re.compile(rb"_[a-z0-9_]+|[a-z0-9_]+_")
_ESCAPES = re.compile(rb"\\{1,2}(?:[0-7]{3}|[xuf][0-9a-f]{2})", re.IGNORECASE)
"""The beginning of the value of a glyph or a control character."""
_COMPUTED = re.compile(rb"""^["']?\s*\+|\+\s*["']?$|^--[\w-]+=?$|^anon(?:ymous)?[\w.-]*@|ABCDEFGHIJKLMNOPQRSTUVWXYZ""")
_MACRO = re.compile(rb"\$[A-Z]{3}[A-Z0-9_]{1,40}\$")
"""Of Nagios."""
_UUID = re.compile(rb"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MINIFIED = 1000
"""The longest line of a program, unless a tool removed the line breaks."""
_KEY_BODY = re.compile(rb"[A-Za-z0-9+/=]{16}")
_OF_FORMS = re.compile(
    rb"wort|parol|clave|contrase|senha|passe|invalid|enter|wrong|forgot|missing|required|must|login|user|account|change"
    rb"|new |confirm|repeat|strong|weak|reset|char|token|key|select|from|where|set |%",
    re.IGNORECASE,
)
"""Words of labels, messages and queries."""
_USER = re.compile(rb"user|login|host|auth\b|smtp|ftp|mail", re.IGNORECASE)
"""The text next to the password of a login."""
_COMMENT = re.compile(rb"\s*(?:#|;|//|/?\*|<!--|--|rem\b|dnl\b)")
_PALAU = re.compile(r"^value of (?:[a-z]{2,3}_(?:[A-Z][a-z]{3}_)?)?(?:PW|pw)$")
_LOCALE = re.compile(rb"[a-z]{2,3}(?:_\w{2,4})+")
_NEIGHBOURS = tuple(re.compile(rb"\b(?:[a-z]{2,3}_)?%s\b" % code, re.IGNORECASE) for code in (b"PT", b"PY", b"QA"))


@dataclass(frozen=True)
class SecretJudge:
    """Judges the spans of one file. ``code``: it is a program; ``prose``: it is written for people; ``log``: a
    program writes it; ``software``: it
    lies where programs are installed; ``countries``: it has a list of countries.
    """

    code: bool
    prose: bool
    log: bool
    software: bool
    countries: bool

    @classmethod
    def of(cls, content: bytes, path: str, *, code: bool | None = None) -> SecretJudge:
        """The judge of a file; ``code`` where that is known, otherwise its name and first line decide."""
        if code is None:
            code = is_code(path) or is_program(content)
        countries = (b"PW" in content or b"pw" in content) and all(each.search(content) for each in _NEIGHBOURS)
        return cls(code, _is_prose(path), path.endswith(".log"), _SOFTWARE.search(path) is not None, countries)

    def convinced_by(self, line: bytes, span: Span) -> bool:
        """Whether a span speaks for leaving the whole file out."""
        value = line[span.start : span.end].strip()
        by_kind = self._by_kind(span, value)
        if by_kind is not None:
            return by_kind
        if self._is_harmless(line, span, value):
            return False
        comment = _COMMENT.match(line) is not None
        if comment and self._is_prose(line, span, value):
            return False
        spaced = re.search(rb"\s", value) is not None
        if not (self.code or comment):
            return not (spaced and values.is_example(value))  # "challengePassword = A challenge password"
        if spaced and not (self.code and span.literal and not comment and _is_phrase(value) and not self.software):
            return False
        beside = span.kind == "value of pass" and _USER.search(line) is not None
        if not (_has_digit(value) or beside or _ABOUT_PASSWORD.search(span.kind)):
            return False
        return not self.code or (span.literal and len(value) >= 4 and re.search(rb"[|{}()<>$]|%s|^#", value) is None)

    def _by_kind(self, span: Span, value: bytes) -> bool | None:
        """The verdict where the kind of the secret decides; None where its value does."""
        if span.kind == private_keys.KIND:
            return _KEY_BODY.search(value) is not None
        if b"%{" in value:
            return False
        if span.kind in (password_files.KIND, "access token"):
            return True
        if self.log and span.kind.startswith(("value", "password of a login")):
            return False  # a message
        return True if span.kind == "password hash" and not self.software and not self.prose else None

    def _is_harmless(self, line: bytes, span: Span, value: bytes) -> bool:
        """Whether a value is public, a number, a path, blank, or a name of a program."""
        if self.prose or _is_known(value) or (span.kind != "password hash" and _is_no_secret(value)):
            return True
        if _PALAU.search(span.kind) and (_LOCALE.fullmatch(value) or (self.countries and _is_word(value))):
            return True
        if self.code and self._is_of_a_program(line, span, value):
            return True
        chosen = not self.code and len(value) >= 4 and value.isdigit() and _NUMBERED.search(span.kind)
        if (values.is_number(value) and not chosen) or values.is_plain_path(value):
            return True
        if (b"/" in value and values.is_path(value)) or values.is_blank(value):
            return True
        of_pwd = span.kind == "value of pwd"
        return of_pwd and not (values.looks_chosen(value) or (value.isalpha() and not self.code))

    def _is_prose(self, line: bytes, span: Span, value: bytes) -> bool:
        """Whether what a comment shows is an example or a part of a sentence."""
        if values.is_example(value):
            return True
        if self.code and self.software and span.kind != "password hash":
            return True  # documentation
        digit = _has_digit(value)
        if len(line[: span.start].split()) > 4 or not (digit or span.kind.startswith("value of")):
            return True  # a sentence
        return value.endswith(b".") and not digit  # the end of one

    def _is_of_a_program(self, line: bytes, span: Span, value: bytes) -> bool:
        """Whether a value is what programs have beside the name of a secret: a name, a label, a type, a glyph."""
        digit = re.search(rb"[0-9]", value) is not None
        if values.is_label(value) or value == b"pass" or re.fullmatch(rb"[A-Z]+(?:_[A-Z]+){2,}", value):
            return True
        if not digit and (span.kind == guarded_positions.KIND or b"xample" in value):
            return True
        if len(line) > _MINIFIED and (span.kind == guarded_positions.KIND or span.kind == "password that is typed"):
            return True
        if span.kind == "credentials in a URL":
            return values.is_example(value)
        if _ESCAPES.match(value) or _COMPUTED.search(value) or _MEDIA_TYPE.fullmatch(value):
            return True
        name = span.kind.rpartition(" ")[2]
        lowered = name.lower()
        if lowered == "hash" or value.lower() == lowered.encode():
            return True
        if lowered.endswith("token") and (len(value) < 8 or _WORDS.fullmatch(value)):
            return True  # of a parser
        if "signature" in lowered and _UUID.fullmatch(value):
            return True
        if not self.software:
            return False
        return _PRIVATE_NAME.fullmatch(value) is not None or (not digit and _NAME.fullmatch(value) is not None)


def _is_known(value: bytes) -> bool:
    """Whether the value is public knowledge: no secret of this host."""
    bare = value.strip(b"\"'").lower()
    # The login of a public test server, in every openssl.cnf.
    return bare in _SHIPPED or bare in (b"public", b"private") or value.startswith((b"insta", b"pass:insta"))


def _is_no_secret(value: bytes) -> bool:
    """Whether the value describes itself, or the place of a secret."""
    return (
        len(re.findall(rb"[A-Za-z0-9]", value)) < 3
        or values.is_regular(value)
        or (len(value) <= 80 and _TO_FILL_IN.fullmatch(value) is not None)
        or _TYPE.fullmatch(value) is not None
        or _INTEGRITY.fullmatch(value) is not None
        or _MACRO.search(value) is not None
        or (value.endswith(b":") and value[:-1].isalpha())
        or values.are_file_names(value)
        or (value.startswith(b"${") and not re.search(rb"[}:]", value))
    )


def _is_phrase(value: bytes) -> bool:
    """Whether a value of several words may be a passphrase: few words, and none of those that forms show."""
    few = len(value.split()) <= 5 and not value.endswith((b".", b":", b"!", b"?", b","))
    return few and not values.is_example(value) and _OF_FORMS.search(value) is None


def _is_word(value: bytes) -> bool:
    """Whether the value may be a country, a place or a language."""
    return re.search(rb"[\x21-\x26\x28-\x2c\x30-\x40\x5b-\x60\x7b-\x7e]", value) is None


def is_code(path: str) -> bool:
    """Whether a file is a program by its name."""
    name, dot, extension = path.rsplit("/", 1)[-1].rpartition(".")
    lowered = extension.lower().encode("utf-8", "replace")
    return (bool(name and dot) and lowered in _CODE) or path.endswith(".map.json")


def is_program(content: bytes) -> bool:
    """Whether a file begins as a program does that is not a shell script (those assign without quotes)."""
    first = content[:128].split(b"\n", 1)[0]
    return first.startswith((b"#!", b"<?php")) and re.search(rb"\b(?:ba|da|k|z|a)?sh\b", first) is None


def _is_prose(path: str) -> bool:
    """Whether a file is written for people, where an example of a secret is more likely than a secret."""
    if _OWN.fullmatch(path):
        return False
    name = path.rsplit("/", 1)[-1]
    extension = name.rsplit(".", 1)[-1].lower().encode("utf-8", "replace")
    if _SOFTWARE.search(path) and _TESTS.search(path):
        return True
    if _EXAMPLES.search(path) or (_WRITTEN_FOR_PEOPLE.search(path) and (extension == b"txt" or "." not in name)):
        return True
    return extension in _PROSE or name.split(".")[0] in (
        "README",
        "METADATA",
        "PKG-INFO",
        "CHANGELOG",
        "NEWS",
        "COPYING",
    )


def _has_digit(value: bytes) -> bool:
    return re.search(rb"[0-9]", value) is not None
