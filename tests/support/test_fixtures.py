"""What is kept of real hosts stays small, and of every kind of host there is something."""

from __future__ import annotations

from pathlib import Path

from tests.support import estate_recordings, host_fixtures, recordings

FIXTURES = Path(__file__).parents[1] / "fixtures"
MOST = 20 * 1000 * 1000
"""Bytes of all fixtures together: every clone of the repository carries them."""


def test_all_fixtures_together_stay_small() -> None:
    sizes = {path: path.stat().st_size for path in FIXTURES.rglob("*") if path.is_file()}
    largest = sorted(sizes, key=lambda path: -sizes[path])[:5]
    assert sum(sizes.values()) < MOST, [f"{path}: {sizes[path]}" for path in largest]


def test_each_kind_of_host_was_recorded_as_root_and_as_an_ordinary_user() -> None:
    whole = {path.name for path in estate_recordings.FOLDER.iterdir()}
    bundles = set(host_fixtures.names())
    for kind, names in {
        "bullseye": {"app01", "app01-legacy"},
        "bookworm": {"web01", "web01-legacy"},
        "a machine with systemd": {"vm01", "vm01-legacy"},
        "trixie": {"trixie", "trixie-user"},
        "an appliance of busybox and dropbear": {"appliance-busybox", "appliance-busybox-user"},
        "rpm": {"rpm", "rpm-user"},
        "Alpine": {"apk01", "apk01-user"},
    }.items():
        assert names <= whole | bundles, kind
    assert recordings.hosts_with("system")
