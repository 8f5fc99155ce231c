"""A plan comes back from its file as it was."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.content_store import ContentStore
from containerize.plan.model import BuiltImage, PlannedFile, Start
from containerize.plan.plan_json import load_build, load_plan, plan_from_json, plan_to_json, save_build, save_plan
from inventory.errors import WorkspaceError
from tests.containerize.plans import make_plan, planned

_TEXT = st.text(st.characters(exclude_categories=[]), max_size=20)


@given(path=_TEXT, link=_TEXT, reason=_TEXT, value=st.binary(max_size=30), numbers=st.integers(0, 2**40))
def test_any_plan_is_read_back_as_it_was_written(path: str, link: str, reason: str, value: bytes, numbers: int) -> None:
    xattrs = (("security.capability", value),)
    file = PlannedFile(path, "symlink", 0o777, numbers, numbers, numbers, numbers, "", link, "base", reason, xattrs)
    start = Start((path, link), ((path, reason),), (reason,), "1:2", link, "SIGTERM", True, reason, (1, 2))
    plan = make_plan([file], start=start, notes=(reason,), evidence=((path, reason),))
    assert plan_from_json(plan_to_json(plan)) == plan


def test_names_that_are_no_utf8_survive_on_disk(tmp_path: Path, store: ContentStore) -> None:
    plan = make_plan([planned(store, os.fsdecode(b"/srv/caf\xe9"), b"x")])
    save_plan(tmp_path / "web01" / "apache2", plan)
    assert load_plan(tmp_path / "web01" / "apache2") == plan


def test_a_build_is_read_back(tmp_path: Path) -> None:
    built = BuiltImage("web01/apache2", "x:lift", str(tmp_path / "image"), "sha256:00", 3, 2, 1)
    save_build(tmp_path, built)
    assert load_build(tmp_path) == built


def test_a_build_is_found_after_the_workspace_was_moved(tmp_path: Path) -> None:
    save_build(tmp_path, BuiltImage("web01/apache2", "x:lift", "/where/it/was/image", "sha256:00", 3, 2, 1))
    assert load_build(tmp_path).layout == str(tmp_path / "image")


def test_what_was_not_built_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="run: assess build web01/apache2"):
        load_plan(tmp_path / "web01" / "apache2")
    with pytest.raises(WorkspaceError, match="no finished build"):
        load_build(tmp_path / "web01" / "apache2")


@pytest.mark.parametrize("text", ["[]", "{}", '{"schema": "brownfield.plan/9"}', '{"schema": "brownfield.plan/1"}'])
def test_another_version_or_half_a_plan_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a plan|incomplete"):
        plan_from_json(text)


def test_every_field_of_a_plan_is_written(store: ContentStore) -> None:
    text = plan_to_json(make_plan([planned(store, "/a", b"")]))
    assert all(f'"{field.name}"' in text for field in dataclasses.fields(make_plan([])))


@pytest.mark.parametrize("gone", ["digest", "layer", "path", "xattrs"])
def test_a_file_without_one_of_its_fields_is_refused(store: ContentStore, gone: str) -> None:
    text = plan_to_json(make_plan([planned(store, "/a", b"x")]))
    with pytest.raises(ValueError, match="incomplete"):
        plan_from_json(text.replace(f'"{gone}":', '"another":', 1))


def test_files_of_a_plan_share_what_many_say(store: ContentStore) -> None:
    rows = [dataclasses.replace(planned(store, path, b"x"), reason="belongs to a package") for path in ("/a", "/b")]
    first, second = plan_from_json(plan_to_json(make_plan(rows))).files
    assert first.reason is second.reason
