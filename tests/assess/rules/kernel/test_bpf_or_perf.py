"""KRN027."""

import pytest

from assess.model import Severity
from assess.rules.kernel.bpf_or_perf import bpf_or_perf
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("anon_inode:bpf-prog", True),
        ("anon_inode:[perf_event]", True),
        ("anon_inode:[eventpoll]", False),
        ("/x", False),
    ],
)
def test_watching_the_kernel_is_found(target: str, found: bool) -> None:
    host = HostBuilder()
    host.init()
    host.open(host.process(50, "/opt/s/s"), target)

    assert judge(bpf_or_perf, host.build()).about == ([("web01/s", Severity.MAJOR)] if found else [])
