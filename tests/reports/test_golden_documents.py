"""Every JSON document is written to the byte as it always was."""

from __future__ import annotations

import pytest

from tests.reports.golden_documents import DOCUMENTS, FOLDER, golden, text_of


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_keeps_its_bytes(name: str) -> None:
    assert text_of(name) + "\n" == golden(name).read_text(encoding="utf-8")


def test_every_file_is_of_a_document() -> None:
    assert {each.stem for each in FOLDER.iterdir()} == set(DOCUMENTS)
