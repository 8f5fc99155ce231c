"""What holds for all tests."""

from __future__ import annotations

import os

from hypothesis import settings

# `./test unit` is what one runs all day: a quarter of the examples. The other runs draw what hypothesis thinks right.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
