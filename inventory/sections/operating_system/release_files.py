"""The distribution of a host, from os-release or what there was before it (systems of 2005 have only the latter)."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace

from inventory.model.system import Distribution
from inventory.observation import Origin

FileLine = tuple[str, str, int]

# The first that matches names a release file's distribution; the rest of the line has its version.
_REDHAT_FAMILY = (
    (re.compile(r"(?i)^Red Hat (Enterprise )?Linux"), "rhel"),
    (re.compile(r"(?i)^CentOS"), "centos"),
    (re.compile(r"(?i)^Rocky"), "rocky"),
    (re.compile(r"(?i)^AlmaLinux"), "almalinux"),
    (re.compile(r"(?i)^EuroLinux"), "eurolinux"),
    (re.compile(r"(?i)^Oracle|^Enterprise Linux Enterprise Linux"), "ol"),
    (re.compile(r"(?i)^Scientific"), "scientific"),
    (re.compile(r"(?i)^Fedora"), "fedora"),
    (re.compile(r"(?i)^Amazon"), "amzn"),
    (re.compile(r"(?i)^CloudLinux"), "cloudlinux"),
    (re.compile(r"(?i)^Virtuozzo|^Parallels Server"), "virtuozzo"),
    (re.compile(r"(?i)^XenServer|^Citrix"), "xenserver"),
    (re.compile(r"(?i)^XCP-ng"), "xcp-ng"),
    (re.compile(r"(?i)^VMware ESX"), "vmware-esx"),
    (re.compile(r"(?i)^EulerOS"), "euleros"),
    (re.compile(r"(?i)^openEuler"), "openeuler"),
    (re.compile(r"(?i)^Anolis"), "anolis"),
    (re.compile(r"(?i)^(Alibaba Cloud|Aliyun)"), "alinux"),
    (re.compile(r"(?i)^Asianux"), "asianux"),
    (re.compile(r"(?i)^MIRACLE"), "miraclelinux"),
    (re.compile(r"(?i)^(Springdale|PUIAS)"), "springdale"),
    (re.compile(r"(?i)^Mandriva"), "mandriva"),
    (re.compile(r"(?i)^Mandrake"), "mandrake"),
    (re.compile(r"(?i)^Mageia"), "mageia"),
    (re.compile(r"(?i)^PCLinuxOS"), "pclinuxos"),
    (re.compile(r"(?i)^Yellow Dog"), "yellowdog"),
    (re.compile(r"(?i)^Trustix"), "trustix"),
    (re.compile(r"(?i)^Turbolinux"), "turbolinux"),
)
_MANDRIVA_FAMILY = ("mandriva", "mandrake", "mageia", "pclinuxos")
_REDHAT_FILES = (
    # those that have more than Red Hat's own file, which their distributions ship as well, come first
    "/etc/oracle-release",
    "/etc/enterprise-release",
    "/etc/vmware-release",
    "/etc/mandriva-release",
    "/etc/mandrake-release",
    "/etc/mandrakelinux-release",
    "/etc/mageia-release",
    "/etc/yellowdog-release",
    "/etc/trustix-release",
    "/etc/turbolinux-release",
    "/etc/centos-release",
    "/etc/fedora-release",
    "/etc/redhat-release",
    "/etc/system-release",
)
_PLAIN_FILES = (
    ("/etc/alpine-release", "alpine", "Alpine Linux"),
    ("/etc/slackware-version", "slackware", "Slackware"),
    ("/etc/zenwalk-version", "zenwalk", "Zenwalk"),
    ("/etc/gentoo-release", "gentoo", "Gentoo"),
    ("/etc/photon-release", "photon", "VMware Photon"),
    ("/etc/altlinux-release", "altlinux", "ALT Linux"),
    ("/etc/conectiva-release", "conectiva", "Conectiva Linux"),
    ("/etc/pld-release", "pld", "PLD Linux"),
    ("/etc/lfs-release", "lfs", "Linux From Scratch"),
)
"""Files of one line with a version somewhere in it."""
_RELEASE = re.compile(r"(?:release|ESX) (?P<version>\d++(?:\.\d++)*+)(?:[^(]*\((?P<codename>[^)]*)\))?")
# Update levels: "release 4 (Nahant Update 9)" is 4.9.
_UPDATE = re.compile(r"(?P<codename>\w+) Update (?P<level>\d+)")
_DEBIAN_CODENAMES = {
    "3": "sarge", "4": "etch", "5": "lenny", "6": "squeeze", "7": "wheezy", "8": "jessie", "9": "stretch",
    "10": "buster", "11": "bullseye", "12": "bookworm", "13": "trixie",
}  # fmt: skip


def read_distribution(lines: Sequence[FileLine], marks: Sequence[str] = ()) -> Distribution | None:
    """The distribution; None when no file names one. Each line is a path, the text, and its number.

    ``marks`` are paths that exist, in the order of the part ``marks``: the release file of Arch Linux is empty.
    """
    files: dict[str, list[FileLine]] = {}
    for path, text, number in lines:
        files.setdefault(path, []).append((path, text, number))
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        if path in files and (found := _os_release(files[path])) is not None:
            return replace(found, point_release=_point_release(found.version, files))
    for path in _REDHAT_FILES:
        if path in files:
            return _redhat(files[path][0])
    for path in ("/etc/SuSE-release", "/etc/UnitedLinux-release"):
        if path in files:
            return _suse(files[path])
    for path in ("/etc/openwrt_release", "/etc/lsb-release"):
        if path in files and (found := _lsb(files[path])) is not None:
            return found
    if "/etc.defaults/VERSION" in files and (found := _synology(files["/etc.defaults/VERSION"])) is not None:
        return found
    for path, name, title in _PLAIN_FILES:
        if path in files:
            return _plain(files[path][0], name, title)
    if "/etc/devuan_version" in files:
        codename = files["/etc/devuan_version"][0][1].strip()
        origin = _origin(files["/etc/devuan_version"][0])
        return Distribution("devuan", "", f"Devuan GNU+Linux {codename}", ("debian",), codename.split("/")[0], origin)
    if "/etc/debian_version" in files:
        return _debian(files["/etc/debian_version"][0])
    if "/etc/arch-release" in marks:
        origin = Origin("system", "marks", marks.index("/etc/arch-release") + 1)
        return Distribution("arch", "", "Arch Linux", (), "", origin)
    return None


def read_banner(lines: Sequence[FileLine]) -> str:
    """The first meaningful line of /etc/issue, without what getty(8) fills in at a login."""
    for path, text, _ in lines:
        words = re.sub(r"\\[a-zA-Z](\{[^{}]*\})?", " ", text).split() if path == "/etc/issue" else []
        if re.search(r"\w", "".join(words)):
            return " ".join(words)
    return ""


def _point_release(version: str, files: dict[str, list[FileLine]]) -> str:
    """The exact version that a file of one line has, where it is one of ``version``."""
    for path in (*_REDHAT_FILES, "/etc/debian_version", "/etc/alpine-release"):
        match = re.search(r"\d+(?:\.\d+)*", files[path][0][1], re.ASCII) if path in files else None
        if match and version and f"{match[0]}.".startswith(f"{version}."):
            return match[0]
    return ""


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
    if not codename and (match := re.search(r"\(([^()]+)\)", fields.get("VERSION", ""))):
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
    if name in _MANDRIVA_FAMILY:
        like: tuple[str, ...] = ("mandriva",)
    elif name in ("fedora", "trustix"):
        like = ()
    else:
        like = ("rhel", "fedora") if name != "rhel" else ("fedora",)
    return Distribution(name or "redhat", version, text, like, codename, _origin(line))


def _suse(lines: Sequence[FileLine]) -> Distribution:
    text = lines[0][1].strip()
    fields = {name.strip(): value.strip() for _, line, _ in lines[1:] for name, _, value in [line.partition("=")]}
    version = fields.get("VERSION", "")
    level = fields.get("PATCHLEVEL", "0")
    if version and "." not in version and level not in ("", "0"):
        version = f"{version}.{level}"
    words = text.lower()
    if "opensuse" in words:
        name = "opensuse"
    elif "desktop" in words:
        name = "sled"
    elif "enterprise" in words or "sles" in words:
        name = "sles"
    else:  # SuSE Linux 9.3 and SUSE LINUX 10.0, for everyone; UnitedLinux 1.0
        name = "unitedlinux" if "unitedlinux" in words else "suse"
    return Distribution(name, version, text, ("suse",), fields.get("CODENAME", ""), _origin(lines[0]))


def _lsb(lines: Sequence[FileLine]) -> Distribution | None:
    fields = assignments(lines)
    name = fields.get("DISTRIB_ID", "").lower()
    if not name:
        return None
    version = fields.get("DISTRIB_RELEASE", "")
    if version == "rolling":
        version = ""
    pretty = fields.get("DISTRIB_DESCRIPTION") or f"{fields['DISTRIB_ID']} {version}".strip()
    like = {"ubuntu": ("debian",), "linuxmint": ("ubuntu", "debian"), "manjarolinux": ("arch",)}.get(name, ())
    return Distribution(name, version, pretty, like, fields.get("DISTRIB_CODENAME", ""), _origin(lines[0]))


def _synology(lines: Sequence[FileLine]) -> Distribution | None:
    """DiskStation Manager: ``productversion="6.2.4"``, or majorversion and minorversion before 6."""
    fields = assignments(lines)
    parts = [fields[name] for name in ("majorversion", "minorversion") if fields.get(name)]
    version = fields.get("productversion") or ".".join(parts)
    if not version:
        return None
    build = f"-{fields['buildnumber']}" if fields.get("buildnumber") else ""
    return Distribution("synology", version, f"Synology DSM {version}{build}", (), "", _origin(lines[0]))


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
