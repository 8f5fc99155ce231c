"""What holds for all tests."""

from __future__ import annotations

import os
import signal

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
