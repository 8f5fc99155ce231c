"""A base that is not there is expected to hold what the host's records tell, and nothing that a person made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from containerize.content_store import ContentStore
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import PlannedFile
from containerize.plan.planned_files import FileHashes
from containerize.rebuild.base_images import Base
from containerize.rebuild.expected_image import enabled_links, expected_image
from containerize.rebuild.host_records import LARGEST, read_records
from containerize.rebuild.recipe import Because, Recipe
from tests.containerize.closure.pretend_host import PretendHost
from tests.containerize.plans import make_plan
from tests.containerize.rebuild.test_recipe_refinement import directory, file, link


def gathered(host: PretendHost, tmp_path: Path) -> CollectedWorkload:
    """A collected workload with every file of the host and its content."""
    file_set = host.file_set()
    for name in host.packages:
        file_set.package_named(name, "which runs")
    for path in host.entries:
        file_set.claim(path, "is needed")
    store = ContentStore(tmp_path / "content")
    hashes = {path: store.put(content) for path, content in host.contents.items()}
    reader = SimpleNamespace(hashes=FileHashes(hashes, {}))
    return cast(
        CollectedWorkload,
        SimpleNamespace(files=SimpleNamespace(tree=file_set.tree), file_set=file_set, reader=reader, content=store),
    )


@pytest.fixture
def host() -> PretendHost:
    host = PretendHost()
    host.package("apache2", "/usr/sbin/apache2", conffiles={"/etc/apache2/mods-available/alias.load": "alias"})
    host.package("ucf", "/usr/share/base-files/profile")
    host.file("/usr/share/base-files/profile", "usual")
    host.file(
        "/var/lib/dpkg/info/apache2.postinst",
        "mkdir -p /var/log/apache2 /var/spool/app\nln -s x /etc/apache2/made.conf\n",
    )
    host.file("/var/lib/apache2/module/enabled_by_maint/alias")
    host.file("/var/lib/apache2/module/disabled_by_admin/gone")
    return host


def expected(host: PretendHost, tmp_path: Path, files: Sequence[PlannedFile], **changes: object) -> set[str]:
    workload = gathered(host, tmp_path)
    taken = tuple(each for each in files if each.layer == "application" and each.kind == "file")
    draft = Recipe(Base("debian:bookworm-slim", "apt"), (), files=taken, **changes)  # type: ignore[arg-type]
    return set(expected_image(workload, make_plan(files), draft, read_records(workload)))


def test_directories_of_packages_and_their_scripts_need_no_step(host: PretendHost, tmp_path: Path) -> None:
    files = [
        directory(path)
        for path in ("/etc/apache2", "/srv", "/var/log/apache2", "/var/spool/app/in", "/var/lib/shop", "/run/shop")
    ]
    found = expected(host, tmp_path, files)

    assert {"/etc/apache2", "/srv", "/var/log/apache2", "/var/spool/app/in"} <= found
    assert not {"/var/lib/shop", "/run/shop"} & found


def test_links_of_tools_and_scripts_are_there_and_those_of_a_person_are_not(host: PretendHost, tmp_path: Path) -> None:
    links = [
        link("/usr/bin/awk", "/etc/alternatives/awk"),
        link("/etc/apache2/mods-enabled/alias.load", "../mods-available/alias.load"),
        link("/etc/apache2/mods-enabled/rewrite.load", "../mods-available/rewrite.load"),
        link("/srv/current", "/srv/releases/7"),
    ]
    found = expected(host, tmp_path, links)

    assert {links[0].path, links[1].path} <= found
    assert not {links[2].path, links[3].path} & found


def test_the_time_zone_is_the_host_s_choice(host: PretendHost, tmp_path: Path) -> None:
    host.package("tzdata", "/usr/share/zoneinfo/Europe/Berlin")
    host.file("/var/lib/dpkg/info/tzdata.postinst", "ln -sf /usr/share/zoneinfo/Etc/UTC /etc/localtime\n")
    localtime = link("/etc/localtime", "/usr/share/zoneinfo/Europe/Berlin")
    host.link(localtime.path, localtime.link)

    assert localtime.path not in expected(host, tmp_path, [localtime])


def test_copies_that_scripts_make_are_not_copied_again(host: PretendHost, tmp_path: Path) -> None:
    files = [
        file("/etc/profile", "usual"),
        file("/etc/app/profile", "mine"),
        file("/srv/profile", "usual"),
        file("/var/lib/php/modules/8.2/fpm/enabled_by_maint/gd", ""),
    ]
    for each in files:
        host.file(each.path, {"mine": "mine"}.get(each.path, "usual"))
    found = expected(host, tmp_path, files)

    assert {"/etc/profile", "/var/lib/php/modules/8.2/fpm/enabled_by_maint/gd"} <= found
    assert not {"/etc/app/profile", "/srv/profile"} & found


@pytest.mark.parametrize(("modules", "usual"), [("pam_unix.so", True), ("pam_unix.so pam_ldap.so", False)])
def test_pam_is_copied_where_accounts_come_from_elsewhere(
    host: PretendHost, tmp_path: Path, modules: str, usual: bool
) -> None:
    text = f"# pam_ldap.so is not there\nauth required {modules}\n"
    host.file("/etc/pam.d/common-auth", text)
    common = file("/etc/pam.d/common-auth", text)

    assert (common.path in expected(host, tmp_path, [common])) == usual


def test_what_is_removed_is_removed_where_a_package_brings_it(host: PretendHost, tmp_path: Path) -> None:
    host.file("/etc/shop/secret")
    gone = "/etc/apache2/deleted.conf"
    removals = tuple(Because(path, "r") for path in ("/usr/sbin/apache2", gone, "/etc/shop/secret"))
    found = expected(host, tmp_path, (), removals=removals)

    assert {"/usr/sbin/apache2", gone} <= found
    assert "/etc/shop/secret" not in found


def test_a_volume_is_emptied_where_scripts_fill_it(host: PretendHost, tmp_path: Path) -> None:
    places = ("/var/spool/app", "/var/lib/shop")
    found = expected(
        host, tmp_path, [directory(path) for path in places], emptied=tuple(Because(path, "data") for path in places)
    )

    assert "/var/spool/app" in found
    assert "/var/lib/shop" not in found


def test_records_tell_what_is_switched_on_by_default(host: PretendHost) -> None:
    host.file("/etc/nginx/sites-available/default")
    host.link("/etc/php/8.2/fpm/conf.d/15-xml.ini", "/etc/php/8.2/mods-available/xml.ini")
    for name in ("xml", "gd"):
        host.file(f"/var/lib/php/modules/8.2/fpm/enabled_by_maint/{name}")

    assert enabled_links(host.file_set().tree) == {
        "/etc/apache2/mods-enabled/alias.load",
        "/etc/nginx/sites-enabled/default",
        "/etc/php/8.2/fpm/conf.d/15-xml.ini",
        "/etc/php/8.2/fpm/conf.d/20-gd.ini",
    }


def test_an_alternative_counts_as_chosen_in_manual_mode_alone(host: PretendHost, tmp_path: Path) -> None:
    for name, mode in (("editor", "manual"), ("awk", "auto"), ("odd name", "manual")):
        host.file(f"/var/lib/dpkg/alternatives/{name}", f"{mode}\n/usr/bin/{name}\n")
        host.link(f"/etc/alternatives/{name}", "/usr/bin/chosen")
    host.file("/var/lib/dpkg/info/big.postinst", "/var/log/big" + " " * LARGEST)
    records = read_records(gathered(host, tmp_path))

    assert dict(records.chosen) == {"editor": "/usr/bin/chosen"}
    assert "/var/log/apache2" in records.named
    assert "/var/log/big" not in records.named
