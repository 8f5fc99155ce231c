"""Assessments made by hand: a small realistic estate, and as large a one as is asked for.

Reports are tested with these, so that a page can be looked at without a host, an engine or a rule at work. What they
say is in :mod:`tests.support.estate_words` and :mod:`tests.support.estate_hosts`; here it becomes the typed facts.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date

from assess.assessment import Assessment
from assess.model import (
    DataDirectory,
    Evidence,
    Finding,
    Fit,
    HostAssessment,
    PortUse,
    Severity,
    Target,
    Undetermined,
    Verdict,
    Workload,
    WorkloadAssessment,
)
from assess.rule import Rule, Scope
from containerize.emitters.decisions import Decision
from containerize.grants.grant_names import MEANINGS, PRIVILEGE_GAIN, Kind, danger_of, option_of
from containerize.grants.model import Grant
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult, verdict_of
from containerize.plan.model import BuiltImage
from inventory.model.cron import CronJob
from inventory.model.kernel import Kernel
from inventory.model.processes import Process
from inventory.model.sockets import Connection, Listener, OwnedConnection, OwnedListener, UnixSocket
from inventory.model.system import Distribution, System
from inventory.model.users import User, Users
from inventory.observation import Absent, Found, Gap, Observation, Origin, Unknown
from inventory.snapshot import Snapshot, Status
from reports.view.open_decisions import Security
from tests.support import estate_hosts, estate_words
from tests.support.estate_words import HostWords, WorkloadWords

MADE = 1_795_525_734.0
"""24 November 2026, 13:08:54 UTC."""

TARGET = Target(
    name="local",
    system="linux",
    architecture="x86_64",
    kernel_release="6.12.48-amd64",
    cpu_flags=("sse4_2", "avx2", "popcnt"),
    engine="Docker Engine",
    engine_version="26.1.5",
    cgroup_version=2,
    origin="local engine",
    listening_ports=(("tcp", 22),),
)


def process(pid: int, executable: str, arguments: str, uid: int, memory: int, line: int) -> Process:
    """A process as the section processes reads it."""
    return Process(
        pid=pid,
        ppid=1,
        name=executable.rpartition("/")[2][:15],
        state="S",
        kernel=False,
        executable=executable,
        executable_deleted=False,
        working_directory="/",
        root="/",
        arguments=tuple(arguments.split(" ")) if arguments else (executable,),
        environment=(),
        uid=uid,
        gid=uid,
        effective_uid=uid,
        groups=(uid,),
        cgroups=(f"/system.slice/{executable.rpartition('/')[2]}.service",),
        start_seconds=12.5,
        cpu_seconds=48.0,
        rss_bytes=memory << 20,
        peak_rss_bytes=(memory * 3 // 2) << 20,
        threads=4,
        nice=0,
        scheduling_policy=0,
        capabilities=0,
        seccomp=0,
        umask=0o022,
        limits=(("Max open files", "1024", "524288"),),
        namespaces=(("net", "4026531840"),),
        session=pid,
        tty=0,
        origin=Origin("processes", "stat", line),
    )


def listener(text: str, pid: int, line: int) -> OwnedListener:
    """From ``tcp 0.0.0.0 80``."""
    protocol, address, port = text.split()
    return OwnedListener(
        Listener(protocol, address, int(port), 0, 20_000 + line, Origin("sockets", protocol, line)), (pid,)
    )


def connection(text: str, pid: int, line: int) -> OwnedConnection:
    """From ``10.20.0.11 45120 10.20.0.21 3306``."""
    local, local_port, remote, remote_port = text.split()
    made = Connection(
        "tcp", local, int(local_port), remote, int(remote_port), "ESTABLISHED", 33, 30_000 + line,
        Origin("sockets", "tcp", line),
    )  # fmt: skip
    return OwnedConnection(made, (pid,), inbound=False)


def evidence(text: str) -> Evidence:
    """From ``fact | section/part:line | text``, of which the last two may be missing."""
    fact, _, rest = (piece.strip() for piece in text.partition(" | "))
    place, _, line = (piece.strip() for piece in rest.partition(" | "))
    if not place:
        return Evidence(fact)
    section, _, tail = place.partition("/")
    part, _, number = tail.rpartition(":")
    return Evidence(fact, Origin(section, part, int(number)), line)


def workload_of(host: HostWords, words: WorkloadWords, first_pid: int) -> WorkloadAssessment:
    """The workload with its findings."""
    processes = tuple(
        process(first_pid + number * 3, words.executable, arguments, words.uid, 14 + 9 * number, 40 + number)
        for number, arguments in enumerate(words.processes)
    )
    workload = Workload(
        host=host.name,
        name=words.name,
        kind="host function" if words.host_function else "service",
        processes=processes,
        main_pid=first_pid,
        listeners=tuple(listener(text, first_pid, 2 + number) for number, text in enumerate(words.listeners)),
        unix_sockets=tuple(
            UnixSocket(path, "stream", True, 5_000 + number, Origin("sockets", "unix", 9 + number))
            for number, path in enumerate(words.unix_sockets)
        ),
        connections=tuple(connection(text, first_pid, 12 + number) for number, text in enumerate(words.connections)),
        service=None,
        packages=words.packages,
        executables=(words.executable,),
        configuration_roots=words.configuration,
        data=tuple(
            DataDirectory(path, words.uid, words.uid, 0o750, (evidence(why),)) for path, why in words.data.items()
        ),
        schedules=tuple(
            CronJob(f"/etc/cron.d/{words.name}", "root", "15 3 * * *", command, Origin("cron", "files", 7))
            for command in words.schedules
        ),
        companions=tuple(f"{host.name}/{name}" for name in words.companions),
        named_by=words.named_by,
        purpose="part of every server" if words.host_function else "",
        companion_evidence=tuple(
            (f"{host.name}/{name}", Evidence("they talk over a unix socket", Origin("sockets", "unix", 4)))
            for name in words.companions
        ),
    )
    findings = tuple(
        Finding(
            rule=found.rule,
            name=estate_words.RULE_NAMES[found.rule],
            severity=Severity(found.severity),
            host=host.name,
            workload=workload.id,
            target=TARGET.name if found.fit else None,
            message=found.message,
            evidence=tuple(evidence(text) for text in found.evidence),
            remedy=found.remedy,
        )
        for found in words.findings
    )
    undetermined = tuple(
        Undetermined(rule, estate_words.RULE_NAMES[rule], host.name, workload.id, None, section, reason)
        for rule, section, reason in words.undetermined
    )
    verdict = Verdict(words.verdict)
    return WorkloadAssessment(
        workload=workload,
        verdict=verdict,
        score=words.score,
        confidence=round(1 - len(undetermined) / 10, 2),
        reasons=words.reasons,
        fits=(Fit(TARGET.name, verdict, words.score, words.reasons[:1]),),
        findings=findings,
        undetermined=undetermined,
    )


def snapshot_of(words: HostWords, number: int) -> Snapshot:
    """What is known of a host: enough for what reports print of it."""
    if words.unreachable:
        return Snapshot(
            words.name, words.address, words.groups, "posix", MADE - 60, "unreachable", words.unreachable, {}
        )
    identity, version, pretty = words.distribution
    origin = Origin("system", "os-release", 1)
    distribution = Distribution(identity, version, pretty, (), "", origin)
    system = System(
        hostname=words.name, architecture=words.architecture, distribution=distribution, cpus=4,
        cpu_model="Intel(R) Xeon(R) CPU E5-2650", cpu_flags=(), memory_bytes=words.memory_gib << 30,
        timezone="Etc/UTC", locale="en_GB.UTF-8", cgroup_version=1, virtualization=words.virtualization,
        init=words.init, boot_time=MADE - 9e6, clock=MADE, ticks_per_second=100,
    )  # fmt: skip
    kernel = Kernel(
        "Linux",
        words.kernel,
        "#1 SMP",
        words.architecture,
        "root=/dev/sda1",
        0,
        (),
        (),
        None,
        Origin("kernel", "uname", 1),
    )
    users = Users(
        tuple(
            User(name, uid, uid, "/", "/bin/false", "", Origin("users", "passwd", 1 + index))
            for index, (uid, name) in enumerate(estate_words.ACCOUNTS.items())
        ),
        (),
    )
    observations: dict[str, Observation[object]] = {
        "system": Found(system),
        "kernel": Found(kernel),
        "users": Found(users),
        "sockets": Found(None, tuple(Gap(what, reason) for _section, what, reason in words.gaps)),
        "services": Absent("this host has no systemd") if words.init == "init" else Found(None),
    }
    observations |= {section: Unknown(reason) for section, reason in words.unseen}
    status: Status = "partial" if words.unseen or words.gaps else "complete"
    reason = "logged in without root: some sections were refused" if words.unseen else ""
    return Snapshot(
        words.name, words.address, words.groups, "posix", MADE - 90 + number, status, reason, observations,
        user="ops" if words.unseen else "root", privileged=not words.unseen,
    )  # fmt: skip


def _port_plan(workloads: tuple[WorkloadAssessment, ...]) -> tuple[PortUse, ...]:
    holders: dict[tuple[str, int], list[str]] = {}
    for each in workloads:
        if each.workload.kind != "service":
            continue
        for owned in each.workload.listeners:
            if not owned.listener.loopback:
                holders.setdefault((owned.listener.protocol[:3], owned.listener.port), []).append(each.workload.id)
    uses: list[PortUse] = []
    for each in workloads:
        for owned in each.workload.listeners:
            at = owned.listener
            others = () if at.loopback else holders.get((at.protocol[:3], at.port), ())
            uses.append(
                PortUse(
                    workload=each.workload.id,
                    host=each.workload.host,
                    protocol=at.protocol[:3],
                    address=at.address,
                    port=at.port,
                    process=each.workload.executables[0],
                    set_in=estate_words.PORTS_SET_IN.get((each.workload.name, at.port), ""),
                    clients=estate_words.CLIENTS.get((each.workload.id, at.port), ()),
                    wanted_by=tuple(others) if each.workload.kind == "service" else (),
                )
            )
    return tuple(uses)


def rules() -> tuple[Rule, ...]:
    """The rules that the findings name, with the words of their manual."""
    return tuple(
        Rule(number, name, Scope.WORKLOAD, (), *estate_words.RULE_MANUAL[number], "a book", iter)
        for number, name in estate_words.RULE_NAMES.items()
    )


def sample(hosts: tuple[HostWords, ...] = estate_hosts.HOSTS) -> Assessment:
    """The small estate: every verdict, an unreachable host, one read without root, and names that mean harm."""
    host_assessments: list[HostAssessment] = []
    workloads: list[WorkloadAssessment] = []
    for number, words in enumerate(hosts):
        snapshot = snapshot_of(words, number)
        findings = tuple(
            Finding(
                found.rule, estate_words.RULE_NAMES[found.rule], Severity(found.severity), words.name, None, None,
                found.message, tuple(evidence(text) for text in found.evidence), found.remedy,
            )
            for found in words.findings
        )  # fmt: skip
        host_assessments.append(
            HostAssessment(
                snapshot=snapshot,
                unseen=words.unseen,
                gaps=tuple((section, Gap(what, reason)) for section, what, reason in words.gaps),
                findings=findings,
                undetermined=(),
            )
        )
        workloads.extend(
            workload_of(words, each, 400 + 60 * index)
            for index, each in enumerate((*words.workloads, *words.functions))
        )
    made = tuple(workloads)
    return Assessment(
        made=MADE,
        inventory="hosts.ini",
        hosts=tuple(host_assessments),
        targets=(TARGET,),
        workloads=made,
        port_plan=_port_plan(made),
        findings=(),
    )


def large(workloads: int, findings_each: int = 10, seed: int = 7) -> Assessment:
    """``workloads`` workloads on an eighth as many hosts, each with ``findings_each`` findings. The same for a seed."""
    chance = random.Random(seed)
    services = [each for host in estate_hosts.HOSTS for each in host.workloads if "<" not in each.name]
    findings = [found for each in services for found in each.findings]
    hosts: list[HostWords] = []
    names = ("prod", "stage", "int", "edge")
    for number in range(max(1, workloads // 8)):
        base = estate_hosts.HOSTS[number % len(estate_hosts.HOSTS)]
        count = min(8, workloads - 8 * number)
        chosen: list[WorkloadWords] = []
        for index in range(count):
            words = chance.choice(services)
            picked = tuple(
                replace(found, message=f"{found.message} [{number}.{index}]")
                for found in chance.choices(findings, k=findings_each)
            )
            chosen.append(
                replace(
                    words,
                    name=f"{words.name}-{index}",
                    findings=picked,
                    verdict=chance.choice(("ready", "ready", "needs work", "needs work", "stay", "unknown")),
                    score=chance.randrange(101),
                    companions=(),
                )
            )
        hosts.append(
            replace(
                base,
                name=f"{chance.choice(names)}{number:05d}",
                address=f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
                workloads=tuple(chosen),
                functions=(),
                unreachable="",
            )
        )
    return sample(tuple(hosts))


def builds() -> dict[str, BuiltImage]:
    """Images of the small estate."""
    rows = {"web01/apache2": (82, 33, 4_812), "db01/mariadb": (318, 91, 3_377), "app01/intranet": (61, 22, 2_950)}
    return {
        name: BuiltImage(
            workload=name,
            image=f"brownfield/{name}:1",
            layout=f"assessment/builds/{name}/image",
            digest="sha256:" + f"{number:x}c0ffee{number}" * 8,
            size=size << 20,
            compressed_size=compressed << 20,
            files=files,
        )
        for number, (name, (size, compressed, files)) in enumerate(rows.items(), 1)
    }


def pilots() -> dict[str, PilotResult]:
    """Pilots of the small estate: one that passes, one that fails, one that could not decide."""
    results: dict[str, PilotResult] = {}
    for number, (name, rows) in enumerate(estate_words.PILOTS.items()):
        checks = tuple(
            CheckResult(check, CheckVerdict(verdict), expected, actual, detail)
            for check, verdict, expected, actual, detail in rows
        )
        results[name] = PilotResult(
            workload=name,
            runtime="docker",
            image=f"brownfield/{name}:1",
            digest="sha256:" + f"{number + 1:x}c0ffee{number + 1}" * 8,
            verdict=verdict_of(checks),
            checks=checks,
            started=MADE + 300 + 40 * number,
            seconds=21.4 + 6 * number,
        )
    return results


def security() -> dict[str, Security]:
    """Decisions of the small estate: a hostile name, a dangerous device, one grant in force and one that ended."""
    workload = "web01/apache2"
    rows: tuple[tuple[Kind, str, str], ...] = (
        ("device", "/dev/sda", "/opt/app/scan (user id 33) held it open"),
        ("device", "/dev/net/tun", "/usr/sbin/vpn (user id 108) held it open"),
        ("capability", "CAP_NET_ADMIN", "/usr/sbin/vpn (user id 108) held it"),
        ("privilege-gain", PRIVILEGE_GAIN, "the image has /usr/sbin/exim4"),
    )
    known = (
        Decision(kind, name, why, MEANINGS[kind], danger_of(kind, name), option_of(kind, name))
        for kind, name, why in rows
    )
    odd = "/dev/\n<img src=x onerror=alert(1)>\u202e"
    hostile = Decision("device", odd, "<b>it</b>", MEANINGS["device"], "Look at it.")
    grants = (
        Grant("device", "/dev/net/tun", "ada", "the VPN of branch offices", date(2026, 11, 20), date(2026, 12, 20)),
        Grant("capability", "CAP_NET_ADMIN", "ada", "<i>test</i>", date(2026, 10, 1), date(2026, 10, 31)),
    )
    return {
        workload: Security(date(2026, 11, 24), (*known, hostile), grants),
        "db01/mariadb": Security(date(2026, 11, 24), unread="grants.json is not a record of grants"),
    }
