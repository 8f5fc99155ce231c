"""Engines with Docker's API: the common part of the backends ``docker`` and ``podman``.

The engine must be on this machine: secrets are mounted from its memory, processes and sockets are read from its /proc.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from containerize.runtimes.container_cgroups import NO_LIMITS, groups_of, pressure_of
from containerize.runtimes.container_processes import container_processes, listeners
from containerize.runtimes.engine_holder import NO_NEW_PRIVILEGES, EngineHolder
from containerize.runtimes.engine_store import labels, refusals
from containerize.runtimes.exec_stream import converse
from containerize.runtimes.hosts_file import RESOLVER, hosts_file
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.network_namespaces import dial_inside
from containerize.runtimes.oci_bundle import allowed_limits
from containerize.runtimes.pilot_memory import PilotMemory, dead_pilots
from containerize.runtimes.pilot_owner import PilotId, is_dead
from containerize.runtimes.runtime import (
    NO_PRESSURE,
    OWNER_LABEL,
    PILOT_LABEL,
    ContainerPressure,
    ContainerProcess,
    ContainerSpec,
    ContainerState,
    ExecResult,
    NetworkSpec,
    RuntimeFailed,
    StopResult,
)
from inventory.transports.transport import Duplex

if TYPE_CHECKING:
    from docker import DockerClient

_KILLED = 137

_PERIOD = 100_000
"""Microseconds: the kernel's default, in which a container may use so many processors."""


