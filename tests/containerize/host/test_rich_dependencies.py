"""Dependencies of rpm with words between them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.host.installed_packages import Alternative
from containerize.host.rich_dependencies import rich_dependency


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("(nginx or httpd)", [["nginx", "httpd"]]),
        ("(nginx or httpd or lighttpd >= 1.4)", [["nginx", "httpd", "lighttpd"]]),
        ("(gcc and make)", [["gcc"], ["make"]]),
        ("(glibc-all-langpacks if langpacks)", [["glibc-all-langpacks"]]),
        ("(a if b else c)", [["a"], ["c"]]),
        ("(a unless b)", [["a"]]),
        ("(a without b)", [["a"]]),
        ("(a with b < 2)", [["a"], ["b"]]),
        ("((a and b) or c)", [["a"], ["b"], ["c"]]),
        ("(a if (b or c))", [["a"]]),
        ("((a if b) and c)", [["a"], ["c"]]),
        ("(libc.so.6(GLIBC_2.4)(64bit) or perl(:VERSION))", [["libc.so.6(GLIBC_2.4)(64bit)", "perl(:VERSION)"]]),
    ],
)
def test_names_that_may_be_needed(text: str, groups: list[list[str]]) -> None:
    assert [[name for name, _ in group] for group in rich_dependency(text)] == groups


def test_blanks_without_end_are_read_in_one_pass() -> None:
    begun = time.process_time()
    assert list(rich_dependency("(" + " " * 20_000 + "a" + " " * 20_000)) == [(Alternative("a"),)]
    assert time.process_time() - begun < 5


@given(st.text(alphabet="ab ()<=orifandwthel-"))
def test_anything_can_be_read(text: str) -> None:
    for group in rich_dependency(text):
        assert all(name and " " not in name for name, _ in group)
