"""The shells that a host may have, as they are given a script."""

from __future__ import annotations

import shutil

import pytest

SHELLS = {
    "dash": ["dash", "-s"],
    "bash as sh": ["bash", "--posix", "-s"],
    "busybox": ["busybox", "sh", "-s"],
    "ksh": ["ksh", "-s"],
}

EACH_SHELL = [
    pytest.param(name, marks=pytest.mark.skipif(shutil.which(words[0]) is None, reason=f"{words[0]} is not installed"))
    for name, words in SHELLS.items()
]
"""Their names as parameters of a test, which is skipped for those that this machine has not got."""
