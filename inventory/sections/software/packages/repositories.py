"""The sources of a host's packages and the packages held at a version: the files of apt, yum, dnf, zypper, apk, opkg
and pacman, read by one ``grep``.

Addresses of repositories may hold credentials; they are redacted before anything is stored, and left out of the facts.
The files that exist for credentials alone (``/etc/apt/auth.conf``) are not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from inventory.formats.grep_lines import FileLine, file_lines
from inventory.model.packages import Pin, Repository
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording
from inventory.sections.software.packages.answer_fields import NAME

# Apt's records of packages belong to dpkg's.
FILES = r"""
set --
for bf_file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
  /etc/apt/preferences /etc/apt/preferences.d/* /etc/yum.conf /etc/dnf/dnf.conf /etc/yum.repos.d/*.repo \
  /etc/zypp/repos.d/*.repo /etc/zypp/locks /etc/yum/pluginconf.d/versionlock.list \
  /etc/dnf/plugins/versionlock.list /etc/apk/repositories /etc/apk/world /etc/opkg.conf /etc/opkg/*.conf \
  /etc/pacman.conf /etc/pacman.d/mirrorlist; do
  case $bf_file in *[!a-zA-Z0-9_./+~-]*) continue ;; esac
  [ -f "$bf_file" ] || continue
  if [ -r "$bf_file" ]; then set -- "$@" "$bf_file"; else denied "$bf_file"; fi
done
if [ -s /var/lib/dpkg/status ] && [ -s /var/lib/apt/extended_states ]; then
  want 'sources=/etc/*,@apt-auto=/var/lib/apt/*' "$@" /var/lib/apt/extended_states
else
  want 'sources=/*' "$@"
fi
"""

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]*@")
_NO = frozenset({"0", "no", "false", "off", "disabled"})
_SECTION = re.compile(r"\[(?P<name>[^\]]+)\]\s*")


def repositories(recording: SectionRecording) -> Iterator[Repository]:
    """Those of every package manager, in the order of the files."""
    for path, lines in _files(recording.part("sources")):
        if path.startswith("/etc/apt/sources.list.d/") and path.endswith(".sources"):
            yield from _deb822(lines)
        elif path.startswith("/etc/apt/sources.list"):
            yield from _one_line(lines)
        elif path.endswith((".repo", "/yum.conf", "/dnf.conf", "/pacman.conf")):
            yield from _ini(lines)
        elif path in ("/etc/apk/repositories", "/etc/pacman.d/mirrorlist"):
            yield from _addresses(lines)
        elif path.startswith("/etc/opkg"):
            yield from _opkg(lines)


def pins(recording: SectionRecording) -> Iterator[Pin]:
    """Rules that hold versions. Holds of dpkg itself are facts of the package."""
    for path, lines in _files(recording.part("sources")):
        if path.startswith("/etc/apt/preferences"):
            for line, fields in _paragraphs(lines):
                if fields.get("package"):
                    rule = f"{fields.get('pin', '')}, priority {fields.get('pin-priority', '?')}"
                    yield Pin(path, fields["package"], rule, _origin(line))
        elif path == "/etc/zypp/locks":
            for line, fields in _paragraphs(lines):
                if name := fields.get("solvable_name"):
                    rule = " ".join(("locked", fields.get("version", ""))).strip()
                    yield Pin(path, name, rule, _origin(line))
        else:
            for line in _plain(lines):
                yield from _pinned(path, line)


def _pinned(path: str, line: FileLine) -> Iterator[Pin]:
    text = line.text.strip()
    if path.endswith("/versionlock.list"):
        # ! keeps a version out; the rest is epoch:name-version-release.architecture, a * for what does not matter
        yield Pin(path, text.lstrip("!"), "excluded" if text.startswith("!") else "locked", _origin(line))
    elif path == "/etc/apk/world":
        if match := re.fullmatch(r"(?P<name>[^<>=~@!]+)(?P<rule>[<>=~@].+)|!(?P<out>.+)", text):
            yield Pin(path, match["name"] or match["out"], match["rule"] or "excluded", _origin(line))
    elif path.endswith((".repo", ".conf")):
        key, equals, value = text.partition("=")
        if equals and key.strip().lower() in ("exclude", "excludepkgs", "ignorepkg") and value.strip():
            yield Pin(path, value.strip(), "excluded", _origin(line))


def _files(part: Part | None) -> Iterator[tuple[str, list[FileLine]]]:
    for path, lines in groupby(file_lines(part), key=lambda line: line.path):
        yield path, list(lines)


def _plain(lines: Iterable[FileLine]) -> Iterator[FileLine]:
    return (line for line in lines if line.text.strip() and not line.text.lstrip().startswith(("#", ";")))


def _origin(line: FileLine) -> Origin:
    return Origin(NAME, "sources", line.number)


def _bare(url: str) -> str:
    """An address without user and password. A token in its place does not identify the source of packages."""
    return _CREDENTIALS.sub("", url)


def _one_line(lines: Iterable[FileLine]) -> Iterator[Repository]:
    """``deb [option=value ...] ADDRESS SUITE COMPONENT ...`` of sources.list(5); sources of packages are left out."""
    for line in _plain(lines):
        match = re.match(r"\s*(?:rpm|deb)\s+(?:\[(?P<options>[^\]]*)\]\s*)?(?P<rest>\S.*)", line.text)
        if match is None:
            continue
        # a comment may follow; an address of a CD-ROM holds blanks between brackets
        address, *words = re.findall(r"cdrom:\[[^\][]*\]\S*|\S+", match["rest"].split(" #")[0]) or [""]
        options = dict(option.partition("=")[::2] for option in (match["options"] or "").split())
        verified = False if options.get("trusted") == "yes" else None
        yield Repository(
            line.path, "", (_bare(address),), tuple(words[:1]), tuple(words[1:]), True, verified, _origin(line)
        )


def _paragraphs(lines: Iterable[FileLine]) -> Iterator[tuple[FileLine, dict[str, str]]]:
    """Paragraphs of ``Name: value`` with the first line of each; names in lower case, continued lines joined."""
    fields: dict[str, str] = {}
    first: FileLine | None = None
    name = ""
    for line in lines:
        if line.text.startswith("#"):
            continue
        if not line.text.strip():
            if first is not None:
                yield first, fields
            fields, first, name = {}, None, ""
        elif line.text[0] in " \t":
            if name:
                fields[name] = f"{fields[name]} {line.text.strip()}".strip()
        else:
            key, colon, value = line.text.partition(":")
            if colon:
                first = first or line
                name = key.strip().lower()
                fields[name] = value.strip()
    if first is not None:
        yield first, fields


def _deb822(lines: Iterable[FileLine]) -> Iterator[Repository]:
    """The newer form of apt's sources. ``Signed-By`` may hold a whole public key, which is of no interest here."""
    for line, fields in _paragraphs(lines):
        if "deb" not in fields.get("types", "").split():
            continue
        yield Repository(
            line.path,
            fields.get("x-repolib-name", ""),
            tuple(_bare(url) for url in fields.get("uris", "").split()),
            tuple(fields.get("suites", "").split()),
            tuple(fields.get("components", "").split()),
            fields.get("enabled", "yes").lower() not in _NO,
            False if fields.get("trusted", "").lower() == "yes" else None,
            _origin(line),
        )


def _ini(lines: Iterable[FileLine]) -> Iterator[Repository]:
    """``[name]`` and ``key = value`` of yum, dnf, zypper and pacman; an indented line continues the value before it."""
    section: FileLine | None = None
    name = key = ""
    fields: dict[str, list[str]] = {}
    for line in _plain(lines):
        text = line.text
        if match := _SECTION.fullmatch(text.strip()):
            if section is not None:
                yield from _configured(section, name, fields)
            section, name, key, fields = line, match["name"], "", {}
        elif text[0] in " \t" and key and "=" not in text.split("://")[0]:
            fields[key].append(text.strip())
        else:
            raw, equals, value = text.partition("=")
            key = raw.strip().lower()
            if equals:
                fields.setdefault(key, []).append(value.strip())
            else:
                key = ""
    if section is not None:
        yield from _configured(section, name, fields)


def _configured(line: FileLine, name: str, fields: dict[str, list[str]]) -> Iterator[Repository]:
    if name in ("main", "options"):
        return
    urls = [
        _bare(url)
        for key in ("baseurl", "mirrorlist", "metalink", "server", "include")
        for value in fields.get(key, ())
        for url in re.split(r"[\s,]+", value)
        if url
    ]
    checked = fields.get("gpgcheck", [""])[-1].lower()
    yield Repository(
        line.path,
        name,
        tuple(urls),
        (),
        (),
        fields.get("enabled", ["1"])[-1].lower() not in _NO,
        checked not in _NO if checked else None,
        _origin(line),
    )


def _addresses(lines: Iterable[FileLine]) -> Iterator[Repository]:
    """One address a line: ``[@tag] ADDRESS`` of apk, ``Server = ADDRESS`` of pacman's list of mirrors."""
    for line in _plain(lines):
        text = line.text.strip().removeprefix("Server").lstrip(" =")
        tag, _, url = text.rpartition(" ")
        yield Repository(line.path, tag.strip().lstrip("@"), (_bare(url),), (), (), True, None, _origin(line))


def _opkg(lines: Iterable[FileLine]) -> Iterator[Repository]:
    """``src/gz NAME ADDRESS`` among other settings."""
    for line in _plain(lines):
        words = line.text.split()
        if len(words) == 3 and words[0] in ("src", "src/gz"):
            yield Repository(line.path, words[1], (_bare(words[2]),), (), (), True, None, _origin(line))
