"""Answers for the OpenSSH client, which asks on a terminal or by a program (``SSH_ASKPASS``, ssh(1)).

The program is a shell script that asks us through named pipes, so a password is in no argument, no environment and no
file. Only what the host itself and the key ask for is answered: a jump host's question for a password is not.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

from inventory.transports.printable_text import printable

_SCRIPT = """#!/bin/sh
# Each question has a pipe of its own: several ssh of one host may ask at once.
umask 077
mkfifo "$ASSESS_ASK/$$" || exit 1
printf '%s %s\\n' $$ "`printf %s "$1" | tr '\\n' ' '`" >"$ASSESS_ASK/asked" || exit 1
answer=`cat "$ASSESS_ASK/$$"`
[ -n "$answer" ] || exit 1
printf '%s\\n' "$answer"
"""
_ANSWER_SECONDS = 10.0


_VERSION = re.compile(r"OpenSSH_(\d{1,4})\.(\d{1,4})")


@cache
def names_asking_host(program: str) -> bool:
    """Whether an OpenSSH client puts ``(user@host)`` before a prompt of the server (8.5, release notes)."""
    with suppress(OSError, subprocess.SubprocessError):
        found = _VERSION.match(
            subprocess.run([program, "-V"], capture_output=True, timeout=10).stderr.decode("latin-1")
        )
        return found is not None and (int(found[1]), int(found[2])) >= (8, 5)
    return False


class Askpass:
    """Answers prompts as long as it is open. ``unanswered`` is the last question that it had no answer to, or ""."""

    def __init__(self, user: str, names: tuple[str, ...], password: str | None, passphrase: str | None) -> None:
        who = "|".join(re.escape(f"{user[:30]}@{name[:128].lower()}") for name in names)
        self._ours = re.compile(rf"\(?(?:{who})(?:\)|'s) .*password", re.IGNORECASE)
        self._password = password
        self._passphrase = passphrase
        self.unanswered = ""
        self._folder = tempfile.TemporaryDirectory(prefix="assess-")
        self._place = Path(self._folder.name)
        script = self._place / "ask"
        script.write_text(_SCRIPT, "ascii")
        script.chmod(0o700)
        os.mkfifo(self._place / "asked", 0o600)
        # Open for both directions, so that there is no end of file between two questions.
        self._asked = os.open(self._place / "asked", os.O_RDWR)
        self._thread = threading.Thread(target=self._serve, name=f"answers for {names[0]}", daemon=True)
        self._thread.start()

    @property
    def has_passphrase(self) -> bool:
        """Whether a question for the passphrase of a key is answered."""
        return self._passphrase is not None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment with which ssh asks here. ``DISPLAY`` is for versions before 8.4, without
        ``SSH_ASKPASS_REQUIRE``.
        """
        return {
            "DISPLAY": ":0",
            **os.environ,
            "SSH_ASKPASS": str(self._place / "ask"),
            "SSH_ASKPASS_REQUIRE": "force",
            "ASSESS_ASK": str(self._place),
        }

    def _serve(self) -> None:
        with os.fdopen(self._asked, "rb") as asked:
            for line in asked:
                if line == b"\n":
                    return
                number, _, question = line.decode("utf-8", "replace").strip().partition(" ")
                answer = self._answer(question)
                if answer is None:
                    self.unanswered = printable(question, 80)
                if number.isdigit():
                    self._give(self._place / number, answer or "")

    def _answer(self, question: str) -> str | None:
        if question.startswith("Enter passphrase for "):
            return self._passphrase
        return self._password if self._ours.match(question) else None

    def _give(self, pipe: Path, answer: str) -> None:
        deadline = time.monotonic() + _ANSWER_SECONDS
        while time.monotonic() < deadline:
            try:
                # Without a reader this would wait for ever, and the reader may have been ended.
                descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                time.sleep(0.01)
                continue
            with os.fdopen(descriptor, "wb") as writing, suppress(OSError):
                writing.write(answer.encode() + b"\n")
            break
        pipe.unlink(missing_ok=True)

    def close(self) -> None:
        """Answer nothing more. Safe to call twice."""
        if self._thread.is_alive():
            with suppress(OSError):
                descriptor = os.open(self._place / "asked", os.O_WRONLY | os.O_NONBLOCK)
                os.write(descriptor, b"\n")
                os.close(descriptor)
            self._thread.join(2.0)
        self._folder.cleanup()
