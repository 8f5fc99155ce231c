"""Builds that a rebase replaced: ``before/<digest>`` in the folder of a build, and ``rebase.json``.

Each folder below ``before`` is a whole build, so going back is putting it in its place again. Layers are hard links, so
that two images which share a layer share its bytes.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from pathlib import Path

import msgspec

from containerize.build.builder import IMAGE, OPENED
from containerize.content_store import writing
from containerize.image.write_image import replace_folder
from containerize.plan.model import BuiltImage
from containerize.plan.plan_json import load_build
from containerize.rebase.errors import RebaseError
from containerize.rebase.outcome import PilotVerdicts
from containerize.rebase.rebased_plan import RebasedPlan

BEFORE = "before"
RECORD = "rebase.json"
SCHEMA = "brownfield.rebase/1"

_FILES = ("plan.json", "pilot.json", OPENED, RECORD, "build.json")
"""``build.json`` is the last: its presence says that the build is whole."""


def record(
    rebased: RebasedPlan, before: BuiltImage, built: BuiltImage, source: str, pilots: PilotVerdicts | None
) -> str:
    """The text of ``rebase.json``: from which image, with what, and what the pilots said."""
    document = {
        "schema": SCHEMA,
        "workload": built.workload,
        "from": source,
        "at": int(time.time()),
        "before": before.digest,
        "digest": built.digest,
        "updates": [msgspec.to_builtins(each) for each in rebased.updates],
        "kept": [msgspec.to_builtins(each) for each in rebased.kept if each.newer],
        "pilot": msgspec.to_builtins(pilots) if pilots else {},
    }
    return json.dumps(document, indent=1) + "\n"


def place_of(folder: Path, built: BuiltImage) -> Path:
    """The folder of a stored build, present or not."""
    return folder / BEFORE / _name(built.digest)


def keep(folder: Path, built: BuiltImage) -> None:
    """Keep the build of a folder below ``before``. It stays where it is as well. Raises WorkspaceError."""
    place = place_of(folder, built)
    with writing(place):
        place.parent.mkdir(mode=0o700, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=".before-"))
        try:
            shutil.copytree(folder / IMAGE, temporary / IMAGE, copy_function=_link)
            for name in _FILES:
                if (folder / name).exists():
                    shutil.copy2(folder / name, temporary / name)
            replace_folder(temporary, place)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def go_back(folder: Path) -> tuple[BuiltImage, BuiltImage]:
    """Put the build before the last rebase in its place again; gives (the one that was there, the one that is).

    The one that was there is kept as well. Raises RebaseError when there is none, and WorkspaceError.
    """
    now = load_build(folder)
    try:
        document = json.loads((folder / RECORD).read_text("utf-8"))
        before = str(document["before"]) if document["digest"] == now.digest else ""
    except (OSError, ValueError, KeyError, TypeError):
        before = ""
    place = folder / BEFORE / _name(before)
    if not before or not (place / "build.json").exists():
        raise RebaseError(f"{now.workload} is not as a rebase left it, so there is nothing to go back to")
    keep(folder, now)
    with writing(folder):
        temporary = Path(tempfile.mkdtemp(dir=folder, prefix=".image-"))
        try:
            shutil.copytree(place / IMAGE, temporary / IMAGE, copy_function=_link)
            replace_folder(temporary / IMAGE, folder / IMAGE)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        for name in _FILES:
            if (place / name).exists():
                shutil.copy2(place / name, folder / f".{name}.new")
                (folder / f".{name}.new").rename(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
    return now, load_build(folder)


def _name(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


def _link(source: str, target: str) -> None:
    try:
        Path(target).hardlink_to(source)
    except OSError:
        shutil.copy2(source, target)
