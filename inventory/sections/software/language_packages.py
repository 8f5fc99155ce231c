"""Packages of Python, Ruby, Node, Java, PHP and Perl.

Their names are mostly names of files, so a listing of the directories of interpreters and of the environments that
processes run from costs next to nothing. A deep scan also searches the places of applications.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.language_packages import Language, LanguagePackage, LanguagePackages, Manifest
from inventory.observation import Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant, redact_errors
from inventory.sections.files.unmanaged_files import PLACES_FRAGMENT

NAME = "language_packages"

MOST_FILES = 20_000

# An environment is known by the program that a process was started as: /srv/app/venv/bin/gunicorn.
#
# Where a name holds no version, the file that has it is read: package.json of Node, where both are near the top at the
# first level, and installed.json of Composer, where packages are at the second (version 1) or third level. The archives
# of Java stay closed: there is nothing to open them with.
FRAGMENT = (
    PLACES_FRAGMENT
    + r"""
bf_safe='[a-zA-Z0-9_@%+=:,./-]*'
bf_names() {
  if [ -n "$BF_WORDS" ]; then
    bf_arguments=$BF_WORDS
  elif [ $BF_PROCESSES -le 200 ]; then
    bf_arguments=`bf_words`
  else
    bf_arguments=`bf_words | awk 'index($0, "/bin/") && !($0 in said) { said[$0] = 1; print }'`
  fi
  bf_seen=' /usr /usr/local '
  set --
  set -f
  IFS=$bf_newline
  for bf_argument in $bf_arguments; do
    case $bf_argument in /?*/bin/*) ;; *) continue ;; esac
    case ${bf_argument##*/bin/} in */*) continue ;; esac
    bf_prefix=${bf_argument%/bin/*}
    case $bf_prefix in *[!a-zA-Z0-9_@%+=:,./-]*) continue ;; esac
    case $bf_seen in *" $bf_prefix "*) ;; *) bf_seen="$bf_seen$bf_prefix "; set -- "$@" "$bf_prefix" ;; esac
  done
  unset IFS
  set +f
  # any user names a prefix by an argument: one of another machine's file system is left alone
  bf_find_roots "$@"
  for bf_prefix in /usr /usr/local $bf_roots; do
    for bf_place in "$bf_prefix"/lib/python*/dist-packages "$bf_prefix"/lib*/python*/site-packages; do
      [ -d "$bf_place" ] && printf '%s\n' "$bf_place"/*.dist-info "$bf_place"/*.egg-info "$bf_place"/*.egg
    done
    for bf_place in "$bf_prefix"/lib*/ruby/gems/*/specifications; do
      [ -d "$bf_place" ] && printf '%s\n' "$bf_place"/*.gemspec "$bf_place"/default/*.gemspec
    done
  done
  for bf_place in /var/lib/gems/*/specifications /usr/share/gems/specifications \
    /usr/share/rubygems-integration/*/specifications; do
    [ -d "$bf_place" ] && printf '%s\n' "$bf_place"/*.gemspec
  done
  for bf_place in /usr/share/php/.registry /usr/share/pear/.registry /usr/local/lib/php/.registry; do
    [ -d "$bf_place" ] && printf '%s\n' "$bf_place"/*.reg "$bf_place"/.channel.*/*.reg
  done
}
bf_find() {
  bf_tops=`bf_local_roots $bf_places /usr/lib/node_modules /usr/share/nodejs /home /root`
  [ -n "$bf_tops" ] || return 0
  set -f
  find $bf_tops -xdev '(' -path "*$bf_newline*" -o -name .git -o -name .cache ')' -prune -o \
    '(' -name '*.dist-info' -o -name '*.egg-info' ')' -prune -print -o '!' -type d '(' \
    -type f '(' -path '*/node_modules/*/package.json' -o -path '/usr/share/nodejs/*/package.json' \
    -o -path '*/composer/installed.json' ')' -o -path '*/specifications/*.gemspec' -o -name '*.[jwe]ar' \
    -o -name .packlist -o -path '*/.registry/*.reg' -o -name 'requirements*.txt' -o -name Pipfile.lock \
    -o -name poetry.lock -o -name pyproject.toml -o -name Gemfile.lock -o -name package-lock.json -o -name yarn.lock \
    -o -name pnpm-lock.yaml -o -name composer.lock -o -name pom.xml -o -name cpanfile ')' -print | head -n @MOST@
}
bf_show() { printf '%s\n' "$bf_files"; }
bf_node() {
  bf_show | grep "^$bf_safe\$" | grep -E '/(node_modules|nodejs)/(@[^/]+/)?[^/]+/package\.json$' |
    xargs grep -aHEm 2 '^([[:blank:]]|  |    )"(name|version)" *: *"' /dev/null
}
bf_composer() {
  bf_show | grep "^$bf_safe/installed\.json\$" |
    xargs grep -aHE '^(        |            )"(name|version)" *: *"' /dev/null
}
bf_jars() { echo /proc/[0-9]*/fd | xargs ls -l 2>/dev/null | sed -n 's|.* -> \(/.*\.[jwe]ar\)$|\1|p' | sort -u; }
part names bf_names
if [ "$BF_DEPTH" = deep ]; then
  bf_files=`bf_find`
  part found bf_show
  case $bf_files in */package.json*) part node bf_node ;; esac
  case $bf_files in */installed.json*) part composer bf_composer ;; esac
  if [ "$BF_UID" = 0 ]; then part jars bf_jars; else part jars-own bf_jars; fi
