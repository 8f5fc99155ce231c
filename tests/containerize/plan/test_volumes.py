"""Which directories stay outside of an image, and how they are filled."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.model import DataDirectory, Workload
from containerize.host.file_tree import HostTree
from containerize.plan.volumes import all_volumes, handed_over, volumes_of
from tests.containerize.closure.pretend_host import PretendHost, make_workload

POSTDROP = "/usr/sbin/postdrop"
QUEUE = "/var/spool/postfix"


def keeping(name: str, *directories: str, executable: str = "") -> Workload:
    data = tuple(DataDirectory(path, 0, 0, 0o755, ()) for path in directories)
    return replace(make_workload(name), data=data, executables=(executable,) if executable else ())


@pytest.fixture
def tree() -> HostTree:
    host = PretendHost()
    host.file(POSTDROP, b"\x7fELF")
    for directory in (QUEUE, "/var/lib/redis", "/var/lib/shop"):
        host.directory(directory, uid=7)
    return HostTree(host.entries)


def test_mail_that_a_program_of_the_image_leaves_is_on_a_volume_of_both(tree: HostTree) -> None:
    shop, postfix = keeping("shop", "/var/lib/shop"), keeping("postfix", QUEUE)
    ((volume, peer),) = handed_over([shop], [shop, postfix], {POSTDROP}, tree)

    assert (volume.path, volume.uid, volume.seed) == (QUEUE, 7, "copy")
    assert "web01/postfix" in volume.reason
    assert peer == ("localhost", 25, "web01/postfix")


def test_nothing_is_shared_without_the_program_or_the_service(tree: HostTree) -> None:
    shop, postfix = keeping("shop", "/var/lib/shop"), keeping("postfix", QUEUE)

    assert handed_over([shop], [shop, postfix], {"/usr/sbin/sendmail"}, tree) == ()
    assert handed_over([shop], [shop, replace(postfix, kind="host function")], {POSTDROP}, tree) == ()
    assert handed_over([shop], [shop], {POSTDROP}, tree) == ()
    assert handed_over([postfix], [shop, postfix], {POSTDROP}, tree) == ()


def test_units_of_one_image_that_share_a_directory_get_one_volume(tree: HostTree) -> None:
    front, worker = keeping("front", "/var/lib/shop"), keeping("worker", "/var/lib/shop", "/var/lib/redis")
    paths = [volume.path for volume in all_volumes([front, worker], tree)]
    assert sorted(paths) == ["/var/lib/redis", "/var/lib/shop"]


@pytest.mark.parametrize("executable", ["/usr/bin/redis-server", "/usr/bin/redis-check-rdb"])
def test_redis_is_seeded_by_a_snapshot_whatever_the_kernel_calls_it(tree: HostTree, executable: str) -> None:
    (volume,) = volumes_of(keeping("redis", "/var/lib/redis", executable=executable), tree)
    assert volume.seed == "redis"
