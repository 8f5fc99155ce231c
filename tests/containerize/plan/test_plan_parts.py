"""The smaller parts of a plan: run directories, records of packages, layers of files, peers, what the inventory saw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.commands.selection import WorkloadUnknown
from assess.model import Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from containerize.build.explain_path import explain
from containerize.estate import Estate
from containerize.image.package_lists import status_of
from containerize.image.package_records import claim_records
from containerize.plan.model import LeftOut
from containerize.plan.planned_files import FileHashes, GeneratedFile, planned_files
from containerize.plan.run_directories import find_run_directories
from containerize.profile.expectations import (
    devices,
    expected_processes,
    extra_capabilities,
    host_aliases,
    image_name,
    planned_ports,
)
from containerize.profile.peers import PeerFinder
from inventory.model.sockets import Connection, Listener, OwnedConnection, OwnedListener, UnixSocket
from inventory.model.system import System
from inventory.observation import Found
from inventory.snapshot import Snapshot
from inventory.store.scan_records import Scan
from tests.containerize.closure.pretend_host import HERE, PretendHost, make_workload, process, systemd
from tests.containerize.host.test_dpkg_database import STATUS
from tests.containerize.plans import directory, link, make_plan


@pytest.fixture
def host() -> PretendHost:
    host = PretendHost()
    host.directory("/run/lock", mode=0o1777)
    host.directory("/run/web/sockets", uid=33)
    host.directory("/run/other", uid=44)
    host.directory("/run/user/33", uid=33)
    host.directory("/tmp/web", uid=33)
    host.link("/var/run", "/run")
    host.package(
        "web", "/usr/sbin/web", "/usr/lib/tmpfiles.d/web.conf", conffiles={"/etc/web/web.conf": "tmp /tmp/web\n"}
    )
    host.package("other", "/usr/lib/tmpfiles.d/other.conf")
    return host


def test_run_directories_are_those_declared_named_and_there(host: PretendHost) -> None:
    file_set = host.close(process("/usr/sbin/web", uid=33))
    tmpfiles = [
        ("/usr/lib/tmpfiles.d/web.conf", "d /var/run/webcache 0750 www-data adm -"),
        ("/usr/lib/tmpfiles.d/web.conf", "f /run/web/file 0644 root root -"),
        ("/usr/lib/tmpfiles.d/web.conf", "d /run/../etc 0750 root root -"),
        ("/usr/lib/tmpfiles.d/web.conf", "d /run/%i - - - -"),
        ("/usr/lib/tmpfiles.d/other.conf", "d /run/notours 0755 root root -"),
    ]
    workload = make_workload(service=systemd("web", RuntimeDirectory="web"))
    found = find_run_directories(file_set, workload, tmpfiles, {"www-data": 33}, {"adm": 4}, frozenset({33}))
    rows = {each.path: (each.uid, each.gid, each.mode) for each in found}
    assert rows == {
        "/run/lock": (0, 0, 0o1777),
        "/run/web": (0, 0, 0o755),
        "/run/web/sockets": (33, 33, 0o755),
        "/run/webcache": (33, 4, 0o750),
        "/tmp/web": (33, 33, 0o755),
    }


def test_the_directory_of_a_socket_is_needed(host: PretendHost) -> None:
    file_set = host.close(process("/usr/sbin/web"))
    workload = replace(make_workload(), unix_sockets=(UnixSocket("/var/run/other/web.sock", "stream", True, 1, HERE),))
    found = find_run_directories(file_set, workload, (), {}, {}, frozenset())
    assert "/run/other" in {each.path for each in found}


def test_a_directory_of_root_with_the_name_of_the_service_is_needed(host: PretendHost) -> None:
    for name in ("shop", "shop/sub", "other"):
        host.directory(f"/run/{name}")
    workload = make_workload("shopd", packages=["shop-server"])
    found = find_run_directories(host.close(process("/usr/sbin/web")), workload, (), {}, {}, frozenset())
    assert {each.path for each in found} - {"/run/lock", "/tmp/web"} == {"/run/shop"}


def test_nothing_says_that_systemd_runs(host: PretendHost) -> None:
    for path in ("/run/systemd/system", "/run/udev/data", "/run/user/33"):
        host.directory(path, uid=33)
    host.file("/etc/web/start.sh", "[ -d /run/systemd/system ] && exec systemctl start web")
    workload = make_workload(roots=["/etc/web"], service=systemd("web", RuntimeDirectory="systemd/web"))
    file_set = host.close(process("/usr/sbin/web", "/usr/sbin/web", "/etc/web/start.sh", uid=33), workload=workload)
    assert "/run/systemd/system" in file_set.run_paths

    found = find_run_directories(file_set, workload, (), {}, {}, frozenset({33}))
    assert not [each.path for each in found if each.path.startswith(("/run/systemd", "/run/udev", "/run/user"))]


def test_the_package_database_is_cut_down_to_what_is_inside(host: PretendHost) -> None:
    for stem in ("web", "other"):
        host.file(f"/var/lib/dpkg/info/{stem}.list", "")
        host.file(f"/var/lib/dpkg/info/{stem}.postinst", "")
    file_set = host.close(process("/usr/sbin/web"))
    claim_records(file_set)
    records = {path for path in file_set.claims if path.startswith("/var/lib/dpkg/info/")}
    assert records == {"/var/lib/dpkg/info/web.list", "/var/lib/dpkg/info/web.postinst"}
    status = status_of(STATUS, [("mawk", "amd64"), ("libc6", "i386")]).decode()
    assert [line for line in status.split("\n") if line.startswith("Package")] == ["Package: libc6", "Package: mawk"]
    assert "Architecture: i386" in status
    assert status_of(STATUS, []) == b""


def test_files_of_packages_that_were_changed_belong_to_the_application(host: PretendHost) -> None:
    file_set = host.close(process("/usr/sbin/web"))
    paths = [path for path in file_set.claims if (entry := file_set.tree.get(path)) and entry.kind == "f"]
    md5 = {path: file_set.ownership.checksum(path) or "" for path in paths} | {"/etc/web/web.conf": "0" * 32}
    hashes = FileHashes(dict.fromkeys(paths, "1" * 64), md5)
    made = GeneratedFile("/etc/passwd", "2" * 64, 3, 0o644, 0, 0, 0, "made here")
    files = planned_files(
        file_set, hashes, outside=["/usr/sbin/web"], generated=[made], run_directories=[], capabilities={}
    )
    layers = {file.path: file.layer for file in files}
    assert layers["/usr/lib/tmpfiles.d/web.conf"] == "packages"
    assert layers["/etc/web/web.conf"] == "application"
    assert layers["/etc/passwd"] == "application"
    assert "/usr/sbin/web" not in layers
    order = list(layers)
    assert order == sorted(order)
    assert all(path.rpartition("/")[0] in {"", *layers} for path in layers)


def test_names_of_one_file_become_hard_links() -> None:
    host = PretendHost()
    for path in ("/usr/bin/perl", "/usr/bin/perl5"):
        host.program(path)
        host.entries[path] = host.entries[path]._replace(inode="1:7")
    file_set = host.file_set()
    for path in host.entries:
        file_set.claim(path, "x")
    hashes = FileHashes(dict.fromkeys(("/usr/bin/perl", "/usr/bin/perl5"), "1" * 64), {})
    capabilities = {"/usr/bin/perl": b"cap"}
    files = planned_files(file_set, hashes, outside=(), generated=(), run_directories=(), capabilities=capabilities)
    kinds = {file.path: (file.kind, file.link, file.xattrs) for file in files if file.path.startswith("/usr/bin/")}
    assert kinds == {
        "/usr/bin/perl": ("file", "", (("security.capability", b"cap"),)),
        "/usr/bin/perl5": ("hardlink", "/usr/bin/perl", ()),
    }


def _snapshot(name: str, address: str) -> Snapshot:
    system = System(name, "x86_64", None, 1, "", (), 0, "", "", 2, "", "", 0, 0, 100)
    return Snapshot(name, address, (), "posix", 0, "complete", "", {"system": Found(system)})


def _estate() -> tuple[EstateFacts, Workload]:
    listener = OwnedListener(Listener("tcp", "0.0.0.0", 3306, 0, 1, HERE), (100,))
    database = replace(make_workload("mariadb"), host="db01", listeners=(listener,))
    web = make_workload("apache2")
    hosts = (
        HostFacts(_snapshot("web01", "10.77.0.11"), (web,)),
        HostFacts(_snapshot("db01", "10.77.0.12"), (database,)),
    )
    return EstateFacts(hosts, (), 0), web


def test_peers_are_those_connected_to_and_those_named_with_a_port_of_theirs() -> None:
    estate, web = _estate()
    finder = PeerFinder(
        estate.known, "web01", host_aliases("10.77.0.12 database.example database\n127.0.0.1 localhost\n")
    )
    finder.read("/etc/app.ini", b"host = db01\nport=3306\n")
    finder.read("/etc/other.ini", b"host = database:3306")
    finder.read("/etc/noport.ini", b"host = 10.77.0.12")
    finder.read("/etc/self.ini", b"web01 3306")
    outbound = Connection("tcp", "10.77.0.11", 40000, "10.77.0.12", 3306, "ESTABLISHED", 0, 1, HERE)
    elsewhere = replace(outbound, remote_address="192.0.2.1", remote_port=25)
    loopback = replace(outbound, remote_address="127.0.0.1")
    connections = tuple(OwnedConnection(each, (1,), False) for each in (outbound, elsewhere, loopback))
    finder.connections(replace(web, connections=connections))
    assert finder.peers() == (
        ("10.77.0.12", 3306, "db01/mariadb"),
        ("192.0.2.1", 25, ""),
        ("database", 3306, "db01/mariadb"),
        ("db01", 3306, "db01/mariadb"),
    )


def test_workloads_are_found_by_id_and_by_pattern_and_a_wrong_one_gets_a_hint() -> None:
    facts, web = _estate()
    estate = Estate(facts, Scan(1, 0.0, 1.0, "/hosts.ini", ("web01",), {}))
    assert estate.find("web01/apache2") == (web,)
    assert [each.id for each in estate.find("*/maria*")] == ["db01/mariadb"]
    with pytest.raises(WorkloadUnknown, match="did you mean web01/apache2"):
        estate.find("web01/apache")
    with pytest.raises(WorkloadUnknown, match="no workload 'x/\\*' in the last scan; its hosts are web01"):
        estate.find("x/*")


def test_ports_processes_capabilities_and_devices_are_those_seen() -> None:
    rows = [
        ("tcp", "0.0.0.0", 80),
        ("tcp", "0.0.0.0", 80),
        ("udp6", "::", 53),
        ("tcp", "127.0.0.1", 9000),
        ("raw", "::", 1),
    ]
    listeners = tuple(OwnedListener(Listener(*row, 0, 1, HERE), (100,)) for row in rows)
    ports = planned_ports([replace(make_workload(), listeners=listeners)])
    assert [(each.protocol, each.port, each.published) for each in ports] == [
        ("tcp", 80, True),
        ("tcp", 9000, False),
        ("udp", 53, True),
    ]
    user, root = process("/x", uid=5, capabilities=1 << 12 | 1 << 10), process("/x", capabilities=(1 << 41) - 1)
    assert extra_capabilities([user, root]) == ("CAP_NET_ADMIN",)
    opened = process("/x", opened=["/dev/net/tun", "/dev/null", "/dev/pts/0", "/etc/x"])
    assert devices([opened]) == ("/dev/net/tun",)
    estate, web = _estate()
    assert expected_processes([web], estate.hosts[0]) == ()


@pytest.mark.parametrize(
    ("host", "workload", "image"),
    [
        ("web01", "apache2", "localhost/brownfield/web01/apache2:lift"),
        ("Web_01.Example", "tomcat9@Blue", "localhost/brownfield/web-01-example/tomcat9-blue:lift"),
        ("--", "..", "localhost/brownfield/unnamed/unnamed:lift"),
    ],
)
def test_every_name_makes_an_image_name_that_engines_accept(host: str, workload: str, image: str) -> None:
    assert image_name(host, workload) == image


def test_why_follows_links_and_knows_what_is_outside() -> None:
    files = [directory("/usr"), directory("/usr/bin"), link("/bin", "usr/bin"), directory("/usr/bin/sh")]
    plan = make_plan(files, left_out=(LeftOut("/usr/share", "shared"), LeftOut("/usr/share/doc", "documentation")))
    assert (found := explain(plan, "/bin/sh")).inside and found.path == "/usr/bin/sh"
    assert (found := explain(plan, "/bin")).inside and found.path == "/bin"
    assert explain(plan, "/usr/share/doc/x").reason == "documentation"
    assert "volume /var/lib/app" in explain(plan, "/var/lib/app/x").reason
    assert "mounted at run time" in explain(plan, "/etc/app/app.ini").reason
    assert explain(plan, "/nowhere").inside is False


def test_what_a_package_tool_writes_is_a_layer_of_its_own(host: PretendHost) -> None:
    for name in ("info/web.list", "info/web.postinst", "diversions"):
        host.file(f"/var/lib/dpkg/{name}", "")
    file_set = host.close(process("/usr/sbin/web"))
    claim_records(file_set)
    paths = [path for path in file_set.claims if (entry := file_set.tree.get(path)) and entry.kind == "f"]
    status = GeneratedFile("/var/lib/dpkg/status", "2" * 64, 3, 0o644, 0, 0, 0, "lists the packages")
    files = planned_files(
        file_set,
        FileHashes(dict.fromkeys(paths, "1" * 64), {}),
        outside=(),
        generated=[status],
        run_directories=[],
        capabilities={},
    )
    layers = {file.path.removeprefix("/var/lib/dpkg/"): file.layer for file in files}
    assert (layers["status"], layers["info/web.list"], layers["diversions"]) == ("records",) * 3
    assert layers["info/web.postinst"] == "packages"