class EngineRuntime(EngineHolder):
    """Containers. The network is made by each engine in its own way."""

    name = "engine"

    def __init__(self, client: DockerClient) -> None:
        super().__init__(client)
        self._pressure: dict[str, ContainerPressure] = {}

    # What differs

    def create_network(self, pilot: PilotId, network: NetworkSpec) -> NetworkSpec:
        """See Runtime."""
        raise NotImplementedError

    def _connect(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """``NetworkMode`` for a container."""
        raise NotImplementedError

    def _configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        """``NetworkingConfig`` for a container."""
        return None

    def _resolvers(self, spec: ContainerSpec, mode: str) -> list[str]:
        """``Dns`` for a container."""
        return []

    def _dropped(self, spec: ContainerSpec) -> list[str]:
        """Capabilities of the engine's default that a container does not get."""
        return []

    def _created(self, pilot: PilotId, spec: ContainerSpec, container: str) -> None:
        """Called between create and start."""

    def _remove_network(self, pilot: PilotId) -> None:
        raise NotImplementedError

    def _memory_directories(self, pilot: PilotId, spec: ContainerSpec) -> tuple[dict[str, str], list[str]]:
        """The spec's tmpfs as (path to options, binds)."""
        return {
            each.path: f"rw,mode={each.mode:o},uid={each.uid},gid={each.gid},size={each.size_bytes}"
            for each in spec.tmpfs
        }, []

    # Containers

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See Runtime."""
        with refusals(f"{spec.name} could not be started"), uninterrupted():
            identity = self._create(pilot, spec)
            self._created(pilot, spec, identity)
            self.api.start(identity)
        return identity

    def _create(self, pilot: PilotId, spec: ContainerSpec) -> str:
        from docker.types import LogConfig, Ulimit

        mode = self._connect(pilot, spec)
        shared = mode.startswith("container:")
        tmpfs, binds = self._memory_directories(pilot, spec)
        configuration = self.api.create_host_config(
            network_mode=mode,
            binds=[*binds, *self._binds(pilot, spec)],
            tmpfs=cast(Any, tmpfs),
            cap_add=list(spec.capabilities),
            cap_drop=self._dropped(spec),
            devices=[f"{device}:{device}:rw" for device in spec.devices],
            security_opt=[NO_NEW_PRIVILEGES] if spec.no_new_privileges else [],
            read_only=spec.read_only_root,
            ulimits=[Ulimit(name=name, soft=soft, hard=hard) for name, soft, hard in allowed_limits(spec.limits)],
            dns=self._resolvers(spec, mode),
            group_add=[str(group) for group in spec.groups],
            shm_size=spec.shm_bytes,
            init=spec.init,
            **self._limits(spec),
            # What a service prints must not fill the disk.
            log_config=LogConfig(type=self._log_driver, config=self._log_options),
        )
        return str(
            self.api.create_container(
                self._reference(pilot, spec.image),
                # Both are given: Podman takes an empty entrypoint for none, and uses the image's.
                entrypoint=[spec.arguments[0]],
                command=list(spec.arguments[1:]),
                name=f"{pilot.prefix}-{spec.name}",
                hostname=None if shared else spec.hostname or spec.name,
                user=spec.user,
                working_dir=spec.working_directory,
                environment=[f"{name}={value}" for name, value in spec.environment],
                labels=labels(pilot),
                stop_signal=spec.stop_signal,
                host_config=configuration,
                networking_config=cast(Any, self._configuration(pilot, spec)),
            )["Id"]
        )

    def _limits(self, spec: ContainerSpec) -> dict[str, Any]:
        """Arguments for the limits that this engine can set; a note names those that it cannot."""
        able = self._able
        found: dict[str, Any] = {}
        if spec.memory_bytes and able.get("MemoryLimit", True):
            found["mem_limit"] = spec.memory_bytes
            if able.get("SwapLimit", True):
                found["memswap_limit"] = spec.memory_bytes
        if spec.pids and able.get("PidsLimit", True):
            found["pids_limit"] = spec.pids
        if spec.cpus and able.get("CpuCfsQuota", True):
            found |= {"cpu_period": _PERIOD, "cpu_quota": round(spec.cpus * _PERIOD)}
        lacking = [
            words
            for words, wanted, name in (
                ("memory", spec.memory_bytes, "mem_limit"),
                ("processes", spec.pids, "pids_limit"),
                ("processors", spec.cpus, "cpu_quota"),
            )
            if wanted and name not in found
        ]
        if lacking and (words := NO_LIMITS.format(what=", ".join(lacking))) not in self.notes:
            self.notes.append(words)
        return found

    @cached_property
    def _able(self) -> dict[str, Any]:
        """The engine's reported abilities to set limits; older engines report none."""
        with refusals("the engine could not be asked"):
            return dict(self.api.info())

    _log_driver = "json-file"
    _log_options: dict[str, str] = {"max-size": "10m", "max-file": "2"}  # noqa: RUF012 - never changed

    def make_network(self, pilot: PilotId, name: str, subnet: str, gateway: str, options: dict[str, str]) -> None:
        """A bridge of the engine without a way out."""
        from docker.types import IPAMConfig, IPAMPool

        ipam = IPAMConfig(pool_configs=[IPAMPool(subnet=subnet, gateway=gateway)])
        with refusals(f"network {subnet} was not made"), uninterrupted():
            self.api.create_network(
                name, driver="bridge", internal=True, ipam=ipam, labels=labels(pilot), options=options
            )

    def _binds(self, pilot: PilotId, spec: ContainerSpec) -> list[str]:
        memory = PilotMemory(pilot, self.name)
        files = [("/etc/hosts", hosts_file(spec), 0, 0, 0o644, "rw"), ("/etc/resolv.conf", RESOLVER, 0, 0, 0o644, "rw")]
        files += [(each.path, each.content, each.uid, each.gid, each.mode, "ro") for each in spec.memory_files]
        binds = [
            f"{memory.put(spec.name, str(number), content, uid, gid, mode)}:{path}:{access}"
            for number, (path, content, uid, gid, mode, access) in enumerate(files)
        ]
        return binds + [self._volume_bind(pilot, each.name, each.path) for each in spec.volumes]

    def _inspect(self, container: str) -> dict[str, Any]:
        with refusals(f"{container} could not be asked"):
            return dict(self.api.inspect_container(container))

    def pid(self, container: str) -> int:
        """Its first process, as this machine numbers it; 0 when it does not run."""
        return int(self._inspect(container)["State"].get("Pid") or 0)

    def state(self, container: str) -> ContainerState:
        """See Runtime."""
        state = self._inspect(container)["State"]
        running = bool(state.get("Running"))
        self._look(container, state)
        return ContainerState(
            running, None if running else int(state.get("ExitCode") or 0), str(state.get("Error") or "")
        )

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
        feed = not isinstance(stdin, bytes) or bool(stdin)
        with refusals(f"{arguments[0]} could not be run"):
            identity = self.api.exec_create(container, list(arguments), stdin=feed, user=user)["Id"]
            stream = self.api.exec_start(identity, socket=True)
            try:
                out, err = converse(stream, stdin if feed else None, timeout)
            except TimeoutError:
                self._end_exec(identity)
                raise RuntimeFailed(f"{arguments[0]} did not end within {timeout:.0f} s") from None
            finally:
                stream.close()
            code = self._exit_code(identity)
        return ExecResult(code, out, err)

    def _exit_code(self, identity: str) -> int:
        """The engine may close the stream a moment before it notes the end."""
        for _ in range(100):
            answer = self.api.exec_inspect(identity)
            if not answer.get("Running"):
                break
            time.sleep(0.05)
        code = answer.get("ExitCode")
        return -1 if code is None else int(code)

    def _end_exec(self, identity: str) -> None:
        """The API cannot end a command; as root we can."""
        with suppress(Exception):
            os.kill(int(self.api.exec_inspect(identity)["Pid"]), signal.SIGKILL)

    def pressure(self, container: str) -> ContainerPressure:
        """See Runtime. The group of a container that has ended is gone, so it was read with its state before."""
        return self._look(container, self._inspect(container)["State"])

    def _look(self, container: str, state: dict[str, Any]) -> ContainerPressure:
        known = self._pressure.get(container, NO_PRESSURE)
        pid = int(state.get("Pid") or 0)
        if state.get("Running") and pid:
            known = known.with_(pressure_of(groups_of(pid)))
        if state.get("OOMKilled"):
            known = known.with_(ContainerPressure(oom_kills=1))
        self._pressure[container] = known
        return known

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """See Runtime."""
        pid = self.pid(container)
        return container_processes(pid) if pid else ()

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """See Runtime."""
        pid = self.pid(container)
        return listeners(pid) if pid else ()

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """See Runtime."""
        with refusals(f"the output of {container} could not be read"):
            return bytes(self.api.logs(container, tail=2000))[-limit:]

    def dial(self, container: str, port: int, *, address: str = "127.0.0.1", timeout: float = 5.0) -> Duplex:
        """See Runtime."""
        pid = self.pid(container)
        if not pid:
            raise ConnectionRefusedError(f"{container} does not run")
        return self._dial(container, pid, port, address, timeout)

    def _dial(self, container: str, pid: int, port: int, address: str, timeout: float) -> socket.socket:
        return dial_inside(Path(f"/proc/{pid}/ns/net"), address, port, timeout)

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """See Runtime."""
        began = time.monotonic()
        with refusals(f"{container} could not be stopped"):
            self.api.stop(container, timeout=max(1, round(grace)))
        seconds = time.monotonic() - began
        code = int(self._inspect(container)["State"].get("ExitCode") or 0)
        return StopResult(seconds, code, code == _KILLED and seconds >= grace - 0.5)

    def restart(self, container: str) -> None:
        """See Runtime."""
        with refusals(f"{container} could not be started again"):
            if self.state(container).running:
                self.api.stop(container, timeout=10)
            self._pressure.pop(container, None)
            self.api.start(container)

    def remove(self, container: str) -> None:
        """See Runtime."""
        from docker.errors import NotFound

        with refusals(f"{container} could not be removed"), suppress(NotFound):
            if self.api.inspect_container(container)["State"].get("Running"):
                self.api.kill(container)  # Podman would ask politely first, for ten seconds
            self.api.remove_container(container, force=True, v=True)

    def remove_pilot(self, pilot: PilotId) -> None:
        """See Runtime."""
        label = {"label": f"{PILOT_LABEL}={pilot.id}"}
        with refusals(f"what the pilot made could not be removed from {self.name}"):
            for container in self.api.containers(all=True, filters=label):
                self.remove(container["Id"])
            self._remove_network(pilot)
            for volume in self.api.volumes(filters=label).get("Volumes") or []:
                self.api.remove_volume(volume["Name"], force=True)
            self._remove_images(pilot)
        PilotMemory(pilot, self.name).remove()

    def reap(self) -> tuple[str, ...]:
        """See Runtime."""
        dead = {pilot.id: pilot for pilot in dead_pilots(self.name)}
        with refusals("what earlier pilots left could not be listed"):
            labelled = [each.get("Labels") for each in self.api.containers(all=True, filters={"label": PILOT_LABEL})]
            labelled += [
                each.get("Labels") for each in self.api.volumes(filters={"label": PILOT_LABEL}).get("Volumes") or []
            ]
            labelled += [each.get("Labels") for each in self.api.networks(filters={"label": PILOT_LABEL})]
        for found in labelled:
            if found and is_dead(found.get(OWNER_LABEL, "")):
                dead[found[PILOT_LABEL]] = PilotId(found[PILOT_LABEL], found[OWNER_LABEL])
        for pilot in dead.values():
            self.remove_pilot(pilot)
        return tuple(dead)

    def close(self) -> None:
        """See Runtime."""
        self._client.close()
