"""A container starts its service itself, or the supervisor where the service needs it."""

from __future__ import annotations

from dataclasses import replace

from containerize.host.file_tree import FileEntry, HostTree
from containerize.host.process_listing import LiveProcess
from containerize.plan.container_start import Starting, make_start
from containerize.plan.start_service import StartSource
from containerize.plan.start_sockets import passed_sockets
from containerize.plan.supervised_start import container_start
from containerize.secret_values.secret_sources import SecretTest
from containerize.start.systemd_start import UnitFiles, systemd_start
from containerize.supervisor.image_paths import PROGRAM, SETTINGS
from containerize.supervisor.render_spec import render
from tests.containerize.closure.pretend_host import make_workload, process

_NET_BIND_SERVICE, _NET_ADMIN = 1 << 10, 1 << 12


def _starting(seen: LiveProcess, unit: str = "") -> Starting:
    managed = systemd_start(UnitFiles("app", (f"[Service]\nExecStart={unit}",))) if unit else None
    tree = HostTree({seen.executable: FileEntry("f", 0o755, 0, 0, 1, 0, 0, "", "")})
    return make_start(make_workload(), [seen], tree, lambda _path: True, SecretTest(), StartSource(managed))


def _never() -> bool:
    raise AssertionError("the binary is not needed")


def test_a_service_that_stays_in_the_foreground_starts_itself() -> None:
    starting, spec = container_start([_starting(process("/opt/app/server"), "/opt/app/server")], _never)
    assert spec is None
    assert starting.start.arguments == starting.start.service == ("/opt/app/server",)


def test_a_service_that_leaves_the_foreground_starts_under_the_supervisor_with_its_own_account() -> None:
    unit = "/opt/app/server -d\nType=forking\nUser=app\nWorkingDirectory=/opt/app\nUMask=027\nKillSignal=SIGINT"
    seen = process("/opt/app/server", "/opt/app/server", "-d", uid=1000, groups=[1000, 44], environment=["LANG=C"])
    starting, spec = container_start([_starting(seen, unit)], _never)
    start = starting.start
    assert (start.arguments, start.service) == ((PROGRAM, SETTINGS), ("/opt/app/server", "-d"))
    assert (start.user, start.groups, start.working_directory) == ("1000:1000", (44,), "/")
    assert (start.stop_signal, start.init, dict(start.environment)["LANG"]) == ("SIGTERM", False, "C")
    assert spec is not None
    (service,) = spec.services
    assert (service.uid, service.gid, service.groups, service.umask) == (1000, 1000, (44,), 0o027)
    assert (service.working_directory, service.stop_signal) == ("/opt/app", "SIGINT")
    assert service.environment == service.unset == ()
    assert render(spec).startswith(b"brownfield-services 1\n")


def test_without_a_supervisor_a_service_that_may_fork_starts_itself_and_the_plan_says_so() -> None:
    doubtful = _starting(process("/opt/app/server", "/opt/app/server", "--detach"))
    starting, spec = container_start([doubtful], lambda: False)
    assert spec is None
    assert starting.start.arguments == ("/opt/app/server", "--detach")
    (note,) = starting.notes
    assert note.startswith("/opt/app/server may leave the foreground")
    supervised, spec = container_start([doubtful], lambda: True)
    assert spec is not None
    assert not supervised.notes


def test_a_service_that_would_ignore_sigterm_gets_the_engines_init_where_there_is_no_supervisor() -> None:
    deaf = _starting(process("/opt/app/server", catches=0), "/opt/app/server")
    starting, spec = container_start([deaf], lambda: False)
    assert (spec, starting.start.init, starting.notes) == (None, True, ())
    assert container_start([deaf], lambda: True)[0].start.arguments == (PROGRAM, SETTINGS)


def test_services_in_one_container_have_their_own_accounts_variables_and_secrets() -> None:
    web = _starting(process("/opt/web", environment=["LANG=C", "MODE=web", "API_TOKEN=a8Fk2Lq9Zx81mNpQ"], uid=33))
    pool = _starting(process("/opt/pool", environment=["LANG=C", "SIZE=4"], uid=1000, umask=0o077))
    starting, spec = container_start([web, pool], _never)
    assert spec is not None
    first, last = spec.services
    assert [(each.name, each.uid) for each in spec.services] == [("app-2", 1000), ("app", 33)]
    assert (first.environment, first.unset) == ((("SIZE", "4"),), ("MODE",))
    assert (first.secrets, last.secrets, first.umask) == ((), ("API_TOKEN",), 0o077)
    start = starting.start
    assert (start.user, start.groups, start.secret_environment) == ("0:0", (), ("API_TOKEN",))
    assert start.service == ("/opt/web",)
    assert "starts /opt/web, /opt/pool together" in start.reason


def test_only_a_supervisor_that_is_root_gives_capabilities_and_makes_directories() -> None:
    unit = "/opt/app/server\nType=forking\nUser=app\nRuntimeDirectory=app\nAmbientCapabilities=CAP_NET_BIND_SERVICE"
    seen = replace(process("/opt/app/server", uid=1000), capabilities=_NET_BIND_SERVICE)
    alone, together = _starting(seen, unit), _starting(process("/opt/pool"))
    _, spec = container_start([alone], _never)
    assert spec is not None
    assert (spec.services[0].ambient, spec.services[0].directories) == ((), ())
    _, spec = container_start([alone, together], _never)
    assert spec is not None
    service = spec.services[-1]
    assert service.ambient == ("CAP_NET_BIND_SERVICE",)
    assert [(each.path, each.uid) for each in service.directories] == [("/run/app", 1000)]


def test_a_port_for_ipv4_and_for_ipv6_is_opened_twice() -> None:
    """As rpcbind.socket has it."""
    socket = "[Socket]\nListenStream=0.0.0.0:111\nListenStream=[::]:111\nBindIPv6Only=ipv6-only"
    managed = systemd_start(UnitFiles("app", ("[Service]\nExecStart=/opt/app/server",), (("app.socket", (socket,)),)))
    assert managed is not None
    sockets, _, notes = passed_sockets(managed.sockets, {}, {})
    assert [(each.address, each.port, each.ipv6_only) for each in sockets] == [
        ("0.0.0.0", 111, False),
        ("::", 111, True),
    ]
    assert not notes


def test_commands_after_the_start_wait_for_a_service_that_notifies() -> None:
    unit = "/opt/app/server\nType=notify\nExecStartPost=/opt/app/warm-up"
    _, spec = container_start([_starting(process("/opt/app/server"), unit)], _never)
    assert spec is not None
    (service,) = spec.services
    assert (service.kind, service.ignore_sigpipe) == ("notify", True)
    _, spec = container_start([_starting(process("/opt/app/server", "/opt/app/server", "--other"), unit)], _never)
    assert spec is not None
    assert spec.services[0].kind == "notify"


def test_a_capability_that_engines_do_not_give_needs_the_supervisor() -> None:
    unit = "/opt/app/server\nUser=app\nAmbientCapabilities=CAP_NET_ADMIN CAP_NET_BIND_SERVICE"
    seen = replace(process("/opt/app/server", uid=1000), capabilities=_NET_ADMIN | _NET_BIND_SERVICE)
    starting, spec = container_start([_starting(seen, unit)], _never)
    assert starting.start.user == "0:0"
    assert spec is not None
    assert set(spec.services[0].ambient) == {"CAP_NET_ADMIN", "CAP_NET_BIND_SERVICE"}
