"""What expected.toml says, and where an assessment of the recordings says something else."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path
from typing import Any

from assess.assessment import Assessment
from assess.model import Finding, WorkloadAssessment
from inventory.model.configuration import ConfigLine
from inventory.observation import Origin, value_or_none
from inventory.platforms import Platform
from inventory.recording import Recording, SectionRecording
from inventory.sections import SECTIONS
from inventory.snapshot import Snapshot
from inventory.store.scan_records import HostResult, Outcome
from inventory.store.snapshot_building import build_snapshot
from tests.support.snapshots import TAKEN

HERE = Path(__file__).parent
RECORDINGS = HERE.parents[1] / "fixtures" / "known_estate"
COMMENT = ("#", ";", "//", "/*", "*", "--", "!", "<!--")


@dataclass(frozen=True)
class ExpectedService:
    """A service as its administrator knows it; see expected.toml."""

    id: str
    names: tuple[str, ...]
    ports: frozenset[str]
    needs: frozenset[str]
    verdicts: tuple[str, ...]
    why: str
    retire: bool
    reads: tuple[str, ...]


@dataclass(frozen=True)
class Expected:
    """The whole estate. ``conflicts`` are ids by port, ``unidentified`` the clients of listeners without a visible
    owner, ``exceptions`` verdicts of brownfield by service that differ for a reason.
    """

    services: Mapping[str, ExpectedService]
    conflicts: Mapping[str, frozenset[str]]
    unidentified: Mapping[str, frozenset[str]]
    exceptions: Mapping[str, str]


@lru_cache(maxsize=1)
def expected() -> Expected:
    """What was written down."""
    table = tomllib.loads((HERE / "expected.toml").read_text("utf-8"))
    services = (
        ExpectedService(
            id=each["id"],
            names=(each["id"], *each.get("names", ())),
            ports=frozenset(each.get("ports", ())),
            needs=frozenset(each.get("needs", ())),
            verdicts=tuple(each["verdicts"]),
            why=each["why"],
            retire=each.get("retire", False),
            reads=tuple(each["reads"]),
        )
        for each in table["service"]
    )
    return Expected(
        services={each.id: each for each in services},
        conflicts={each["port"]: frozenset(each["services"]) for each in table["conflict"]},
        unidentified={each["listener"]: frozenset(each["clients"]) for each in table["unidentified"]},
        exceptions={each["service"]: each["verdict"] for each in table["exception"]},
    )


def recorded(host: str) -> Snapshot:
    """A host of the known estate as it was recorded."""
    folder = RECORDINGS / host
    sections = tuple(
        SectionRecording.from_compressed(section.name, (folder / f"{section.name}.zst").read_bytes())
        for section in SECTIONS
        if (folder / f"{section.name}.zst").exists()
    )
    recipe = tomllib.loads((HERE / "hosts" / f"{host}.toml").read_text("utf-8"))
    recording = Recording(host, Platform.POSIX.value, TAKEN, sections, "root", True, redaction_policy=1)
    result = HostResult(
        host=host,
        address=recipe["address"],
        groups=(),
        platform=Platform.POSIX,
        outcome=Outcome.ANSWERED,
        taken=TAKEN,
        user="root",
        privileged=True,
        peer=recipe["address"],
        recording=recording,
    )
    return build_snapshot(result, recording)


def hosts() -> list[str]:
    """The hosts of the known estate."""
    return sorted(path.stem for path in (HERE / "hosts").glob("*.toml"))


class Comparison:
    """An assessment beside what is expected. Everything here speaks of services by their expected ids."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.expected = expected()
        self._known = {name: each.id for each in self.expected.services.values() for name in each.names}
        self.by_id: dict[str, WorkloadAssessment] = {}
        for each in assessment.workloads:
            self.by_id.setdefault(self._known.get(each.workload.id, each.workload.id), each)

    def known(self, workload: str) -> str:
        """The expected id of a workload, or its own."""
        return self._known.get(workload, workload)

    def missing_services(self) -> set[str]:
        """Services that were not found."""
        return set(self.expected.services) - set(self.by_id)

    def surplus_services(self) -> set[str]:
        """Services that are none."""
        services = {name for name, each in self.by_id.items() if each.workload.kind == "service"}
        return services - set(self.expected.services)

    def dependencies(self) -> set[tuple[str, str]]:
        """(client, server) as the assessment says."""
        assert self.assessment.plan is not None
        return {(self.known(each.client), self.known(each.server)) for each in self.assessment.plan.dependencies}

    def expected_dependencies(self) -> set[tuple[str, str]]:
        """(client, server) as they are, of those that move."""
        functions = {name for name, each in self.by_id.items() if each.workload.kind != "service"}
        needs = {(each.id, server) for each in self.expected.services.values() for server in each.needs}
        return {need for need in needs if functions.isdisjoint(need)}

    def missed_conflicts(self) -> Iterator[tuple[str, str, str]]:
        """(port, service, rival) that the port map does not show."""
        rivals: dict[tuple[str, str], set[str]] = {}
        for use in self.assessment.port_plan:
            port = f"{use.protocol.rstrip('46')}/{use.port}"
            rivals.setdefault((port, self.known(use.workload)), set()).update(map(self.known, use.wanted_by))
        for port, services in self.expected.conflicts.items():
            for service in sorted(services):
                for rival in sorted(services - rivals.get((port, service), set())):
                    yield port, service, rival

    def invented_conflicts(self) -> Iterator[tuple[str, str]]:
        """(port, services) that the port map shows and that are none."""
        for use in self.assessment.port_plan:
            port = f"{use.protocol.rstrip('46')}/{use.port}"
            services = frozenset(map(self.known, use.wanted_by))
            if len(services) > 1 and not services <= self.expected.conflicts.get(port, frozenset()):
                yield port, ", ".join(sorted(services))

    def unidentified(self) -> set[str]:
        """Listeners of the port map without an owner."""
        return {
            f"unidentified listener {use.protocol.rstrip('46')}/{use.port} on {use.host}"
            for use in self.assessment.port_plan
            if not use.workload and not use.likely_owner
        }

    def wrong_ports(self) -> Iterator[tuple[str, str]]:
        """(service, port) that a service listens on beyond loopback and that was not found."""
        found = {
            (self.known(use.workload), f"{use.protocol.rstrip('46')}/{use.port}") for use in self.assessment.port_plan
        }
        for service in self.expected.services.values():
            yield from ((service.id, port) for port in sorted(service.ports) if (service.id, port) not in found)

    def verdicts(self) -> dict[str, str]:
        """The verdicts that are not as expected, by service."""
        found = {name: self.by_id[name].verdict.value for name in self.expected.services if name in self.by_id}
        return {
            name: verdict for name, verdict in found.items() if verdict not in self.expected.services[name].verdicts
        }

    def unused_text(self) -> Iterator[tuple[str, Finding, str]]:
        """(service, finding, text) of findings that rest on text which the service does not use."""
        lines = {host.snapshot.host: _lines_by_origin(host.snapshot) for host in self.assessment.hosts}
        for name, found in self.by_id.items():
            service = self.expected.services.get(name)
            if service is None:
                continue
            for finding in found.findings:
                for evidence in finding.evidence:
                    line = lines[found.workload.host].get(evidence.origin) if evidence.origin else None
                    if line is not None and not _in_force(service, line):
                        yield name, finding, f"{line[0]}:{line[1]}: {line[2]}"
                        break


def _lines_by_origin(snapshot: Snapshot) -> Mapping[Origin, tuple[str, int, str]]:
    configuration: Any = value_or_none(snapshot.observation("configuration"))
    found: dict[Origin, tuple[str, int, str]] = {}
    for line in configuration.lines if configuration is not None else ():
        assert isinstance(line, ConfigLine)
        found[line.origin] = (line.path, line.number, line.text)
    for file in configuration.secret_files if configuration is not None else ():
        found.setdefault(file.origin, (file.path, 0, file.why))
    return found


def _in_force(service: ExpectedService, line: tuple[str, int, str]) -> bool:
    path, _, text = line
    own = (
        *service.reads,
        "/etc/init.d/*",
        "/etc/systemd/system/*",
        "/lib/systemd/system/*",
        "/usr/lib/systemd/system/*",
    )
    if any(fnmatchcase(path, glob) for glob in own):
        return not text.lstrip().startswith(COMMENT)
    # A script of the package is used when the service starts; everything else must be listed.
    return False
