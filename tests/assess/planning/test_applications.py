"""A host's own name counts for nothing where configurations are compared."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from assess.planning.applications import _named

WORDS = st.text("Ab.-é", max_size=12)


@given(WORDS, st.text("ab.-", min_size=1, max_size=3))
def test_a_name_is_replaced_however_it_is_written(text: str, name: str) -> None:
    assert _named(text, name) == re.sub(re.escape(name), "HOST", text, flags=re.IGNORECASE)