fi
""".replace("@MOST@", str(MOST_FILES))
)


class _Kind(NamedTuple):
    """The pattern by which the name of a file shows a package."""

    language: Language
    pattern: re.Pattern[str]


_VERSION = r"(?P<version>\d[^-/]{0,254})"
# The name of a file has 255 bytes at most.
_KINDS = (
    _Kind(
        "python",
        re.compile(
            rf"(?P<name>[^/]{{1,255}}?)(?:-{_VERSION})?(?:-py[\d.]{{1,9}}(?:-[^/]{{1,255}})?)?"
            r"\.(?:dist-info|egg-info|egg)"
        ),
    ),
    _Kind("ruby", re.compile(rf"(?P<name>[^/]{{1,255}}?)-{_VERSION}(?:-[^/]{{1,255}})?\.gemspec")),
    _Kind("java", re.compile(r"(?P<name>[^/]{1,255}?)(?:-(?P<version>\d[^/]{0,254}))?\.[jwe]ar")),
    _Kind("php", re.compile(r"(?P<name>[^/]{1,255})\.reg(?P<version>)")),
)
_MANIFESTS: tuple[tuple[re.Pattern[str], Language], ...] = (
    (re.compile(r"requirements[^/]*\.txt|Pipfile\.lock|poetry\.lock|pyproject\.toml"), "python"),
    (re.compile(r"Gemfile\.lock"), "ruby"),
    (re.compile(r"package-lock\.json|yarn\.lock|pnpm-lock\.yaml"), "node"),
    (re.compile(r"composer\.lock"), "php"),
    (re.compile(r"pom\.xml"), "java"),
    (re.compile(r"cpanfile"), "perl"),
)
_FIELD = re.compile(r'(?P<path>/[^\n]*?\.json):\s+"(?P<key>name|version)" *: *"(?P<value>[^"]*)"?.*', re.DOTALL)
_OWN = re.compile(r"(?P<place>/.*?/(?:node_modules|nodejs))/(?P<name>(?:@[^/]+/)?[^/]+)/package\.json")


def parse(recording: SectionRecording) -> Observation[LanguagePackages]:
    """Packages by language, place and name, each once. A name that matches no pattern gives none."""
    packages: dict[tuple[str, str], LanguagePackage] = {}
    manifests: dict[str, Manifest] = {}
    held = recording.part("jars") or recording.part("jars-own")
    opened = frozenset(held.lines()) if held is not None else frozenset()
    for part in (recording.part("names"), recording.part("found"), held):
        for number, path in _paths(part) if part is not None else ():
            origin = Origin(NAME, part.name if part else "", number)
            package = _package(path, path in opened, origin)
            if package is not None:
                packages.setdefault((package.language, path), package)
            elif (language := _manifest(path)) is not None:
                manifests.setdefault(path, Manifest(language, path, origin))
    for read, name in ((_node, "node"), (_composer, "composer")):
        for package in read(recording.part(name)):
            packages.setdefault((package.language, f"{package.path}\0{package.name}"), package)
    ordered = sorted(packages.values(), key=lambda one: (one.language, one.place, one.name, one.version))
    searched = recording.part("found") is not None
    needed = tuple(sorted(manifests.values(), key=lambda manifest: manifest.path)) if searched else None
    return Found(LanguagePackages(tuple(ordered), needed), tuple(_gaps(recording)))


def _gaps(recording: SectionRecording) -> Iterator[Gap]:
    if recording.part("names") is None:
        yield Gap("language packages", "the host's answer ended before this section")
    if (found := recording.part("found")) is not None and found.content.count(b"\n") >= MOST_FILES:
        yield Gap(f"files beyond the first {MOST_FILES}", "there are more than are listed")
    if recording.part("jars-own") is not None:
        yield Gap("Java archives that other users' processes hold open", "permission denied; scan with become")
    if denied := sum(line.startswith(b"find: ") and b"denied" in line for line in recording.errors.split(b"\n")):
        yield Gap(f"contents of {denied} directories", "permission denied; scan with become")


def _paths(part: Part) -> Iterator[tuple[int, str]]:
    """Paths with their line. A pattern that matched nothing comes as it is; a name with a newline is left out."""
    for number, line in enumerate(whole_lines(part), 1):
        path = line.decode("utf-8", "surrogateescape")
        if path.startswith("/") and "*" not in path:
            yield number, path


def _package(path: str, opened: bool, origin: Origin) -> LanguagePackage | None:
    place, _, file = path.rpartition("/")
    if file == ".packlist":
        above, auto, name = place.rpartition("/auto/")
        if auto and above and name:
            return LanguagePackage("perl", name.replace("/", "::"), "", above, path, False, origin)
    for kind in _KINDS:
        if match := kind.pattern.fullmatch(file):
            return LanguagePackage(kind.language, match["name"], match["version"] or "", place, path, opened, origin)
    return None


def _manifest(path: str) -> Language | None:
    if "/node_modules/" in path or "/vendor/" in path or "/site-packages/" in path:
        return None  # of a package, not of an application
    file = path.rpartition("/")[2]
    return next((language for pattern, language in _MANIFESTS if pattern.fullmatch(file)), None)


def _fields(part: Part | None) -> Iterator[tuple[int, str, str, str]]:
    """Line, path, name of the field and its value."""
    for number, line in enumerate(whole_lines(part) if part is not None else (), 1):
        match = _FIELD.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"{part.name if part else ''}:{number} is not a name and a version")
            continue
        yield number, match["path"], match["key"], match["value"]


def _node(part: Part | None) -> Iterator[LanguagePackage]:
    """The name is that of the directory, which programs use; package.json has the version."""
    versions: dict[str, tuple[int, str]] = {}
    for number, path, key, value in _fields(part):
        if key == "version" or path not in versions:
            versions[path] = (number, value if key == "version" else "")
    for path, (number, version) in versions.items():
        if match := _OWN.fullmatch(path):
            # of node_modules in node_modules, the innermost
            place, _, name = path.removesuffix("/package.json").rpartition("/node_modules/")
            found = (place + "/node_modules", name) if place else (match["place"], match["name"])
            yield LanguagePackage("node", found[1], version, found[0], path, False, Origin(NAME, "node", number))


def _composer(part: Part | None) -> Iterator[LanguagePackage]:
    """Names and versions in turns."""
    name = ""
    for number, path, key, value in _fields(part):
        if key == "name":
            name = value
        elif name:
            place = path.removesuffix("/composer/installed.json")
            yield LanguagePackage("php", name, value, place, path, False, Origin(NAME, "composer", number))
            name = ""


SECTION: Section[LanguagePackages] = Section(
    NAME,
    "Packages of Python, Ruby, Node, Java, PHP and Perl; with --depth deep those of every application.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=60, cap=8 * 1024 * 1024),),
    redact_errors,
)
