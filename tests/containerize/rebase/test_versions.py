"""The order of versions and what packages say of each other, with dpkg itself as the witness."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from containerize.rebase.debian_version import compare
from containerize.rebase.package_relations import Installed, Relation, relations

versions = st.from_regex(r"\A([0-9]:)?[0-9][0-9a-bA-Z.+~]{0,6}(-[0-9a-b.+~]{1,4})?\Z")


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("1.0~rc1", "1.0"), ("1.0", "1.0+b1"), ("3.0.20-1~deb12u2", "3.0.22-1~deb12u2"), ("9", "10"), ("2.9", "1:0"),
        ("1.0-1", "1.0-1+deb12u1"), ("1.0.9-2+b6", "1.0.9-2+deb12u1"), ("1.0-1~", "1.0-1"), ("1a", "1+"),
        ("1.0", "1.0.0"),
    ],
)  # fmt: skip
def test_what_is_newer(older: str, newer: str) -> None:
    assert compare(older, newer) < 0 < compare(newer, older)
    assert compare(older, older) == 0


@pytest.mark.live
@pytest.mark.skipif(shutil.which("dpkg") is None, reason="no dpkg")
@given(versions, versions)
@settings(deadline=None, max_examples=150)
def test_the_order_is_that_of_dpkg(left: str, right: str) -> None:
    order = compare(left, right)
    sign = "lt" if order < 0 else "gt" if order > 0 else "eq"
    assert subprocess.run(["dpkg", "--compare-versions", left, sign, right]).returncode == 0


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_text_has_a_place_in_the_order(one: str, two: str, three: str) -> None:
    assert (compare(one, two) > 0) == (compare(two, one) < 0)
    if compare(one, two) <= 0 and compare(two, three) <= 0:
        assert compare(one, three) <= 0


def test_relations_are_read_with_their_versions() -> None:
    assert relations("libc6 (>= 2.36), a | b:any (<< 1~),\n c (= 1:2-3) [amd64]") == (
        (Relation("libc6", ">=", "2.36"),),
        (Relation("a"), Relation("b", "<<", "1~")),
        (Relation("c", "=", "1:2-3"),),
    )


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    for group in relations(text):
        assert group
        for relation in group:
            relation.holds("1.0")


def test_what_is_provided_meets_a_dependency() -> None:
    installed = Installed([{"Package": "mawk", "Version": "1.3", "Provides": "awk, x (= 2)"}])
    assert installed.meets((Relation("awk"),)) and installed.meets((Relation("no"), Relation("mawk", ">=", "1")))
    assert installed.meets((Relation("x", ">=", "2"),)) and not installed.meets((Relation("x", ">>", "2"),))
    assert not installed.meets((Relation("awk", ">=", "1"),))  # what has no version meets none
    assert installed.knows((Relation("awk", ">=", "1"),)) and not installed.knows((Relation("no"),))
