"""What is found on real hosts: recordings of the estate, whole, as root and as an ordinary user."""

from __future__ import annotations

import re

import pytest

from assess.assessment import Assessment
from assess.model import Severity, Verdict
from assess.rules import RULES
from inventory.depth import Depth
from inventory.observation import Absent, Found
from inventory.platforms import Platform
from inventory.sections import SECTIONS
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess, target

ESTATE = ("web01", "db01", "app01", "vm01")


@pytest.fixture(scope="module")
def estate() -> Assessment:
    """The four hosts of the estate."""
    return assess(*(recorded_host(host) for host in ESTATE))


@pytest.fixture(scope="module")
def odd() -> Assessment:
    """app01 while services that do what rules look for ran on it."""
    return assess(recorded_host("app01-odd"))


def findings(assessment: Assessment, rule: str) -> dict[str, Severity]:
    """Workload or host, and how bad, of what a rule found."""
    return {each.workload or each.host: each.severity for each in assessment.findings if each.name == rule}


@pytest.mark.parametrize("host", ESTATE)
def test_root_sees_every_section(host: str) -> None:
    snapshot = recorded_host(host)

    asked = [
        section.name for section in SECTIONS if section.variant(Platform.POSIX) and section.depth is not Depth.DEEP
    ]
    # Absent is an answer: these hosts run no containers
    assert [name for name in asked if not isinstance(snapshot.observation(name), Found | Absent)] == []


def test_the_services_are_called_as_their_administrators_call_them(estate: Assessment) -> None:
    services = {each.workload.id for each in estate.workloads if each.workload.kind == "service"}

    assert services == {
        "web01/apache2",
        "db01/mariadb",
        "app01/inventory-app",
        "app01/tomcat9",
        "app01/label-printer",
        "vm01/nginx",
        "vm01/meter-gateway",
    }


def test_what_belongs_to_the_hosts_stays_with_them(estate: Assessment) -> None:
    functions = {each.workload.id: each.workload.purpose for each in estate.workloads if each.verdict is Verdict.STAY}

    assert functions["web01/exim4"] == "delivering this host's own mail"
    assert functions["db01/cron"] == "running jobs at set times"
    assert functions["db01/rsyslog"] == "collecting the host's log messages"
    assert functions["vm01/ssh"] == functions["app01/ssh"] == "remote login"
    assert functions["vm01/getty-tty1"] == "logins at the console"


def test_kernel_threads_and_the_probe_itself_are_in_no_workload(estate: Assessment) -> None:
    processes = [process for each in estate.workloads for process in each.workload.processes]

    assert not any(process.kernel for process in processes)
    assert not any(process.command.endswith("-s") and process.name in ("sh", "dash", "bash") for process in processes)


def test_the_servers_are_the_main_processes(estate: Assessment) -> None:
    mains = {each.workload.id: each.workload.main.name for each in estate.workloads}

    assert mains["db01/mariadb"] == "mariadbd"
    assert mains["web01/apache2"] == "apache2"
    assert mains["app01/tomcat9"] == "java"


def test_data_is_found_in_all_its_places(estate: Assessment) -> None:
    data = {each.workload.id: [found.path for found in each.workload.data] for each in estate.workloads}

    assert data["web01/apache2"] == ["/var/lib/app"]
    assert data["db01/mariadb"] == ["/var/lib/mysql"]
    assert data["app01/inventory-app"] == ["/var/opt/app"]
    assert data["app01/tomcat9"] == ["/var/lib/parts"]
    assert data["vm01/meter-gateway"] == ["/var/lib/meter-gateway"]
    assert data["vm01/nginx"] == []
    owners = {found.path: (found.uid, found.mode) for each in estate.workloads for found in each.workload.data}
    assert owners["/var/lib/app"] == (33, 0o750)


def test_the_port_in_the_code_is_found_beside_the_setting_that_does_nothing(estate: Assessment) -> None:
    assert findings(estate, "hard-coded-port") == {"app01/inventory-app": Severity.MAJOR}
    (found,) = [each for each in estate.findings if each.name == "hard-coded-port"]
    assert [evidence.text for evidence in found.evidence][:2] == ["PORT = 80", "port = 8000"]


def test_the_port_that_three_services_want_is_found(estate: Assessment) -> None:
    assert set(findings(estate, "shared-port")) == {"web01/apache2", "app01/inventory-app", "vm01/nginx"}


