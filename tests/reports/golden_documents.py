"""One small example of every JSON document, with each kind of member in it.

``python -m tests.reports.golden_documents`` writes the texts that :mod:`tests.reports.test_golden_documents` compares.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from assess.assessment import Assessment
from assess.assessment_comparison import FindingChange, ScoredVerdict, SeverityChange, VerdictChange
from assess.assessor import assess_estate
from assess.export.export_document import write_document
from assess.export.facts_schema import facts_document
from assess.export.json_stream import document_text
from assess.model import Evidence, Severity
from assess.policy.model import Policy, Waiver, WorkloadOverride
from assess.rule import Hit, Rule, RuleAnswer, Scope, Undecided
from assess.subjects.rule_subjects import WorkloadSubject
from containerize.build.builder import BuildResult
from containerize.build.explain_path import Explanation as Reason
from containerize.commands.build_json import BUILD_VERSION, Reasons, build_document
from containerize.commands.build_run import BuildOutcome, WrittenRecipe
from containerize.commands.push_json import push_document
from containerize.commands.rebase_json import rebase_document
from containerize.emitters.emission import WrittenFile
from containerize.grants.model import Allowed, Grant, reported
from containerize.grants.needs import ContainerNeed
from containerize.image.write_image import StoredLayer
from containerize.pilot.container_limits import ContainerLimits
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult
from containerize.pilot.result_json import pilot_document, planned_document
from containerize.plan.model import BuiltImage, LeftOutGroup
from containerize.rebase.outcome import PilotVerdicts, RebaseOutcome
from containerize.rebase.rebased_plan import RebasedPlan
from containerize.rebase.update_choice import KeptPackage, Update
from containerize.registry.image_reference import Reference
from containerize.registry.push_image import PushResult
from containerize.runtimes.image_layout import LayoutBlob
from inventory.history.snapshot_diff import FactChange, FieldChange, HostDifference, SectionChange, StatusChange
from inventory.host import Host
from inventory.model.sightings import ConnectionSighting, ProcessSighting, Sightings
from inventory.observation import Found, Gap
from inventory.snapshot import Snapshot
from inventory.store.scan_records import Scan
from reports.forms.diff_schema import SCHEMA_VERSION, ScanDifference, ScanReadAgain, ScanRow, VersionDifference
from tests.containerize.plans import directory, link, make_plan
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN, HostBuilder, unreachable

FOLDER = Path(__file__).parent / "golden"
DIGEST = f"sha256:{'0' * 64}"
NEWER = f"sha256:{'1' * 64}"
BUILT = BuiltImage("web01/apache2", "localhost/web01:lift", "/w/builds/web01/apache2/image", DIGEST, 300, 100, 7)
ODD = 'Grüße "\\\x7f\t\U0001f433'
"""Text that JSON must escape."""
LIMITS = ContainerLimits(1 << 30, 512, 1.5, ("observed for 3 h", ODD))
NEEDS = (ContainerNeed("device", "/dev/net/tun", "was open"), ContainerNeed("capability", "CAP_SYS_NICE", "was held"))
GRANTS = (Grant("device", "/dev/net/tun", "ada", ODD, date(2026, 11, 1), date(2026, 12, 1)),)
CHECKS = (
    CheckResult("starts", CheckVerdict.PASS, "runs", "up"),
    CheckResult("port tcp/80", CheckVerdict.FAIL, "2 pages", ODD, "/: differs\n/a: same"),
    CheckResult("log", CheckVerdict.INCONCLUSIVE, "", ""),
)
RESULT = PilotResult(
    "web01/apache2",
    "docker",
    CheckVerdict.FAIL,
    BUILT.image,
    DIGEST,
    1.5e9,
    12.34,
    CHECKS,
    needs=reported(NEEDS, GRANTS),
    grants=GRANTS,
    limits=LIMITS,
    read_only_root=True,
    read_only_passed=NEWER,
    notes=(ODD,),
)


def build() -> Any:
    """Images of two modes, a recipe without an image, and a failure."""
    plan = replace(make_plan([]), groups=(LeftOutGroup("documentation", "is for people", 12, ("/a", "/b")),))
    rebuilt = replace(plan, mode="rebuild", level="lean", groups=())
    return build_document(
        BuildOutcome(
            built={
                BUILT.workload: BuildResult(BUILT, plan, 42, (WrittenFile("compose", "compose.yaml"),)),
                "web01/rebuilt": BuildResult(replace(BUILT, workload="web01/rebuilt"), rebuilt, 0),
            },
            failed={"web02/nginx": f"is down: {ODD}"},
            remarks={"web01/rebuilt": ["libc6 is another version"]},
            recipes={
                "web01/rebuilt": WrittenRecipe(Path("/w/Containerfile"), "debian:12", ("apache2",), 3, 1, True, True),
                "web02/nginx": WrittenRecipe(Path("/w/b/Containerfile"), "debian:12", (), 0, 0, False, False),
            },
        )
    )


def dry_build() -> Any:
    """A plan."""
    plan = make_plan([directory("/etc"), link("/bin", "usr/bin")])
    return build_document(BuildOutcome(planned={plan.workload: plan}))


def reasons() -> Any:
    """A path inside, and one outside."""
    return Reasons(
        BUILD_VERSION,
        [
            Reason("web01/apache2", "/usr/bin/qrencode", True, ODD, ("is listed",)),
            Reason("web01/apache2", "/tmp/x", False, "no program asks for it"),
        ],
    )


def pilot() -> Any:
    """A pilot with everything, and one with nothing."""
    bare = PilotResult("db01/mysql", "oci", CheckVerdict.INCONCLUSIVE, "", DIGEST, 1.5e9, 0.0, ())
    return pilot_document([RESULT, bare])


def dry_pilot() -> Any:
    """A candidate with what it needs."""
    candidate = Candidate(
        make_plan([]), BUILT, Host("web01", "192.0.2.1"), allowed=Allowed(grants=GRANTS), limits=LIMITS
    )
    return planned_document([(candidate, NEEDS)])


def push() -> Any:
    """A push that sent, mounted, and found some."""
    blob = LayoutBlob(DIGEST, 7, "application/octet-stream")
    pushed = PushResult(Reference("r.example.org", "a/b", "v1"), DIGEST, [blob], [blob], [blob], [blob, blob], True)
    return push_document("web01/apache2", replace(pushed, sbom=NEWER, remarks=[ODD]), dry_run=False)


def dry_push() -> Any:
    """What would be sent."""
    blob = LayoutBlob(DIGEST, 7, "application/octet-stream")
    pushed = PushResult(Reference("r.example.org", "a/b", "v1"), DIGEST, missing=[blob])
    return push_document("web01/apache2", pushed, dry_run=True)


def _rebase() -> RebaseOutcome:
    rebased = RebasedPlan(
        make_plan([]),
        (Update("libssl3", "amd64", "3.0.20", "3.0.22", ("postinst",)), Update("zlib1g", "amd64", "1", "2")),
        (
            KeptPackage("php", "amd64", "8.2.1", "8.2.2", "is needed"),
            KeptPackage("cron", "amd64", "3", None, "is not there"),
        ),
        (("/etc/\udcff", "is a setting"),),
        3,
        ("/usr/lib/b",),
        ("/usr/lib/\udcff",),
        (ODD,),
    )
    layer = StoredLayer("packages", "openssl", "0" * 64, 12)
    built = replace(BUILT, digest=NEWER)
    pilots = PilotVerdicts(CheckVerdict.PASS, CheckVerdict.FAIL, ("http: 500",))
    return RebaseOutcome("newer.tar", rebased, BUILT, built, (layer,), (layer, layer), pilots, applied=True)


def rebase() -> Any:
    """A newer image that was piloted."""
    return rebase_document(_rebase(), dry_run=False)


def dry_rebase() -> Any:
    """Without an image, and without pilots."""
    return rebase_document(replace(_rebase(), built=None, pilots=None, changed=(), applied=False), dry_run=True)


_DIFFERENCE = HostDifference(
    "web01",
    StatusChange("partial", "complete"),
    (SectionChange("users", "unknown", "found", None), SectionChange("cron", "found", "unknown", f"not root {ODD}")),
    (
        FactChange("users", "user", f"www\udcff{ODD}", "added"),
        FactChange(
            "packages",
            "package",
            "apache2",
            "changed",
            (FieldChange("version", "2.4.1", None), FieldChange("sizes", [1, 2.5, True], {"a": "é"})),
        ),
        FactChange("packages", "", "php", "removed"),
    ),
)
_VERDICTS = (
    VerdictChange("web01/apache2", ScoredVerdict("ready", 90), ScoredVerdict("needs work", 40)),
    VerdictChange("web01/new", None, ScoredVerdict("stay", 0)),
    VerdictChange("web01/old", ScoredVerdict("unknown", 10), None),
)
_FINDINGS = (
    FindingChange("NET001", "a-name", "web01/apache2", "box", ODD, "changed", SeverityChange("minor", "major")),
    FindingChange("SEC001", "b-name", "web01", None, "text", "added", SeverityChange(None, "info")),
    FindingChange("SEC002", "c-name", "web01", None, "text", "removed", SeverityChange("blocker", None)),
)
_OLD = Scan(1, TAKEN, TAKEN + 9, f"/etc/\udcff/{ODD}", ("web01",))


def diff() -> Any:
    """Two scans that differ in everything."""
    old, new = ScanRow.of(_OLD), ScanRow.of(replace(_OLD, id=2))
    return ScanDifference(SCHEMA_VERSION, old, new, ["db01"], [], [_DIFFERENCE], _VERDICTS, _FINDINGS)


def reparse() -> Any:
    """A scan that this version reads otherwise, and one that it reads the same."""
    scan = ScanRow.of(_OLD)
    read = [
        ScanReadAgain(scan, "0.1.0", [_DIFFERENCE], (), ()),
        ScanReadAgain(scan, None, [], _VERDICTS, _FINDINGS),
    ]
    return VersionDifference(SCHEMA_VERSION, "0.2.0", read)


def web01() -> Snapshot:
    """A host with a fact of many kinds, bytes that are no text, gaps, sections without an answer, and samples."""
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    host.user("shop", 900)
    server = host.process(50, "/usr/bin/python3", f"/opt/shop/server.py {ODD}", uid=900)
    host.listen(server, 80)
    host.listen(server, 80, address="::", protocol="tcp6")
    host.listen(server, 1, protocol="raw")
    host.connect(server, "10.77.0.12", 3306)
    host.config("/opt/shop/server.py", "PORT = 80", code=True)
    host.config("/opt/shop/shop.ini", "host = 10.77.0.12")
    host.directory("/var/lib/shop", uid=900, mode=0o700)
    host.open(server, "/var/lib/shop/it\udce9ms.db")
    host.package("python3", "/usr/bin/python3")
    host.job("/opt/shop/clean", user="shop")
    host.process(60, "/usr/sbin/sshd")
    host.unknown("cron", f"not root {ODD}")
    snapshot = host.build("partial")
    users = snapshot.observations["users"]
    assert isinstance(users, Found)
    gaps = {"users": Found(users.value, (Gap("a user", "\udcff was not readable"),))}
    process = ProcessSighting("cron", None, ("-f", ODD), 0, None, 1 << 20, 0.25, TAKEN, TAKEN + 60, 2)
    seen = ConnectionSighting("tcp", "10.77.0.11", 80, "10.77.0.99", 0, True, 900, "", TAKEN, TAKEN, 1)
    sightings = Found(Sightings(3, TAKEN, TAKEN + 120, 1, (process,), (seen,)))
    return replace(snapshot, observations={**snapshot.observations, **gaps}, sightings=sightings)


def facts() -> Any:
    """Every section of a host."""
    return facts_document(web01(), 1)


def section_facts() -> Any:
    """One section of a host."""
    return facts_document(web01(), 1, "users")


def _decide(subject: WorkloadSubject) -> RuleAnswer:
    if subject.workload.name == "nginx":
        yield Undecided("open_files", ODD)
        return
    origin = subject.workload.main.origin
    yield Hit(Severity.MAJOR, ODD, (Evidence("a process", origin, "a \udcff line"), Evidence("words", None)))
    yield Hit(Severity.MINOR, "a setting", (Evidence("words", origin),), settings=("shm_size 256m",), about="x")


def _fail(_subject: WorkloadSubject) -> RuleAnswer:
    raise ValueError("a fault of the rule")
    yield


def _rule(number: int, check: Callable[[WorkloadSubject], RuleAnswer]) -> Rule:
    name = f"golden-{number}"
    return Rule(f"GLD{number:03}", name, Scope.WORKLOAD, (), "summary", "why", "remedy", "source", check)


@cache
def assessment() -> Assessment:
    """Three hosts and a target, with rules that find, cannot decide, and fail."""
    other = HostBuilder("app01")
    other.init()
    server = other.process(50, "/usr/sbin/nginx")
    other.listen(server, 80)
    policy = Policy(
        "brownfield.yaml",
        (),
        (Waiver("GLD001", "is known", host="web01", line=3),),
        (WorkloadOverride("web01/*shop*", name="shop2", criticality="high", line=5),),
    )
    rules = (_rule(1, _decide), _rule(2, _fail))
    hosts = (web01(), other.build(), unreachable("gone"))
    return assess_estate(hosts, (TARGET,), TAKEN, "hosts.ini", rules=rules, policy=policy)


def export() -> str:
    """The assessment, with two members more, as ``assess scan --json`` writes it."""
    pieces: list[str] = []
    write_document(assessment(), pieces.append, {"scan": {"id": 1}, "report": None})
    return "".join(pieces)


def empty_export() -> str:
    """An assessment of nothing."""
    pieces: list[str] = []
    write_document(assess_estate((), (), TAKEN, "hosts.ini", rules=()), pieces.append)
    return "".join(pieces)


_MAKERS: tuple[Callable[[], Any], ...] = (
    build, dry_build, reasons, pilot, dry_pilot, push, dry_push, rebase, dry_rebase, diff, reparse, facts,
    section_facts, export, empty_export,
)  # fmt: skip

DOCUMENTS: Mapping[str, Callable[[], Any]] = {each.__name__.replace("_", "-"): each for each in _MAKERS}


def text_of(name: str) -> str:
    """The document as a command prints it."""
    made = DOCUMENTS[name]()
    if isinstance(made, msgspec.Struct):
        return document_text(made)
    return made if isinstance(made, str) else json.dumps(made, indent=2)


def golden(name: str) -> Path:
    """The file with the expected text."""
    return FOLDER / f"{name}.json"


def write() -> Iterator[Path]:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name in DOCUMENTS:
        golden(name).write_text(text_of(name) + "\n", encoding="utf-8")
        yield golden(name)


if __name__ == "__main__":
    for written in write():
        print(written)
