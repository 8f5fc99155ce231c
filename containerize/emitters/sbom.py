"""``sbom.cdx.json``: a CycloneDX 1.6 bill of materials with packages, and hashes of files that no package owns.

Made with the library of the CycloneDX project, and the same from the same image: the serial number is made of the
image's digest, the time is that of the scan. Names of packages are those of https://github.com/package-url/purl-spec.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from containerize.emitters.emission import Emission, Emitter
from containerize.image.package_lists import ImagePackage
from containerize.plan.model import PlannedFile

if TYPE_CHECKING:
    from cyclonedx.model.component import Component

_TYPES = {"dpkg": "deb", "rpm": "rpm", "apk": "apk"}
"""The purl type of each package manager."""

_UNUSUAL = re.compile(r"[^A-Za-z0-9+._~-]")


_MOST_FILES = 2000
"""Files that are listed one by one; plan.json has all. The library takes the square of their number, which is the
host's to choose: 2 s for so many, 5 minutes for four times as many.
"""


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """The bill, as indented JSON."""
    # The library takes a quarter of a second to load, which no other command should wait for.
    from cyclonedx.model.bom import Bom, BomMetaData
    from cyclonedx.model.component import Component, ComponentType
    from cyclonedx.model.tool import ToolRepository
    from cyclonedx.output.json import JsonV1Dot6

    tool = Component(name="brownfield", type=ComponentType.APPLICATION, version=version("brownfield"), bom_ref="tool")
    bom = Bom(
        components=[*_packages(emission), *_files(emission)],
        serial_number=uuid5(NAMESPACE_URL, f"{emission.plan.image}@{emission.built.digest}"),
        metadata=BomMetaData(
            component=_image(emission),
            timestamp=datetime.fromtimestamp(emission.seen.taken, UTC).replace(microsecond=0),
            tools=ToolRepository(components=[tool]),
        ),
    )
    if bom.metadata.component is not None:
        bom.register_dependency(bom.metadata.component, bom.components)
    return {PurePosixPath("sbom.cdx.json"): JsonV1Dot6(bom).output_as_string(indent=1) + "\n"}


def package_url(package: ImagePackage, distribution: tuple[str, str]) -> str:
    """``pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12``; ``distribution`` is ID and VERSION_ID.

    The epoch of rpm is its own qualifier there.
    """
    from packageurl import PackageURL

    # Characters that no package manager allows in a name have other meanings here, or remove it.
    name, release = (_UNUSUAL.sub("_", each) for each in distribution)
    qualifiers = {"arch": _UNUSUAL.sub("_", package.architecture)}
    if name and release:
        qualifiers["distro"] = f"{name}-{release}"
    version = package.version
    if package.manager == "rpm" and ":" in version:
        epoch, _, version = version.partition(":")
        qualifiers["epoch"] = _UNUSUAL.sub("_", epoch)
    called, version_of = _UNUSUAL.sub("_", package.name) or "_", _text(version).strip() or None
    url = PackageURL(_TYPES[package.manager], name or None, called, version_of, qualifiers)
    return url.to_string()


def _image(emission: Emission) -> Component:
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.component import Component, ComponentType

    built = emission.built
    more = len(_unpackaged(emission)) - _MOST_FILES
    name, _, tag = emission.plan.image.rpartition(":")
    return Component(
        name=name,
        type=ComponentType.CONTAINER,
        version=tag,
        bom_ref="image",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=built.digest.removeprefix("sha256:"))],
        properties=[
            Property(name="brownfield:workload", value=_text(emission.plan.workload)),
            Property(name="brownfield:distribution", value=_text(emission.plan.distribution)),
            *([Property(name="brownfield:files-not-listed", value=str(more))] if more > 0 else []),
        ],
    )


def _packages(emission: Emission) -> Iterator[Component]:
    from cyclonedx.model import Property
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    for package in emission.packages:
        url = package_url(package, emission.seen.distribution)
        source = [Property(name="brownfield:source-package", value=_text(package.source))] if package.source else []
        yield Component(
            name=_text(package.name),
            type=ComponentType.LIBRARY,
            version=_text(package.version),
            bom_ref=url,
            purl=PackageURL.from_string(url),
            properties=source,
        )


def _files(emission: Emission) -> Iterator[Component]:
    """Files that differ from their package or belong to none: the application layer, in the order of paths."""
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.component import Component, ComponentType

    for file in _unpackaged(emission)[:_MOST_FILES]:
        yield Component(
            name=_text(file.path),
            type=ComponentType.FILE,
            bom_ref=f"file:{_text(file.path)}",
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=file.digest)],
            properties=[Property(name="brownfield:reason", value=_text(file.reason))],
        )


def _unpackaged(emission: Emission) -> list[PlannedFile]:
    files = (file for file in emission.plan.files if file.kind == "file" and file.layer == "application")
    return sorted(files, key=lambda each: each.path)


def _text(text: str) -> str:
    """A byte that is not UTF-8 becomes a question mark: JSON of others has no room for it."""
    return text.encode("utf-8", "replace").decode("utf-8")


EMITTER = Emitter("sbom", "lists packages and other files, for scanners (CycloneDX)", emit, ("sbom.cdx.json",))
