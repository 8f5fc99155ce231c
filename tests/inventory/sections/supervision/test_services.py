"""Services of systemd and of init scripts, as real hosts describe them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.services import Service, Services
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.supervision.services import SECTION, parse
from tests.support.live import REDACTOR, found
from tests.support.recordings import answer, recorded


def services(recording: SectionRecording) -> Services:
    value = found(SECTION, recording)
    assert isinstance(value, Services)
    return value


def by_name(value: Services) -> dict[str, Service]:
    return {service.name: service for service in value.services}


def test_units_have_state_process_and_settings() -> None:
    value = services(recorded("vm01", "services"))
    gateway = by_name(value)["meter-gateway"]

    assert value.manager == "systemd"
    assert (gateway.state, gateway.enabled, gateway.path) == (
        "active",
        True,
        "/etc/systemd/system/meter-gateway.service",
    )
    assert gateway.property("WorkingDirectory") == "/var/lib/meter-gateway"
    assert gateway.property("EnvironmentFiles").startswith("/etc/default/meter-gateway")
    assert "path=/usr/local/lib/meter-gateway/meter-gateway" in gateway.property("ExecStart")
    assert gateway.property("ExecStop") == ""
    (pid,) = by_name(value)["nginx"].pids
    assert [file.path for file in value.pid_files if file.pid == pid] == ["/run/nginx.pid"]


def test_timers_and_sockets_are_no_services() -> None:
    value = services(recorded("vm01", "services"))

    assert not [name for name in by_name(value) if "." in name and name.endswith((".timer", ".socket"))]
    timer = next(unit for unit in value.triggers if unit.name == "logrotate.timer")
    assert timer.property("Triggers") == "logrotate.service"
    assert "OnCalendar" in timer.property("TimersCalendar")


def test_a_unit_that_others_only_name_does_not_exist() -> None:
    """`After=mysql.service` makes systemd list a unit that is not installed."""
    assert "syslog" not in by_name(services(recorded("vm01", "services")))
    missing = b"Id=mysql.service\nMainPID=0\nLoadState=not-found\n\nId=a.service\nMainPID=0\nLoadState=loaded\n"
    assert list(by_name(services(answer("services", init=b"name=systemd\nsystemd=yes\n", units=missing)))) == ["a"]


def test_an_init_script_is_tied_to_its_process_by_pid_file() -> None:
    value = services(recorded("web01", "services"))
    apache = by_name(value)["apache2"]

    assert value.manager == "sysv"
    assert (apache.manager, apache.path, apache.enabled, apache.state) == ("sysv", "/etc/init.d/apache2", True, "")
    assert apache.text.startswith("#!/bin/sh\n### BEGIN INIT INFO")
    assert apache.description == "Apache2 web server"
    assert [file.path for file in value.pid_files if file.pid in apache.pids] == ["/run/apache2/apache2.pid"]
    cron = by_name(value)["cron"]
    assert [file.path for file in value.pid_files if file.pid in cron.pids] == ["/run/crond.pid"]


def test_an_init_script_says_when_it_starts() -> None:
    apache = by_name(services(recorded("web01", "services")))["apache2"]

    assert apache.property("RequiredStart") == "$local_fs $remote_fs $network $syslog $named"
    assert apache.property("DefaultStart") == "2 3 4 5"
    assert apache.property("RunLevels") == "2 3 4 5"
    old = answer(
        "services",
        init=b"name=init\n",
        scripts=b"/etc/init.d/db:# chkconfig: 345 80 20\n/etc/init.d/db:# pidfile: /var/run/db.pid\n",
        links=b"/etc/rc.d/rc3.d/S80db\n",
    )
    assert by_name(services(old))["db"].property("Chkconfig") == "345 80 20"
    assert by_name(services(old))["db"].property("RunLevels") == "3"


def test_an_ordinary_user_sees_scripts_and_pid_files() -> None:
    value = services(recorded("app01-user", "services"))

    assert {name for name, service in by_name(value).items() if service.pids} >= {"inventory-app", "label-printer"}


def test_a_unit_generated_from_a_script_is_one_service() -> None:
    recording = answer(
        "services",
        init=b"name=systemd\nsystemd=yes\n",
        units=b"Id=old.service\nMainPID=7\nLoadState=loaded\nFragmentPath=/run/systemd/generator.late/old.service\n"
        b"SourcePath=/etc/init.d/old\nUnitFileState=generated\n",
        scripts=b"/etc/init.d/old:#!/bin/sh\n/etc/init.d/old:exec old\n",
    )
    (old,) = services(recording).services

    assert (old.manager, old.path, old.pids, old.enabled) == ("systemd", "/etc/init.d/old", (7,), None)
    assert old.text == "#!/bin/sh\nexec old"


def test_only_runlevels_of_services_enable() -> None:
    """K links and the runlevels of shutdown do not; OpenRC has names without numbers."""
    recording = answer(
        "services",
        init=b"name=init\n",
        scripts=b"/etc/init.d/a:x\n/etc/init.d/b:x\n/etc/init.d/c:x\n",
        links=b"/etc/rc.d/rc3.d/S80a\n/etc/rc0.d/S01b\n/etc/runlevels/default/c\n",
    )
    assert {name: service.enabled for name, service in by_name(services(recording)).items()} == {
        "a": True,
        "b": False,
        "c": True,
    }


def test_a_pid_file_without_a_number_is_none() -> None:
    recording = answer(
        "services",
        init=b"name=init\n",
        pid_files=b"/run/a.pid:\n/run/b.pid: 12 \n/run/c.pid:lock\n/run/d.pid:99999999999\n",
    )
    assert [(file.path, file.pid) for file in services(recording).pid_files] == [("/run/b.pid", 12)]


def test_a_container_without_init_has_no_services() -> None:
    assert isinstance(SECTION.observe(answer("services", init=b"name=sh\n"), Platform.POSIX), Absent)


def test_systemctl_without_an_answer_is_a_gap() -> None:
    observation = SECTION.observe(answer("services", init=b"name=systemd\nsystemd=yes\n", units=b""), Platform.POSIX)

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["units"]


def test_secrets_of_units_and_scripts_are_hidden() -> None:
    recording = answer(
        "services",
        units=b"Id=a.service\nMainPID=0\nEnvironment=LANG=C DB_PASSWORD=Hunter2 X=y\n"
        b"ExecStart={ path=/a ; argv[]=/a --password Hunter2 -v ; ignore_errors=no }\n",
        scripts=b"/etc/init.d/a:DB_PASSWORD=Hunter2\n/etc/init.d/a:password Hunter2\n",
    )
    redacted = SECTION.redact(recording, REDACTOR)

    assert b"Hunter2" not in redacted.to_text()
    value = services(redacted)
    assert value.services[0].property("Environment").startswith("LANG=C DB_PASSWORD=<redacted:")
    assert value.services[0].property("Environment").endswith(" X=y")


def test_an_argument_with_newlines_costs_no_unit() -> None:
    """systemd prints the argument as it is; an empty line in it does not end the unit."""
    units = b"""Type=oneshot
