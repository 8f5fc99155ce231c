"""KRN018."""

import pytest

from assess.model import Severity
from assess.rules.kernel.locked_memory import locked_memory
from inventory.model.processes import Memory
from tests.support.judging import Verdicts, judge
from tests.support.snapshots import HostBuilder


def locking(size: int | None) -> Verdicts:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/s/s", memory=Memory(None, None, None, None, None, size, None, None))
    return judge(locked_memory, host.build())


@pytest.mark.parametrize(("size", "severity"), [(4096, Severity.INFO), (1 << 20, Severity.MINOR)])
def test_locked_memory_is_found(size: int, severity: Severity) -> None:
    assert locking(size).about == [("web01/s", severity)]


def test_none_is_not_and_unknown_is_no_pass() -> None:
    assert locking(0).silent
    assert [each.section for each in locking(None).undetermined] == ["processes"]
