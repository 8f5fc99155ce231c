"""Parts of an answer stay apart whatever is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from containerize.host.answer_parts import AnswerIncomplete, ask, split
from inventory.transports.transport import Transport


def test_parts_are_what_their_commands_print(here: Transport, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\0\n#abc end\n\xff")
    answers = ask(here, {"binary": f"cat {tmp_path}/binary", "missing": "cat /no/such/file", "last": "echo last"})
    assert answers == {"binary": b"\0\n#abc end\n\xff", "missing": b"", "last": b"last\n"}


def test_an_answer_without_its_end_is_an_error() -> None:
    with pytest.raises(AnswerIncomplete, match="stopped answering"):
        split(b"\n#00 one\ncontent", "00")


def test_what_comes_before_the_first_part_is_noise() -> None:
    assert split(b"Welcome!\n\n#00 one\nx\n\n#00 end\n", "00") == {"one": b"x\n"}
