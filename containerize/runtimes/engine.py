"""Docker Engine and what speaks its API: the common part of the backends ``docker`` and ``podman``.

The engine must be on this machine: secrets are mounted from its memory, processes and sockets are read from its /proc.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from containerize.runtimes.bundle import allowed_limits
from containerize.runtimes.exec_stream import converse
from containerize.runtimes.hosts_file import RESOLVER, hosts_file
from containerize.runtimes.layout import ImageLayout
from containerize.runtimes.memory import PilotMemory, dead_pilots
from containerize.runtimes.netns import dial_inside
from containerize.runtimes.ownership import PilotId, is_dead
from containerize.runtimes.procfs import container_processes, listeners
from containerize.runtimes.runtime import (
    OWNER_LABEL,
    PILOT_LABEL,
    ContainerProcess,
    ContainerSpec,
    ContainerState,
    ExecResult,
    Network,
    RuntimeFailed,
    StopResult,
)
from inventory.transports.transport import Duplex

if TYPE_CHECKING:
    from docker import DockerClient

_HOLD = "/hold"
"""Where a volume is mounted in the container, never started, through which it is filled."""

_KILLED = 137


class EngineRuntime:
    """Everything but the network, which each engine makes in its own way."""

    name = "engine"

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        # The stubs of the SDK's low-level part are partly untyped.
        self._api: Any = client.api
        self.notes: list[str] = []
        self.reads_zstd = True
        self._specs: dict[str, ContainerSpec] = {}

    # What differs

    def create_network(self, pilot: PilotId, network: Network) -> Network:
        """See Runtime."""
        raise NotImplementedError

    def _connect(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """``NetworkMode`` for a container."""
        raise NotImplementedError

    def _configuration(self, pilot: PilotId, spec: ContainerSpec) -> dict[str, object] | None:
        """``NetworkingConfig`` for a container."""
        return None

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

    # What containers are made of

    def load(self, pilot: PilotId, layout: Path, image: str) -> None:
        """See Runtime. The name is the pilot's own, so that nobody else's image is replaced or removed."""
        opened, reference = ImageLayout.open(layout), self._reference(pilot, image)
        archive = opened.archive(reference) if self.reads_zstd else opened.plain_archive(reference)
        with refusals(f"the image of {layout} was not loaded"):
            for line in self._api.load_image(cast(Any, archive), quiet=True):
                if isinstance(line, dict) and line.get("error"):
                    raise RuntimeFailed(f"the image of {layout} was not loaded: {line['error']}")
            self._api.inspect_image(self._reference(pilot, image))

    @staticmethod
    def _reference(pilot: PilotId, image: str) -> str:
        name = "".join(each if each.isalnum() or each in "._-/" else "-" for each in image.lower()).strip("-._/")
        return f"localhost/{pilot.prefix}/{name}:pilot"

    def read_image(self, pilot: PilotId, image: str, path: str) -> bytes | None:
        """See Runtime."""
        from docker.errors import NotFound

        with (
            refusals(f"{path} of {image} could not be read"),
            self._holder(pilot, self._reference(pilot, image)) as box,
        ):
            try:
                chunks, _ = self._api.get_archive(box, path)
            except NotFound:
                return None
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
                member = tar.next()
                if member is not None and member.issym():
                    target = member.linkname if member.linkname.startswith("/") else f"{path}/../{member.linkname}"
                    chunks, _ = self._api.get_archive(box, target)
                    return _only_file(b"".join(chunks))
                content = tar.extractfile(member) if member is not None and member.isreg() else None
                return content.read() if content is not None else None

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """See Runtime."""
        with refusals(f"volume {name} was not made"):
            self._api.create_volume(self._volume(pilot, name), labels=labels(pilot))
            place = Path(str(self._api.inspect_volume(self._volume(pilot, name)).get("Mountpoint") or ""))
        with suppress(PermissionError):
            if os.geteuid() == 0 and place.is_dir():
                os.chown(place, uid, gid)
                place.chmod(mode)
                return
        # Only root reaches into the volume; everyone else sends its root directory as a tar.
        root = tarfile.TarInfo(name="volume")
        root.type, root.mode, root.uid, root.gid, root.mtime = tarfile.DIRTYPE, mode, uid, gid, int(time.time())
        self._put(pilot, name, iter([root.tobuf(tarfile.PAX_FORMAT), b"\0" * 1024]), _HOLD)

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO) -> None:
        """See Runtime."""
        self._put(pilot, name, iter(lambda: tar.read(1 << 16), b""), f"{_HOLD}/volume")

    def _put(self, pilot: PilotId, name: str, tar: Iterator[bytes], path: str) -> None:
        binds = [f"{self._volume(pilot, name)}:{_HOLD}/volume:nocopy"]
        with refusals(f"volume {name} was not filled"), self._holder(pilot, self._empty_image(pilot), binds) as box:
            self._api.put_archive(box, path, cast(Any, tar))

    @contextmanager
    def _holder(self, pilot: PilotId, image: str, binds: list[str] | None = None) -> Iterator[str]:
        """A container that is never started: files go in and out of its image and volumes."""
        configuration = self._api.create_host_config(binds=binds or [], network_mode="none")
        box = self._api.create_container(image, command=["/-"], host_config=configuration, labels=labels(pilot))["Id"]
        try:
            yield box
        finally:
            with suppress(Exception):
                self._api.remove_container(box, force=True, v=True)

    def _empty_image(self, pilot: PilotId) -> str:
        """An image without files. No registry is needed for that."""
        reference = self._reference(pilot, "empty")
        if not self._api.images(reference, quiet=True):
            root = tarfile.TarInfo("hold")
            root.type, root.mode = tarfile.DIRTYPE, 0o755
            volume = tarfile.TarInfo("hold/volume")
            volume.type, volume.mode = tarfile.DIRTYPE, 0o755
            name, _, tag = reference.rpartition(":")
            self._api.import_image_from_data(root.tobuf() + volume.tobuf() + b"\0" * 1024, repository=name, tag=tag)
        return reference

    def _volume_bind(self, pilot: PilotId, name: str, path: str) -> str:
        """Without a copy of what the image has there: the volume holds what it was seeded with and nothing else."""
        return f"{self._volume(pilot, name)}:{path}:nocopy"

    @staticmethod
    def _volume(pilot: PilotId, name: str) -> str:
        return f"{pilot.prefix}-{name}"

    # Containers

    def start(self, pilot: PilotId, spec: ContainerSpec) -> str:
        """See Runtime."""
        with refusals(f"{spec.name} could not be started"):
            identity = self._create(pilot, spec)
            self._specs[identity] = spec
            self._created(pilot, spec, identity)
            self._api.start(identity)
        return identity

    def _create(self, pilot: PilotId, spec: ContainerSpec) -> str:
        from docker.types import LogConfig, Ulimit

        mode = self._connect(pilot, spec)
        shared = mode.startswith("container:")
        tmpfs, binds = self._memory_directories(pilot, spec)
        configuration = self._api.create_host_config(
            network_mode=mode,
            binds=[*binds, *self._binds(pilot, spec)],
            tmpfs=cast(Any, tmpfs),
            cap_add=list(spec.capabilities),
            devices=[f"{device}:{device}:rwm" for device in spec.devices],
            ulimits=[Ulimit(name=name, soft=soft, hard=hard) for name, soft, hard in allowed_limits(spec.limits)],
            group_add=[str(group) for group in spec.groups],
            shm_size=spec.shm_bytes,
            init=spec.init,
            # What a service prints must not fill the disk.
            log_config=LogConfig(type=self._log_driver, config=self._log_options),
        )
        return str(
            self._api.create_container(
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

    _log_driver = "json-file"
    _log_options: dict[str, str] = {"max-size": "10m", "max-file": "2"}  # noqa: RUF012 - never changed

    def _binds(self, pilot: PilotId, spec: ContainerSpec) -> list[str]:
        memory = PilotMemory(pilot)
        files = [("/etc/hosts", hosts_file(spec), 0, 0, 0o644, "rw"), ("/etc/resolv.conf", RESOLVER, 0, 0, 0o644, "rw")]
        files += [(each.path, each.content, each.uid, each.gid, each.mode, "ro") for each in spec.memory_files]
        binds = [
            f"{memory.put(spec.name, str(number), content, uid, gid, mode)}:{path}:{access}"
            for number, (path, content, uid, gid, mode, access) in enumerate(files)
        ]
        return binds + [self._volume_bind(pilot, each.name, each.path) for each in spec.volumes]

    def _inspect(self, container: str) -> dict[str, Any]:
        with refusals(f"{container} could not be asked"):
            return dict(self._api.inspect_container(container))

    def _pid(self, container: str) -> int:
        return int(self._inspect(container)["State"].get("Pid") or 0)

    def state(self, container: str) -> ContainerState:
        """See Runtime."""
        state = self._inspect(container)["State"]
        running = bool(state.get("Running"))
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
            identity = self._api.exec_create(container, list(arguments), stdin=feed, user=user)["Id"]
            stream = self._api.exec_start(identity, socket=True)
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
            answer = self._api.exec_inspect(identity)
            if not answer.get("Running"):
                break
            time.sleep(0.05)
        code = answer.get("ExitCode")
        return -1 if code is None else int(code)

    def _end_exec(self, identity: str) -> None:
        """The API cannot end a command; as root we can."""
        with suppress(Exception):
            os.kill(int(self._api.exec_inspect(identity)["Pid"]), signal.SIGKILL)

    def processes(self, container: str) -> tuple[ContainerProcess, ...]:
        """See Runtime. Without root the engine's own list is used, which knows no executables."""
        pid = self._pid(container)
        if not pid:
            return ()
        if found := container_processes(pid):
            return found
        with refusals(f"the processes of {container} could not be listed"):
            table = self._api.top(container, ps_args="-eo pid,uid,args")
        rows = [row for row in table.get("Processes") or [] if len(row) >= 3]
        return tuple(
            ContainerProcess(int(row[0]), "", tuple(row[2].split()), int(row[1]) if row[1].isdigit() else -1)
            for row in rows
        )

    def listeners(self, container: str) -> tuple[tuple[str, str, int], ...]:
        """See Runtime."""
        pid = self._pid(container)
        return listeners(pid) if pid else ()

    def logs(self, container: str, *, limit: int = 65536) -> bytes:
        """See Runtime."""
        with refusals(f"the output of {container} could not be read"):
            return bytes(self._api.logs(container, tail=2000))[-limit:]

    def dial(self, container: str, port: int, *, address: str = "127.0.0.1", timeout: float = 5.0) -> Duplex:
        """See Runtime."""
        pid = self._pid(container)
        if not pid:
            raise ConnectionRefusedError(f"{container} does not run")
        return self._dial(container, pid, port, address, timeout)

    def _dial(self, container: str, pid: int, port: int, address: str, timeout: float) -> socket.socket:
        return dial_inside(Path(f"/proc/{pid}/ns/net"), address, port, timeout)

    def stop(self, container: str, *, grace: float = 10.0) -> StopResult:
        """See Runtime."""
        began = time.monotonic()
        with refusals(f"{container} could not be stopped"):
            self._api.stop(container, timeout=max(1, round(grace)))
        seconds = time.monotonic() - began
        code = int(self._inspect(container)["State"].get("ExitCode") or 0)
        return StopResult(seconds, code, code == _KILLED and seconds >= grace - 0.5)

    def restart(self, container: str) -> None:
        """See Runtime."""
        with refusals(f"{container} could not be started again"):
            if self.state(container).running:
                self._api.stop(container, timeout=10)
            self._api.start(container)

    def remove(self, container: str) -> None:
        """See Runtime."""
        from docker.errors import NotFound

        with refusals(f"{container} could not be removed"), suppress(NotFound):
            if self.state(container).running:
                self._api.kill(container)  # Podman would ask politely first, for ten seconds
            self._api.remove_container(container, force=True, v=True)

    def remove_pilot(self, pilot: PilotId) -> None:
        """See Runtime."""
        label = {"label": f"{PILOT_LABEL}={pilot.id}"}
        with refusals(f"what the pilot made could not be removed from {self.name}"):
            for container in self._api.containers(all=True, filters=label):
                self.remove(container["Id"])
            self._remove_network(pilot)
            for volume in self._api.volumes(filters=label).get("Volumes") or []:
                self._api.remove_volume(volume["Name"], force=True)
            for image in self._api.images():
                for tag in image.get("RepoTags") or []:
                    if tag.startswith(f"localhost/{pilot.prefix}/"):
                        self._api.remove_image(tag, force=True)
        PilotMemory(pilot).remove()

    def reap(self) -> tuple[str, ...]:
        """See Runtime."""
        dead = {pilot.id: pilot for pilot in dead_pilots()}
        with refusals("what earlier pilots left could not be listed"):
            labelled = [each.get("Labels") for each in self._api.containers(all=True, filters={"label": PILOT_LABEL})]
            labelled += [
                each.get("Labels") for each in self._api.volumes(filters={"label": PILOT_LABEL}).get("Volumes") or []
            ]
            labelled += [each.get("Labels") for each in self._api.networks(filters={"label": PILOT_LABEL})]
        for labels in labelled:
            if labels and is_dead(labels.get(OWNER_LABEL, "")):
                dead[labels[PILOT_LABEL]] = PilotId(labels[PILOT_LABEL], labels[OWNER_LABEL])
        for pilot in dead.values():
            self.remove_pilot(pilot)
        return tuple(dead)

    def close(self) -> None:
        """See Runtime."""
        self._client.close()


def labels(pilot: PilotId) -> dict[str, str]:
    """What everything of a pilot is labelled with."""
    return {PILOT_LABEL: pilot.id, OWNER_LABEL: pilot.owner}


@contextmanager
def refusals(what: str) -> Iterator[None]:
    """The engine's words as one sentence."""
    from docker.errors import DockerException
    from requests.exceptions import RequestException

    try:
        yield
    except DockerException as error:
        words = getattr(error, "explanation", None) or str(error)
        if isinstance(words, bytes):
            words = words.decode("utf-8", "replace")
        raise RuntimeFailed(f"{what}: {' '.join(str(words).split())}") from None
    except RequestException as error:
        raise RuntimeFailed(f"{what}: the engine does not answer any more ({type(error).__name__})") from None


def _only_file(data: bytes) -> bytes | None:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        member = tar.next()
        content = tar.extractfile(member) if member is not None and member.isreg() else None
        return content.read() if content is not None else None
