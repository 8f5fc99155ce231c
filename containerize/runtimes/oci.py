"""The embedded runtime: an OCI bundle on crun or runc without a daemon. Needs root, iproute2 and one of the two.

What is on disk is in :mod:`containerize.runtimes.pilot_storage`; configuration, environment and secrets are in
:mod:`containerize.runtimes.pilot_memory`. Both are removed with the pilot.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from containerize.runtimes.allowed_destinations import AllowedDestinations
from containerize.runtimes.bounded_command import Tail, run_bounded
from containerize.runtimes.container_cgroups import NO_LIMITS, groups_of, hierarchies, pressure_of
from containerize.runtimes.container_processes import container_processes, listeners
from containerize.runtimes.hosts_file import RESOLVER, hosts_file
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.init_program import INIT_IN_CONTAINER, NO_INIT, find_init
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.network_namespaces import PilotNetwork, dial_inside
from containerize.runtimes.oci_bundle import Bind, oci_configuration, oci_resources
from containerize.runtimes.oci_program import kill, last_error, launch, number_in, preferred_programs
from containerize.runtimes.pilot_memory import PilotMemory, dead_pilots
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.pilot_storage import PilotStorage, room
from containerize.runtimes.rootfs import OverlayMount, unmount_below, unpack_image
from containerize.runtimes.runtime import (
    NO_PRESSURE,
    ContainerPressure,
    ContainerProcess,
    ContainerSpec,
    ContainerState,
    ExecResult,
    NetworkSpec,
    RuntimeFailed,
    RuntimeUnavailable,
    StopResult,
)
from containerize.sandbox.launch import read_within
from containerize.sandbox.removal import remove_tree
from inventory.transports.transport import Duplex


@dataclass
class _Container:
    pilot: PilotId
    spec: ContainerSpec
    id: str
    program: str
    namespace: Path
    bundle: Path
    process: subprocess.Popen[bytes] | None = None
    pid: int = 0
    tail: Tail | None = None
    earlier: bytes = field(default=b"", repr=False)
    groups: dict[str, tuple[Path, int]] = field(default_factory=dict)
    pressure: ContainerPressure = NO_PRESSURE


class OciRuntime:
    """See the module."""

    name = "oci"

    def __init__(self) -> None:
        if os.geteuid() != 0:
            raise RuntimeUnavailable(
                "the embedded runtime needs root; run the same command with sudo, or start Docker or Podman"
            )
        if shutil.which("ip") is None:
            raise RuntimeUnavailable("the embedded runtime needs the command ip; install iproute2")
        self._programs = [program for program in preferred_programs() if shutil.which(program)]
        if not self._programs:
            raise RuntimeUnavailable("the embedded runtime needs crun or runc; install one of them")
        self.notes: list[str] = []
        self._containers: dict[str, _Container] = {}
        self._images: dict[tuple[str, str], Path] = {}
        self._nodes: dict[str, dict[str, int]] = {}
        self._namespaces = 0
        self._ways = AllowedDestinations()

    # What containers are made of

    def load(self, pilot: PilotId, layout: Path, image: str) -> None:
        """Unpack the layers."""
        target = PilotStorage(pilot, self.name).directory("images", str(len(self._images)))
        unpack_image(ImageLayout.open(layout), target)
        self._images[pilot.id, image] = target

    def read_image(self, pilot: PilotId, image: str, path: str) -> bytes | None:
        """See Runtime."""
        return read_within(self._image(pilot, image), path)

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime."""
        PilotMemory(
            pilot, self.name
        ).prepare()  # before anything else, so that a later run finds what is left of this one
        PilotNetwork(pilot).create(network)
        self._nodes[pilot.id] = {node.name: index for index, node in enumerate(network.nodes)}
        self._namespaces = len(network.nodes)
        return network

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """See Runtime."""
        PilotStorage(pilot, self.name).create_volume(name, uid, gid, mode)

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        """See Runtime."""
        return PilotStorage(pilot, self.name).fill_volume(name, tar, most)

    def room(self) -> int:
        """See Runtime."""
        return room()

    def _image(self, pilot: PilotId, image: str) -> Path:
        try:
            return self._images[pilot.id, image]
        except KeyError:
            raise RuntimeFailed(f"image {image} was not loaded") from None

    # Containers

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See Runtime."""
        overlay = OverlayMount(
            self._image(pilot, spec.image), PilotStorage(pilot, self.name).directory("containers", spec.name)
        )
        overlay.mount()
        memory = PilotMemory(pilot, self.name)
        container = _Container(
            pilot,
            spec,
            f"{pilot.prefix}-{spec.name}",
            self._programs[0],
            self._namespace(pilot, spec),
            memory.directory("bundles", spec.name),
        )
        for address, port in spec.destinations if spec.node else ():
            self._ways.open(container.namespace, address, port)
        init, binds = self._binds(container, memory)
        controllers = hierarchies()
        resources, lacking = oci_resources(spec, controllers)
        if lacking:
            self._note(NO_LIMITS.format(what=", ".join(lacking)))
        document = oci_configuration(
            spec,
            root=overlay.root,
            network=container.namespace,
            binds=binds,
            cgroup=f"/brownfield/{container.id}",
            init=init,
            resources=resources,
            cgroup_namespace=any(each.version == 2 for each in controllers.values()),
        )
        (container.bundle / "config.json").write_text(json.dumps(document), encoding="utf-8")
        with uninterrupted():
            self._launch_with_any(container)
            self._containers[container.id] = container
        return container.id

    def _namespace(self, pilot: PilotId, spec: ContainerSpec) -> Path:
        network = PilotNetwork(pilot)
        if spec.node:
            try:
                return network.namespace(self._nodes[pilot.id][spec.node])
            except KeyError:
                raise RuntimeFailed(f"{spec.node} is not on the pilot's network") from None
        network.create_lonely(self._namespaces)
        self._namespaces += 1
        return network.namespace(self._namespaces - 1)

    def _binds(self, container: _Container, memory: PilotMemory) -> tuple[str, tuple[Bind, ...]]:
        spec = container.spec
        files = [
            ("/etc/hosts", hosts_file(spec), 0, 0, 0o644),
            ("/etc/resolv.conf", RESOLVER, 0, 0, 0o644),
            ("/etc/hostname", f"{spec.hostname or spec.name}\n".encode(), 0, 0, 0o644),
        ]
        files += [(each.path, each.content, each.uid, each.gid, each.mode) for each in spec.memory_files]
        binds = [
            Bind(memory.put(spec.name, str(number), content, uid, gid, mode), path, path not in _WRITABLE)
            for number, (path, content, uid, gid, mode) in enumerate(files)
        ]
        binds += [
            Bind(PilotStorage(container.pilot, self.name).volume(each.name), each.path, False) for each in spec.volumes
        ]
        init = ""
        if spec.init:
            if program := find_init():
                init = INIT_IN_CONTAINER
                binds.append(Bind(program, init, True))
            else:
                self.notes.append(NO_INIT.format(name=spec.name))
        return init, tuple(binds)

    def _launch_with_any(self, container: _Container) -> None:
        """One rejects what the other runs (crun: hybrid control groups); the first that works stays."""
        refusals = []
        for program in self._programs:
            container.program = program
            try:
                self._launch(container)
            except RuntimeFailed as error:
                refusals.append(f"{program}: {error}")
                continue
            self._programs = [program, *(other for other in self._programs if other != program)]
            return
        raise RuntimeFailed(f"{container.spec.name} could not be started. {'; '.join(refusals)}")

    def _launch(self, container: _Container) -> None:
        command = self._command(container.pilot, container.program)
        container.process, container.pid, container.tail = launch(command, container.bundle, container.id)
        container.groups, container.pressure = groups_of(container.pid), NO_PRESSURE

    def _note(self, words: str) -> None:
        if words not in self.notes:
            self.notes.append(words)

    def _command(self, pilot: PilotId, program: str) -> list[str]:
        return [program, "--root", str(PilotMemory(pilot, self.name).directory("state"))]

    def _container(self, container: str) -> _Container:
        try:
            return self._containers[container]
        except KeyError:
            raise RuntimeFailed(f"there is no container {container}") from None

    def state(self, container: str) -> ContainerState:
        """See Runtime."""
        found = self._container(container)
        code = found.process.poll() if found.process else None
        if code is None:
            return ContainerState(found.process is not None, None)
        return ContainerState(False, code, last_error(found.bundle))

    def execute(
        self,
        container: str,
        arguments: Sequence[str],
        *,
        user: str = "0:0",
        stdin: bytes | BinaryIO = b"",
        timeout: float = 60.0,
    ) -> ExecResult:
        """See Runtime."""
        found = self._container(container)
        pid_file = found.bundle / "exec"
        pid_file.unlink(missing_ok=True)
        command = [*self._command(found.pilot, found.program), "exec", "--user", user, "--pid-file", str(pid_file)]
        try:
            return run_bounded([*command, found.id, *arguments], stdin, timeout)
        except subprocess.TimeoutExpired:
            if pid := number_in(pid_file):
                kill(pid)
            raise RuntimeFailed(f"{arguments[0]} did not end within {timeout:.0f} s") from None

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """See Runtime."""
        found = self._container(container)
        return container_processes(found.pid) if self.state(container).running else ()

    def pressure(self, container: str) -> ContainerPressure:
        """See Runtime."""
        found = self._container(container)
        found.pressure = found.pressure.with_(pressure_of(found.groups))
        return found.pressure

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """See Runtime."""
        found = self._container(container)
        return listeners(found.pid) if self.state(container).running else ()

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """See Runtime."""
        found = self._container(container)
        if found.tail is None:
            return b""
        if not self.state(container).running:
            found.tail.finish(2)
        return (found.earlier + found.tail.last(limit))[-limit:]

    def dial(self, container: str, port: int, *, address: str = "127.0.0.1", timeout: float = 5.0) -> Duplex:
        """See Runtime."""
        return dial_inside(self._container(container).namespace, address, port, timeout)

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """See Runtime."""
        found = self._container(container)
        if found.process is None:
            raise RuntimeFailed(f"{container} was never started")
        began = time.monotonic()
        if found.process.poll() is None:
            kill(found.pid, getattr(signal, found.spec.stop_signal, signal.SIGTERM))
        killed = False
        try:
            found.process.wait(grace)
        except subprocess.TimeoutExpired:
            killed = True
            kill(found.pid)
            found.process.wait(10)
        return StopResult(time.monotonic() - began, found.process.returncode, killed)

    def restart(self, container: str) -> None:
        """See Runtime."""
        found = self._container(container)
        if self.state(container).running:
            self.stop(container)
        found.earlier = self.logs(container)
        self._delete(found.pilot, found.id)
        with uninterrupted():
            self._launch(found)

    def remove(self, container: str) -> None:
        """See Runtime."""
        found = self._containers.pop(container, None)
        if found is None:
            return
        self._delete(found.pilot, found.id)
        if found.process is not None:
            found.process.wait(10)
        place = PilotStorage(found.pilot, self.name).path / "containers" / found.spec.name
        unmount_below(place)
        with suppress(OSError):
            remove_tree(place)  # another of this name begins with the image's files

    def _delete(self, pilot: PilotId, identity: str) -> None:
        for program in self._programs:
            subprocess.run(
                [*self._command(pilot, program), "delete", "--force", identity], capture_output=True, check=False
            )

    def remove_pilot(self, pilot: PilotId) -> None:
        """See Runtime."""
        for identity in [each.id for each in self._containers.values() if each.pilot == pilot]:
            self.remove(identity)
        memory = PilotMemory(pilot, self.name)
        if (memory.path / "state").is_dir():
            for path in sorted((memory.path / "state").iterdir()):
                self._delete(pilot, path.name)
        self._ways.close()
        PilotNetwork(pilot).remove()
        PilotStorage(pilot, self.name).remove()
        memory.remove()
        self._images = {key: path for key, path in self._images.items() if key[0] != pilot.id}

    def reap(self) -> tuple[str, ...]:
        """See Runtime."""
        dead = tuple(dead_pilots(self.name))
        for pilot in dead:
            self.remove_pilot(pilot)
        return tuple(pilot.id for pilot in dead)

    def close(self) -> None:
        """Nothing is held."""


_WRITABLE = frozenset({"/etc/hosts", "/etc/resolv.conf", "/etc/hostname"})
"""As with Docker, a service may write to these."""
