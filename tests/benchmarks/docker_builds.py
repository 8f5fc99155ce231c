"""What the builds of this run left with the Docker daemon, and of runs that were killed; removed, and nothing else is.

Images carry a label with the number of the process, put before all else, so that those of a build that broke off carry
it too. BuildKit keeps a cache of its own, in which the copied folder is known by its name and the context by nothing:
of contexts those are removed that came while a build ran. (Of a run that was killed with SIGKILL the contexts stay,
since nothing tells whose they are.)
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import docker
from docker.errors import APIError, DockerException

_LABEL = "assess-bench"
_COPY = re.compile(r"\bCOPY assess-bench-(\d+) ")
_CONTEXT = "local source for "
_SHOWN_WITHIN, _RELEASED_WITHIN = 2.0, 5.0
"""Seconds in which BuildKit shows what a build had that was broken off, and in which it lets go of it."""


class DockerBuilds:
    """The builds of this process."""

    name = f"{_LABEL}-{os.getpid()}"
    """Of the folder that is copied."""

    dockerfile = f"FROM scratch\nLABEL {_LABEL}={os.getpid()}\nCOPY {name} /\n"

    def __init__(self) -> None:
        self._contexts: set[str] = set()
        self._api: Any = None  # the stubs of the SDK's low-level part are partly untyped
        with suppress(DockerException):
            self._api = docker.from_env().api

    @property
    def possible(self) -> bool:
        """Whether a daemon answers."""
        return self._api is not None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While a build runs: what BuildKit takes of a context is ours."""
        before = self._cache()
        try:
            yield
        except BaseException:
            time.sleep(_SHOWN_WITHIN)
            raise
        finally:
            new = self._cache().items() - before.items()
            self._contexts |= {identity for identity, description in new if description.startswith(_CONTEXT)}

    def remove(self) -> None:
        """Remove what is ours or of a run that is gone."""
        if not self.possible:
            return
        for image in self._api.images(all=True, filters={"label": _LABEL}):
            if _is_ours(image["Labels"][_LABEL]):
                with suppress(APIError):  # it went with one that was made of it
                    self._api.remove_image(image["Id"], force=True)
        deadline = time.monotonic() + _RELEASED_WITHIN
        while ours := [each for each, description in self._cache().items() if self._made(each, description)]:
            for identity in ours:
                self._api.prune_builds(filters={"id": identity}, all=True)
            if time.monotonic() > deadline:
                break
            time.sleep(0.2)

    def _made(self, identity: str, description: str) -> bool:
        copied = _COPY.search(description)
        return identity in self._contexts or (copied is not None and _is_ours(copied[1]))

    def _cache(self) -> dict[str, str]:
        """Descriptions of what BuildKit keeps, by id."""
        return {each["ID"]: each["Description"] for each in self._api.df()["BuildCache"] or ()}


def _is_ours(pid: str) -> bool:
    return pid == str(os.getpid()) or not (pid.isdigit() and Path("/proc", pid).exists())
