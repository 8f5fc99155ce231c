"""Redaction of whatever bytes a host sends: it never fails, keeps the lines, and finds nothing the second time."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.privacy.secrets import command_tools, scanner
from inventory.privacy.secrets.triggers import Near
from tests.inventory.privacy.secret_forms import FORMS, REDACTOR
from tests.support.recordings import FOLDER

PATHS = (
    b"/etc/app.conf",
    b"/etc/ppp/chap-secrets",
    b"/root/passwords.txt",
    b"/etc/racoon/psk.txt",
    b"/x/realm.properties",
)
_WORDS = sorted(
    {
        text
        for _, triggers in (*scanner.RULES, *scanner.WIDE_RULES)
        for trigger in triggers
        for text in (trigger.starts if isinstance(trigger, Near) else (trigger,))
    }
)
_PIECES = st.sampled_from(
    [*_WORDS, *command_tools.TOOLS, *(form.replace("SECRET", "Hunter2'\"<").encode() for form, _ in FORMS)]
) | st.binary(max_size=12)
_GAPS = st.sampled_from([b"", b" ", b"\n", b"\n  ", b": ", b"=", b'"', b"'", b"(", b", ", b"\\\n", b"\0"])


def check(content: bytes, path: bytes) -> None:
    """A text of a file, a table and a process of the same bytes."""
    for redact in (REDACTOR.within(path).text, REDACTOR.lines):
        once = redact(content)
        assert once.count(b"\n") == content.count(b"\n")
        assert redact(once) == once
    vector, environment = REDACTOR.process(content.replace(b" ", b"\0"), content.replace(b"\n", b"\0"))
    assert REDACTOR.process(vector, environment) == [vector, environment]
    assert vector.count(b"\0") == content.replace(b" ", b"\0").count(b"\0")


def test_a_token_in_an_argument_changes_nothing_about_the_next() -> None:
    check(b"-token\\\nif (", PATHS[0])


@given(st.lists(st.tuples(_PIECES, _GAPS), max_size=20), st.sampled_from(PATHS))
@settings(deadline=None)
def test_any_bytes_are_redacted_once_and_for_all(pieces: list[tuple[bytes, bytes]], path: bytes) -> None:
    check(b"".join(piece + gap for piece, gap in pieces), path)


@pytest.mark.slow
def test_mutated_recordings_are_redacted_once_and_for_all() -> None:
    chosen = random.Random(os.environ.get("FUZZ_SEED", "1"))
    recordings = [path.read_bytes() for path in sorted(FOLDER.glob("*/*.txt"))]
    for _ in range(10_000):
        content = bytearray(chosen.choice(recordings))
        start = chosen.randrange(max(1, len(content) - 600))
        piece = content[start : start + 600]
        for _ in range(chosen.randint(1, 8)):
            at = chosen.randrange(len(piece) + 1)
            piece[at : at + chosen.randint(0, 4)] = chosen.choice(
                [chosen.choice(_WORDS), bytes([chosen.randrange(256)]), b"password=", b"\n", b'"', b"'"]
            )
        check(bytes(piece), chosen.choice(PATHS))
