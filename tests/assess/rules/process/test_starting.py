"""PRC005, PRC006, PRC007: how a program starts, and what it leaves behind."""

from dataclasses import replace

import pytest

from assess.model import Severity, Verdict
from assess.rules.process.background_fork import background_fork
from assess.rules.process.socket_activation import socket_activation
from assess.rules.process.zombie_processes import zombie_processes
from inventory.model.services import Service, Services
from inventory.observation import Found
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess, judge
from tests.support.snapshots import HostBuilder, origin


def running(**properties: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", unit="x.service")
    host.unit("x", 50, **properties)
    return host


def test_an_unknown_daemon_of_a_forking_unit_is_followed() -> None:
    said = judge(background_fork, running(Type="forking").build())

    assert said.about == [("web01/x", Severity.INFO)]
    assert said.messages[0].endswith("the supervisor of the image follows it.")
    assert assess(running(Type="forking").build()).workload("web01/x").verdict is Verdict.READY  # type: ignore[union-attr]


@pytest.mark.parametrize("option", ["--daemon", "--detach", "--daemonize=yes", "--background"])
def test_an_option_of_an_unknown_daemon_shows_it_too(option: str) -> None:
    host = running(Type="simple")
    host.processes[-1] = replace(host.processes[-1], arguments=("/opt/x/x", option))

    assert judge(background_fork, host.build()).about == [("web01/x", Severity.INFO)]


def scripted(text: str, executable: str = "/opt/x/x", *arguments: str) -> HostBuilder:
    """A program that an init script started."""
    host = HostBuilder()
    host.init()
    host.process(50, executable, *arguments)
    host.init_script("x", text, 50)
    host.pid_file("/run/x.pid", host.processes[-1])
    return host


def test_an_unknown_daemon_of_an_init_script_forks_by_itself() -> None:
    text = "#!/bin/sh\n# -b is for batches\nPIDFILE=/run/x.pid\nstart-stop-daemon --start --exec /opt/x/x -- -c 3\n"

    assert judge(background_fork, scripted(text).build()).about == [("web01/x", Severity.INFO)]


@pytest.mark.parametrize(
    "start",
    [
        "start-stop-daemon --start --background --exec /opt/x/x",
        "start-stop-daemon -S -b -x /opt/x/x",
        "nohup /opt/x/x",
        "/opt/x/x >/dev/null 2>&1 &",
    ],
)
def test_what_an_init_script_puts_into_the_background_stays_in_the_foreground(start: str) -> None:
    assert judge(background_fork, scripted(f"#!/bin/sh\nPIDFILE=/run/x.pid\n{start}\n").build()).silent


def test_a_script_of_an_interpreter_is_put_into_the_background_by_what_starts_it() -> None:
    host = scripted("#!/bin/sh\nPIDFILE=/run/x.pid\n/opt/x/start\n", "/usr/bin/python3", "/opt/x/x.py")

    assert judge(background_fork, host.build()).silent


@pytest.mark.parametrize(("session", "severities"), [(48, [("web01/x", Severity.INFO)]), (50, [])])
def test_a_script_that_an_init_script_names_forks_by_itself_unless_it_leads_its_session(
    session: int, severities: list[tuple[str, Severity]]
) -> None:
    host = scripted(
        "#!/bin/sh\nPIDFILE=/run/x.pid\nstart-stop-daemon -S --startas /opt/x/x --\n", "/usr/bin/perl", "/opt/x/x"
    )
    host.processes = [replace(each, session=session) if each.pid == 50 else each for each in host.processes]

    assert judge(background_fork, host.build()).about == severities


def test_a_program_that_could_not_be_read_is_no_pass() -> None:
    host = scripted("#!/bin/sh\nstart-stop-daemon -S --startas /opt/x/x --\n", "/opt/x/x")
    host.processes = [replace(each, executable=None) if each.pid == 50 else each for each in host.processes]

    assert judge(background_fork, host.build()).missing == {"processes"}


@pytest.mark.parametrize("kind", ["simple", "notify", "exec", ""])
def test_a_unit_of_another_type_passes(kind: str) -> None:
    assert judge(background_fork, running(Type=kind).build()).silent


def test_the_unit_that_systemd_made_for_an_init_script_says_nothing() -> None:
    host = running(Type="forking")
    host.services[0] = replace(host.services[0], path="/run/systemd/generator.late/x.service", text="#!/bin/sh")

    assert judge(background_fork, host.build()).silent


def test_nginx_of_a_real_host_forks() -> None:
    assert judge(background_fork, recorded_host("vm01")).about == [("vm01/nginx", Severity.INFO)]


def test_a_parent_of_dead_children_is_found() -> None:
    host = running()
    host.process(60, None, ppid=50, name="worker", state="Z", arguments=())
    host.process(61, None, ppid=1, name="other", state="Z", arguments=())

    said = judge(zombie_processes, host.build())

    assert said.messages == ["x does not reap its ended child processes."]


def test_living_children_pass() -> None:
    host = running()
    host.process(60, "/opt/x/x", ppid=50)

    assert judge(zombie_processes, host.build()).silent


def socket_unit(triggers: str) -> Service:
    unit = Service(
        "x.socket", "systemd", "/etc/systemd/system/x.socket", "", "active", True, (), (("Triggers", triggers),), "",
        origin("services", 9),
    )  # fmt: skip
    return unit


def with_trigger(triggers: str) -> HostBuilder:
    host = running()
    host.overrides["services"] = Found(Services("systemd", tuple(host.services), (), triggers=(socket_unit(triggers),)))
    return host


def test_a_service_with_a_socket_unit_is_found() -> None:
    assert judge(socket_activation, with_trigger("x.service").build()).messages == ["x.socket listens for the service."]


def test_the_socket_unit_of_another_service_is_not() -> None:
    assert judge(socket_activation, with_trigger("y.service").build()).silent


def test_sockets_in_the_environment_are_found() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x", environment=(("LISTEN_FDS", "1"),))

    assert judge(socket_activation, host.build()).messages == ["systemd passes the service its sockets."]


def test_a_service_of_xinetd_is_found() -> None:
    host = HostBuilder()
    host.init()
    host.process(40, "/usr/sbin/xinetd")
    host.process(50, "/opt/x/x", ppid=40)

    assert judge(socket_activation, host.build()).messages == ["xinetd starts the service for each connection."]


@pytest.mark.parametrize("rule", [background_fork, socket_activation])
def test_unknown_services_are_no_pass(rule: object) -> None:
    host = running()
    host.unknown("services")

    assert judge(rule, host.build()).missing == {"services"}  # type: ignore[arg-type]


def test_a_host_with_init_scripts_only_shows_none_of_these() -> None:
    for rule in (background_fork, zombie_processes, socket_activation):
        assert judge(rule, recorded_host("web01")).silent
