"""Services of inetd, xinetd, supervisor, runit, monit, upstart and inittab.

``supervised01`` runs the programs of the Debian packages. Of upstart and of old inittabs there is no host to be had
here: those lines are written after init(5) of upstart and inittab(5), and after files that packages of the time had.
"""

from __future__ import annotations

import pytest

from inventory.model.services import Service, Services
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.sections.supervision.services import SECTION
from tests.support.live import REDACTOR, found
from tests.support.recordings import answer, recorded


def entries(text: str, **parts: bytes) -> list[Service]:
    """What a host says that has these files and nothing else; lines are ``FILE:TEXT``."""
    value = found(SECTION, answer("services", init=b"name=init\n", entries=text.encode(), **parts))
    assert isinstance(value, Services)
    return list(value.services)


def of(host: str, manager: str) -> list[Service]:
    return [service for service in found(SECTION, recorded(host, "services")).services if service.manager == manager]


def test_an_entry_of_inetd_has_port_user_and_program() -> None:
    served = {service.name: service for service in of("supervised01", "inetd")}

    assert dict(served["9301"].properties) == {
        "Port": "9301", "Protocol": "tcp", "Bind": "127.0.0.1", "Wait": "no", "User": "nobody",
        "Command": "/bin/sleep 600",
    }  # fmt: skip
    assert served["9301"].enabled
    assert served["ftp"].property("Command") == "/usr/sbin/in.ftpd", "the program behind tcpd"
    assert not served["ftp"].enabled, "update-inetd switched it off"
    assert served["discard"].property("Type") == "internal"


def test_a_service_of_xinetd_is_on_unless_disabled() -> None:
    served = of("supervised01", "xinetd")
    on = [service for service in served if service.enabled]

    assert [(service.name, service.property("Port"), service.property("Bind")) for service in on] == [
        ("parts-lookup", "9302", "127.0.0.1")
    ]
    assert on[0].property("Command") == "/bin/sleep 601"
    assert "LOOKUP_PASSWORD=<redacted:" in on[0].property("Environment")
    assert {(each.property("Port"), each.property("Protocol")) for each in served if each.name == "daytime"} == {
        ("daytime", "tcp"), ("daytime", "udp"),
    }  # fmt: skip


def test_a_program_of_supervisor_has_its_settings() -> None:
    labels, old = of("supervised01", "supervisor")

    assert (labels.name, labels.path) == ("labels", "/etc/supervisor/conf.d/labels.conf")
    assert labels.property("Command") == "/bin/sleep 602"
    assert (labels.property("User"), labels.property("WorkingDirectory")) == ("nobody", "/var/tmp")
    assert 'MODE="night",DB_PASSWORD="<redacted:' in labels.property("Environment")
    assert (labels.enabled, old.enabled) == (True, False)


def test_a_service_directory_of_runit_has_its_process_as_root() -> None:
    (queue,) = of("supervised01", "runit")
    (seen,) = of("supervised01-user", "runit")

    assert (queue.name, queue.property("User")) == ("queue", "nobody")
    assert queue.property("Command") == "chpst -u nobody /bin/sleep 604"
    assert (queue.state, len(queue.pids)) == ("active", 1)
    assert (seen.state, seen.pids) == ("", ()), "its supervise directory is closed to others"


def test_a_check_of_monit_knows_its_process_by_pid_file() -> None:
    (check,) = of("supervised01", "monit")

    assert (check.name, check.property("Command")) == ("queue-check", "/usr/local/bin/start-queue")
    assert check.pids == (12,)


