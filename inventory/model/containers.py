"""Containers and virtual machines that a host runs already."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Engine:
    """A container engine or hypervisor, by a file that shows it: its socket, its directory of state or its device.

    ``name`` is docker, podman, containerd, cri-o, lxc, lxd, incus, libvirt, nspawn, openvz, proxmox, kubernetes or kvm.
    ``running`` is whether it has a socket, which a daemon that ended badly may leave behind.
    """

    name: str
    running: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A port of the host that leads into a container. ``address`` is "" for all addresses."""

    protocol: str
    address: str
    port: int
    container_port: int


@dataclass(frozen=True, slots=True)
class ContainerMount:
    """A file or directory of the host, or a volume, inside of a container. ``source`` is a path or a volume's name."""

    source: str
    target: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Container:
    """A container or virtual machine as the files of its engine describe it; its environment is never read.

    ``id`` is the engine's (64 hexadecimal digits of docker and podman), "" where names are all there is. ``image`` is
    as the engine recorded it, "" when it has none. ``state`` is running, paused, exited, or "" when no file shows it;
    then the processes show it (:func:`inventory.links.containment.container_of`). ``pid`` is its first process as seen
    from the host, 0 when unknown. ``network`` is the engine's network or mode (``bridge``, ``host``). ``memory_bytes``
    is the limit, 0 for none. ``labels`` are those of Compose, Kubernetes and systemd that name its owner.
    """

    engine: str
    id: str
    name: str
    image: str
    state: str
    pid: int
    network: str
    privileged: bool
    memory_bytes: int
    ports: tuple[PublishedPort, ...]
    mounts: tuple[ContainerMount, ...]
    labels: tuple[tuple[str, str], ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Containers:
    """``engines`` that are installed or run, and the ``containers`` that their files name."""

    engines: tuple[Engine, ...]
    containers: tuple[Container, ...]
