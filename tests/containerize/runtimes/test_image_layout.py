"""An image on disk is looked at before an engine gets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed
from tests.containerize.runtimes.small_image import write_layout


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_layout(tmp_path / "layout", runs=False)


def test_a_layout_as_it_was_built_is_opened(path: Path) -> None:
    assert len(ImageLayout.open(path).layers) == 2


@pytest.mark.parametrize("place", [0, 1])
def test_a_layer_that_was_changed_or_is_missing_is_refused(path: Path, place: int) -> None:
    layer = path / ImageLayout.open(path).layers[place].path
    content = bytearray(layer.read_bytes())
    content[-5] ^= 1
    layer.write_bytes(content)
    with pytest.raises(RuntimeFailed, match=r"cannot be read \(.* was changed\); build it again"):
        ImageLayout.open(path)
    layer.unlink()
    with pytest.raises(RuntimeFailed, match=r"is missing\); build it again"):
        ImageLayout.open(path)