def test_what_an_ordinary_user_may_not_read_is_a_gap() -> None:
    observation = SECTION.observe(recorded("supervised01-user", "services"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == ["permission denied; scan with become"]


def test_a_job_of_upstart_has_stanzas_state_and_override() -> None:
    text = (
        '/etc/init/shop.conf:description "the shop"\n/etc/init/shop.conf:start on runlevel [2345]\n'
        "/etc/init/shop.conf:setuid shop\n/etc/init/shop.conf:limit nofile 4096 8192\n"
        "/etc/init/shop.conf:respawn\n/etc/init/shop.conf:pre-start script\n/etc/init/shop.conf:  exec /bin/false\n"
        "/etc/init/shop.conf:end script\n/etc/init/shop.conf:script\n/etc/init/shop.conf:  . /etc/default/shop\n"
        "/etc/init/shop.conf:  exec /opt/shop/serve $OPTS\n/etc/init/shop.conf:end script\n"
        "/etc/init/rare.conf:start on startup\n/etc/init/rare.conf:exec rare\n/etc/init/rare.override:manual\n"
    )
    jobs = b"shop start/running, process 4711\nrare stop/waiting\ntty (tty1) start/running, process 9\n"
    init = b"name=init\nupstart=yes\n"
    value = found(SECTION, answer("services", init=init, entries=text.encode(), jobs=jobs))
    shop, rare = value.services

    assert value.manager == "upstart"
    assert (shop.name, shop.description, shop.state, shop.pids, shop.enabled) == (
        "shop", "the shop", "active", (4711,), True,
    )  # fmt: skip
    assert dict(shop.properties) == {
        "User": "shop", "LimitNOFILE": "4096:8192", "Restart": "yes", "Command": "/opt/shop/serve $OPTS",
    }  # fmt: skip
    assert (rare.state, rare.enabled) == ("inactive", False)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("::respawn:/usr/sbin/meterd -n", ["meterd"]),
        ("h1:2345:respawn:/opt/fax/faxgetty ttyS0", ["faxgetty"]),
        ("tty1::respawn:/sbin/getty 38400 tty1", []),
        ("1:2345:respawn:/sbin/mingetty tty1", []),
        ("::sysinit:/etc/init.d/rcS", []),
        ("::respawn:-/bin/sh", []),
        ("::respawn:-@+", []),
    ],
)
def test_what_inittab_keeps_running_is_a_service_unless_a_console(line: str, names: list[str]) -> None:
    assert [service.name for service in entries(f"/etc/inittab:{line}\n")] == names


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/bin/su stock -s /bin/sh -c /opt/stock/serve.sh", ("serve.sh", "/opt/stock/serve.sh", "stock")),
        ("su - oracle -c '/opt/oracle/listen start'", ("listen", "/opt/oracle/listen start", "oracle")),
        ('su -s /bin/sh app -c "exec /srv/app/run --port 80"', ("run", "/srv/app/run --port 80", "app")),
        ("/bin/su", ("su", "/bin/su", "")),
        ("/usr/bin/summer -c x", ("summer", "/usr/bin/summer -c x", "")),
    ],
)
def test_an_entry_is_named_by_what_another_user_runs(command: str, expected: tuple[str, str, str]) -> None:
    (service,) = entries(f"/etc/inittab:x:2345:respawn:{command}\n")

    assert (service.name, service.property("Command"), service.property("User")) == expected


def test_openrc_says_what_it_has_started() -> None:
    recording = answer(
        "services",
        init=b"name=init\nopenrc=yes\n",
        scripts=b"/etc/init.d/nginx:#!/sbin/openrc-run\n/etc/init.d/tftp:#!/sbin/openrc-run\n",
        links=b"/etc/runlevels/default/nginx\n/run/openrc/started/nginx\n",
    )
    value = found(SECTION, recording)

    assert value.manager == "openrc"
    assert [(each.name, each.enabled, each.state) for each in value.services] == [
        ("nginx", True, "active"),
        ("tftp", False, ""),
    ]


