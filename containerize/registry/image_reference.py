"""Image names in a registry (https://github.com/distribution/reference)."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass

_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?")
_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_PART}(?:/{_PART})*")
_TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)

_LONGEST = 255
"""Characters of registry and repository together."""


class BadReference(ValueError):
    """A name that no image can have; ``str()`` says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """``registry`` is HOST or HOST:PORT, ``repository`` has no tag."""

    registry: str
    repository: str
    tag: str

    def __str__(self) -> str:
        return f"{self.registry}/{self.repository}:{self.tag}"

    def at(self, digest: str) -> str:
        """The same image by its digest, which names these bytes and no others."""
        return f"{self.registry}/{self.repository}@{digest}"

    @property
    def host(self) -> str:
        """The name or address of the registry, without its port."""
        if self.registry.startswith("["):
            return self.registry[1:].partition("]")[0]
        return self.registry.partition(":")[0]

    @property
    def is_loopback(self) -> bool:
        """Whether the registry is on this machine, so that plain HTTP shows nothing to anybody."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost" or self.host.endswith(".localhost")


def parse_reference(text: str, image: str) -> Reference:
    """``REGISTRY[/REPOSITORY[:TAG]]``; what is missing comes from ``image`` (``localhost/brownfield/web01/x:lift``).

    A registry has to be named: that images of servers go to a public registry because a word was missing is not wanted.
    Raises BadReference.
    """
    known, _, known_tag = image.rpartition(":")
    registry, slash, rest = text.partition("/")
    if not (registry == "localhost" or "." in registry or ":" in registry):
        raise BadReference(
            f"{text!r} names no registry; write REGISTRY/REPOSITORY[:TAG], such as registry.example/{text}"
        )
    if "@" in text:
        raise BadReference("a digest cannot be chosen: it follows from the image; write REGISTRY/REPOSITORY[:TAG]")
    repository, colon, tag = rest.partition(":")
    if not slash:
        repository = known.removeprefix("localhost/")
    if not colon:
        tag = known_tag
    if not _REGISTRY.fullmatch(registry):
        raise BadReference(f"{registry!r} is not a registry name; write HOST or HOST:PORT")
    if not _REPOSITORY.fullmatch(repository) or len(registry) + len(repository) >= _LONGEST:
        raise BadReference(
            f"{repository!r} is not a repository name; use lower-case letters, digits and single separators (. _ -)"
            " between slashes"
        )
    if not _TAG.fullmatch(tag):
        raise BadReference(f"{tag!r} is not a tag; use up to 128 letters, digits, dots, dashes and underscores")
    return Reference(registry, repository, tag)
