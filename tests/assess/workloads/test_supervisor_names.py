"""A supervisor's child has the name that the supervisor's configuration gives it."""

from __future__ import annotations

from assess.workloads.supervisor_names import entry_name
from inventory.model.services import Service, Services
from tests.support.snapshots import HostBuilder, origin


def entry(manager: str, name: str, command: str, *, enabled: bool = True) -> Service:
    return Service(
        name, manager, "/etc/x", "", "", enabled, (), (("Command", command),), command, origin("services", 1)
    )


def named(supervisor: str, child: tuple[str, ...], *entries: Service) -> str:
    host = HostBuilder()
    parent = host.process(20, supervisor)
    process = host.process(21, *child, ppid=20, environment=None)
    return entry_name(process, parent, Services("sysv", entries, ()))


def test_an_ordinary_user_learns_the_name_from_the_configuration() -> None:
    """The environment, where supervisord puts the name, is closed to others."""
    labels = entry("supervisor", "labels", "/opt/labels/run --queue one")

    assert named("/usr/bin/supervisord", ("/opt/labels/run", "--queue", "one"), labels) == "labels"


def test_arguments_tell_entries_of_one_program_apart() -> None:
    entries = [entry("supervisor", f"queue-{word}", f"/opt/queue {word}") for word in ("one", "two")]

    assert named("/usr/bin/supervisord", ("/opt/queue", "two"), *entries) == "queue-two"
    assert named("/usr/bin/supervisord", ("/opt/queue", "three"), *entries) == "", "either may be meant"


def test_an_interpreter_before_the_entrys_words_is_none_of_them() -> None:
    worker = entry("supervisor", "worker", "/opt/worker.py --fast")

    assert named("/usr/bin/supervisord", ("/usr/bin/python3", "/opt/worker.py", "--fast"), worker) == "worker"


def test_what_inetd_starts_is_called_as_inetd_calls_it() -> None:
    ftp = entry("inetd", "ftp", "/usr/sbin/in.ftpd -l")

    assert named("/usr/sbin/inetd", ("/usr/sbin/in.ftpd", "-l"), ftp) == "ftp"
    assert named("/usr/sbin/xinetd", ("/usr/sbin/in.ftpd", "-l"), ftp) == "", "the file of another program"


def test_a_disabled_entry_started_nothing() -> None:
    assert named("/usr/sbin/xinetd", ("/usr/bin/x",), entry("xinetd", "x", "/usr/bin/x", enabled=False)) == ""


def test_a_command_with_an_open_quote_names_nobody() -> None:
    assert named("/usr/bin/supervisord", ("/opt/x",), entry("supervisor", "x", '/opt/x "')) == ""


def test_a_job_of_upstart_owns_the_process_that_it_names() -> None:
    from assess.workloads import find_workloads

    host = HostBuilder()
    host.init()
    shop = host.process(30, "/opt/shop/serve")
    host.listen(shop, 8080)
    text = "setuid shop\nexec /opt/shop/serve"
    host.services.append(
        Service(
            "webshop", "upstart", "/etc/init/webshop.conf", "", "active", True, (30,), (), text, origin("services", 1)
        )
    )
    (found,) = (workload for workload in find_workloads(host.build()) if workload.main.pid == 30)

    assert found.name == "webshop"
    assert "upstart job webshop" in found.named_by