def test_each_setting_of_a_unit_has_its_file() -> None:
    drop_in = "/etc/systemd/system/shop.service.d/10-memory.conf"
    recording = SECTION.redact(
        answer(
            "services",
            init=b"name=systemd\nsystemd=yes\n",
            units=f"Id=shop.service\nMainPID=1\nFragmentPath=/lib/systemd/system/shop.service\nDropInPaths={drop_in} "
            "/lib/systemd/system/service.d/all.conf\n".encode(),
            unit_files=f"{drop_in}:[Service]\n{drop_in}:MemoryMax=1G\n{drop_in}:ExecStart=\n"
            f"{drop_in}:ExecStart=/opt/shop \\\n{drop_in}:  --password Hunter2Horse\n{drop_in}:# Nice=3\n"
            "/usr/lib/systemd/system/service.d/all.conf:Nice=1\n"
            "/home/ann/.config/systemd/user/notes.service:[Service]\n"
            "/home/ann/.config/systemd/user/notes.service:ExecStart=/home/ann/notes\n".encode(),
        ),
        REDACTOR,
    )
    value = found(SECTION, recording)
    (shop,) = value.services

    assert b"Hunter2" not in recording.to_text()
    assert [(setting.name, setting.value.split(" <")[0]) for setting in shop.settings] == [
        ("MemoryMax", "1G"), ("ExecStart", ""), ("ExecStart", "/opt/shop --password"), ("Nice", "1"),
    ]  # fmt: skip
    assert shop.source_of("MemoryMax") == drop_in
    assert shop.source_of("Nice") == "/usr/lib/systemd/system/service.d/all.conf"
    assert shop.source_of("User") == "/lib/systemd/system/shop.service"
    assert [(unit.name, unit.property("User")) for unit in value.user_units] == [("notes", "ann")]


def test_remarks_are_not_kept() -> None:
    lines = [
        "/etc/inetd.conf:#ftp stream tcp nowait root /usr/sbin/tcpd in.ftpd", "/etc/inetd.conf:# a remark",
        "/etc/inetd.conf:", "/etc/inetd.conf:##", "/etc/supervisord.conf:; a remark",
        "/etc/supervisord.conf:[program:a]",
        "/etc/inittab:  # a remark", "/etc/inittab:####################################x",
    ]  # fmt: skip
    kept = SECTION.redact(answer("services", entries="\n".join(lines).encode() + b"\n"), REDACTOR).part("entries")

    assert kept is not None
    assert kept.lines() == [lines[0], lines[5], lines[7]]


def test_what_the_last_script_of_the_boot_starts() -> None:
    """A service for each program; what only sets something up has no path or no process, and remarks are none."""
    text = """#!/bin/sh -e
# /opt/old/serve
touch /var/lock/subsys/local
nohup /opt/shop/serve --port 8080 >/var/log/shop.log 2>&1 &
su - app -c "/opt/app/run.sh start"
if [ -x /opt/x ]; then
  exec /opt/x/agent &
fi
exit 0
"""
    lines = "".join(f"/etc/rc.d/rc.local:{line}\n" for line in text.splitlines())
    lines += "/etc/init.d/boot.local:/usr/local/sbin/tune now\n"
    value = found(SECTION, answer("services", init=b"name=init\n", entries=lines.encode()))

    assert [(one.name, one.path, one.property("Command"), one.property("User")) for one in value.services] == [
        ("serve", "/etc/rc.d/rc.local", "/opt/shop/serve --port 8080", ""),
        ("run.sh", "/etc/rc.d/rc.local", "/opt/app/run.sh start", "app"),
        ("agent", "/etc/rc.d/rc.local", "/opt/x/agent", ""),
        ("tune", "/etc/init.d/boot.local", "/usr/local/sbin/tune now", ""),
    ]
    assert {(one.manager, one.enabled) for one in value.services} == {("rc.local", True)}


def test_a_job_of_upstart_stands_in_for_the_script_of_its_name() -> None:
    """Ubuntu 14.04 keeps a script for people who are used to it; SUSE starts what is linked in boot.d."""
    recording = answer(
        "services",
        init=b"name=init\nupstart=yes\n",
        entries=b"/etc/init/rsyslog.conf:start on filesystem\n/etc/init/rsyslog.conf:exec rsyslogd\n",
        scripts=b"/etc/init.d/rsyslog:#!/bin/sh\n/etc/init.d/boot.udev:#!/bin/sh\n/etc/init.d/off:#!/bin/sh\n",
        links=b"/etc/init.d/boot.d/S03boot.udev\n",
        jobs=b"rsyslog start/running, process 9\n",
    )
    assert [(one.name, one.manager, one.enabled) for one in found(SECTION, recording).services] == [
        ("boot.udev", "sysv", True),
        ("off", "sysv", False),
        ("rsyslog", "upstart", True),
    ]
