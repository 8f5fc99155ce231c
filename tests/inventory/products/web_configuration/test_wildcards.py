"""Patterns of includes mean what glob(3) means."""

from __future__ import annotations

import glob
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.products.web_configuration.wildcards import Paths, matches

NAMES = st.text("ab.-*[]", min_size=1, max_size=5).filter(lambda name: name not in (".", ".."))


def test_each_component_is_matched_by_itself() -> None:
    paths = Paths(["/etc/nginx/a.conf", "/etc/nginx/b/a.conf", "/etc/nginx/.a.conf", "/etc/nginxx/a.conf"])

    assert list(paths.matching("/etc/nginx/*.conf")) == ["/etc/nginx/a.conf"]
    assert list(paths.matching("/etc/nginx/*/a.conf")) == ["/etc/nginx/b/a.conf"]
    assert list(paths.matching("/etc/nginx/a.conf")) == ["/etc/nginx/a.conf"]
    assert list(paths.matching("/etc/nginx/[!b].con[a-f]")) == ["/etc/nginx/a.conf"]
    assert list(paths.under("/etc/nginx/b")) == ["/etc/nginx/b/a.conf"]


@settings(max_examples=60)
@given(st.sets(NAMES, max_size=6), st.text("ab.-*?[]!", min_size=1, max_size=6).filter(lambda text: "**" not in text))
def test_as_python_does_in_a_real_folder(names: set[str], pattern: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            Path(folder, name).touch()
        # pathlib's own takes a first dot for any character
        expected = names.intersection(glob.glob(pattern, root_dir=folder))  # noqa: PTH207
        assert {name for name in names if matches(name, pattern)} == expected


def test_stars_do_not_multiply() -> None:
    """An expression made of this pattern would run for years."""
    assert not matches("a" * 2000, "*a" * 200 + "b")