def test_the_address_of_the_database_is_found_in_the_settings_of_the_shop(estate: Assessment) -> None:
    (found,) = [each for each in estate.findings if each.name == "address-in-configuration"]

    assert found.workload == "web01/apache2"
    assert found.message == "/etc/app/app.ini:17 names 10.77.0.12, which is host db01."
    assert "web01/apache2" in findings(estate, "estate-host-name")


def test_secrets_are_found_and_not_shown(estate: Assessment) -> None:
    assert {"web01/apache2", "app01/inventory-app", "vm01/meter-gateway"} <= set(findings(estate, "secret-in-file"))
    assert findings(estate, "secret-in-process") == {"vm01/meter-gateway": Severity.MINOR}
    assert "estate-db-password" not in repr(estate)
    assert "estate-session-secret" not in repr(estate)


def test_jobs_of_cron_belong_to_their_services(estate: Assessment) -> None:
    places = {each.workload.id: {job.place for job in each.workload.schedules} for each in estate.workloads}

    assert places["web01/apache2"] == {"/etc/cron.d/shop", "/etc/cron.daily/apache2"}
    assert places["db01/mariadb"] == {"/etc/cron.d/shop-dump"}


def test_releases_past_their_end_are_found_on_the_day_of_the_assessment(estate: Assessment) -> None:
    assert findings(estate, "end-of-life-distribution") == {
        "web01": Severity.MINOR,
        "db01": Severity.MINOR,
        "app01": Severity.MAJOR,
        "vm01": Severity.MAJOR,
    }


def test_the_service_behind_the_proxy_is_found_in_its_configuration(estate: Assessment) -> None:
    (found,) = [each for each in estate.findings if each.name == "loopback-connection"]

    assert (found.workload, found.message) == ("vm01/nginx", "The service reaches meter-gateway at 127.0.0.1:7400.")
    assert found.evidence[0].text == "proxy_pass http://127.0.0.1:7400/;"


def test_unpackaged_programs_are_found_and_packaged_ones_are_not(estate: Assessment) -> None:
    assert set(findings(estate, "unpackaged-program")) == {"app01/inventory-app", "vm01/meter-gateway"}


@pytest.mark.parametrize(
    "rule",
    [
        "wrong-architecture", "kernel-too-old", "kernel-too-new", "missing-cpu-level", "thirty-two-bit-program",
        "raw-socket", "open-device", "single-listen-address", "state-outside-volumes",
        "manual-start", "deleted-executable", "required-companion", "windows-host-linux-target",
        "linux-host-windows-target", "other-unix-host", "occupied-target-port",
    ],
)  # fmt: skip
def test_a_rule_that_has_nothing_to_find_is_decided_and_silent(estate: Assessment, rule: str) -> None:
    assert findings(estate, rule) == {}
    groups = (*(host.undetermined for host in estate.hosts), *(each.undetermined for each in estate.workloads))
    assert [each for group in groups for each in group if each.name == rule] == []


@pytest.mark.parametrize(
    ("rule", "service", "severity"),
    [
        ("raw-socket", "odd-raw", Severity.MAJOR),
        ("open-device", "odd-device", Severity.MINOR),
        ("single-listen-address", "odd-bound odd-group", Severity.MINOR),
        ("address-in-configuration", "odd-bound", Severity.MINOR),
        ("loopback-connection", "odd-caller", Severity.MINOR),
        ("required-companion", "odd-frontend odd-shared1 odd-shared2", Severity.MINOR),
        # Where /dev/mqueue is not mounted nothing tells a message queue from a file of the root directory.
        ("state-outside-volumes", "odd-writer odd-queue", Severity.MAJOR),
        ("secret-in-process", "odd-secret odd-environment", Severity.MINOR),
        ("thirty-two-bit-program", "old-cpu", Severity.MINOR),
        ("kernel-too-old", "new-kernel", Severity.BLOCKER),
        ("missing-cpu-level", "new-cpu", Severity.BLOCKER),
        ("deleted-executable", "replaced", Severity.MAJOR),
        ("multicast-group", "odd-group", Severity.MAJOR),
        ("broadcast-server", "odd-browser", Severity.MAJOR),
        ("packet-socket", "odd-sniffer", Severity.MAJOR),
        ("netlink-socket", "odd-devices", Severity.MINOR),
        ("udplite-socket", "odd-lite", Severity.INFO),
        ("hairpin-connection", "odd-home", Severity.MINOR),
        ("system-v-shared-memory", "odd-shared1 odd-shared2", Severity.MINOR),
        ("system-v-queues", "odd-messages", Severity.INFO),
        ("shared-memory-size", "odd-shm", Severity.MINOR),
        ("locked-memory", "odd-locked", Severity.MINOR),
        ("real-time-scheduling", "odd-urgent", Severity.MAJOR),
        ("raised-priority", "odd-niced", Severity.MINOR),
        ("processor-affinity", "odd-pinned", Severity.MINOR),
        ("inotify-watches", "odd-watcher", Severity.MINOR),
        ("file-access-monitoring", "odd-scanner", Severity.MAJOR),
        ("zombie-processes", "odd-parent", Severity.MINOR),
        ("io-uring", "odd-rings", Severity.MINOR),
        ("bpf-or-perf", "odd-tracing", Severity.MAJOR),
        ("machine-id-read", "odd-bound-to-machine", Severity.MINOR),
    ],
)
def test_a_service_that_does_it_is_found_and_no_other(
    odd: Assessment, rule: str, service: str, severity: Severity
) -> None:
    assert findings(odd, rule) == {f"app01-odd/{name}": severity for name in service.split()}


