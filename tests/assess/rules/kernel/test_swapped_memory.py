"""KRN023."""

import pytest

from assess.model import Severity
from assess.rules.kernel.swapped_memory import swapped_memory
from inventory.model.processes import Memory
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


@pytest.mark.parametrize(("mib", "found"), [(100, True), (1, False), (0, False), (None, False)])
def test_memory_in_swap_is_told(mib: int | None, found: bool) -> None:
    host = HostBuilder()
    host.init()
    swapped = None if mib is None else mib << 20
    host.process(50, "/opt/s/s", memory=Memory(None, None, None, None, None, None, swapped, None))

    said = judge(swapped_memory, host.build())

    assert said.about == ([("web01/s", Severity.INFO)] if found else [])
    assert not found or "Add 100 MiB" in said.findings[0].remedy
