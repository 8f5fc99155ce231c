"""What holds for all tests."""

from __future__ import annotations

import os
import signal
from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

# A shell's background job ignores Ctrl-C, and one under nohup the end of its terminal. What tests start must not.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# `./test unit` is what one runs all day: a quarter of the examples. The other runs draw what hypothesis thinks right.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


TOGETHER = (
    "tests/assess/reality/",
    "tests/containerize/pilot/test_denied.py",
    "tests/inventory/probe/test_fragments_portability.py",
)
"""Tests that watch the kernel of this machine, or fill a disk: no test of the estate runs beside them."""


class ByFile(LoadFileScheduling):  # type: ignore[misc]
    """For ``--dist loadfile``: a process runs a file at a time, and one runs all files that use the estate.

    Those share its hosts, its inventory and the tables of the kernel.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        return "estate" if _uses_estate(file) else file


@cache
def _uses_estate(file: str) -> bool:
    source = Path(__file__).parents[1] / file
    return file.startswith(TOGETHER) or "pytest.mark.estate" in source.read_text("utf-8")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadFileScheduling | None:
    return ByFile(config, log) if config.getvalue("dist") == "loadfile" else None
