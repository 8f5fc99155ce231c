"""Lines of configuration and code that tie a service to addresses, ports, directories and other hosts.

Files are not sent whole: one `grep` sends the lines that name such a thing, and the lines that show a secret, which are
redacted before they are kept. Comments are left out on the host, since they are in force nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from inventory.local_roots import LOCAL_ROOTS_FRAGMENT
from inventory.model.configuration import ConfigLine, Configuration, SecretFile
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.procfs.records import whole_lines
from inventory.recording import Part, SectionRecording
from inventory.redaction import finds, is_code, is_program
from inventory.secrets import private_keys
from inventory.secrets.scanner import SEPARATOR
from inventory.section import ParseError, Redact, Section, Variant

NAME = "configuration"

# What is looked for, as extended regular expressions (without a quote in them) and without regard to case:
#   an IPv4 address; a name or address with a port; a URL; an absolute path into a place where services keep things;
#   a setting named like a port, an address or a peer; a call or command that connects; a
#   setting named like a secret; a key; the bounds of a comment of
#   XML; what names and ends a virtual host and includes files; the first line of a script.
# `grep` makes a state of each combination of what it may be in the middle of, which costs more than to read: so nothing
# here is longer than needed to say no to most lines. But a line too many is one of the 80 of its file.
_PATTERNS = (
    r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
    r"[a-z][a-z0-9.-]*:[0-9]{2,5}([^0-9:]|$)",
    r"[a-z]://",
    r"(^|[^a-z0-9._~/}-])/(etc|var|srv|opt|home|data|mnt|media|usr/local|usr/share|run|tmp|export|u[0-9]+|www)/[a-z0-9._]",
    r"(port|listen|bind)[a-z_]*[^a-z]*[0-9][0-9]",
    r"(host|server|addr|address|peer|broker|upstream|backend|endpoint|master|slave|replica|node|listen|bind)"
    r"(s|_?name)?[[:punct:]]{0,3}[=:,([:space:]]",
    r"(connect|socket|open|create_engine|client|pool)[a-z_]*[[:space:]]*\([[:space:]]*[[:punct:]]",
    r"(document_?root|datasource|dsn|jdbc|upload|(data|log|spool|work|run|pid|base|home)_?(dir|path|file))[a-z_]*"
    r"[[:punct:]]{0,3}[=:,[:space:]]",
    r"(pass(word|wd|phrase)?|pw|secret|token|credentials?|(api|access|secret|private)_?key)[[:punct:]]{0,3}"
    r"([=:,>]|[[:space:]]+[[:punct:]])",
    r"(ssh|scp|sftp|rsync|curl|wget|telnet|ncftp|lftp|mysql|psql|pg_dump|redis-cli|sqlplus)[a-z]*"
    r"[[:space:]]+[-a-z0-9$[:punct:]]",
    *private_keys.ASKED,
    r"<!--|-->",
    r"^[[:space:]]*(serveralias|</virtualhost|allowoverride|frontend|jkmount|include(optional)?[[:space:]]+[a-z./])",
)
# Of /etc: what belongs to the machine or the distribution and ties no service to anything. What is only available and
# not enabled (Apache, nginx) is in force nowhere; what is enabled is a link to it.
_ETC_PATHS_LEFT_OUT = """
    ssl/* ca-certificates* alternatives apparmor* fonts rc[0-9S].d pam.d security udev modprobe.d kernel* dpkg
    bash_completion.d emacs* vim console-setup dbus-1 polkit-1 selinux terminfo skel ld.so* lvm iproute2 apt
    yum* perl python* java-* xml sgml ImageMagick* X11 initramfs-tools grub.d profile.d update-motd.d logcheck
    ufw sysctl.d network/if-* pki gss lintian* cruft openal
    init.d/mountall.sh init.d/mountall-bootclean.sh init.d/mountdevsubfs.sh init.d/mountkernfs.sh init.d/mountnfs.sh
    init.d/mountnfs-bootclean.sh init.d/umountfs init.d/umountnfs.sh init.d/umountroot init.d/checkfs.sh
    init.d/checkroot.sh init.d/checkroot-bootclean.sh init.d/.depend* init.d/bootmisc.sh init.d/bootlogs
    init.d/hwclock.sh init.d/halt init.d/reboot init.d/sendsigs init.d/killprocs init.d/urandom init.d/single
"""
_ETC_NAMES_LEFT_OUT = """
    services protocols rpc ethertypes magic mailcap mime.types magic.mime shadow gshadow passwd group moduli
    adduser.conf deluser.conf login.defs nanorc inputrc bash.bashrc sudoers ucf.conf mke2fs.conf
    ca-certificates.conf locale.gen wgetrc gai.conf debconf.conf ssh_config motd issue* README* nsswitch.conf
    profile *.template *.crt *.pub *.db *-
"""
# Users own directories below all of these. A file that not everyone may read can get a second name there (kernels
# before 3.6 let anyone link to it), and a link may lead anywhere: neither is opened, and both are told.
_SAFE = (
    "'(' -type l -user 0 -print -o -type f '!' -links +1 -print -o -type f -perm -004 -print"
    " -o -exec printf 'refused %s\\n' '{}' + ')'"
)
_BACKUPS = "*.dpkg-* *.rpm* *~ *.bak *.old *.orig"
# Of applications: what others wrote, what is no code, and what grows.
_FOLDERS_LEFT_OUT = """
    .?* node_modules __pycache__ site-packages dist-packages vendor cache logs log tmp uploads man doc docs
    locale i18n test tests include fonts images
"""
_APPLICATION_NAMES = """
    *.py *.php *.inc *.rb *.pl *.pm *.cgi *.js *.ts *.sh *.java *.jsp *.groovy *.properties *.xml *.yml *.yaml
    *.ini *.conf *.cfg *.cnf *.env .env* *.json *.toml *.key *.pem .htaccess .my.cnf .pgpass .netrc Procfile
"""


def _any(option: str, patterns: str, prefix: str = "") -> str:
    """A condition of find: one of the patterns."""
    return " -o ".join(f"{option} '{prefix}{pattern}'" for pattern in patterns.split())


_MOST_NAMES = 420_000
"""Bytes of names of files. What follows them is not searched, and is a gap."""

# Names with a colon or a newline are left out: the name must end at the first colon of an answer.
#
# About 5000 files, 80 lines of one file, 400 bytes of a line: enough for what people write; a generated file of many
# addresses adds nothing. Of *.pem, which are mostly certificates, only the line that begins a key counts. Lines with
# control characters are of binary files; with some tools a NUL in one begins a line that names no file. A few hundred
# names are arguments at once: 128 KB is what kernels before 2.6.23 take.
FRAGMENT = (
    LOCAL_ROOTS_FRAGMENT
    + r"""
bf_newline='
'
bf_files() {
  find /etc $bf_roots -xdev -path "*[:$bf_newline]*" -prune -o \
    -path '/etc/*' '(' \
      '(' @ETC_PATHS@ -o -name '*-available' -o -name .git -o -name .svn ')' -prune -o \
      '(' -type f -o -type l -path '*-enabled/*' ')' -size -512 '!' '(' @ETC_NAMES@ -o @BACKUPS@ ')' @SAFE@ \
    ')' -o '!' -path '/etc/*' '(' \
      '(' -path '*/*/*/*/*/*/*/*/*/*' -o -type d '(' @FOLDERS@ ')' ')' -prune -o \
      -type f -size -512 '(' @NAMES@ -o '!' -name '*.*' -perm -100 ')' \
      '!' '(' -name '*.min.js' -o -name package-lock.json -o @BACKUPS@ ')' @SAFE@ \
    ')' | head -c @MOST@
}
bf_matches() {
  if [ ${#bf_names} -lt 60000 ]; then
    IFS=$bf_newline
    grep -aHniEm 300 "$bf_pattern" $bf_names
  else
    printf '%s\n' "$bf_names" | tr '\n' '\000' | xargs -0 grep -aHniEm 300 "$bf_pattern"
  fi
}
bf_lines() {
  bf_matches | awk '
    {
      at = index($0, ":"); path = substr($0, 1, at - 1); text = substr($0, at + 1)
      end = index(text, ":"); number = substr(text, 1, end - 1); text = substr(text, end + 1)
      if (number !~ /^[0-9]+$/ || path !~ /^\//) next
      if (path != last) { last = path; inside = 0; sent = 0; markup = path ~ /[.](xml|xsl|xhtml|html)$/ }
      if (text ~ /[\001-\010\016-\037\177]/ || sent >= 80) next
      if (path ~ /[.]pem$/ && text !~ /PRIVATE KEY/) next
      bare = text; sub(/^[ \t]+/, "", bare)
      if (bare ~ /^#!/ && number == 1) { print substr($0, 1, 400); next }
      if (markup) {
        if (inside) { if (text ~ /-->/) inside = 0; next }
        if (text ~ /<!--/) { if (text !~ /-->/) inside = 1; if (bare ~ /^<!--/) next }
        if (text ~ /^[ \t]*-->/ || text ~ /xmlns|schemaLocation/) next
      }
      if (bare ~ /^(#|;|\/\/|\/\*|\* |\*\/|<!--|-- |dnl |[Rr][Ee][Mm] )/ || bare == "*") next
      sent++
      print substr($0, 1, at + end + 400)
    }'
}
bf_pattern='@PATTERN@'
bf_find_roots /opt /srv /usr/local /var/www /home /root
set -f
bf_names=`bf_files`
if [ ${#bf_names} -ge @LEAST@ ]; then
  # the last name is cut, as it would be by chance where its end is the last that fits
  bf_names=${bf_names%"$bf_newline"*}
  bf_cut() { echo "${bf_names##*"$bf_newline"}"; }
  part cut bf_cut
fi
case $bf_newline$bf_names in
  *"${bf_newline}refused /"*)
    bf_refused=`printf '%s\n' "$bf_names" | grep '^refused /'`
    bf_names=`printf '%s\n' "$bf_names" | grep '^/'`
    part refused printf '%s\n' "$bf_refused" ;;
esac
if [ -n "$bf_names" ]; then part lines bf_lines; else part lines true; fi
""".replace("@ETC_PATHS@", _any("-path", _ETC_PATHS_LEFT_OUT, "/etc/"))
    .replace("@ETC_NAMES@", _any("-name", _ETC_NAMES_LEFT_OUT))
    .replace("@SAFE@", _SAFE)
    .replace("@MOST@", str(_MOST_NAMES))
    .replace("@LEAST@", str(_MOST_NAMES - 1))
    .replace("@BACKUPS@", _any("-name", _BACKUPS))
    .replace("@FOLDERS@", _any("-name", _FOLDERS_LEFT_OUT))
    .replace("@NAMES@", _any("-name", _APPLICATION_NAMES))
    .replace("@PATTERN@", "|".join(("^#!", *_PATTERNS)))
)

_LINE = re.compile(rb"(?P<path>/[^:\n]*):(?P<number>\d{1,20}):(?P<text>.*)", re.DOTALL)
_ANSWERS = ("lines", "etc", "applications")
"""Recordings made before have the last two."""
_SHEBANG = re.compile(rb"/[^:\n]*:1:#!")


def parse(recording: SectionRecording) -> Observation[Configuration]:
    """Lines by path and number. Which of them show a secret was noted while they were redacted (part ``secrets``)."""
    lines: list[ConfigLine] = []
    scripts: set[str] = set()
    answers = [part for part in recording.parts if part.name in _ANSWERS]
    if not answers:
        return Unknown("the search for configuration did not begin")
    for part in answers:
        for number, path, at, text in _rows(part):
            if at == 1 and text.startswith("#!"):
                scripts.add(path)
            elif not private_keys.shown_by(text.encode("utf-8", "surrogateescape")):
                lines.append(ConfigLine(path, at, text.strip(), False, Origin(NAME, part.name, number)))
    found = (replace(line, code=line.path in scripts or is_code(line.path)) for line in lines)
    ordered = tuple(sorted(found, key=lambda line: (line.path, line.number)))
    return Found(Configuration(ordered, _secret_files(recording)), _gaps(recording))


def _rows(part: Part) -> Iterator[tuple[int, str, int, str]]:
    """Number in the part, path, number in the file, and text."""
    for number, raw in enumerate(whole_lines(part), 1):
        match = _LINE.fullmatch(raw)
        if match is None:
            raise ParseError(f"{part.name}:{number} names no file and line")
        path, at, text = (match[key].decode("utf-8", "surrogateescape") for key in ("path", "number", "text"))
        yield number, path, int(at), text


def _secret_files(recording: SectionRecording) -> tuple[SecretFile, ...]:
    part = recording.part("secrets")
    files: dict[str, SecretFile] = {}
    for number, path, at, kind in _rows(part) if part else ():
        files.setdefault(path, SecretFile(path, f"line {at}: {kind}", Origin(NAME, "secrets", number)))
    return tuple(sorted(files.values(), key=lambda file: file.path))


def _gaps(recording: SectionRecording) -> tuple[Gap, ...]:
    gaps: list[Gap] = []
    cut = recording.part("cut")
    if cut is not None:
        last = cut.content.decode("utf-8", "surrogateescape").strip()
        reason = f"the names of the files are more than {_MOST_NAMES:,} bytes; the last file read is {last}"
        gaps.append(Gap("configuration of further files", reason))
    refused = recording.part("refused")
    if refused is not None:
        names = [line.removeprefix("refused ") for line in refused.lines()]
        reason = (
            f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]
        ) + ": a link that an account made, or a file of several names that not everyone may read; neither is opened"
        gaps.append(Gap(f"configuration of {len(names)} files", reason))
    denied = recording.errors.count(b"ermission denied")
    if denied:
        gaps.append(Gap(f"{denied} files or directories", "permission denied; scan with become"))
    return tuple(gaps)


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Adds the part ``secrets``: file, line and kind of each secret that a file of its own would be kept out for."""
    noted = recording.part("secrets")
    secrets: list[bytes] = []
    parts: list[Part] = []
    for part in recording.parts:
        if part.name in _ANSWERS:
            content, found = _redact_lines(part.content, redact)
            parts.append(replace(part, content=content))
            secrets += found
        elif part.name != "secrets":
            parts.append(part)
    parts.append(noted or Part("secrets", b"".join(secrets)))
    return replace(recording, parts=tuple(parts), errors=redact.lines(recording.errors))


def _redact_lines(content: bytes, redact: Redact) -> tuple[bytes, list[bytes]]:
    """The answer without its secrets, and where they were."""
    lines = content.split(b"\n")
    starts = [match.start("text") if (match := _LINE.fullmatch(line)) else 0 for line in lines]
    texts = [line[start:] for line, start in zip(lines, starts, strict=True)]
    hidden: list[bytes] = []
    for path, group in groupby(zip(lines, texts, strict=True), key=lambda each: each[0].partition(b":")[0]):
        hidden += _file_hidden([(line[: len(line) - len(text)], text) for line, text in group], redact.within(path))
    programs = {_path(line) for line in lines if _SHEBANG.match(line) and is_program(line[line.index(b"#!") :])}
    secrets: list[bytes] = []
    for line, start, before, after in zip(lines, starts, texts, hidden, strict=True):
        if before != after or private_keys.shown_by(before):
            path = _path(line)
            hits = finds(before, path, code=is_code(path) or path in programs)
            kind = private_keys.KIND if private_keys.shown_by(before) else hits[0].kind if hits else ""
            if kind and start:
                secrets.append(line[:start] + kind.encode() + b"\n")
    return b"\n".join(line[:start] + after for line, start, after in zip(lines, starts, hidden, strict=True)), secrets


def _file_hidden(lines: list[tuple[bytes, bytes]], redact: Redact) -> list[bytes]:
    """The texts of the lines (``PATH:NUMBER:``, text) of one file, redacted as one. Where lines between them were not
    sent, nothing that began before goes on.
    """
    numbers = [int(head.rsplit(b":", 2)[1]) if head else 0 for head, _ in lines]
    texts: list[bytes] = []
    gaps: set[int] = set()
    for before, number, (_, text) in zip([0, *numbers], numbers, lines, strict=False):
        if texts and number != before + 1:
            gaps.add(len(texts))
            texts.append(SEPARATOR)
        texts.append(text)
    hidden = redact.text(b"\n".join(texts)).split(b"\n")
    return [text for at, text in enumerate(hidden) if at not in gaps]


def _path(line: bytes) -> str:
    return line.partition(b":")[0].decode("utf-8", "replace")


SECTION: Section[Configuration] = Section(
    NAME,
    "Lines of configuration and code that name addresses, ports, directories and other hosts.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024),),
    redact,
)
