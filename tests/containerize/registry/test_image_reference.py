"""Names of images in a registry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.registry.image_reference import BadReference, parse_reference

IMAGE = "localhost/brownfield/web01/apache2:lift"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("registry.example.org", "registry.example.org/brownfield/web01/apache2:lift"),
        ("registry.example.org:5000", "registry.example.org:5000/brownfield/web01/apache2:lift"),
        ("localhost/team/web", "localhost/team/web:lift"),
        ("localhost:5000/team/web:v1", "localhost:5000/team/web:v1"),
        ("[::1]:5000/web:1", "[::1]:5000/web:1"),
        ("registry.example.org/team/a__b-c.d:V_1", "registry.example.org/team/a__b-c.d:V_1"),
    ],
)
def test_a_name_is_completed_from_the_image(text: str, name: str) -> None:
    assert str(parse_reference(text, IMAGE)) == name


@pytest.mark.parametrize(
    "text",
    ["team/web", "web", "", "r.org/Team/web", "r.org/team//web", "r.org/web:", "r.org/web:a/b", "r.org/web@sha256:00",
     "r.org/../web", "r.org:port/web", "user:secret@r.org/web", "http://r.org/web", "r.org/" + "a" * 300, "r.org/a:-x"],
)  # fmt: skip
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadReference):
        parse_reference(text, IMAGE)


@pytest.mark.parametrize(
    ("text", "local"),
    [("127.0.0.1:5000", True), ("localhost", True), ("[::1]:5000", True), ("a.localhost", True),
     ("localhost.example.org", False), ("127.0.0.1.example.org", False), ("10.0.0.1:5000", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(text: str, local: bool) -> None:
    assert parse_reference(text, IMAGE).is_loopback is local


@given(st.text(max_size=60))
def test_any_text_is_a_name_or_refused(text: str) -> None:
    try:
        reference = parse_reference(text, IMAGE)
    except BadReference:
        return
    assert parse_reference(str(reference), "x/y:z") == reference
    assert not set(str(reference)) & set(" \n\r\t@?#&%\\\"'")
