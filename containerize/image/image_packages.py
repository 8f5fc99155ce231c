"""The packages in an image according to its own package list, as scanners read it."""

from __future__ import annotations

from containerize.content_store import ContentStore
from containerize.image.package_lists import ImagePackage, list_at
from containerize.plan.model import ImagePlan


def image_packages(plan: ImagePlan, content: ContentStore) -> tuple[ImagePackage, ...]:
    """By name and architecture; () when the image has no list of packages that can be read. Raises ContentMismatch."""
    found: set[ImagePackage] = set()
    for file in plan.files:
        if file.kind == "file" and (listed := list_at(file.path)) is not None:
            found.update(listed.read(content.read(file.digest)))
    return tuple(sorted(found, key=lambda each: (each.name, each.architecture, each.version)))
