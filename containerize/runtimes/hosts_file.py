"""/etc/hosts and /etc/resolv.conf of a container, equal on every backend."""

from __future__ import annotations

from collections.abc import Iterable

from containerize.runtimes.runtime import ContainerSpec

RESOLVER = b"# The network of a pilot has no way out, and no name server.\n"


def hosts_file(spec: ContainerSpec) -> bytes:
    """The text of /etc/hosts, a line for each address: its first name is the canonical one."""
    lines = ["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback"]
    names: dict[str, list[str]] = {}
    for name, address in _clean(spec.hosts):
        names.setdefault(address, []).append(name)
    lines += [f"{address}\t{' '.join(own)}" for address, own in names.items()]
    return ("\n".join(lines) + "\n").encode()


def _clean(hosts: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
    """Names come from a legacy host: one with white space would become two, or another line."""
    for name, address in hosts:
        if name and all(character.isalnum() or character in "-_." for character in name):
            yield name, address
