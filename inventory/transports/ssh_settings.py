"""The settings of ssh for one host: the inventory's arguments and the user's ssh_config, resolved.

Our own parser of the arguments costs nothing. Only where a configuration file matches the host, ``ssh -G`` resolves it:
Include, Match, canonical names and tokens then mean exactly what they mean to ssh.
"""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from inventory.ansible.host_variables import local_user
from inventory.errors import HostError, HostUnreachable
from inventory.host import Host
from inventory.transports import ssh_arguments, ssh_keys
from inventory.transports.connect_options import ConnectOptions
from inventory.transports.known_hosts import HostKeyPolicy
from inventory.transports.printable_text import last_line
from inventory.transports.ssh_arguments import HONOURED, IRRELEVANT, SshArguments

_USER_KNOWN_HOSTS = "~/.ssh/known_hosts ~/.ssh/known_hosts2"
_GLOBAL_KNOWN_HOSTS = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2"
_STRUCTURE = {"host", "match", "include"}
_QUIET = {"sendenv", "hashknownhosts", "gssapiauthentication", "gssapidelegatecredentials", "forwardx11trusted"}


@dataclass(frozen=True, slots=True)
class SshSettings:
    """The address and options of a connection. ``beyond`` names what only the OpenSSH client can do; empty: our own SSH
    serves.
    """

    hostname: str
    port: int
    user: str
    identity_files: tuple[Path, ...]
    identities_only: bool
    use_agent: bool
    policy: HostKeyPolicy
    key_name: str
    proxy_jump: str | None
    proxy_command: str | None
    keepalive: int
    connect_timeout: float
    beyond: tuple[str, ...]


def settings_for(host: Host, options: ConnectOptions) -> SshSettings:
    """Resolve all settings for ``host``; raises HostError when ssh itself rejects them."""
    arguments = ssh_arguments.parse(host.ssh_arguments)
    resolved = arguments.options
    beyond = arguments.beyond
    if _configured(host, arguments):
        resolved, more = _resolve(host)
        beyond = tuple(dict.fromkeys((*(one for one in beyond if one.startswith("-")), *more)))
    if host.variables.get("ansible_ssh_executable"):
        beyond = (*beyond, "ansible_ssh_executable")

    def first(option: str, default: str = "") -> str:
        values = resolved.get(option)
        return values[0] if values else default

    hostname = first("hostname", host.address).replace("%h", host.address)
    proxy_command = first("proxycommand")
    proxy_jump = first("proxyjump")
    timeout = first("connecttimeout")
    agent = first("identityagent", "SSH_AUTH_SOCK")
    if agent not in ("SSH_AUTH_SOCK", "none"):
        beyond = (*beyond, "identityagent")
    policy = _policy(first, options)
    key_name = first("hostkeyalias", hostname)
    port = host.port or _number(host, "Port", first("port", "22"))
    if policy.by_authority(key_name, port):
        beyond = (*beyond, "@cert-authority")
    identity_files = tuple(_expand(name) for name in resolved.get("identityfile", ()))
    given = () if host.private_key_file is None else (Path(host.private_key_file),)
    beyond = (*beyond, *(kind for file in (*given, *identity_files) if (kind := ssh_keys.beyond_paramiko(file))))
    return SshSettings(
        hostname=hostname,
        port=port,
        user=host.user or first("user") or local_user(),
        identity_files=identity_files,
        identities_only=first("identitiesonly").lower() in ("yes", "true"),
        use_agent=agent != "none",
        policy=policy,
        key_name=key_name,
        proxy_jump=proxy_jump if proxy_jump.lower() not in ("", "none") else None,
        proxy_command=proxy_command if proxy_command.lower() not in ("", "none") else None,
        keepalive=_number(host, "ServerAliveInterval", first("serveraliveinterval", "0")),
        connect_timeout=float(timeout) if timeout.isdigit() and int(timeout) else options.connect_timeout,
        beyond=tuple(dict.fromkeys(beyond)),
    )


def _number(host: Host, option: str, value: str) -> int:
    if not value.isdigit():
        raise HostError(f"{option} of host {host.name} is {value!r} in its ssh arguments; write a number")
    return int(value)


def _expand(name: str) -> Path:
    return Path(name.strip('"').replace("%d", str(Path.home()))).expanduser()


