"""Building with the engine at hand, through Docker's API: Docker Engine and Podman alike."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from containerize.rebuild.baseline import ImageFile, read_export
from containerize.rebuild.context import NAME, write_tar
from containerize.runtimes.engine import EngineRuntime
from containerize.runtimes.engine_store import refusals
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.runtime import Runtime, RuntimeFailed, RuntimeUnavailable

LABEL = "brownfield.rebuild"
"""Everything that is made here carries it; the value is the process."""

_LAST_WORDS = 6


class BaseMissing(RuntimeUnavailable):
    """The engine does not have the base image; the sentence says how it gets there."""


class EngineBuilder:
    """Builds images under names of its own, which are removed at the end. ``network`` "" is the engine's own choice."""

    def __init__(self, runtime: Runtime, network: str = "") -> None:
        if not isinstance(runtime, EngineRuntime):
            raise RuntimeUnavailable(
                "to rebuild an image takes Docker or Podman; start one, or build the written Containerfile elsewhere"
            )
        self.name = runtime.name
        self._api: Any = runtime.api
        self._network = network
        self._made: list[str] = []
        self._prefix = f"localhost/brownfield-rebuild-{uuid.uuid4().hex[:8]}"

    def layers_of(self, image: str) -> tuple[str, ...]:
        """The layers of an image that the engine has, by the digests of their tars. Raises BaseMissing."""
        from docker.errors import ImageNotFound

        try:
            with refusals(f"{image} could not be looked at"):
                try:
                    return tuple(self._api.inspect_image(image)["RootFS"].get("Layers") or ())
                except ImageNotFound:
                    raise BaseMissing(
                        f"the base image {image} is not here; get it with: {self.name} pull {image}"
                    ) from None
        except RuntimeFailed as error:
            raise BaseMissing(str(error)) from None

    def build(self, folder: Path, name: str) -> str:
        """Build the Containerfile of a folder; the name under which the image is known here. Raises RuntimeFailed with
        the last words of what failed.
        """
        reference = f"{self._prefix}/{name}:build"
        self._made.append(reference)
        with tempfile.TemporaryFile() as context:
            write_tar(folder, cast(IO[bytes], context))
            context.seek(0)
            with refusals("the image was not built"):
                answers = self._api.build(
                    fileobj=context,
                    custom_context=True,
                    dockerfile=NAME,
                    tag=reference,
                    rm=True,
                    forcerm=True,
                    pull=False,
                    decode=True,
                    network_mode=self._network or None,
                    labels={LABEL: str(os.getpid())},
                )
                said: list[str] = []
                for answer in answers:
                    said += [line for line in str(answer.get("stream", "")).splitlines() if line.strip()]
                    if answer.get("error"):
                        last = " | ".join(said[-_LAST_WORDS:])
                        raise RuntimeFailed(
                            f"the image was not built: {_line(answer['error'])}; it said: {_line(last)}"
                        )
                self._api.inspect_image(reference)
        return reference

    def files(self, reference: str) -> dict[str, ImageFile]:
        """All files of an image."""
        with (
            refusals(f"the files of {reference} could not be read"),
            self._container(reference) as box,
            tempfile.TemporaryFile() as archive,
        ):
            for chunk in self._api.export(box):
                archive.write(chunk)
            archive.seek(0)
            return read_export(cast(IO[bytes], archive))

    def read(self, reference: str, path: str) -> bytes | None:
        """A file of an image; None when it has none."""
        import io
        import tarfile

        from docker.errors import NotFound

        with refusals(f"{path} of {reference} could not be read"), self._container(reference) as box:
            try:
                chunks, _ = self._api.get_archive(box, path)
            except NotFound:
                return None
            with tarfile.open(fileobj=io.BytesIO(b"".join(chunks))) as tar:
                member = tar.next()
                content = tar.extractfile(member) if member is not None and member.isreg() else None
                return content.read() if content is not None else None

    def save(self, reference: str, sink: IO[bytes]) -> None:
        """The archive of ``docker save``."""
        with refusals(f"{reference} could not be saved"):
            for chunk in self._api.get_image(reference):
                sink.write(chunk)

    def close(self) -> None:
        """Remove the images that were built; layers that others have stay."""
        for reference in reversed(self._made):
            with suppress(Exception), uninterrupted():
                self._api.remove_image(reference, force=True)
        self._made.clear()

    @contextmanager
    def _container(self, reference: str) -> Iterator[str]:
        """A container that is never started."""
        with uninterrupted():
            box = self._api.create_container(reference, command=["/-"], labels={LABEL: str(os.getpid())})["Id"]
        try:
            yield box
        finally:
            with suppress(Exception), uninterrupted():
                self._api.remove_container(box, force=True, v=True)


def _line(text: object) -> str:
    return " ".join(str(text).split())[:1500]
