"""IDN001, IDN002, IDN005."""

import pytest

from assess.model import Severity
from assess.rules.identity.hardware_key import hardware_key
from assess.rules.identity.machine_bound_licence import machine_bound_licence
from assess.rules.identity.processor_licence import processor_licence
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def running(program: str, *, library: str = "") -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, program)
    host.listen(process, 27000)
    if library:
        host.map(library, process)
    return host


def test_a_licence_server_is_found() -> None:
    said = judge(machine_bound_licence, running("/opt/flex/lmgrd").build())

    assert said.about == [("web01/lmgrd", Severity.MAJOR)]
    assert "--mac-address" in said.findings[0].remedy


def test_a_client_of_one_is_found_by_its_library() -> None:
    said = judge(machine_bound_licence, running("/opt/x/solver", library="/opt/x/lib/librlm1212.so").build())

    assert said.about == [("web01/solver", Severity.MINOR)]


def test_the_server_line_of_a_licence_file_is_found() -> None:
    host = running("/opt/x/solver")
    host.config("/opt/x/licence.conf", "SERVER web01 001a2b3c4d5e 27000", "SERVER web02 ANY", "server web03 12345678")

    said = judge(machine_bound_licence, host.build())

    assert said.messages == ["/opt/x/licence.conf:1 binds a licence to the machine with id 001a2b3c4d5e."]


@pytest.mark.parametrize("rule", [machine_bound_licence, hardware_key, processor_licence])
def test_another_program_passes(rule: object) -> None:
    assert judge(rule, running("/usr/sbin/nginx", library="/usr/lib/libc.so.6").build()).silent  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("program", "library"),
    [
        ("/usr/sbin/aksusbd", ""),
        ("/opt/x/x", "/opt/x/libhasp_linux_x86_64_1.so"),
        ("/opt/x/x", "/usr/lib/libpcsclite.so.1"),
    ],
)
def test_a_key_of_hardware_is_found(program: str, library: str) -> None:
    said = judge(hardware_key, running(program, library=library).build())

    assert [severity for _, severity in said.about] == [Severity.MAJOR]


def test_a_host_whose_libraries_are_unknown_is_no_pass() -> None:
    host = running("/opt/x/x")
    host.unknown("libraries")

    assert judge(hardware_key, host.build()).missing == {"libraries"}


def test_a_product_that_is_licensed_by_processors_is_told() -> None:
    assert judge(processor_licence, running("/opt/ibm/db2/adm/db2sysc").build()).about == [
        ("web01/db2sysc", Severity.INFO)
    ]
