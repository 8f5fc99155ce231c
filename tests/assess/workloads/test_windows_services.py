"""Workloads of a Windows host: services, worker processes of IIS, what belongs to the host, and who is only at work."""

from __future__ import annotations

from assess.model import Severity, Verdict
from assess.workloads import find_workloads
from inventory.model.services import Service
from inventory.model.sockets import Listener
from inventory.snapshot import Snapshot
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder, origin

SYSTEM32 = "C:\\Windows\\System32\\"


def host() -> Snapshot:
    made = HostBuilder("win01", platform="windows")

    def process(pid: int, ppid: int, path: str, *arguments: str, session: int = 0) -> None:
        name = path.rpartition("\\")[2]
        made.process(pid, path, *arguments, ppid=ppid, name=name, uid=-1, session=session)

    def service(name: str, pid: int) -> None:
        made.services.append(Service(name, "windows", "", name, "active", True, (pid,), (), "", origin("services")))

    process(500, 4, SYSTEM32 + "services.exe")
    process(600, 500, SYSTEM32 + "svchost.exe", "-k", "netsvcs")
    service("Dhcp", 600)
    service("EventLog", 600)
    process(700, 500, "D:\\Shop\\ShopServer.exe", "/port", "8080")
    process(701, 700, "D:\\Shop\\worker.exe")
    service("Shop Server", 700)
    process(800, 600, SYSTEM32 + "inetsrv\\w3wp.exe", "-ap", "Intranet", "-v", "v4.0")
    process(801, 600, SYSTEM32 + "inetsrv\\w3wp.exe", "-ap", "Intranet", "-v", "v4.0")
    process(802, 600, SYSTEM32 + "inetsrv\\w3wp.exe", "-ap", "Old", "-v", "v2.0")
    process(900, 500, SYSTEM32 + "OpenSSH\\sshd.exe")
    service("sshd", 900)
    process(901, 900, SYSTEM32 + "OpenSSH\\sshd.exe", "-R")
    process(902, 901, SYSTEM32 + "cmd.exe")
    process(903, 902, SYSTEM32 + "WindowsPowerShell\\v1.0\\powershell.exe")
    process(950, 4, "C:\\Windows\\explorer.exe", session=2)
    process(951, 950, "C:\\Program Files\\Editor\\editor.exe", session=2)
    process(952, 950, "D:\\Tray\\tray.exe", session=2)
    for pid, port in ((700, 8080), (952, 9000)):
        made.listeners.append(Listener("tcp", "0.0.0.0", port, -1, pid, origin("sockets")))
    return made.build()


def test_services_and_pools_have_their_own_names() -> None:
    workloads = {each.name: each for each in find_workloads(host()) if each.kind == "service"}

    assert set(workloads) == {"shop-server", "intranet", "old", "tray.exe"}
    shop = workloads["shop-server"]
    assert [each.pid for each in shop.processes] == [700, 701]
    assert [each.listener.port for each in shop.listeners] == [8080]
    assert shop.named_by == "Windows service Shop Server owns process 700"
    assert [each.pid for each in workloads["intranet"].processes] == [800, 801]
    assert workloads["intranet"].named_by == "entry Intranet of IIS"


def test_what_windows_runs_itself_is_a_function_of_the_host() -> None:
    functions = {each.main_pid: each.purpose for each in find_workloads(host()) if each.kind == "host function"}

    assert functions[600] == "running Windows itself"
    assert functions[900].startswith("remote login")


def test_who_is_at_work_is_no_workload() -> None:
    seen = {each.pid for workload in find_workloads(host()) for each in workload.processes}

    assert not seen & {901, 902, 903, 951}
    assert 952 in seen, "it listens"


def test_no_windows_service_is_called_ready_for_a_linux_target() -> None:
    assessment = assess(host())

    services = [each for each in assessment.workloads if each.workload.kind == "service"]
    assert {each.verdict for each in services} == {Verdict.STAY}
    assert [each.severity for each in assessment.findings if each.name == "windows-host-linux-target"] == [
        Severity.BLOCKER
    ]
