"""What holds for all tests."""

from __future__ import annotations

import os
import signal

from hypothesis import settings

# A job in the background of a shell ignores Ctrl-C, and so would everything that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# `./test unit` is what one runs all day: a quarter of the examples. The other runs draw what hypothesis thinks right.
settings.register_profile("quick", max_examples=25, deadline=None)
settings.register_profile("thorough", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
