"""The image of a workload that brownfield.yaml made of two holds both: processes, ports and files."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from assess.policy.enforcement import corrected
from assess.policy.model import Policy, WorkloadOverride
from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.content_store import ContentStore
from containerize.host.file_survey import FileSurvey
from containerize.host.file_tree import HostTree
from containerize.host.installed_packages import PackageDatabase
from containerize.host.process_listing import LiveProcess
from containerize.plan import collect_workload
from containerize.plan.make_plan import make_plan
from containerize.plan.model import ImagePlan
from containerize.plan.request import PlanRequest
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import process
from tests.containerize.secret_values.test_secrets_stay_out import RealHost
from tests.support.snapshots import HostBuilder

PASSWD = b"root:x:0:0::/root:/bin/sh\nshop:x:900:900::/opt/shop:/bin/sh\nmail:x:901:901::/opt/mail:/bin/sh\n"

CORRECTED = Policy(
    overrides=(WorkloadOverride("web01/mailer", part_of="portal"), WorkloadOverride("web01/portal", name="shop"))
)


class TwoServices:
    """A host on which portal and mailer run, with files below a folder of this machine."""

    def __init__(self, top: Path, here: Transport, content: ContentStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files = RealHost(top)
        self.programs = {name: f"{top}/opt/{name}/{name}" for name in ("portal", "mailer")}
        self._here, self.store, self._patch = here, content, monkeypatch

    def planned(self, running: tuple[str, ...] = ("portal", "mailer")) -> ImagePlan:
        """The plan of ``web01/shop``; ``running`` are the services that run while it is made."""
        builder = HostBuilder()
        builder.init()
        live: dict[str, tuple[LiveProcess, ...]] = {}
        for pid, (name, program) in enumerate(self.programs.items(), 50):
            self.files.program(program)
            own = builder.process(pid, program, unit=f"{name}.service", uid=850 + pid)
            builder.unit(f"{name}.service", pid)
            builder.listen(own, 8000 + pid)
            is_up = name in running
            live[f"web01/{name}"] = (process(program, program, uid=850 + pid),) if is_up else ()
        snapshot = builder.build()
        facts = HostFacts(snapshot, corrected(find_workloads(snapshot), CORRECTED))
        (workload,) = [each for each in facts.workloads if each.id == "web01/shop"]
        database = PackageDatabase("dpkg", self.files.packages)
        found = FileSurvey(HostTree(self.files.entries), database, live, (), (), {}, "", PASSWD, b"", {})
        self._patch.setattr(collect_workload, "survey", lambda *_: found)
        request = PlanRequest(workload, (), facts, EstateFacts((facts,), (), 0.0))
        return make_plan(request, self._here, self.store).plan


@pytest.fixture
def services(here: Transport, store: ContentStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[TwoServices]:
    # Not below /tmp: what is there is in no image.
    place = Path("/opt") if os.access("/opt", os.W_OK) else Path.home()
    with tempfile.TemporaryDirectory(prefix="brownfield-test-", dir=place) as top:
        yield TwoServices(Path(top), here, store, monkeypatch)


def test_it_starts_both_services_each_as_its_own_account(services: TwoServices) -> None:
    plan = services.planned()
    assert plan.workload == "web01/shop"
    assert plan.start.arguments == ("/.brownfield/init", "/.brownfield/services")
    assert plan.start.user == "0:0"
    (settings,) = [file for file in plan.files if file.path == "/.brownfield/services"]
    text = services.store.read(settings.digest).decode()
    mailer, portal = text.split("service ")[1:]
    for service, name, account in ((mailer, "mailer", 901), (portal, "portal", 900)):
        assert f"start run {services.programs[name]} {services.programs[name]}\n" in service
        assert f"account {account} {account}\n" in service
    assert {"/.brownfield/init", "/.brownfield"} <= {file.path for file in plan.files}


def test_it_holds_the_files_ports_and_processes_of_both(services: TwoServices) -> None:
    plan = services.planned()
    assert {*services.programs.values()} <= {file.path for file in plan.files}
    assert [each.port for each in plan.ports] == [8050, 8051]
    assert [each.executable for each in plan.processes] == sorted(services.programs.values())
    assert plan.companions == ()
    assert not [note for note in plan.notes if "was not running" in note]


def test_a_part_that_does_not_run_is_noted(services: TwoServices) -> None:
    plan = services.planned(running=("portal",))
    assert plan.start.service[0] == services.programs["portal"]
    assert [note for note in plan.notes if note.startswith("web01/mailer was not running")]
