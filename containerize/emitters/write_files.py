"""Write the files of emitters into the folder of a build."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from containerize.content_store import writing
from containerize.emitters.emission import Emission, Emitter, WrittenFile


def write_all(
    emission: Emission, emitters: Iterable[Emitter], folder: Path, mask: Callable[[str], str] = str
) -> tuple[WrittenFile, ...]:
    """Write them in order, in place of what an earlier build left there. ``mask`` takes out of a text what it must not
    show. Raises WorkspaceError on a full disk.
    """
    written: list[WrittenFile] = []
    for emitter in emitters:
        files = emitter.emit(emission)
        for place in emitter.places:
            _remove(folder / place)
        for path, text in files.items():
            target = folder / path
            with writing(target):
                target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                # A name that is not UTF-8 is shown with question marks; the plan has its bytes.
                target.write_text(mask(text), "utf-8", errors="replace")
            written.append(WrittenFile(emitter.name, str(path)))
        if files:
            emission = replace(emission, emitters=(*emission.emitters, emitter))
    return tuple(written)


def remove_others(every: Iterable[Emitter], chosen: Iterable[Emitter], folder: Path) -> None:
    """Remove what an earlier build wrote in forms that are not chosen now: it describes another image."""
    names = {each.name for each in chosen}
    for emitter in every:
        if emitter.name not in names:
            for place in emitter.places:
                _remove(folder / place)


def _remove(path: Path) -> None:
    with writing(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
