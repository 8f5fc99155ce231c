"""A build context puts each file where the host has it, with its owner, whatever its name is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from containerize.plan.model import PlannedFile
from containerize.rebuild.copy_layout import MOST_COPIES, copy_layout, copy_lines
from tests.containerize.rebuild.parsing import instructions
from tests.containerize.rebuild.test_recipe_refinement import directory, file
from tests.containerize.rebuild.test_shell_words import NAMES

PARTS = st.one_of(st.sampled_from(["etc", "a", "b", "srv"]), NAMES.map(lambda name: name.replace("/", "")).filter(bool))
PATHS = st.lists(PARTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


def owned(path: str, uid: int) -> PlannedFile:
    return file(path, uid=uid, gid=uid)


@given(st.dictionaries(PATHS, st.sampled_from([0, 33, 44]), max_size=12))
def test_every_file_comes_once_with_its_owner_and_no_name_is_an_instruction(owners: dict[str, int]) -> None:
    files = [owned(path, uid) for path, uid in owners.items()]
    layout = copy_layout(files, ())
    copied = [(each, copy) for copy in layout.copies for each in copy.files]

    assert sorted(each.path for each, _ in copied) == sorted(owners)
    for each, copy in copied:
        assert copy.owner == (each.uid, each.gid)
        place = layout.folders[each.path] + each.path
        # What a source leaves out of the place in the context, its destination has.
        source = max((one for one in copy.sources if place.startswith(one)), key=len)
        rest = place.removeprefix(source) if source.endswith("/") else place.rpartition("/")[2]
        assert copy.destination + rest.lstrip("/") == each.path
    text = "FROM scratch\n" + "".join(f"{line}\n" for line, _ in copy_lines(layout))
    assert [name for name, _, _ in instructions(text)] == ["FROM", *("COPY" for _ in layout.copies)]


def test_a_directory_of_many_owners_goes_by_owner() -> None:
    files = [owned(f"/srv/app/{number}/x", number % 2) for number in range(2 * MOST_COPIES)]
    layout = copy_layout(files, ())

    assert [copy.sources for copy in layout.copies] == [("owners/0-0/",), ("owners/1-1/",)]
    assert layout.given["/srv/app"] == {(0, 0), (1, 1)}


def test_a_directory_of_another_owner_is_not_part_of_a_whole() -> None:
    files = [owned("/etc/app/a", 0), owned("/etc/app/private/b", 0)]
    layout = copy_layout(files, [directory("/etc/app"), directory("/etc/app/private", uid=33, gid=33)])

    assert [copy.sources for copy in layout.copies] == [("files/etc/app/private/",), ("files/etc/app/a",)]
    assert "/etc/app" not in layout.given
