"""Packages of dpkg: its database, apt's records next to it, and which lists of repositories name a package."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.packages import Ownership, Package, Repository, ShippedFile
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording
from inventory.sections.software.packages.answer_fields import NAME, fields_of, rows, seconds, size
from inventory.sections.software.packages.repositories import repositories

# dpkg before 1.19.3 (2018) does not know when a package was installed and leaves the field empty.
#
# The lists of repositories hold some 50 MB on a Debian host, so they are searched for the installed names only when a
# scan is deep. apt names a list after the address of its repository, without credentials.
#
# The status file has the hash of each configuration file as its package brought it, and ucf(1) keeps a list of those
# that scripts of packages install. Only the names of files with these hashes are sent.
FRAGMENT = r"""
bf_dpkg() {
  dpkg-query -W -f='${Package}\t${Version}\t${Architecture}\t${Source}\t${Essential}\t${Installed-Size}\t${Status}\t${db-fsys:Last-Modified}\n'
}
bf_dpkg_owners() {
  cd /var/lib/dpkg/info && bf_paths both | grep -HFxf - *.list
}
bf_brought() {
  awk '/^Package: / { package = $2 }
    /^ \/etc\/[^ ]+ [0-9a-f]+$/ { if (length($2) == 32) print $2, $1, package }' /var/lib/dpkg/status
  [ ! -s /var/lib/ucf/hashfile ] ||
    awk 'NF == 2 && length($1) == 32 && $2 ~ /^\/etc\// { print $1, $2, "-" }' /var/lib/ucf/hashfile
}
bf_alike() {
  awk 'NF == 0 { hashed = 1; next }
    !hashed { brought[$2] = $1; package[$2] = $3; next }
    brought[$2] == $1 { print package[$2], $2 }'
}
bf_shipped() {
  bf_list=`bf_brought`
  set -f
  {
    printf '%s\n\n' "$bf_list"
    for bf_word in $bf_list; do
      case $bf_word in
        *[!a-zA-Z0-9_@%+=:,./-]*) ;;
        /etc/*)
          # an account may own the directory: no link is followed, and no pipe opened
          if [ -f "$bf_word" ] && [ ! -L "$bf_word" ]; then echo "$bf_word"; fi ;;
      esac
    done | bf_local | xargs md5sum 2>/dev/null
  } | bf_alike
  set +f
}
bf_apt_lists() {
  cd /var/lib/apt/lists && grep -a '^Package: ' /var/lib/dpkg/status | grep -aHFxf - *_Packages | sort -u
}
"""  # noqa: E501
QUESTIONS = r"""
  part dpkg bf_dpkg
  part dpkg-owners bf_dpkg_owners
  part shipped bf_shipped
  if [ "$BF_DEPTH" = deep ]; then
    for bf_list in /var/lib/apt/lists/*_Packages; do
      [ -r "$bf_list" ] && part apt-lists bf_apt_lists && break
    done
    part apt-list-names echo /var/lib/apt/lists/*_Packages
  fi
"""

THERE = frozenset({"installed", "triggers-pending", "triggers-awaited", "half-configured", "unpacked"})
"""States in which the files of a package are there, see dpkg(1). Of the last two a script has to be run again."""
_KNOWN = THERE | {"not-installed", "config-files"}
_LIST = re.compile(r"(?P<list>[^:/]+)_Packages:Package: (?P<package>.*)", re.DOTALL)


def packages(part: Part, recording: SectionRecording) -> Iterator[Package]:
    """Fields as in deb-control(5); Installed-Size counts KiB; Source names the version too where it differs."""
    automatic = _automatic(recording.part("apt-auto"))
    offered = _offered(recording.part("apt-lists"))
    complete = _lists_are_complete(recording)
    for number, row in rows(part, (7, 8)):
        name, version, architecture, source, essential, kibibytes, status = row[:7]
        words = status.split()
        if not words or words[-1] not in THERE:
            continue
        yield Package(
            name=name,
            version=version,
            architecture=architecture,
            source=source.split(" ")[0] or name,
            manager="dpkg",
            essential=essential == "yes",
            size_bytes=size(kibibytes, part, number) * 1024,
            origin=Origin(NAME, part.name, number),
            held=words[0] == "hold",
            installed_at=seconds(row[7]) if len(row) == 8 else None,
            automatic=None if automatic is None else name in automatic,
            repositories=tuple(offered[name]) if name in offered else () if complete else None,
        )


def shipped(recording: SectionRecording) -> Iterator[ShippedFile]:
    """``PACKAGE PATH`` of each configuration file that is as it was brought; ``-`` for one that only ucf knows."""
    part = recording.part("shipped")
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        package, blank, path = line.decode("utf-8", "surrogateescape").partition(" ")
        if not blank or not path.startswith("/"):
            unreadable_row(f"shipped:{number} names no package and path")
            continue
        yield ShippedFile(path, "" if package == "-" else package)


def broken(part: Part) -> dict[str, list[str]]:
    """By state, the packages of which only a part is there."""
    found: dict[str, list[str]] = {}
    for line in whole_lines(part):
        row = line.decode("utf-8", "surrogateescape").split("\t")
        state = row[6].split()[-1:] if len(row) > 6 else []
        if state and state[0] not in _KNOWN:
            found.setdefault(state[0], []).append(row[0])
    return found


def _automatic(part: Part | None) -> frozenset[str] | None:
    """Apt stores a paragraph for each package that it installed by itself; 0 means that it was requested later."""
    if part is None:
        return None
    return frozenset(fields["Package"] for _, fields in fields_of(part) if fields.get("Auto-Installed") == "1")


def _offered(part: Part | None) -> dict[str, list[str]]:
    """By package, the lists that name it, called ``mirror.example.org_debian_dists_bookworm_main``."""
    found: dict[str, list[str]] = {}
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        match = _LIST.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"apt-lists:{number} names no list and package")
            continue
        found.setdefault(match["package"], []).append(re.sub(r"_binary-[^_]+$", "", match["list"]))
    return found


def _lists_are_complete(recording: SectionRecording) -> bool:
    """Whether apt has a readable list of each repository, so that a package in none of them comes from none.

    Lists are often deleted to save space, or stored compressed, which no old tool reads.
    """
    searched, part = recording.part("apt-lists"), recording.part("apt-list-names")
    if searched is None or part is None or searched.truncated or b"ermission denied" in recording.errors:
        return False
    names = [path.rpartition("/")[2] for path in part.content.decode("utf-8", "surrogateescape").split()]
    wanted = [
        prefix
        for repository in repositories(recording)
        if repository.path.startswith("/etc/apt/") and repository.enabled
        for prefix in _list_prefixes(repository)
    ]
    return bool(wanted) and all(any(name.startswith(prefix) for name in names) for prefix in wanted)


def _list_prefixes(repository: Repository) -> Iterator[str]:
    """The beginning of the names of its lists: the address without its scheme, each slash an underscore."""
    for url in repository.urls:
        place = re.sub(r"^[a-z+]+:/*", "", url).rstrip("/").replace("/", "_")
        if url.startswith("file:/"):
            place = "_" + place
        for suite in repository.suites:
            if suite.endswith("/"):
                yield f"{place}_{suite.strip('/').replace('/', '_')}"
            for component in repository.components:
                yield f"{place}_dists_{suite}_{component.replace('/', '_')}_binary-".replace("/", "_")


def owners(recording: SectionRecording, name: str = "dpkg-owners") -> Iterator[Ownership]:
    """``PACKAGE.list:PATH`` or ``PACKAGE:ARCHITECTURE.list:PATH``, as grep prints it. opkg keeps the same files."""
    part = recording.part(name)
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        package, colon, path = line.decode("utf-8", "surrogateescape").partition(".list:")
        if not colon or not path.startswith("/"):
            unreadable_row(f"{name}:{number} names no package and path")
            continue
        yield Ownership(path, package.partition(":")[0], Origin(NAME, name, number))
