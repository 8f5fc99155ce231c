"""The distribution of a host, from os-release or what there was before it (systems of 2005 have only the latter)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence

from inventory.model.system import Distribution
from inventory.observation import Origin

FileLine = tuple[str, str, int]

# The first that matches names a release file's distribution; the rest of the line has its version.
_REDHAT_FAMILY = (
    (re.compile(r"(?i)^Red Hat (Enterprise )?Linux"), "rhel"),
    (re.compile(r"(?i)^CentOS"), "centos"),
    (re.compile(r"(?i)^Rocky"), "rocky"),
    (re.compile(r"(?i)^AlmaLinux"), "almalinux"),
    (re.compile(r"(?i)^Oracle|^Enterprise Linux Enterprise Linux"), "ol"),
    (re.compile(r"(?i)^Scientific"), "scientific"),
    (re.compile(r"(?i)^Fedora"), "fedora"),
    (re.compile(r"(?i)^Amazon"), "amzn"),
)
_RELEASE = re.compile(r"release (?P<version>\d+(?:\.\d+)*)(?:[^(]*\((?P<codename>[^)]*)\))?")
# Update levels: "release 4 (Nahant Update 9)" is 4.9.
_UPDATE = re.compile(r"(?P<codename>\w+) Update (?P<level>\d+)")
_DEBIAN_CODENAMES = {
    "3": "sarge", "4": "etch", "5": "lenny", "6": "squeeze", "7": "wheezy", "8": "jessie", "9": "stretch",
    "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie",
}  # fmt: skip


def read_distribution(lines: Sequence[FileLine]) -> Distribution | None:
    """The distribution; None when no file names one. Each line is a path, the text, and its number."""
    files: dict[str, list[FileLine]] = {}
    for path, text, number in lines:
        files.setdefault(path, []).append((path, text, number))
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        if path in files and (found := _os_release(files[path])) is not None:
            return found
    for path in ("/etc/redhat-release", "/etc/system-release"):
        if path in files:
            return _redhat(files[path][0])
    if "/etc/SuSE-release" in files:
        return _suse(files["/etc/SuSE-release"])
    if "/etc/lsb-release" in files and (found := _lsb(files["/etc/lsb-release"])) is not None:
        return found
    if "/etc/alpine-release" in files:
        return _plain(files["/etc/alpine-release"][0], "alpine", "Alpine Linux")
    if "/etc/debian_version" in files:
        return _debian(files["/etc/debian_version"][0])
    if "/etc/slackware-version" in files:
        return _plain(files["/etc/slackware-version"][0], "slackware", "Slackware")
    if "/etc/gentoo-release" in files:
        return _plain(files["/etc/gentoo-release"][0], "gentoo", "Gentoo")
    return None


def assignments(lines: Sequence[FileLine]) -> dict[str, str]:
    """Shell-like ``NAME=value`` lines without their quotes; a line that is none is left out."""
    found: dict[str, str] = {}
    for _, text, _ in lines:
        name, equals, value = text.strip().partition("=")
        if not equals or name.startswith("#"):
            continue
        try:
            words = shlex.split(value)
        except ValueError:
            words = [value]
        found[name] = " ".join(words)
    return found


def _origin(line: FileLine) -> Origin:
    return Origin("system", "release", line[2])


def _os_release(lines: Sequence[FileLine]) -> Distribution | None:
    fields = assignments(lines)
    if not fields.get("ID"):
        return None
    codename = fields.get("VERSION_CODENAME") or fields.get("UBUNTU_CODENAME") or ""
    if not codename and (match := re.search(r"\(([^)]+)\)", fields.get("VERSION", ""))):
        codename = match[1].lower()
    return Distribution(
        id=fields["ID"].lower(),
        version=fields.get("VERSION_ID", ""),
        pretty_name=fields.get("PRETTY_NAME") or fields.get("NAME") or fields["ID"],
        like=tuple(fields.get("ID_LIKE", "").lower().split()),
        codename=codename,
        origin=_origin(lines[0]),
    )


def _redhat(line: FileLine) -> Distribution:
    text = line[1].strip()
    name = next((word for pattern, word in _REDHAT_FAMILY if pattern.search(text)), "")
    match = _RELEASE.search(text)
    version, codename = (match["version"], match["codename"] or "") if match else ("", "")
    if update := _UPDATE.fullmatch(codename):
        version, codename = f"{version}.{update['level']}", update["codename"]
    like = ("rhel", "fedora") if name != "rhel" else ("fedora",)
    return Distribution(name or "redhat", version, text, like if name != "fedora" else (), codename, _origin(line))


def _suse(lines: Sequence[FileLine]) -> Distribution:
    text = lines[0][1].strip()
    fields = {name.strip(): value.strip() for _, line, _ in lines[1:] for name, _, value in [line.partition("=")]}
    version = fields.get("VERSION", "")
    level = fields.get("PATCHLEVEL", "0")
    if version and "." not in version and level not in ("", "0"):
        version = f"{version}.{level}"
    name = "opensuse" if "opensuse" in text.lower() else "sles"
    return Distribution(name, version, text, ("suse",), fields.get("CODENAME", ""), _origin(lines[0]))


def _lsb(lines: Sequence[FileLine]) -> Distribution | None:
    fields = assignments(lines)
    name = fields.get("DISTRIB_ID", "").lower()
    if not name:
        return None
    version = fields.get("DISTRIB_RELEASE", "")
    pretty = fields.get("DISTRIB_DESCRIPTION") or f"{fields['DISTRIB_ID']} {version}".strip()
    like = ("debian",) if name == "ubuntu" else ()
    return Distribution(name, version, pretty, like, fields.get("DISTRIB_CODENAME", ""), _origin(lines[0]))


def _debian(line: FileLine) -> Distribution:
    """``6.0.10``, or ``squeeze/sid`` on a testing system, which has no version."""
    text = line[1].strip()
    match = re.match(r"(\d+)(?:\.\d+)*", text, re.ASCII)
    if match is None:
        return Distribution("debian", "", f"Debian GNU/Linux {text}", (), text.split("/")[0], _origin(line))
    # sarge was called 3.1; later releases go by their first number
    major = match[1]
    version = match[0] if major == "3" else major
    codename = _DEBIAN_CODENAMES.get(major, "")
    return Distribution("debian", version, f"Debian GNU/Linux {text}", (), codename, _origin(line))


def _plain(line: FileLine, name: str, title: str) -> Distribution:
    match = re.search(r"\d+(?:\.\d+)*", line[1])
    version = match[0] if match else ""
    return Distribution(name, version, f"{title} {version}".strip(), (), "", _origin(line))
