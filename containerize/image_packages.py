"""Which packages are in an image, as its own package database says: what scanners will see too."""

from __future__ import annotations

from typing import NamedTuple

from containerize.content import ContentStore
from containerize.package_records import STATUS
from containerize.plan import Plan
from containerize.survey.dpkg import stanzas


class ImagePackage(NamedTuple):
    """An installed package. ``manager`` is dpkg; ``source`` the source package, "" where it has the same name."""

    manager: str
    name: str
    version: str
    architecture: str
    source: str = ""


def image_packages(plan: Plan, content: ContentStore) -> tuple[ImagePackage, ...]:
    """By name and architecture; () when the image has no package database that can be read. Raises ContentMismatch."""
    status = next((file for file in plan.files if file.path == STATUS and file.kind == "file"), None)
    if status is None:
        return ()
    text = content.read(status.digest).decode("utf-8", "surrogateescape")
    found = {
        ImagePackage(
            "dpkg",
            fields["Package"],
            fields.get("Version", ""),
            fields.get("Architecture", ""),
            fields.get("Source", "").partition(" ")[0],
        )
        for fields in stanzas(text)
        if fields.get("Package")
    }
    return tuple(sorted(found, key=lambda each: (each.name, each.architecture, each.version)))