ExecStart={ path=/bin/sh ; argv[]=/bin/sh -c set -e

exec /opt/a
A=b
; ignore_errors=no ; start_time=[n/a] ; status=0/0 }
User=alice
Id=a.service
LoadState=loaded

Type=simple
ExecStart={ path=/opt/b ; argv[]=/opt/b
Id=b.service
LoadState=loaded
nonsense

Id=c.service
"""
    observation = SECTION.observe(answer("services", init=b"name=systemd\nsystemd=yes\n", units=units), Platform.POSIX)
    assert isinstance(observation, Found)
    first, second, third = observation.value.services

    assert (first.name, first.property("User")) == ("a", "alice")
    assert "-c set -e\n\nexec /opt/a\nA=b\n; ignore_errors=no" in first.property("ExecStart")
    assert (second.name, second.property("ExecStart")) == ("b", "{ path=/opt/b ; argv[]=/opt/b")
    assert third.name == "c"
    assert [(gap.what, gap.reason) for gap in observation.gaps] == [
        ("1 row", "unknown format: units:15 is not a property")
    ]


def test_what_is_no_property_is_an_error() -> None:
    for units in (b"Id=a.service\nnonsense\n", b"MainPID=1\n", b"Id=a.service\nMainPID=x\n"):
        with pytest.raises(ParseError, match="units:"):
            parse(answer("services", units=units))


@given(
    st.sampled_from(["init", "units", "scripts", "links", "pid_files", "unit_files", "entries", "jobs"]),
    st.one_of(st.binary(max_size=80), st.text("\n=:/aId.S20", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(SECTION.redact(answer("services", **{name: content}), REDACTOR))
    except ParseError as error:
        assert str(error)
