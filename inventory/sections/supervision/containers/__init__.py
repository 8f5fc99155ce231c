"""Containers and virtual machines that run already, from the files of their engines: no daemon is ever asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from inventory.formats.grep_lines import file_lines
from inventory.formats.procfs.process_files import whole_lines
from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.containers import Container, Containers, Engine
from inventory.observation import Absent, Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant
from inventory.sections.supervision.containers.engine_files import described, named
from inventory.sections.supervision.containers.retained_fields import keep

NAME = "containers"

# A host without containers costs no process: the shell itself checks the places. Everything below is closed to ordinary
# users on most systems. LXD and Incus use a database; only the names of theirs can be read.
FRAGMENT = r"""
bf_engines() {
  for bf_place in /run/docker.sock /var/run/docker.sock /var/lib/docker/containers /run/podman/podman.sock \
    /var/lib/containers/storage/overlay-containers /run/containerd/containerd.sock \
    /run/containerd/io.containerd.runtime.v2.task /run/crio/crio.sock /var/run/crio/crio.sock \
    /var/lib/kubelet /var/lib/lxc /var/lib/lxd/unix.socket /var/lib/lxd/containers \
    /var/snap/lxd/common/lxd/unix.socket /var/snap/lxd/common/lxd/containers /var/lib/incus/unix.socket \
    /var/lib/incus/containers /run/libvirt/libvirt-sock /var/run/libvirt/libvirt-sock /etc/libvirt/qemu \
    /etc/libvirt/lxc /etc/systemd/nspawn /var/lib/machines /etc/pve/local /etc/vz/conf /proc/vz/veinfo /dev/kvm; do
    [ -e "$bf_place" ] && echo "$bf_place"
  done
}
part engines bf_engines
if [ -d /var/lib/docker ] || [ -d /var/lib/containers/storage ] || [ -d /run/containerd ]; then
  root files /usr/bin/find /var/lib/docker/containers /var/lib/containers/storage/overlay-containers \
    /run/containers/storage/overlay-containers /run/containerd/io.containerd.runtime.v2.task -xdev -maxdepth 3 -type f \
    '(' -name config.v2.json -o -name hostconfig.json -o -name containers.json -o -name config.json -o -name pidfile \
    ')' -exec /bin/grep -aH ^ '{}' + 2>/dev/null
fi
if [ -d /etc/libvirt/qemu ] || [ -d /etc/libvirt/lxc ] || [ -d /var/lib/lxc ] || [ -d /etc/systemd/nspawn ]; then
  root machines /usr/bin/find /etc/libvirt/qemu /etc/libvirt/lxc /var/lib/lxc /etc/systemd/nspawn -xdev -maxdepth 2 \
    -type f -size -128 -exec /bin/grep -aH ^ '{}' + 2>/dev/null
fi
if [ -d /var/lib/lxd ] || [ -d /var/snap/lxd ] || [ -d /var/lib/incus ] || [ -d /var/lib/machines ]; then
  root names /usr/bin/find /var/lib/lxd/containers /var/lib/lxd/virtual-machines \
    /var/snap/lxd/common/lxd/containers /var/snap/lxd/common/lxd/virtual-machines /var/lib/incus/containers \
    /var/lib/incus/virtual-machines /var/lib/machines -mindepth 1 -maxdepth 1 -print 2>/dev/null
fi
"""

_ENGINES = (
    ("docker", "docker"), ("podman", "podman"), ("/lib/containers", "podman"), ("containerd", "containerd"),
    ("crio", "cri-o"), ("kubelet", "kubernetes"), ("lxd", "lxd"), ("incus", "incus"), ("/lxc", "lxc"),
    ("libvirt", "libvirt"), ("nspawn", "nspawn"), ("machines", "nspawn"), ("/pve", "proxmox"), ("/vz", "openvz"),
    ("/kvm", "kvm"),
)  # fmt: skip
"""Words in the places and the engines they belong to; the first that fits."""
_HIDDEN = (
    ("files", "containers"),
    ("machines", "virtual machines and LXC containers"),
    ("names", "names of containers"),
)


def parse(recording: SectionRecording) -> Observation[Containers]:
    """Engines by the places that exist, containers by the files in them."""
    places = recording.part("engines")
    if places is None:
        return Unknown("the host's answer ended before this section")
    engines = _engines(places)
    containers = (*described(_files(recording, "files")), *named(recording, _files(recording, "machines")))
    gaps: list[Gap] = []
    for name, what in _HIDDEN:
        part = recording.part(name)
        if part is not None and part.status == 126 and not part.content:
            gaps.append(Gap(what, "only root may read the files of the engine; scan with become"))
    if not engines and not containers:
        return Absent("there is no container engine and no hypervisor")
    return Found(Containers(engines, containers), tuple(gaps))


def _engines(part: Part) -> tuple[Engine, ...]:
    found: dict[str, Engine] = {}
    for number, line in enumerate(whole_lines(part), 1):
        path = line.decode("utf-8", "surrogateescape")
        name = next((name for word, name in _ENGINES if word in path), None)
        if name is None or not path.startswith("/"):
            unreadable_row(f"engines:{number} is not a place of an engine")
            continue
        running = path.endswith(("sock", "socket", "veinfo"))
        before = found.get(name)
        if before is None or (running and not before.running):
            found[name] = Engine(name, running, Origin(NAME, "engines", number))
    return tuple(found.values())


def _files(recording: SectionRecording, name: str) -> dict[str, tuple[str, Origin]]:
    """Content of each file that was sent, and where it begins."""
    files: dict[str, tuple[str, Origin]] = {}
    for line in file_lines(recording.part(name)):
        before = files.get(line.path)
        text = line.text if before is None else f"{before[0]}\n{line.text}"
        files[line.path] = (text, before[1] if before else Origin(NAME, name, line.number))
    return files


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Keep only the harmless fields of each file."""
    parts: list[Part] = []
    for part in recording.parts:
        if part.name in ("files", "machines"):
            lines: list[str] = []
            for path, (content, _) in _files(recording, part.name).items():
                kept = keep(path, content, _hidden(path, redact))
                lines += [f"{path}:{line}\n" for line in kept.split("\n")] if kept else []
            part = replace(part, content="".join(lines).encode("utf-8", "surrogateescape"))
        parts.append(part)
    return replace(recording, parts=tuple(parts), errors=redact.lines(recording.errors))


def _hidden(path: str, redact: Redact) -> Callable[[str], str]:
    """Hides the secrets of a text of the file ``path``."""
    own = redact.within(path.encode("utf-8", "surrogateescape"))
    return lambda text: own.text(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


SECTION: Section[Containers] = Section(
    NAME,
    "Containers and virtual machines that run already, with image, ports and mounts, from the files of their engines.",
    (
        Variant(
            Platform.POSIX,
            FRAGMENT,
            parse,
            seconds=10,
            cap=8 * 1024 * 1024,
            documents=frozenset({"files", "machines"}),
        ),
    ),
    redact,
)


def containers_by_id(containers: Containers) -> dict[str, Container]:
    """Containers by id and by name, to look one up that :func:`inventory.links.containment.container_of` named."""
    by_name = {container.name: container for container in containers.containers if container.name}
    return by_name | {container.id: container for container in containers.containers if container.id}
