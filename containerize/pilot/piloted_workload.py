"""A workload before and during a pilot."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from assess.model import Workload
from containerize.grants.model import NOTHING_ALLOWED, Allowed
from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.container_limits import ContainerLimits, limits_of
from containerize.pilot.mask import Mask
from containerize.pilot.reference_service import ReferenceService
from containerize.pilot.result import CheckResult, CheckVerdict
from containerize.pilot.secret_files import Secrets
from containerize.pilot.seeds.seeding import Seeded
from containerize.plan.model import BuiltImage, ImagePlan
from containerize.runtimes.runtime import ContainerSpec
from inventory.host import Host


@dataclass(frozen=True)
class Candidate:
    """A workload that was built. ``workload`` is the inventory's, for the secrets in its environment; ``allowed`` is
    what a person allowed beyond a plain container; ``limits`` come from what the scan saw. With ``read_only_root`` the
    copy gets its root file system read-only, and memory file systems for what programs write temporarily.
    """

    plan: ImagePlan
    built: BuiltImage
    host: Host
    workload: Workload | None = None
    allowed: Allowed = NOTHING_ALLOWED
    limits: ContainerLimits = field(default_factory=lambda: limits_of(None))
    read_only_root: bool = False


@dataclass
class Piloted:
    """One workload while the pilot runs. ``subject`` is None when its copy did not start; ``results`` say why."""

    candidate: Candidate
    live: ReferenceService
    mask: Mask
    started: float = field(default_factory=time.time)
    began: float = field(default_factory=time.monotonic)
    secrets: Secrets | None = None
    spec: ContainerSpec | None = None
    seeded: dict[str, Seeded | str] = field(default_factory=dict)
    subject: CheckSubject | None = None
    results: list[CheckResult] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def plan(self) -> ImagePlan:
        """The plan of the image."""
        return self.candidate.plan

    def note(self, name: str, verdict: CheckVerdict, expected: str, actual: str) -> None:
        """Add a result that no check gave."""
        self.results.append(CheckResult(name, verdict, self.mask.line(expected), self.mask.line(actual)))
