"""Input and output of an emitter, and the quoting that all emitters share.

Everything in a plan came from a host. A template writes a value only through a filter that quotes it for the language
of the file; ``{{ name }}`` alone is never enough, and Jinja's own escaping is for HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, NamedTuple

import msgspec

from containerize.grants.model import NOTHING_ALLOWED, Allowed, Grant
from containerize.grants.needs import ContainerNeed, needs_of
from containerize.image.package_lists import ImagePackage
from containerize.plan.model import BuiltImage, ImagePlan, LayerName
from containerize.profile.workload_profile import NOTHING_SEEN, WorkloadProfile
from inventory.described import doc

if TYPE_CHECKING:
    from jinja2 import Environment


class LayerFile(NamedTuple):
    """A layer of the image: ``path`` relative to the folder of the build, ``files`` how many are in it. ``package`` is
    "" for a layer of many.
    """

    name: LayerName
    path: str
    files: int
    package: str = ""


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that was written next to an image."""

    emitter: Annotated[str, doc("The emitter, as `--emit` calls it.")]
    path: Annotated[str, doc("Path relative to the folder of the build.")]


@dataclass(frozen=True)
class Emission:
    """A built image with its plan, the scan's profile of the workload, the packages inside (() when unknown), and the
    ``emitters`` that wrote files so far.

    ``allowed`` is what a person allowed of what the plan would need, and nothing else of that is granted; ``grants``
    are all that were ever recorded, those that have ended too. ``read_only_root`` says that a pilot of this very image
    passed with a read-only root. ``neighbours`` are built images of the same host that it uses, themselves or through
    each other; ``missing`` are ids of those that were not built.
    """

    plan: ImagePlan
    built: BuiltImage
    layers: tuple[LayerFile, ...]
    seen: WorkloadProfile = NOTHING_SEEN
    packages: tuple[ImagePackage, ...] = ()
    emitters: tuple[Emitter, ...] = ()
    allowed: Allowed = NOTHING_ALLOWED
    grants: tuple[Grant, ...] = ()
    read_only_root: bool = False
    neighbours: tuple[Emission, ...] = ()
    missing: tuple[str, ...] = ()

    @cached_property
    def needs(self) -> tuple[ContainerNeed, ...]:
        """Those of the plan. Each file of it is looked at, so this is done once."""
        return needs_of(self.plan)


Emit = Callable[[Emission], Mapping[PurePosixPath, str]]
"""Files by their path relative to the folder of the build."""


def always(_emission: Emission) -> bool:
    """For forms that every image has."""
    return True


@dataclass(frozen=True, slots=True)
class Emitter:
    """One form. ``name`` is what people call it, ``summary`` says what it is for.

    ``places`` are the files and folders of the build's folder that are its own: what an earlier build left there goes.
    ``fits`` says whether it is written by default.
    """

    name: str
    summary: str
    emit: Emit
    places: tuple[str, ...]
    fits: Callable[[Emission], bool] = always


def render(template: str, **values: object) -> str:
    """A template of ``containerize/templates`` with these values."""
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("containerize", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML: every value goes through a filter for its own language
    )
    environment.filters |= {
        "comment": comment,
        "json": to_json,
        "docker_json": docker_json,
        "docker_value": docker_value,
        "docker_word": docker_word,
        "compose": compose_scalar,
    }
    return environment


def comment(value: object) -> str:
    """Text for a comment: one line, no control characters, so that nothing can end the comment."""
    text = "".join(char if char.isprintable() else "?" for char in str(value))
    return text.encode("utf-8", "replace").decode("utf-8")


def to_json(value: object) -> str:
    """JSON, which is also a YAML flow scalar and the exec form of a Containerfile."""
    return json.dumps(value, ensure_ascii=True)


def docker_json(value: str | Iterable[str]) -> str:
    """JSON for an instruction in which Docker expands variables (``VOLUME``): the dollar sign is kept from it."""
    if isinstance(value, str):
        return to_json(value.replace("$", "\\$"))
    return to_json([each.replace("$", "\\$") for each in value])


def docker_value(value: str) -> str:
    """A quoted value for ``ENV``; raises ValueError for one that no Containerfile can hold."""
    if not _one_line(value):
        raise ValueError("a Containerfile holds no value of several lines")
    return '"' + re.sub(r'([\\"$])', r"\\\1", value) + '"'


def docker_word(value: str) -> str:
    """An unquoted rest of a line (``WORKDIR``); raises ValueError for one that no Containerfile can hold."""
    if not _one_line(value) or value != value.strip():
        raise ValueError("a Containerfile holds no such path")
    return re.sub(r"([\\$\"'])", r"\\\1", value)


def compose_scalar(value: object) -> str:
    """A quoted scalar of a compose file, in which a dollar sign would be a variable."""
    return to_json(value).replace("$", "$$")


def _one_line(value: str) -> bool:
    return all(char.isprintable() or char == "\t" for char in value)


def slug(text: str) -> str:
    """A name made of a path or workload that every tool accepts: ``/var/lib/app`` becomes ``var-lib-app``."""
    return "-".join(re.findall(r"[a-z0-9]+", text.lower())) or "unnamed"


def unique_slugs(texts: Iterable[str]) -> dict[str, str]:
    """A slug for each text, with a number where two would be the same."""
    found: dict[str, str] = {}
    for text in texts:
        name, number = slug(text), 2
        while name in found.values():
            name, number = f"{slug(text)}-{number}", number + 1
        found[text] = name
    return found
