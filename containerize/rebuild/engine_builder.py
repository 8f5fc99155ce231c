"""Build with the available engine through Docker's API (Docker Engine and Podman)."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, cast

from containerize.data_tables import data_table
from containerize.rebuild.baseline import ImageFile, read_export
from containerize.rebuild.build_context import NAME, write_tar
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.engine_store import refusals
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.runtime import Runtime, RuntimeFailed, RuntimeUnavailable
from containerize.tar.archive_index import first_member

LABEL = "brownfield.rebuild"
"""Containers that are made here carry it; the value is the process."""

_PREFIX = "localhost/brownfield-rebuild-"
"""Begins the names of images that are made here; the number of the process follows."""

_LAST_WORDS = 6
_STEP = re.compile(r"^ ?---> ([0-9a-f]{12,64})$", re.MULTILINE)
"""What the engine says after each step; the first one is the base."""
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class BaseMissing(RuntimeUnavailable):
    """The engine does not have the base image; the sentence says how it gets there."""


class EngineBuilder:
    """Builds images under separate names, which are removed at the end. ``network`` "" is the engine's own choice."""

    def __init__(self, runtime: Runtime, network: str = "") -> None:
        if not isinstance(runtime, EngineRuntime):
            raise RuntimeUnavailable(
                "to rebuild an image takes Docker or Podman; start one, or build the written Containerfile elsewhere"
            )
        self.name = runtime.name
        self._api: Any = runtime.api
        self._network = network
        self._made: list[str] = []
        self._prefix = f"{_PREFIX}{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._reap()

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

    def digest_of(self, image: str) -> str:
        """The digest by which a registry gave the engine this image; "" for one that came another way, which has none.
        Nothing is asked of a registry.
        """
        with refusals(f"{image} could not be looked at"):
            known = self._api.inspect_image(image).get("RepoDigests") or ()
        wanted = _repository(image.partition("@")[0])
        found = (each.partition("@") for each in known)
        digests = (digest for name, _, digest in found if _repository(name) == wanted and _DIGEST.fullmatch(digest))
        return next(digests, "")

    def build(self, folder: Path, name: str, closed: str = "") -> str:
        """Build the Containerfile of a folder; the name under which the image is known here. ``closed`` is the text of
        another one, in which programs of a host may run: it is built without a network. Raises RuntimeFailed with the
        last words of what failed.
        """
        # A name that is given again would leave the image that had it without one.
        reference = f"{self._prefix}/{name}:{len(self._made)}"
        self._made.append(reference)
        with tempfile.TemporaryFile() as context:
            write_tar(folder, cast(IO[bytes], context), closed)
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
                    network_mode="none" if closed else self._network or None,
                )
                said: list[str] = []
                steps: list[str] = []
                try:
                    for answer in answers:
                        words = str(answer.get("stream", ""))
                        said += _words(words)
                        steps += _STEP.findall(words)
                        if answer.get("error"):
                            last = "; ".join(said[-_LAST_WORDS:]) or _line(answer["error"])
                            raise RuntimeFailed(f"the engine could not build it: {last}")
                    self._api.inspect_image(reference)
                except BaseException:
                    self._forget(steps[1:])
                    raise
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
        from docker.errors import NotFound

        with refusals(f"{path} of {reference} could not be read"), self._container(reference) as box:
            try:
                chunks, _ = self._api.get_archive(box, path)
            except NotFound:
                return None
            found = first_member(chunks)
            return found[1] if found is not None and found[0].kind == "file" else None

    def save(self, reference: str, sink: IO[bytes]) -> None:
        """The archive of ``docker save``."""
        with refusals(f"{reference} could not be saved"):
            for chunk in self._api.get_image(reference):
                sink.write(chunk)

    def remove_built(self) -> None:
        """Remove the images that were built so far; layers that others have stay."""
        for reference in reversed(self._made):
            with suppress(Exception), uninterrupted():
                self._api.remove_image(reference, force=True)
        self._made.clear()

    def _forget(self, steps: Sequence[str]) -> None:
        """Remove what a build that failed had made by then. What others have a name for stays."""
        for identity in reversed(steps):
            with suppress(Exception):
                if not self._api.inspect_image(identity).get("RepoTags"):
                    self._api.remove_image(identity)

    def _reap(self) -> None:
        """Remove what a run that was killed left: images whose process is no more."""
        with refusals("the images of the engine could not be listed"):
            tags = [tag for image in self._api.images() for tag in image.get("RepoTags") or []]
        for tag in tags:
            process = tag.removeprefix(_PREFIX).partition("-")[0]
            if tag.startswith(_PREFIX) and process.isdigit() and not Path(f"/proc/{process}").exists():
                with suppress(Exception):
                    self._api.remove_image(tag, force=True)

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


def _repository(name: str) -> str:
    """A name without its tag and in full: ``debian:12`` is ``REGISTRY/library/debian`` of Docker's registry."""
    path, colon, tag = name.rpartition(":")
    if not colon or "/" in tag:
        path = name
    first, slash, _ = path.partition("/")
    if not slash:
        return f"{_usual_registry()}/library/{path}"
    return path if "." in first or ":" in first or first == "localhost" else f"{_usual_registry()}/{path}"


def _usual_registry() -> str:
    """The registry of a name without one."""
    return str(data_table("registries")["images"]["docker"])


def _words(text: str) -> list[str]:
    """The lines of what was run, without colours and what the engine itself says between them."""
    lines = [_line(_COLOURS.sub("", line)) for line in text.splitlines()]
    return [line for line in lines if line and not line.startswith(("--->", "Removed intermediate container"))]


def _line(text: object) -> str:
    """One line. Of a long one the end says more than the middle."""
    line = " ".join(str(text).split())
    return line if len(line) <= 300 else f"{line[:60]} … {line[-220:]}"
