"""Directories of sockets that containers share."""

from __future__ import annotations

from dataclasses import replace

from containerize.pilot.start_order import start_order
from containerize.plan.model import ImagePlan, SocketPeer
from containerize.plan.shared_directories import SharedDirectory, shared_directories
from tests.containerize.pilot.plans import make_plan


def peer(path: str, workload: str) -> SocketPeer:
    return SocketPeer(path, workload, path.rpartition("/")[0], 106, 107, 0o750, "is named")


def client(*peers: SocketPeer) -> ImagePlan:
    return replace(make_plan("web01/app"), socket_peers=peers)


DATABASE = make_plan("web01/db")
CACHE = replace(make_plan("web01/front"), companions=("web01/cache",))


def test_both_have_the_directory_with_all_sockets_in_it() -> None:
    plans = [client(peer("/run/db/a.sock", "web01/db"), peer("/run/db/b.sock", "web01/db")), DATABASE]
    directory = SharedDirectory("/run/db", 106, 107, 0o750, ("/run/db/a.sock", "/run/db/b.sock"))

    assert shared_directories(plans) == {"web01/app": (directory,), "web01/db": (directory,)}


def test_an_owner_that_is_in_the_image_of_another_is_found_there() -> None:
    found = shared_directories([client(peer("/run/cache/x", "web01/cache")), CACHE])

    assert set(found) == {"web01/app", "web01/front"}


def test_a_socket_of_a_workload_that_is_not_there_shares_nothing() -> None:
    assert not shared_directories([client(peer("/run/db/a.sock", "web01/db"))])


def test_the_owner_of_a_socket_starts_first() -> None:
    plans = [client(peer("/run/cache/x", "web01/cache"), peer("/run/db/a.sock", "web01/db")), DATABASE, CACHE]

    assert [plan.workload for plan in start_order(plans)] == ["web01/front", "web01/db", "web01/app"]
