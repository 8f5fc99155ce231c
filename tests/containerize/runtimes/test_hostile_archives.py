"""A hostile host's archives, on every runtime: nothing of them runs here, and nothing is written outside."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, Runtime, VolumeMount
from inventory.errors import BrownfieldError
from tests.containerize.sandbox.attacks import ATTACKS, Attack, archive, member

from .conftest import IMAGE
from .small_image import write_layout

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.build.__name__)
def test_a_hostile_data_directory_reaches_nothing_on_this_machine(
    runtime: Runtime, pilot: PilotId, attack: Attack, tmp_path: Path
) -> None:
    canary = tmp_path / "canary"
    runtime.create_volume(pilot, "data", 33, 33, 0o750)
    words = ""
    try:
        runtime.fill_volume(pilot, "data", io.BytesIO(attack.build(canary)))
    except BrownfieldError as error:
        words = str(error)
    assert not canary.exists()
    assert bool(words) == attack.refused, words
    assert words.isprintable() and len(words) < 500 and "Traceback" not in words and "Error" not in words


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.build.__name__)
def test_a_hostile_layer_reaches_nothing_on_this_machine(runtime: Runtime, attack: Attack, tmp_path: Path) -> None:
    canary, words, pilot = tmp_path / "canary", "", PilotId.new()
    (tmp_path / "layout").mkdir()
    layout = write_layout(tmp_path / "layout", top=attack.build(canary))
    try:
        runtime.load(pilot, layout, "web01/hostile")
        runtime.read_image(pilot, "web01/hostile", "/etc/passwd")
    except BrownfieldError as error:
        words = str(error)
    finally:
        runtime.remove_pilot(pilot)
    assert not canary.exists()
    assert words or not attack.refused_layer
    assert "Traceback" not in words


def test_what_an_image_links_to_is_its_own(runtime: Runtime, tmp_path: Path) -> None:
    pilot = PilotId.new()
    (tmp_path / "secret").write_text("of this machine")
    (tmp_path / "layout").mkdir()
    links = [
        member("etc/out", kind=b"2", linkname=str(tmp_path / "secret")),
        member("etc/up", kind=b"2", linkname=f"../../../../../..{tmp_path}/secret"),
        member("etc/own", kind=b"2", linkname="../../../../etc/passwd"),
        member("etc/big", b"x" * (5 << 20)),
    ]
    try:
        runtime.load(pilot, write_layout(tmp_path / "layout", top=archive(*links)), IMAGE)
        assert runtime.read_image(pilot, IMAGE, "/etc/out") is None
        assert runtime.read_image(pilot, IMAGE, "/etc/up") is None
        assert (runtime.read_image(pilot, IMAGE, "/etc/own") or b"").startswith(b"root:x:0:0")
        assert len(runtime.read_image(pilot, IMAGE, "/etc/big") or b"") == 4 << 20
    finally:
        runtime.remove_pilot(pilot)


def test_a_container_leaves_no_tree_that_is_too_deep_to_be_removed(runtime: Runtime, pilot: PilotId) -> None:
    runtime.create_volume(pilot, "data", 0, 0, 0o755)
    script = "cd /srv/data; n=0; while [ $n -lt 1200 ]; do /bin/busybox mkdir d; cd -P d || exit 3; n=$((n+1)); done"
    container = runtime.start(
        pilot, ContainerSpec("deep", IMAGE, ("/bin/sleep", "1000"), volumes=(VolumeMount("data", "/srv/data"),))
    )
    done = runtime.execute(container, ["/bin/sh", "-c", script])
    assert done.exit_code == 0, done.stderr
    # That nothing is left of the pilot is checked behind every test.
