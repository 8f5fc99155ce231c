"""The code of an application is in its image, and its data on a volume, whoever owns them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.model import DataDirectory, Workload
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from containerize.host.file_survey import FileSurvey
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import NO_PACKAGES
from containerize.plan.application_data import PlacedData, listed_as_data, place_data
from containerize.plan.request import PlanRequest
from containerize.plan.volumes import all_volumes
from tests.containerize.closure.pretend_host import DEPLOYED, PretendHost, make_workload, process
from tests.support.assessments import process as seen_process
from tests.support.snapshots import HostBuilder

UID = 1001
PYTHON = "/usr/bin/python3.11"


class Server:
    """A host with one service, whose data directories are what the inventory named."""

    def __init__(self, *data: str, command: str = PYTHON, cwd: str = "/srv/app") -> None:
        self.host = PretendHost()
        self.host.program(PYTHON)
        for name in ("app.py", "lib/shop.py", "venv/bin/activate.sh"):
            self.host.file(f"/srv/app/{name}", "code", uid=UID)
        self.host.directory("/srv/app", uid=UID)
        seen = replace(seen_process(100, command.split()[0], command, UID, 0, 1), working_directory=cwd)
        self.workload = replace(
            make_workload(), processes=(seen,), data=tuple(DataDirectory(path, UID, UID, 0o755, ()) for path in data)
        )
        self.live = process(command.split()[0], *command.split(), uid=UID, cwd=cwd)
        self.others: tuple[Workload, ...] = ()

    def request(self) -> PlanRequest:
        facts = HostFacts(HostBuilder().build(), (self.workload, *self.others))
        return PlanRequest(self.workload, (), facts, EstateFacts((facts,), (), 0.0))

    def placed(self) -> PlacedData:
        tree = HostTree(self.host.entries)
        files = FileSurvey(tree, NO_PACKAGES, {self.workload.id: (self.live,)}, (), (), {}, "", b"", b"", {})
        return place_data(self.request(), files)

    def volumes(self) -> list[str]:
        return [each.path for each in all_volumes(self.placed().request.members, HostTree(self.host.entries))]


def test_an_application_of_its_own_user_is_in_the_image_and_not_on_a_volume() -> None:
    server = Server("/srv/app")
    assert listed_as_data(server.request()) == {}
    assert (server.volumes(), dict(server.placed().outside)) == ([], {})


def test_its_uploads_are_a_volume_and_in_no_image() -> None:
    server = Server("/srv/app")
    server.host.file("/srv/app/uploads/cat.jpg", b"x", uid=UID, mtime=DEPLOYED + 999)
    server.host.directory("/srv/app/uploads", uid=UID)
    assert server.volumes() == ["/srv/app/uploads"]
    assert list(server.placed().outside) == ["/srv/app/uploads"]


def test_uploads_are_found_where_the_inventory_saw_no_data() -> None:
    server = Server()
    server.host.file("/srv/app/uploads/cat.jpg", b"x", uid=UID, mtime=DEPLOYED + 999)
    server.host.directory("/srv/app/uploads", uid=UID)
    assert server.volumes() == ["/srv/app/uploads"]


def test_code_with_a_database_beside_it_is_both_and_the_build_says_so() -> None:
    server = Server("/srv/app")
    server.host.file("/srv/app/app.db", b"x", uid=UID)
    placed = server.placed()
    assert server.volumes() == ["/srv/app"]
    assert list(placed.outside) == ["/srv/app/app.db"]
    assert [note.partition(":")[0] for note in placed.notes] == [
        "/srv/app holds code and data, and both belong to the service"
    ]


@pytest.mark.parametrize("directory", ["/var/lib/app", "/srv/files"])
def test_data_without_the_code_of_the_service_is_not_even_listed(directory: str) -> None:
    server = Server(directory)
    server.host.file(f"{directory}/script.py", "of somebody", uid=UID)
    assert list(listed_as_data(server.request())) == [directory]
    assert server.volumes() == [directory]


def test_a_directory_in_which_a_database_works_stays_data() -> None:
    server = Server("/srv/pg", command="/usr/lib/postgresql/15/bin/postgres -D /srv/pg", cwd="/srv/pg")
    server.host.file("/srv/pg/PG_VERSION", "15", uid=UID)
    server.host.file("/srv/pg/base/1/1247", b"x", uid=UID, mtime=DEPLOYED + 5)
    assert server.volumes() == ["/srv/pg"]
    assert list(server.placed().outside) == ["/srv/pg"]


def test_a_program_below_var_lib_makes_code_of_its_directory() -> None:
    server = Server("/var/lib/shop", command=f"{PYTHON} /var/lib/shop/run.py", cwd="/")
    server.host.file("/var/lib/shop/run.py", "code", uid=UID)
    server.host.file("/var/lib/shop/data/orders", b"x", uid=UID)
    for path in ("/var/lib/shop", "/var/lib/shop/data"):
        server.host.directory(path, uid=UID)
    assert server.volumes() == ["/var/lib/shop/data"]


def test_what_another_service_calls_its_data_is_listed_when_the_code_is_there() -> None:
    server = Server()
    server.others = (
        replace(make_workload("web"), data=(DataDirectory("/srv/app", UID, UID, 0o755, ()),)),
        replace(make_workload("db"), data=(DataDirectory("/var/lib/mysql", 27, 27, 0o755, ()),)),
    )
    assert list(listed_as_data(server.request())) == ["/var/lib/mysql"]
    assert list(server.placed().outside) == ["/var/lib/mysql"]


def test_a_service_that_works_in_the_root_directory_makes_no_application_of_the_host() -> None:
    server = Server(cwd="/")
    server.host.file("/var/tmp.d/x", b"x", uid=UID, mtime=DEPLOYED + 999)
    assert server.volumes() == []
