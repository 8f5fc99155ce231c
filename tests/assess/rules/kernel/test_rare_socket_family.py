"""KRN011."""

import pytest

from assess.model import Severity
from assess.rules.kernel.rare_socket_family import rare_socket_family
from inventory.model.sockets import ProtocolUse, Sockets
from inventory.observation import Found
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


@pytest.mark.parametrize(
    ("name", "count", "severities"),
    [
        ("AF_VSOCK", 1, [Severity.MAJOR]),
        ("ALG", 2, [Severity.MINOR]),
        ("DCCP", 1, [Severity.MAJOR]),
        ("AF_VSOCK", 0, []),
        ("UNIX", 40, []),
        ("TCP", 40, []),
    ],
)
def test_families_that_containers_lack_are_found(name: str, count: int, severities: list[Severity]) -> None:
    host = HostBuilder()
    host.overrides["sockets"] = Found(
        Sockets((), (), (), protocols=(ProtocolUse(name, count, origin("sockets", 1, "protocols")),))
    )

    assert judge(rare_socket_family, host.build()).about == [("web01", severity) for severity in severities]
