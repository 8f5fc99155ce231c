"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import settings

# A shell's background job ignores Ctrl-C, and one under nohup the end of its terminal. What tests start must not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# `./test unit` is what one runs all day: a quarter of the examples. The other runs draw what hypothesis thinks right.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which tests ``--dist loadgroup`` must run one after the other.

    All tests that use the estate share its hosts, its inventory and the tables of this machine's kernel, and so do the
    containers of tests/assess/reality. Of the others each file is a group: its fixtures are made once. A test that
    names its group stays there.
    """
    for item in items:
        if item.get_closest_marker("xdist_group") is not None:
            continue
        shares = item.get_closest_marker("estate") is not None or "reality" in item.path.parts
        item.add_marker(pytest.mark.xdist_group("estate" if shares else _file(item.path)))


def _file(path: Path) -> str:
    return path.relative_to(Path(__file__).parent).with_suffix("").as_posix()