def _policy(first: Callable[..., str], options: ConnectOptions) -> HostKeyPolicy:
    """The host keys that may be trusted. Accepted keys go to the workspace's file, never to the user's.

    ``UserKnownHostsFile=/dev/null`` with ``StrictHostKeyChecking=no`` is the usual way to declare that the keys of a
    host change all the time, so nothing is remembered there that could differ the next time.
    """
    accept_new = options.accept_new_host_keys or first("stricthostkeychecking").lower() in ("no", "off", "accept-new")
    users = ssh_arguments.words(first("userknownhostsfile", _USER_KNOWN_HOSTS))
    system = ssh_arguments.words(first("globalknownhostsfile", _GLOBAL_KNOWN_HOSTS))
    files = tuple(_expand(name) for name in (*users, *system) if name not in ("none", "/dev/null"))
    forgetful = users and all(name in ("none", "/dev/null") for name in users)
    own = options.known_hosts
    if own is not None and not (forgetful and first("stricthostkeychecking").lower() in ("no", "off")):
        return HostKeyPolicy((own, *files), accept_new, own)
    return HostKeyPolicy(files, accept_new, None)


class _Line(NamedTuple):
    """An option of a configuration file, and the Host patterns it is under (None: a Match, which only ssh can
    evaluate).
    """

    keyword: str
    patterns: tuple[str, ...] | None


def _configured(host: Host, arguments: SshArguments) -> bool:
    """Whether a configuration file sets anything relevant for this host."""
    if arguments.configuration is not None:
        files: tuple[Path, ...] = () if arguments.configuration == "none" else (_expand(arguments.configuration),)
    else:
        files = (Path.home() / ".ssh/config", Path("/etc/ssh/ssh_config"))
    for file in files:
        for line in _lines(file, file.parent, 0):
            if line.keyword in _QUIET or line.keyword in _STRUCTURE:
                continue
            if line.patterns is None or _applies(line.patterns, host.address):
                return True
    return False


def _applies(patterns: tuple[str, ...], address: str) -> bool:
    if any(fnmatch.fnmatchcase(address, one[1:]) for one in patterns if one.startswith("!")):
        return False
    return any(fnmatch.fnmatchcase(address, one) for one in patterns)


def _lines(file: Path, folder: Path, depth: int) -> Iterator[_Line]:
    try:
        state = file.stat()
        lines = _parse(str(file), state.st_mtime_ns, state.st_size)
    except OSError:
        return
    for line in lines:
        if line.keyword != "include" or line.patterns is None or depth > 8:
            yield line
            continue
        for pattern in line.patterns:
            target = Path(pattern).expanduser()
            anchor, relative = (Path("/"), str(target)[1:]) if target.is_absolute() else (folder, pattern)
            for included in sorted(anchor.glob(relative)):
                yield from _lines(included, folder, depth + 1)


@lru_cache(maxsize=64)
def _parse(file: str, _modified: int, _size: int) -> tuple[_Line, ...]:
    """The options of a file; an ``include`` carries its files as patterns."""
    found: list[_Line] = []
    patterns: tuple[str, ...] | None = ("*",)
    for line in Path(file).read_text("utf-8", "replace").splitlines():
        match = re.match(r"\s*([A-Za-z0-9]+)(?:\s*+=\s*+|\s++)(.*)$", line.rstrip())
        if match is None:
            continue
        keyword, value = match[1].lower(), match[2]
        if keyword == "host":
            patterns = ssh_arguments.words(value)
        elif keyword == "match":
            patterns = ("*",) if value.lower() == "all" else None
        elif keyword == "include":
            found.append(_Line(keyword, ssh_arguments.words(value)))
        else:
            found.append(_Line(keyword, patterns))
    return tuple(found)


def _resolve(host: Host) -> tuple[dict[str, list[str]], list[str]]:
    """The settings that ``ssh -G`` prints for the host, and the options in it that only the OpenSSH client honours."""
    words = list(host.ssh_arguments)
    if host.port is not None:
        words += ["-p", str(host.port)]
    if host.user is not None:
        words += ["-l", host.user]
    resolved = _ssh_g(host.name, (*words, "--", host.address))
    plain = _ssh_g(host.name, ("-F", "none", "--", host.address))
    beyond = [
        option
        for option, values in resolved.items()
        if option not in HONOURED and option not in IRRELEVANT and plain.get(option) != values
    ]
    options = dict(resolved)
    if options.get("identityfile") == plain.get("identityfile"):
        del options["identityfile"]  # the default names, tried anyway
    return options, beyond


@lru_cache(maxsize=4096)
def _ssh_g_cached(words: tuple[str, ...]) -> tuple[int, str, bytes]:
    program = shutil.which("ssh")
    if program is None:
        return 127, "", b"ssh is not installed"
    done = subprocess.run(
        [program, "-G", *words], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
    )
    return done.returncode, done.stdout.decode("utf-8", "surrogateescape"), done.stderr


def _ssh_g(name: str, words: tuple[str, ...]) -> Mapping[str, list[str]]:
    status, output, errors = _ssh_g_cached(words)
    if status != 0:
        raise HostUnreachable(f"ssh cannot read the configuration for {name}: {last_line(errors)}")
    options: dict[str, list[str]] = {}
    for line in output.splitlines():
        option, _, value = line.partition(" ")
        options.setdefault(option.lower(), []).append(value)
    return options
