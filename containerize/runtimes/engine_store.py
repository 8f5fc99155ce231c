"""Images and volumes of an engine with Docker's API."""

from __future__ import annotations

import os
import tarfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import OWNER_LABEL, PILOT_LABEL, RuntimeFailed
from containerize.sandbox.launch import SandboxLimits, limits_at
from containerize.sandbox.strict_tar import StrictTar, check_layers
from containerize.tar.archive_index import first_member

if TYPE_CHECKING:
    from docker import DockerClient

_HOLD = "/hold"
"""Where a volume is mounted in the container, never started, through which it is filled."""

_LOAD_SECONDS = 10.0
"""How long an engine may go on with an image whose loading was interrupted."""


class EngineStore:
    """Images, volumes and labels of an engine."""

    reads_zstd = True

    def __init__(self, client: DockerClient) -> None:
        self._client = client
        # The stubs of the SDK's low-level part are partly untyped.
        self.api: Any = client.api
        self.notes: list[str] = []
        self._loading: set[str] = set()

    def load(self, pilot: PilotId, layout: Path, image: str) -> None:
        """See Runtime. The name is the pilot's own, so that no other image is replaced or removed."""
        opened, reference = ImageLayout.open(layout), self._reference(pilot, image)
        present = self._present(opened)
        check_layers(opened, present, SandboxLimits(self.room()))
        self._loading.add(reference)
        try:
            self._send(opened, reference, present)
        except RuntimeFailed:
            if not present:
                raise
            # A layer that was there has gone meanwhile, or the engine counts otherwise.
            self._send(opened, reference, 0)
        self._loading.discard(reference)

    def _present(self, layout: ImageLayout) -> int:
        """The number of layers from the bottom that the engine already has."""
        return 0

    def _send(self, layout: ImageLayout, reference: str, present: int) -> None:
        form = layout.archive if self.reads_zstd else layout.plain_archive
        with refusals(f"the image of {layout.path} was not loaded"):
            for line in self.api.load_image(cast(Any, form(reference, present=present)), quiet=True):
                if isinstance(line, dict) and line.get("error"):
                    raise RuntimeFailed(f"the image of {layout.path} was not loaded: {line['error']}")
            self.api.inspect_image(reference)

    def _remove_images(self, pilot: PilotId) -> None:
        """All images under the pilot's names. An engine continues loading when we were interrupted, so that is waited
        for.
        """
        prefix = f"localhost/{pilot.prefix}/"
        deadline = time.monotonic() + (_LOAD_SECONDS if any(each.startswith(prefix) for each in self._loading) else 0)
        while True:
            tags = [tag for image in self.api.images() for tag in image.get("RepoTags") or []]
            for tag in tags:
                if tag.startswith(prefix):
                    self.api.remove_image(tag, force=True)
                    self._loading.discard(tag)
            if time.monotonic() >= deadline or not any(each.startswith(prefix) for each in self._loading):
                return
            time.sleep(0.2)

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
                found = first_member(self.api.get_archive(box, path)[0])
                if found is not None and found[0].kind == "symlink":
                    target = os.fsdecode(found[0].link)
                    target = target if target.startswith("/") else f"{path}/../{target}"
                    found = first_member(self.api.get_archive(box, target)[0])
            except NotFound:
                return None
            return found[1] if found is not None and found[0].kind == "file" else None

    def create_volume(self, pilot: PilotId, name: str, uid: int, gid: int, mode: int) -> None:
        """See Runtime."""
        with refusals(f"volume {name} was not made"), uninterrupted():
            self.api.create_volume(self._volume(pilot, name), labels=labels(pilot))
            place = Path(str(self.api.inspect_volume(self._volume(pilot, name)).get("Mountpoint") or ""))
        with suppress(PermissionError):
            if os.geteuid() == 0 and place.is_dir():
                os.chown(place, uid, gid)
                place.chmod(mode)
                return
        # Only root reaches into the volume; everyone else sends its root directory as a tar.
        root = tarfile.TarInfo(name="volume")
        root.type, root.mode, root.uid, root.gid, root.mtime = tarfile.DIRTYPE, mode, uid, gid, int(time.time())
        self._put(pilot, name, iter([root.tobuf(tarfile.PAX_FORMAT), b"\0" * 1024]), _HOLD)

    def fill_volume(self, pilot: PilotId, name: str, tar: BinaryIO, *, most: int | None = None) -> Mapping[str, int]:
        """See Runtime. The engine gets an archive that was written here: its reader is as good as its last mistake."""
        free = self.room()
        strict = StrictTar(tar, SandboxLimits(free if most is None else min(free, most)))
        self._put(pilot, name, iter(strict), f"{_HOLD}/volume")
        return strict.left_out

    def room(self) -> int:
        """See Runtime."""
        with refusals("the engine could not be asked where it stores volumes"):
            place = Path(str(self.api.info().get("DockerRootDir") or "/var/lib"))
        return limits_at(next(path for path in (place, *place.parents) if path.is_dir())).size

    def _put(self, pilot: PilotId, name: str, tar: Iterator[bytes], path: str) -> None:
        binds = [f"{self._volume(pilot, name)}:{_HOLD}/volume:nocopy"]
        with refusals(f"volume {name} was not filled"), self._holder(pilot, self.empty_image(pilot), binds) as box:
            self.api.put_archive(box, path, cast(Any, tar))

    @contextmanager
    def _holder(self, pilot: PilotId, image: str, binds: list[str] | None = None) -> Iterator[str]:
        """A container that is never started: files go in and out of its image and volumes."""
        configuration = self.api.create_host_config(binds=binds or [], network_mode="none")
        with uninterrupted():
            box = self.api.create_container(image, command=["/-"], host_config=configuration, labels=labels(pilot))[
                "Id"
            ]
        try:
            yield box
        finally:
            with suppress(Exception), uninterrupted():
                self.api.remove_container(box, force=True, v=True)

    def empty_image(self, pilot: PilotId) -> str:
        """An image without files. No registry is needed for that."""
        reference = self._reference(pilot, "empty")
        if not self.api.images(reference, quiet=True):
            root = tarfile.TarInfo("hold")
            root.type, root.mode = tarfile.DIRTYPE, 0o755
            volume = tarfile.TarInfo("hold/volume")
            volume.type, volume.mode = tarfile.DIRTYPE, 0o755
            name, _, tag = reference.rpartition(":")
            empty = root.tobuf() + volume.tobuf() + b"\0" * 1024
            with uninterrupted():
                self.api.import_image_from_data(empty, repository=name, tag=tag)
        return reference

    def _volume_bind(self, pilot: PilotId, name: str, path: str) -> str:
        """Without a copy of what the image has there: the volume holds what it was seeded with and nothing else."""
        return f"{self._volume(pilot, name)}:{path}:nocopy"

    @staticmethod
    def _volume(pilot: PilotId, name: str) -> str:
        return f"{pilot.prefix}-{name}"


def labels(pilot: PilotId) -> dict[str, str]:
    """The labels of everything that a pilot creates."""
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
