"""What of a host is not as its packages brought it, whichever package manager it has."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from assess.knowledge.capabilities import NAMES
from assess.subjects.host_facts import HostFacts
from containerize.closure.file_set import FileSet
from containerize.closure.package_ownership import PackageOwnership
from containerize.host.file_capabilities import encode
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import NO_PACKAGES
from containerize.plan.planned_files import FileHashes
from containerize.rebuild.account_commands import accounts_of, groups_of
from containerize.rebuild.host_changes import (
    is_compared,
    made_again,
    missing_files,
    not_of_packages,
    topmost,
)
from containerize.rebuild.recipe_draft import capability_text
from inventory.model.changed_files import ChangedFile, ChangedFiles
from inventory.model.unmanaged_files import UnmanagedFile, UnmanagedFiles
from inventory.observation import Found
from tests.containerize.closure.pretend_host import PretendHost
from tests.support.snapshots import HostBuilder, origin


def facts(**sections: object) -> HostFacts:
    builder = HostBuilder("web01")
    builder.overrides.update({name: Found(value) for name, value in sections.items()})
    return HostFacts(builder.build(), ())


def claimed(file_set: FileSet) -> FileSet:
    for path in list(file_set.tree.paths()):
        file_set.claim(path, "is needed")
    return file_set


def test_dpkg_tells_changed_files_and_those_of_nobody() -> None:
    host = PretendHost()
    host.package("apache2", "/usr/sbin/apache2", conffiles={"/etc/apache2/apache2.conf": "shipped"})
    host.package("vendor", "/usr/bin/vendor")
    host.file("/etc/apache2/sites/shop.conf", "mine")
    host.file("/etc/ld.so.cache", "made")
    file_set = claimed(host.file_set())
    md5 = {path: hashlib.md5(content, usedforsecurity=False).hexdigest() for path, content in host.contents.items()}
    hashes = FileHashes({}, md5 | {"/etc/apache2/apache2.conf": "0" * 32})

    found = not_of_packages(file_set, hashes, facts(), frozenset({"vendor"}))
    assert found == {"/etc/apache2/apache2.conf", "/etc/apache2/sites/shop.conf", "/usr/bin/vendor"}


def test_of_other_package_managers_the_scan_tells() -> None:
    host = PretendHost()
    for path in ("/etc/httpd/httpd.conf", "/etc/httpd/as.it.was", "/opt/shop/run", "/usr/sbin/httpd"):
        host.file(path)
    tree = HostTree(host.entries)
    file_set = claimed(FileSet(tree, NO_PACKAGES, PackageOwnership(tree, NO_PACKAGES), {}))
    seen = origin("changed_files")
    changed = ChangedFiles("all", (ChangedFile("/etc/httpd/httpd.conf", "httpd", True, ("content",), seen),))
    own = UnmanagedFiles(("/etc", "/opt"), (UnmanagedFile("/opt/shop/run", "file", 1, 0, 0, 0o755, 0, seen),))

    looked = facts(changed_files=changed, unmanaged_files=own)
    assert not_of_packages(file_set, FileHashes({}, {}), looked, frozenset()) == {
        "/etc/httpd/httpd.conf",
        "/opt/shop/run",
    }
    # Where nobody looked, what may be somebody's own comes along; programs of the system come with their packages.
    assert "/usr/sbin/httpd" not in not_of_packages(file_set, FileHashes({}, {}), facts(), frozenset())
    assert "/opt/shop/run" in not_of_packages(file_set, FileHashes({}, {}), facts(), frozenset())


def test_deleted_files_of_packages_are_found_by_their_topmost_place() -> None:
    host = PretendHost()
    host.package("apache2", "/usr/sbin/apache2", "/var/www/html/a", "/var/www/html/b", "/usr/share/doc/apache2/README")
    for path in ("/var/www/html/a", "/var/www/html/b", "/var/www/html", "/usr/share/doc/apache2/README"):
        del host.entries[path]
    file_set = host.file_set()
    file_set.package_named("apache2", "which runs")

    assert [(each.path, each.reason) for each in missing_files(file_set)] == [
        ("/var/www/html", "a file of apache2 that the host does not have")
    ]


def test_topmost_paths_hold_all_others() -> None:
    assert topmost(["/a/b", "/a.b", "/a", "/a/b/c", "/c/d"]) == ["/a", "/a.b", "/c/d"]


def test_only_directories_of_the_service_are_compared() -> None:
    planned = frozenset({"/etc/apache2", "/etc/init.d", "/etc/ssl/certs", "/usr/share/x"})

    assert [path for path in (*planned, "/etc/other", "/srv/x", "/var/www") if is_compared(path, planned)] == [
        path
        for path in (*planned, "/etc/other", "/srv/x", "/var/www")
        if path in ("/etc/apache2", "/srv/x", "/var/www")
    ]


def test_what_is_made_again_does_not_come() -> None:
    assert made_again("/etc/ld.so.cache")
    assert made_again("/opt/app/__pycache__/x.cpython-39.pyc")
    assert made_again("/etc/ssl/certs/abc.0", link=True)
    assert not made_again("/etc/ssl/certs/shop.pem")
    assert not made_again("/etc/apache2/apache2.conf")


def test_accounts_come_without_passwords_and_only_when_they_are_needed() -> None:
    passwd = (
        b"root:x:0:0::/root:/bin/sh\nshop:$6$hash:900:901:The shop:/srv:/bin/sh\nhuman:x:1000:1000::/home/h:/bin/sh\n"
    )
    passwd += b"bad name:x:900:1::/:/bin/sh\n+@netgroup\n$(id):x:900:1::/:/bin/sh\n"
    group = b"shop:secret:901:\nweb:x:950:human,shop\nhuman:x:1000:\n"
    accounts = accounts_of(passwd, {0, 900})

    assert [(each.name, each.uid, each.gid) for each in accounts] == [("shop", 900, 901)]
    assert "hash" not in repr(accounts)
    assert [(each.name, each.members) for each in groups_of(group, {0}, accounts)] == [("shop", ()), ("web", ("shop",))]


@given(
    st.sets(st.sampled_from([name.lower() for name in NAMES]), min_size=1, max_size=6),
    st.sampled_from(["ep", "eip", "p", "ip", "i"]),
)
def test_capabilities_are_told_as_setcap_takes_them(names: set[str], flags: str) -> None:
    value = encode(f"{','.join(f'cap_{name}' for name in names)}={flags}")
    assert value is not None

    assert encode(capability_text(value)) == value
    assert capability_text(value[:8]) == ""
