"""Tables accept their fields and no others."""

from __future__ import annotations

import msgspec
import pytest

from assess.knowledge import data_files
from assess.knowledge.data_files import KnowledgeTable, read_table


class _Row(KnowledgeTable, frozen=True):
    name: str
    ports: tuple[int, ...] = ()


class _Rows(KnowledgeTable, frozen=True):
    row: tuple[_Row, ...]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('[[row]]\nname = "a"\nport = [1]', "unknown field `port`"),
        ("[[row]]\nports = [1]", "missing required field `name`"),
        ('[[row]]\nname = "a"\nports = ["1"]', "Expected `int`"),
        ('[[rows]]\nname = "a"', "unknown field `rows`"),
    ],
)
def test_a_misspelt_or_missing_key_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str, fault: str) -> None:
    monkeypatch.setattr(data_files, "data_text", lambda _name: text)
    with pytest.raises(msgspec.ValidationError, match=fault):
        read_table(f"{fault}.toml", _Rows)
