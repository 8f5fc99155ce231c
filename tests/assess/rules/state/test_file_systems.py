"""DAT004, DAT005, DAT006: the file systems that a service works on."""

import pytest

from assess.model import Severity
from assess.rule import Rule
from assess.rules.state.mount_options import mount_options
from assess.rules.state.network_file_system import network_file_system
from assess.rules.state.on_demand_mounts import on_demand_mounts
from inventory.model.mounts import AutomountEntry, Mount, Mounts
from inventory.observation import Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def mount(source: str, target: str, filesystem: str, *options: str) -> Mount:
    return Mount(source, target, filesystem, options, "/", None, None, origin("mounts"))


def writing(path: str, *mounts: Mount, automounts: tuple[AutomountEntry, ...] = ()) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.user("x", 500)
    process = host.process(50, "/opt/x/x", uid=500)
    host.open(process, path)
    host.directory("/srv/x", uid=500)
    host.overrides["mounts"] = Found(Mounts((mount("/dev/sda1", "/", "ext4"), *mounts), (), automounts=automounts))
    return host


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "gfs2", "glusterfs", "fuse.sshfs", "fuse.s3fs", "fuse"])
def test_files_on_a_network_or_cluster_file_system_are_found(kind: str) -> None:
    said = judge(network_file_system, writing("/srv/x/a.db", mount("nas:/x", "/srv/x", kind)).build())

    assert said.about == [("web01/x", Severity.MINOR)]
    assert "nas:/x" in said.findings[0].remedy


def test_such_a_mount_that_it_does_not_use_passes() -> None:
    assert judge(network_file_system, writing("/srv/x/a.db", mount("nas:/x", "/srv/xyz", "nfs")).build()).silent


@pytest.mark.parametrize("rule", [network_file_system, on_demand_mounts, mount_options])
def test_a_host_of_local_disks_passes_and_an_unknown_one_does_not(rule: Rule) -> None:
    host = writing("/srv/x/a.db")
    assert judge(rule, host.build()).silent
    assert judge(rule, recorded_host("web01")).silent
    host.unknown("mounts")

    assert judge(rule, host.build()).missing == {"mounts"}


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("mount /opt/x/backup && cp /opt/x/y /opt/x/backup", 1),
        ("/bin/umount /opt/x/backup", 1),
        ("test -d /opt/x/a && mount -t cifs //nas/x /opt/x/backup", 1),
        ("/opt/x/run --mount /opt/x/data", 0),
        ("/opt/x/amount /opt/x/data", 0),
    ],
)
def test_a_job_that_mounts_is_found(command: str, found: int) -> None:
    host = writing("/srv/x/a.db")
    host.config("/opt/x/x.conf", "a = b")
    host.job(command, user="x")

    assert len(judge(on_demand_mounts, host.build()).findings) == found


def test_an_init_script_that_mounts_is_found() -> None:
    host = writing("/srv/x/a.db")
    host.init_script("x", "#!/bin/sh\nmount /srv/x || exit 1\n", 50)

    assert judge(on_demand_mounts, host.build()).messages == ["/etc/init.d/x:2 mounts a file system."]


def test_files_under_autofs_are_found() -> None:
    entry = AutomountEntry("/etc/auto.master", "/srv", "", "/etc/auto.srv", origin("mounts"))

    said = judge(on_demand_mounts, writing("/srv/x/a.db", automounts=(entry,)).build())

    assert [severity for _, severity in said.about] == [Severity.MAJOR]


def test_quotas_under_its_data_are_told() -> None:
    host = writing("/srv/x/a.db", mount("/dev/sdb1", "/srv", "ext4", "rw", "usrquota"))

    assert judge(mount_options, host.build()).messages == [
        "/srv, which holds the data, is mounted with usrquota (user quotas)."
    ]
