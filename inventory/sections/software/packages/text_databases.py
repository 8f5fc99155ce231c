"""Package managers of small and rolling systems, whose databases are text files: apk, opkg, pacman, Slackware's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.formats.grep_lines import file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.packages import Ownership, Package
from inventory.observation import Origin
from inventory.recording import Part, SectionRecording
from inventory.sections.software.packages.answer_fields import NAME, fields_of, rows, seconds, size

# pacman and Slackware keep one file a package, with the paths it owns as lines without their first slash.
FRAGMENT = r"""
bf_apk_owners() {
  { bf_paths; echo =; cat "$bf_apk"; } | awk '
    done == 0 { if ($0 == "=") done = 1; else wanted[$0] = 1; next }
    /^P:/ { package = substr($0, 3) }
    /^F:/ { folder = "/" substr($0, 3) "/" }
    /^R:/ { path = folder substr($0, 3); if (path in wanted) print package "\t" path }'
}
bf_opkg_owners() { cd "$bf_opkg/info" && bf_paths both | grep -HFxf - *.list; }
bf_pacman() {
  cd /var/lib/pacman/local && echo ./*/desc | xargs grep -aHA1 -e '^%NAME%$' -e '^%VERSION%$' -e '^%ARCH%$' \
    -e '^%BASE%$' -e '^%SIZE%$' -e '^%INSTALLDATE%$' -e '^%REASON%$'
}
bf_slackware() { cd "$bf_slack" && ls; }
bf_relative_owners() {
  cd "$1" && bf_wanted=`bf_paths both | sed 's|^/||'` && echo $2 | xargs grep -aHFxe "$bf_wanted"
}
bf_opkg=
for bf_db in /usr/lib/opkg /var/lib/opkg /opt/lib/opkg; do [ -s $bf_db/status ] && bf_opkg=$bf_db && break; done
bf_slack=
for bf_db in /var/lib/pkgtools/packages /var/log/packages; do
  [ -e /etc/slackware-version ] && [ -d $bf_db ] && bf_slack=$bf_db && break
done
"""
QUESTIONS_APK = r"""
  part apk grep '^[PVAoI]:' "$bf_apk"
  part apk-owners bf_apk_owners
"""
QUESTIONS_OTHERS = r"""
elif [ -n "$bf_opkg" ]; then
  part opkg grep -aE '^(Package|Version|Architecture|Status|Installed-(Size|Time)|Auto-Installed): ' "$bf_opkg/status"
  part opkg-owners bf_opkg_owners
elif [ -d /var/lib/pacman/local ]; then
  part pacman bf_pacman
  part pacman-owners bf_relative_owners /var/lib/pacman/local './*/files'
elif [ -n "$bf_slack" ]; then
  part slackware bf_slackware
  part slackware-owners bf_relative_owners "$bf_slack" './*'
"""

_PACMAN = re.compile(r"\./(?P<entry>[^/]+)/desc[:-](?P<text>.*)", re.DOTALL)
_OWNED = re.compile(r"\./(?:(?P<entry>[^/]+)(?P<files>/files):|(?P<plain>[^/:]+):)(?P<path>.*)", re.DOTALL)
_SLACKWARE = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<architecture>[^-]+)-(?P<build>[^-]+)", re.DOTALL)


def apk(part: Part, recording: SectionRecording) -> Iterator[Package]:
    """Paragraphs of one letter fields: P name (always first), V version, A architecture, o origin, I size in bytes.

    Packages in /etc/apk/world were requested; the rest are their dependencies.
    """
    world = _world(recording)
    fields: dict[str, str] = {}
    start = 0
    lines = whole_lines(part)
    for number, line in enumerate([*lines, b"P:"], 1):
        letter, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
        if not colon or letter not in ("P", "V", "A", "o", "I"):
            unreadable_row(f"apk:{number} is not a field of the database")
            continue
        if letter == "P" and fields:
            if "P" not in fields or "V" not in fields:
                unreadable_row(f"apk:{number} ends a package without name or version")
                fields = {}
                continue
            yield Package(
                name=fields["P"],
                version=fields["V"],
                architecture=fields.get("A", ""),
                source=fields.get("o", fields["P"]),
                manager="apk",
                essential=False,
                size_bytes=size(fields.get("I", ""), part, number),
                origin=Origin(NAME, part.name, start),
                automatic=None if world is None else fields["P"] not in world,
            )
            fields = {}
        if not fields:
            start = number
        fields[letter] = value


def _world(recording: SectionRecording) -> frozenset[str] | None:
    """The names in /etc/apk/world, without versions, repositories and excluded packages; None where it was not read."""
    lines = [line.text.strip() for line in file_lines(recording.part("sources")) if line.path == "/etc/apk/world"]
    return frozenset(re.split(r"[<>=~@]", line)[0] for line in lines if not line.startswith("!")) if lines else None


def apk_owners(recording: SectionRecording) -> Iterator[Ownership]:
    """Package and path in each line."""
    part = recording.part("apk-owners")
    for number, (package, path) in rows(part, (2,)) if part else ():
        yield Ownership(path, package, Origin(NAME, "apk-owners", number))


def opkg(part: Part, _recording: SectionRecording) -> Iterator[Package]:
    """Paragraphs as dpkg has them; Installed-Size counts bytes, Installed-Time seconds since the epoch."""
    for start, fields in fields_of(part):
        status = fields.get("Status", "").split()
        if status[-1:] != ["installed"]:
            continue
        yield Package(
            name=fields["Package"],
            version=fields.get("Version", ""),
            architecture=fields.get("Architecture", ""),
            source=fields["Package"],
            manager="opkg",
            essential="essential" in status[1].split(",") if len(status) == 3 else False,
            size_bytes=size(fields.get("Installed-Size", ""), part, start),
            origin=Origin(NAME, part.name, start),
            held="hold" in status[0].split(",") or (len(status) == 3 and "hold" in status[1].split(",")),
            installed_at=seconds(fields.get("Installed-Time", "")),
            automatic=fields.get("Auto-Installed") == "yes",
        )


def pacman(part: Part, _recording: SectionRecording) -> Iterator[Package]:
    """``%NAME%`` and on the next line its value, for each file ``desc``. REASON 1: came as a dependency."""
    found: dict[str, dict[str, str]] = {}
    starts: dict[str, int] = {}
    key = ""
    for number, line in enumerate(whole_lines(part), 1):
        if line == b"--":
            continue
        match = _PACMAN.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"pacman:{number} is not a line of a package")
            continue
        fields = found.setdefault(match["entry"], {})
        starts.setdefault(match["entry"], number)
        text = match["text"]
        if re.fullmatch(r"%[A-Z]+%", text):
            key = text.strip("%")
            if key == "NAME":
                starts[match["entry"]] = number + 1
        elif key:
            fields[key] = text
            key = ""
    for entry, fields in found.items():
        name = fields.get("NAME", "")
        if not name:
            unreadable_row(f"pacman:{starts[entry]} is of a package without a name")
            continue
        yield Package(
            name=name,
            version=fields.get("VERSION", ""),
            architecture=fields.get("ARCH", ""),
            source=fields.get("BASE", name),
            manager="pacman",
            essential=False,
            size_bytes=size(fields.get("SIZE", ""), part, starts[entry]),
            origin=Origin(NAME, part.name, starts[entry]),
            installed_at=seconds(fields.get("INSTALLDATE", "")),
            automatic=fields.get("REASON") == "1",
        )


def slackware(part: Part, _recording: SectionRecording) -> Iterator[Package]:
    """Names of files: ``name-version-architecture-build``."""
    for number, line in enumerate(whole_lines(part), 1):
        match = _SLACKWARE.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is not None:
            yield Package(
                name=match["name"],
                version=f"{match['version']}-{match['build']}",
                architecture=match["architecture"],
                source=match["name"],
                manager="slackware",
                essential=False,
                size_bytes=0,
                origin=Origin(NAME, part.name, number),
            )


def relative_owners(recording: SectionRecording, name: str) -> Iterator[Ownership]:
    """``./ENTRY/files:PATH`` of pacman and ``./ENTRY:PATH`` of Slackware; paths lack their first slash."""
    part = recording.part(name)
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        match = _OWNED.fullmatch(line.decode("utf-8", "surrogateescape"))
        if match is None:
            unreadable_row(f"{name}:{number} names no package and path")
            continue
        # name-version-release, to which Slackware adds architecture and build: the name itself may hold hyphens
        package = match["entry"].rsplit("-", 2)[0] if match["entry"] else match["plain"].rsplit("-", 3)[0]
        yield Ownership("/" + match["path"], package, Origin(NAME, name, number))
