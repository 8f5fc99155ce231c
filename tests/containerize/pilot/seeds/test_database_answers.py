"""What a database of a host answers may be anything, and ends no pilot of others."""

from __future__ import annotations

import pytest

from containerize.pilot.seeds import mariadb, postgresql
from containerize.pilot.seeds.seeding import SeedFailed


@pytest.mark.parametrize("answer", ["x", "zz 00 1", "00 00 BASE TABLE " + "9" * 5000, "00 00 x", "\0", "00\n" * 3])
def test_an_answer_that_is_none_is_told_in_a_sentence(answer: str) -> None:
    with pytest.raises(SeedFailed, match="something else than what was asked for"):
        postgresql._measured(lambda _database, _sql: answer)
    with pytest.raises(SeedFailed, match="something else than what was asked for"):
        mariadb._measured(lambda _sql: answer)
