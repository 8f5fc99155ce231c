"""An image has what the manager of its service runs, and nothing that manages the host."""

from __future__ import annotations

from containerize.plan.start_closure import add_managed_start
from containerize.start.init_script import script_itself
from containerize.start.managed_start import ManagedStart
from containerize.start.systemd_start import UnitFiles, systemd_start
from tests.containerize.closure.pretend_host import PretendHost


def _claims(managed: ManagedStart | None, *programs: str) -> set[str]:
    host = PretendHost()
    for path in programs:
        host.program(path)
    file_set = host.file_set()
    assert managed is not None
    add_managed_start(file_set, managed, ("/usr/bin", "/usr/sbin"))
    return {path for path in programs if path in file_set.claims}


def _unit(text: str) -> ManagedStart | None:
    return systemd_start(UnitFiles("app", (f"[Service]\n{text}",)))


def test_programs_of_all_commands_and_the_files_that_they_name_are_brought() -> None:
    unit = _unit(
        "ExecStartPre=install-keys /etc/app/keys\nExecStart=/opt/app/server -c /etc/app/app.conf\n"
        "ExecStop=/bin/sh -c '/usr/bin/kill-all --file=/etc/app/all; other'"
    )
    wanted = {
        "/usr/sbin/install-keys", "/etc/app/keys", "/opt/app/server", "/etc/app/app.conf", "/bin/sh",
        "/usr/bin/kill-all", "/etc/app/all", "/usr/bin/other",
    }  # fmt: skip
    assert _claims(unit, *wanted, "/etc/app/unnamed") == wanted


def test_programs_that_manage_the_host_are_not_brought() -> None:
    unit = _unit(
        "ExecStartPre=/usr/bin/systemctl set-environment A=1\nExecStart=/opt/app/server\n"
        "ExecStartPost=/bin/sh -c 'systemctl unset-environment A'\nExecStartPre=-/usr/sbin/modprobe x"
    )
    host = ("/usr/bin/systemctl", "/usr/sbin/modprobe")
    assert _claims(unit, "/opt/app/server", *host) == {"/opt/app/server"}


def test_an_init_script_that_is_run_itself_has_its_functions() -> None:
    functions = "/usr/lib/lsb/init-functions", "/lib/lsb/init-functions"
    assert _claims(script_itself("/etc/init.d/app"), "/etc/init.d/app", *functions) == {"/etc/init.d/app", functions[1]}
    assert _claims(_unit("ExecStart=/opt/app/server start"), "/opt/app/server", *functions) == {"/opt/app/server"}
