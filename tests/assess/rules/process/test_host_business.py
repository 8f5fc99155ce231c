"""PRC016, PRC017, PRC018, PRC019, PRC020, PRC021: what reaches beyond the service itself."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.process.attached_debugger import attached_debugger
from assess.rules.process.container_engine_control import container_engine_control
from assess.rules.process.existing_containers import existing_containers
from assess.rules.process.foreign_binary_format import foreign_binary_format
from assess.rules.process.login_records import login_records
from assess.rules.process.several_services import several_services
from inventory.model.containers import Container, Containers
from inventory.model.kernel import BinaryFormat, Kernel
from inventory.observation import Absent, Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin


def running(program: str = "/opt/x/x") -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, program)
    return host


def test_a_tracer_is_found_by_its_arguments() -> None:
    host = running()
    host.process(70, "/usr/bin/strace", "-f", "-p", "50", ppid=1)

    assert judge(attached_debugger, host.build()).messages[0] == "strace is attached to x (pid 50)."


def test_a_tracer_of_something_else_is_not() -> None:
    host = running()
    host.process(70, "/usr/bin/strace", "-p", "1", ppid=1)

    assert ("web01/x", Severity.MINOR) not in judge(attached_debugger, host.build()).about


def test_a_line_that_names_the_socket_of_the_engine_is_found() -> None:
    host = running()
    host.config("/opt/x/x.conf", "endpoint = unix:///var/run/docker.sock")

    assert judge(container_engine_control, host.build()).about == [("web01/x", Severity.MAJOR)]


def test_another_socket_passes() -> None:
    host = running()
    host.config("/opt/x/x.conf", "socket = /run/mysqld/mysqld.sock", "# /var/run/docker.sock")

    assert judge(container_engine_control, host.build()).silent


def container(engine: str, name: str, state: str = "running") -> Container:
    return Container(engine, "", name, "", state, 0, "", False, 0, (), (), (), origin("containers"))


@pytest.mark.parametrize(("engine", "severity"), [("docker", Severity.INFO), ("libvirt", Severity.MAJOR)])
def test_containers_and_machines_of_the_host_are_found(engine: str, severity: Severity) -> None:
    host = running()
    host.overrides["containers"] = Found(Containers((), (container(engine, "a"), container(engine, "b", "exited"))))

    said = judge(existing_containers, host.build())

    assert said.about == [("web01", severity)]
    assert "a" in said.messages[0] and "b" not in said.messages[0].partition(":")[2]


def test_a_host_without_any_passes() -> None:
    host = running()
    host.overrides["containers"] = Absent("there is no engine")

    assert judge(existing_containers, host.build()).silent


def test_several_services_are_told_and_one_is_not() -> None:
    assert judge(several_services, recorded_host("vm01")).messages == [
        "2 services run on this host: meter-gateway, nginx."
    ]
    assert judge(several_services, recorded_host("web01")).silent


def with_formats(host: HostBuilder, known: bool = True) -> HostBuilder:
    kernel = Kernel("Linux", "6.1.0", "", "x86_64", "", 0, (), (), None, origin("kernel"))
    formats = (BinaryFormat("qemu-arm", "/usr/bin/qemu-arm-static", "F", "7f454c46", True, origin("kernel", 2)),)
    host.overrides["kernel"] = Found(replace(kernel, binary_formats=formats if known else None))
    return host


def test_a_program_of_another_processor_is_found() -> None:
    host = with_formats(running("/usr/bin/qemu-arm-static"))

    assert [severity for _, severity in judge(foreign_binary_format, host.build()).about] == [Severity.MINOR]


def test_formats_that_could_not_be_read_are_no_pass_for_it_alone() -> None:
    assert judge(
        foreign_binary_format, with_formats(running("/usr/bin/qemu-arm-static"), known=False).build()
    ).missing == {"kernel"}
    assert judge(foreign_binary_format, with_formats(running(), known=False).build()).silent


def test_records_of_logins_are_found() -> None:
    host = running()
    host.open(host.processes[-1], "/var/log/wtmp")

    assert judge(login_records, host.build()).about == [("web01/x", Severity.INFO)]
    assert judge(login_records, recorded_host("web01")).silent
