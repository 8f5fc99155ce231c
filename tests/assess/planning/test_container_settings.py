"""The container settings that a service needs, and that a ready one needs nothing else."""

from __future__ import annotations

from dataclasses import replace

from assess.assessor import Criteria, assess_hosts
from assess.export.export_document import to_document
from assess.model import Verdict, WorkloadAssessment
from assess.streaming.results import Results
from tests.support.judging import TARGET, assess
from tests.support.snapshots import TAKEN, HostBuilder


def server() -> HostBuilder:
    """PostgreSQL with data, a socket and a port."""
    host = HostBuilder("db01", "10.77.0.12")
    host.init()
    host.user("postgres", 101)
    process = host.process(60, "/usr/lib/postgresql/15/bin/postgres", unit="postgresql.service", uid=101)
    host.unit("postgresql.service", 60, RuntimeDirectory="postgresql")
    host.listen(process, 5432)
    host.listen_unix(process, "/run/postgresql/.s.PGSQL.5432")
    host.listen_unix(process, "/run/postgresql/more/inner.sock")
    host.open(process, "/var/lib/postgresql/15/main/base/1")
    host.directory("/var/lib/postgresql/15/main", uid=101, mode=0o700)
    return host


def settings(host: HostBuilder, name: str) -> tuple[str, ...]:
    return judged(host, name).settings


def judged(host: HostBuilder, name: str) -> WorkloadAssessment:
    found = assess(host.build()).workload(f"{host.name}/{name}")
    assert found is not None
    return found


def test_ports_volumes_memory_and_directories_in_memory_are_settings() -> None:
    host = server()

    assert settings(host, "postgresql") == (
        "publish 5432/tcp",
        "volume /var/lib/postgresql",
        "memory limit",
        "tmpfs /run/postgresql",
    )


def test_a_ready_service_says_which_settings_it_needs() -> None:
    each = judged(server(), "postgresql")

    assert each.verdict is Verdict.READY
    assert each.reasons[0] == (
        "Ready: container settings only (publish 5432/tcp, volume /var/lib/postgresql, memory limit,"
        " tmpfs /run/postgresql)."
    )


def test_an_ordinary_user_on_a_low_port_needs_the_right_to_bind_it() -> None:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/app/bin/app", uid=500, capabilities=1 << 10)
    host.listen(process, 80)

    assert "capability NET_BIND_SERVICE" in settings(host, "app")


def test_a_raw_socket_is_no_low_port() -> None:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/app/bin/app", uid=500, capabilities=1 << 10)
    host.listen(process, 1, protocol="raw")

    assert "capability NET_BIND_SERVICE" not in settings(host, "app")


def test_a_run_time_without_a_handler_needs_an_init() -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/usr/bin/node", "/srv/shop/server.js"), 3000)
    (name,) = [each.workload.name for each in assess(host.build()).workloads if each.workload.kind == "service"]

    assert "init: true" in settings(host, name)


def test_what_findings_ask_for_is_a_setting() -> None:
    host = server()
    host.open(host.processes[-1], "/dev/fuse")
    host.processes[-1] = replace(host.processes[-1], nice=-5)

    assert {"device /dev/fuse", "capability SYS_NICE"} <= set(settings(host, "postgresql"))


def test_a_host_function_and_what_stays_have_no_settings() -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/usr/sbin/sshd"), 22)

    assert settings(host, "sshd") == ()


def test_the_export_lists_them() -> None:
    snapshot = server().build()
    in_memory = to_document(assess(snapshot))
    on_disk = assess_hosts([snapshot], Criteria((TARGET,), TAKEN, "hosts.ini"), Results.on_disk())

    rows = {each["id"]: each["settings"] for each in in_memory["workloads"]}
    assert rows["db01/postgresql"][0] == "publish 5432/tcp"
    assert rows == {each["id"]: each["settings"] for each in to_document(on_disk)["workloads"]}