def test_what_was_started_by_hand_is_told_from_what_the_host_starts(odd: Assessment) -> None:
    by_hand = set(findings(odd, "manual-start"))

    assert {f"app01-odd/{name}" for name in ("odd-bound", "odd-raw", "new-cpu", "old-cpu")} <= by_hand
    assert by_hand == {
        each.workload.id for each in odd.workloads if re.search("/((odd|old|new)-|replaced)", each.workload.id)
    }
    assert not by_hand & {f"app01-odd/{name}" for name in ("inventory-app", "tomcat9", "label-printer")}
    assert by_hand <= set(findings(odd, "unpackaged-program"))
    # It gives its account up, to own the queue that it makes.
    assert by_hand - set(findings(odd, "runs-as-root")) == {"app01-odd/odd-messages"}


def test_every_program_is_for_the_wrong_processor_on_a_target_with_another() -> None:
    arm = target(name="arm", architecture="aarch64", vsyscall="", ia32_emulation=None)
    assessment = assess(recorded_host("web01"), targets=(arm,))

    assert findings(assessment, "wrong-architecture") == {"web01/apache2": Severity.BLOCKER}
    assert {each.verdict for each in assessment.workloads} == {Verdict.STAY}


def test_a_target_that_holds_the_port_itself_is_told() -> None:
    busy = target(listening_ports=(("tcp", 3306),))

    assert findings(assess(recorded_host("db01"), targets=(busy,)), "occupied-target-port") == {
        "db01/mariadb": Severity.MAJOR
    }


@pytest.mark.parametrize("host", ["web01", "app01"])
def test_an_ordinary_user_sees_less_and_nothing_that_contradicts_root(host: str) -> None:
    root, user = assess(recorded_host(host)), assess(recorded_host(host, "legacy"))
    open_to_user = {
        (each.name, each.workload or each.host)
        for group in (*(seen.undetermined for seen in user.hosts), *(seen.undetermined for seen in user.workloads))
        for each in group
    }
    by_root = {(each.name, each.workload or each.host) for each in root.findings}
    by_user = {(each.name, each.workload or each.host) for each in user.findings}

    assert by_user <= by_root
    assert by_root <= by_user | open_to_user
    assert {each.workload.id for each in user.workloads} == {each.workload.id for each in root.workloads}
    assert all(
        each.confidence < seen.confidence and each.verdict is Verdict.UNKNOWN
        for each, seen in zip(user.workloads, root.workloads, strict=True)
        if each.workload.kind == "service"
    )


def test_every_finding_has_evidence_that_was_read_somewhere(estate: Assessment, odd: Assessment) -> None:
    for found in (*estate.findings, *odd.findings):
        assert any(evidence.origin is not None for evidence in found.evidence), found


def test_no_rule_fails_on_a_real_host(estate: Assessment, odd: Assessment) -> None:
    for assessment in (estate, odd):
        groups = (
            *(host.undetermined for host in assessment.hosts),
            *(each.undetermined for each in assessment.workloads),
        )
        assert [each for group in groups for each in group if each.failed] == []
    assert len(RULES) > 20
