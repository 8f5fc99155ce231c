"""What is refused before the host is asked."""

from pathlib import Path
from typing import cast

import pytest

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.content_store import ContentStore
from containerize.plan.collect_workload import NoProgramFile, collect_workload
from containerize.plan.request import PlanRequest, Reporting
from inventory.transports.transport import Transport
from tests.support.snapshots import HostBuilder


def test_a_program_that_never_was_a_file_is_not_taken(tmp_path: Path) -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/memfd:sealed-91fa22c0", executable_deleted=True, arguments=("watchd", "run"))
    snapshot = host.build()
    workloads = find_workloads(snapshot)
    facts = HostFacts(snapshot, workloads)
    request = PlanRequest(workloads[1], (), facts, EstateFacts((facts,), (), 0.0))
    nobody = cast(Transport, None)

    with pytest.raises(NoProgramFile, match=r"runs from memory .* `assess explain web01/watchd`"):
        collect_workload(request, nobody, ContentStore(tmp_path), Reporting())
