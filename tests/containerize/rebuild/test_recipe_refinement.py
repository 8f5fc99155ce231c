"""A recipe that was held against an image says what is different, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

from containerize.host.file_capabilities import ATTRIBUTE, encode
from containerize.host.process_listing import LiveProcess
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import ImagePlan, PlannedFile, Volume
from containerize.rebuild.base_images import Base
from containerize.rebuild.baseline import ImageFile
from containerize.rebuild.host_changes import own_links, twin
from containerize.rebuild.host_records import PackageRecords
from containerize.rebuild.recipe import Because, ChosenPackage, Recipe, RecipeAccount, RecipeGroup
from containerize.rebuild.recipe_refinement import refine
from tests.containerize.closure.pretend_host import PretendHost, process
from tests.containerize.plans import make_plan

MODE = {"d": 0o755, "f": 0o644, "l": 0o777}


def sha(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def file(path: str, content: str = "x", **changes: object) -> PlannedFile:
    made = PlannedFile(path, "file", 0o644, 0, 0, 0, len(content), sha(content), "", "application", "is needed")
    return replace(made, **changes)  # type: ignore[arg-type]


def directory(path: str, **changes: object) -> PlannedFile:
    made = replace(file(path, ""), kind="directory", mode=0o755, digest="")
    return replace(made, **changes)  # type: ignore[arg-type]


def link(path: str, target: str) -> PlannedFile:
    return replace(file(path, ""), kind="symlink", mode=0o777, digest="", link=target)


def in_image(kind: str, content: str = "x", **changes: object) -> ImageFile:
    made = ImageFile(kind, MODE[kind], 0, 0, digest=sha(content) if kind == "f" else "")  # type: ignore[arg-type]
    return replace(made, **changes)  # type: ignore[arg-type]


def refined(
    host: PretendHost,
    plan_files: Sequence[PlannedFile],
    image: dict[str, ImageFile],
    *,
    taken: Sequence[PlannedFile] = (),
    links: Sequence[PlannedFile] = (),
    removals: Sequence[Because] = (),
    volumes: Sequence[Volume] = (),
    accounts: tuple[RecipeAccount, ...] = (),
    groups: tuple[RecipeGroup, ...] = (),
    records: PackageRecords = PackageRecords(),  # noqa: B008 - frozen
    compared: bool = True,
    supervised: Sequence[LiveProcess] = (),
) -> Recipe:
    file_set = host.file_set()
    gathered = SimpleNamespace(files=SimpleNamespace(tree=file_set.tree), file_set=file_set, live=list(supervised))
    plan: ImagePlan = replace(make_plan(plan_files), volumes=tuple(volumes))
    if supervised:
        plan = replace(plan, start=replace(plan.start, user="0:0", command=(supervised[0].executable,)))
    draft = Recipe(
        Base("debian:bookworm-slim", "apt"),
        (ChosenPackage("apache2", "2", "it runs"),),
        files=tuple(taken),
        links=tuple(links),
        removals=tuple(removals),
        emptied=tuple(Because(each.path, each.reason) for each in volumes),
        accounts=accounts,
        groups=groups,
    )
    above = {"/" + "/".join(path.split("/")[1:depth]) for path in image for depth in range(2, path.count("/") + 1)}
    baseline = {**{path: in_image("d") for path in above}, **image}
    return refine(draft, cast(CollectedWorkload, gathered), plan, baseline, records, compared=compared)


def paths(files: Sequence[PlannedFile] | Sequence[Because]) -> list[str]:
    return [each.path for each in files]


def test_what_the_packages_bring_as_it_is_is_not_copied() -> None:
    host = PretendHost()
    same, changed, new = file("/etc/a/same"), file("/etc/a/changed", "mine"), file("/etc/a/new")
    for each in (same, changed, new):
        host.file(each.path)
    image = {"/etc/a/same": in_image("f"), "/etc/a/changed": in_image("f", "theirs")}
    found = refined(host, (same, changed, new), image, taken=(same, changed, new))

    assert paths(found.files) == ["/etc/a/changed", "/etc/a/new"]
    assert found.compared


def test_owner_and_mode_are_kept_also_of_what_is_not_copied() -> None:
    host = PretendHost()
    mine, theirs = file("/etc/a/mine", mode=0o640, gid=33), file("/usr/bin/theirs", mode=0o4755, layer="packages")
    host.file(mine.path)
    host.package("p", "/usr/bin/theirs")
    image = {mine.path: in_image("f"), theirs.path: in_image("f", mode=0o755)}
    found = refined(host, (mine, theirs), image, taken=(mine,))

    assert paths(found.files) == []
    assert paths(found.modes) == ["/etc/a/mine", "/usr/bin/theirs"]


def test_a_site_that_was_switched_off_goes_and_one_that_was_switched_on_comes() -> None:
    host = PretendHost()
    host.directory("/etc/apache2/sites-enabled")
    host.link("/etc/apache2/sites-enabled/shop.conf", "../sites-available/shop.conf")
    shop = link("/etc/apache2/sites-enabled/shop.conf", "../sites-available/shop.conf")
    image = {"/etc/apache2/sites-enabled/000-default.conf": in_image("l", link="../sites-available/000-default.conf")}
    found = refined(host, (directory("/etc/apache2/sites-enabled"), shop), image, links=(shop,))

    assert [command for command, _ in found.commands] == ["a2dissite --quiet 000-default", "a2ensite --quiet shop"]
    assert (found.links, found.removals) == ((), ())


def test_alternatives_are_left_to_their_tool_unless_a_person_chose_one() -> None:
    host = PretendHost()
    editor, chosen = link("/usr/bin/editor", "/etc/alternatives/editor"), link("/etc/alternatives/editor", "/bin/ed")
    host.link(editor.path, editor.link)
    host.link(chosen.path, chosen.link)
    ed = file("/bin/ed", layer="packages")
    host.package("ed", "/bin/ed")
    image = {"/bin/ed": in_image("f"), chosen.path: in_image("l", link="/bin/vi")}

    assert refined(host, (editor, chosen, ed), image, links=(editor, chosen)).commands == ()
    records = PackageRecords(chosen={"editor": "/bin/ed", "gone": "/bin/gone", "x;id": "/bin/ed;id"})
    found = refined(host, (editor, chosen, ed), image, links=(editor, chosen), records=records)
    assert [command for command, _ in found.commands] == ["update-alternatives --set editor /bin/ed"]
    assert found.links == ()


def test_only_accounts_whose_numbers_matter_are_made_where_nothing_was_compared() -> None:
    host = PretendHost()
    mine = file("/srv/app/run", uid=900, gid=900)
    host.file(mine.path)
    accounts = tuple(
        RecipeAccount(name, uid, uid, "", "/", "/bin/false") for name, uid in (("app", 900), ("exim", 101))
    )
    groups = tuple(RecipeGroup(name, gid, ()) for name, gid in (("app", 900), ("exim", 101)))

    found = refined(host, (mine,), {}, taken=(mine,), accounts=accounts, groups=groups, compared=False)
    assert ([each.name for each in found.accounts], [each.name for each in found.groups]) == (["app"], ["app"])
    assert not found.compared
    service = process("/usr/sbin/exim4", uid=101)
    found = refined(host, (mine,), {}, accounts=accounts, groups=groups, compared=False, supervised=[service])
    assert ([each.name for each in found.accounts], [each.name for each in found.groups]) == (["exim"], ["exim"])
    # What the image has under other numbers would be different throughout.
    assert refined(host, (mine,), {}, taken=(mine,), accounts=accounts, groups=groups).accounts == accounts


def test_only_what_the_image_has_is_removed_and_only_where_the_host_was_looked_at() -> None:
    host = PretendHost()
    host.directory("/etc/apache2")
    host.directory("/var/www")
    image = {
        "/etc/apache2/gone.conf": in_image("f"),
        "/etc/init.d/hwclock": in_image("f"),
        "/usr/share/x": in_image("f"),
        "/var/www/html/index.html": in_image("f"),
    }
    asked = [Because("/etc/apache2/gone.conf", "r"), Because("/etc/never.there", "r")]
    found = refined(host, (directory("/etc/apache2"),), image, removals=asked)

    assert paths(found.removals) == ["/etc/apache2/gone.conf", "/var/www/html"]


def test_what_is_of_another_kind_goes_first() -> None:
    host = PretendHost()
    mine, turned = file("/etc/a/mine"), link("/etc/a/turned", "elsewhere")
    host.file(mine.path)
    host.link(turned.path, "elsewhere")
    image = {mine.path: in_image("d"), turned.path: in_image("f")}
    found = refined(host, (mine, turned), image, taken=(mine,), links=(turned,))

    assert sorted(paths(found.removals)) == ["/etc/a/mine", "/etc/a/turned"]
    assert paths(found.files) == ["/etc/a/mine"]
    assert paths(found.links) == ["/etc/a/turned"]


def test_directories_are_named_where_copying_does_not_make_them_right() -> None:
    host = PretendHost()
    own = directory("/srv/app", uid=33, gid=33)
    above, data = directory("/srv"), directory("/srv/data", uid=33, gid=33, mode=0o2770)
    app = file("/srv/app/run.py", uid=33, gid=33)
    for path in ("/srv/app", "/srv/data"):
        host.directory(path)
    host.file(app.path)
    found = refined(host, (above, own, data, app), {"/srv": in_image("d")}, taken=(app,))

    # COPY makes /srv/app with its owner, and leaves /srv alone.
    assert paths(found.directories) == ["/srv/data"]
    assert paths(found.parents) == ["/srv", "/srv/app"]


def test_a_directory_that_copying_may_give_away_gets_its_owner_back() -> None:
    host = PretendHost()
    above, own = directory("/srv/app", uid=33, gid=33, mode=0o750), directory("/srv/app/in", uid=33, gid=33)
    theirs, odd = file("/srv/app/run.py", uid=33, gid=33), file("/srv/x y", uid=44, gid=44)
    for each in (theirs, odd):
        host.file(each.path)
    host.directory("/srv/app/in")
    image = {"/srv": in_image("d"), "/srv/app": in_image("d", uid=33, gid=33, mode=0o750), own.path: in_image("d")}
    found = refined(host, (directory("/srv"), above, own, theirs, odd), image, taken=(theirs, odd))

    # Some builders reset the directory that is copied into; a tree of 44:44 holds /srv; /srv/app/in is of root there.
    assert paths(found.directories) == ["/srv", "/srv/app", "/srv/app/in"]


def test_merged_directories_are_the_same_under_both_names() -> None:
    host = PretendHost()
    tool = file("/lib/x/tool", layer="packages")
    host.package("p", "/lib/x/tool")
    image = {"/lib": in_image("l", link="usr/lib"), "/usr/lib/x/tool": in_image("f")}
    found = refined(host, (directory("/lib"), directory("/lib/x"), tool), image)

    assert (found.modes, found.removals, found.directories) == ((), (), ())
    assert found.notes == ()


def test_capabilities_come_back_with_the_program_that_sets_them() -> None:
    host = PretendHost()
    value = encode("cap_net_bind_service=ep")
    assert value is not None
    server = file("/usr/bin/server", layer="packages", xattrs=((ATTRIBUTE, value),))
    host.package("p", "/usr/bin/server")
    there = {server.path: in_image("f")}
    found = refined(host, (server,), there)

    assert found.capabilities == (("/usr/bin/server", "cap_net_bind_service=ep"),)
    assert [each.name for each in found.packages] == ["apache2", "libcap2-bin"]
    kept = refined(host, (server,), {server.path: in_image("f", capability=value)})
    assert kept.capabilities == ()
    assert [each.name for each in kept.packages] == ["apache2"]


def test_another_version_of_what_comes_by_itself_is_told() -> None:
    host = PretendHost()
    host.package("libc6", "/lib/libc.so.6", "/lib/libm.so.6")
    libraries = file("/lib/libc.so.6", layer="packages"), file("/lib/libm.so.6", layer="packages")
    found = refined(host, libraries, {"/lib/libc.so.6": in_image("f", "other")})

    assert found.notes == (
        "files of packages that are of another version in the image: 1, of libc6",
        "files of packages that are not in the image: 1, of libc6",
    )


def test_a_volume_is_emptied_where_a_package_fills_it() -> None:
    host = PretendHost()
    volumes = [Volume(path, 0, 0, 0o755, "copy", "data") for path in ("/var/lib/mysql", "/var/lib/none")]
    found = refined(host, (), {"/var/lib/mysql/ibdata1": in_image("f")}, volumes=volumes)

    assert paths(found.emptied) == ["/var/lib/mysql"]


def test_a_merged_host_and_a_base_that_is_not_keep_their_own_ways() -> None:
    host = PretendHost()
    for path in ("/usr/bin/tool", "/usr/bin/mine"):
        host.file(path)
    host.link("/bin", "usr/bin")
    tool, mine = file("/usr/bin/tool", layer="packages", mode=0o4755), file("/usr/bin/mine", "changed")
    image = {"/bin/tool": in_image("f"), "/bin/mine": in_image("f"), "/usr/bin/other": in_image("f")}
    found = refined(host, (link("/bin", "usr/bin"), tool, mine), image, taken=(mine,))

    assert (found.removals, found.links, found.notes) == ((), (), ())
    assert paths(found.modes) == ["/bin/tool"]
    assert paths(found.files) == ["/bin/mine"]


def test_a_host_that_is_not_merged_breaks_no_merged_base() -> None:
    host = PretendHost()
    host.file("/bin/touch")
    host.link("/usr/bin/touch", "/bin/touch")
    touch, joining = file("/bin/touch", layer="packages"), link("/usr/bin/touch", "/bin/touch")
    relative, mine = link("/usr/bin/touch", "../../bin/touch"), file("/bin/mine")
    image = {"/bin": in_image("l", link="usr/bin"), "/usr/bin/touch": in_image("f")}

    for each in (joining, relative):
        found = refined(host, (directory("/bin"), touch, each, mine), image, taken=(mine,), links=(each,))
        assert (found.removals, found.links, found.directories) == ((), (), ())
        assert paths(found.files) == ["/usr/bin/mine"]


def test_links_that_only_join_two_names_are_nobodys_own() -> None:
    host = PretendHost()
    links = (link("/bin", "usr/bin"), link("/usr/bin/touch", "/bin/touch"), link("/bin/x", "../usr/bin/x"))
    kept = link("/usr/bin/awk", "/etc/alternatives/awk"), link("/app", "/opt/app")

    assert own_links(make_plan((*links, *kept)), host.file_set()) == kept
    assert twin("/usr/lib64/x") == "/lib64/x"
    assert twin("/bin/x") == "/usr/bin/x"
    assert [twin(path) for path in ("/bin", "/usr/bin", "/usr/share/x", "/etc/x")] == ["", "", "", ""]
