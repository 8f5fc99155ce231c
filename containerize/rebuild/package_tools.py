"""Changes that Debian's own tools make: modules and sites switched on and off, alternatives, locales."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from containerize.plan.model import PlannedFile
from containerize.rebuild.recipe import Because

Command = tuple[str, str]
"""(line of the shell, its reason as a clause)."""

_NAME = re.compile(r"[A-Za-z0-9_.+-]+", re.ASCII)
_LOCALE = re.compile(r"([a-z]{2,3}_[A-Z]{2})\.(?:UTF-8|utf8)(@[a-z]+)?", re.ASCII)
LOCALE_ARCHIVE = "/usr/lib/locale/locale-archive"
_ALTERNATIVES = "/etc/alternatives/"
_OF_PEOPLE = ("/usr/local/", "/opt/", "/srv/", "/home/", "/root/", "/var/")


@dataclass(frozen=True, slots=True)
class _Switch:
    """A directory of links and the programs that make and remove them. ``endings`` are those of its links."""

    directory: str
    available: str
    endings: tuple[str, ...]
    enable: str
    disable: str
    what: str


_SWITCHES = (
    _Switch(
        "/etc/apache2/mods-enabled",
        "../mods-available",
        (".load", ".conf"),
        "a2enmod --quiet",
        "a2dismod --quiet --force",
        "modules of Apache",
    ),
    _Switch(
        "/etc/apache2/conf-enabled",
        "../conf-available",
        (".conf",),
        "a2enconf --quiet",
        "a2disconf --quiet",
        "settings of Apache",
    ),
    _Switch(
        "/etc/apache2/sites-enabled",
        "../sites-available",
        (".conf",),
        "a2ensite --quiet",
        "a2dissite --quiet",
        "sites of Apache",
    ),
    _Switch(
        "/etc/lighttpd/conf-enabled",
        "../conf-available",
        (".conf",),
        "lighty-enable-mod",
        "lighty-disable-mod",
        "modules of lighttpd",
    ),
)


@dataclass(frozen=True)
class Switched:
    """The commands, and the links and removals that no tool makes."""

    commands: tuple[Command, ...]
    links: tuple[PlannedFile, ...]
    removals: tuple[Because, ...]


def switch(links: Iterable[PlannedFile], removals: Iterable[Because]) -> Switched:
    """Make by tools what they can make. Everything is switched off before anything is switched on: modules conflict."""
    off: dict[tuple[str, str], dict[str, None]] = {}
    on: dict[tuple[str, str], dict[str, None]] = {}
    rest_links, rest_removals = [], []
    for each in removals:
        found = _tool(each.path)
        if found is None:
            rest_removals.append(each)
        else:
            _, disable, what, name = found
            off.setdefault((disable, what), {})[name] = None
    for link in links:
        found = _tool(link.path)
        if found is None or not _usual_target(link):
            rest_links.append(link)
        else:
            enable, _, what, name = found
            on.setdefault((enable, what), {})[name] = None
    commands = [
        *_lines(off, "switches off {} that the host does not use"),
        *_lines(on, "switches on {} that the host uses"),
    ]
    return Switched(tuple(commands), tuple(rest_links), tuple(rest_removals))


def _lines(found: Mapping[tuple[str, str], Iterable[str]], reason: str) -> Iterator[Command]:
    for (tool, what), names in found.items():
        line = f"{tool} {' '.join(sorted(names))}"
        # lighttpd's tools end with 2 where there was nothing to do (lighty-enable-mod(1)).
        yield f"{line} || [ $? -eq 2 ]" if tool.startswith("lighty") else line, reason.format(what)


def _tool(path: str) -> tuple[str, str, str, str] | None:
    """(command that enables, command that disables, what these are, name) for a link; None for any other path."""
    directory, _, base = path.rpartition("/")
    for each in _SWITCHES:
        ending = next((ending for ending in each.endings if base.endswith(ending)), "")
        if directory == each.directory and ending:
            name = base.removesuffix(ending)
            if each.enable == "lighty-enable-mod":
                name = name.partition("-")[2] or name
            return (each.enable, each.disable, each.what, name) if _plain(name) else None
    parts = path.split("/")
    # /etc/php/8.2/fpm/conf.d/20-gd.ini
    if len(parts) == 7 and path.startswith("/etc/php/") and parts[5] == "conf.d" and base.endswith(".ini"):
        number, _, name = base.removesuffix(".ini").partition("-")
        version, sapi = parts[3], parts[4]
        if number.isdecimal() and all(map(_plain, (name, version, sapi))):
            options = f"-v {version} -s {sapi}"
            return f"phpenmod {options}", f"phpdismod {options}", f"modules of PHP {version} ({sapi})", name
    return None


def _plain(name: str) -> bool:
    return not name.startswith("-") and _NAME.fullmatch(name) is not None


def _usual_target(link: PlannedFile) -> bool:
    """Whether a link leads where its tool lets it lead."""
    directory, _, base = link.path.rpartition("/")
    target = posixpath.normpath(posixpath.join(directory, link.link))
    for each in _SWITCHES:
        if directory == each.directory:
            return target == posixpath.normpath(f"{directory}/{each.available}/{base}")
    parts = link.path.split("/")
    return target == f"/etc/php/{parts[3]}/mods-available/{base.partition('-')[2]}"


def is_alternative(link: PlannedFile) -> bool:
    """Whether update-alternatives makes a link: one of packages, and not one that a person made to an alternative."""
    of_packages = not link.path.startswith(_OF_PEOPLE)
    return link.path.startswith(_ALTERNATIVES) or (of_packages and link.link.startswith(_ALTERNATIVES))


def alternative_commands(chosen: Mapping[str, str], inside: Iterable[PlannedFile]) -> Iterator[Command]:
    """Commands for the alternatives that a person chose, where what they chose is in the image."""
    paths = {file.path for file in inside}
    for name, path in sorted(chosen.items()):
        if path in paths and path.startswith("/") and all(_plain(part) for part in path.split("/")[1:]):
            yield f"update-alternatives --set {name} {path}", "sets an alternative that was set by hand on the host"


def locale_commands(environment: Iterable[tuple[str, str]]) -> tuple[Command, ...]:
    """Commands that generate the locales of an environment; none when one of them has no such command."""
    names = {
        value
        for name, value in environment
        if (name == "LANG" or name.startswith("LC_")) and value not in ("", "C", "POSIX", "C.UTF-8", "C.utf8")
    }
    commands = []
    for name in sorted(names):
        match = _LOCALE.fullmatch(name)
        if match is None:
            return ()
        source = match[1] + (match[2] or "")
        commands.append((f"localedef -i {source} -f UTF-8 {name}", "generates the language of the service"))
    return tuple(commands)
