"""Measure one case: set up, check the legacy host, scan, build, pilot, run the image, check it, remove all."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.wild import install
from tests.wild.client import Client, client_of
from tests.wild.deployment import Deployment
from tests.wild.errors import WildError
from tests.wild.forecast import forecast_of
from tests.wild.legacy_host import HOST_ADDRESS, LegacyHost, boot
from tests.wild.places import cache
from tests.wild.product import Product, rows
from tests.wild.results import Outcome, Result
from tests.wild.sandbox import ADDRESS, Sandbox, last_line
from tests.wild.service_file import Case

_LEGACY_SECONDS = 60
_IMAGE_SECONDS = 75
_START_SECONDS = 240
_SCAN_SECONDS = 240
_BUILD_SECONDS = 600
_PILOT_SECONDS = 900
_GRACE_SECONDS = 60
"""A case that was begun in time may end this much later."""


@dataclass(frozen=True)
class Settings:
    """The same for all cases of a run."""

    pilot: bool
    legacy_only: bool
    ends: float | None
    """Time of the monotonic clock at which the run should be over."""
    say: Callable[[str], None]

    def within(self, seconds: float) -> float:
        """A time limit, cut where the run ends soon after."""
        return seconds if self.ends is None else max(10.0, min(seconds, self.ends + _GRACE_SECONDS - time.monotonic()))

    @property
    def over(self) -> bool:
        """Whether a time limit may have been cut."""
        return self.ends is not None and time.monotonic() > self.ends


class LegacyError(WildError):
    """The legacy host itself does not do what its service file says: the harness is at fault."""


@dataclass
class _Facts:
    """What is known of a case so far."""

    workloads: tuple[str, ...] = ()
    verdicts: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    builds: list[Mapping[str, Any]] = field(default_factory=list)
    built: bool | None = None
    """None before the build."""
    build_seconds: float = 0.0
    pilot: str = ""
    pilot_seconds: float = 0.0


def measure(sandbox: Sandbox, product: Product, case: Case, settings: Settings) -> Result:
    """Measure an installed case. Never raises for what a service or the product does."""
    begun, facts = time.monotonic(), _Facts()
    workspace = cache() / "workspaces" / case.id
    shutil.rmtree(workspace, ignore_errors=True)
    workspace.mkdir(parents=True)
    outcome: Outcome
    try:
        reason = _measure(sandbox, product, case, workspace, facts, settings)
        outcome = "fails" if reason else "works"
    except LegacyError as error:
        reason, outcome = str(error), "not measured"
    except WildError as error:
        reason, outcome = str(error), "fails"
    except (OSError, ValueError, LookupError) as error:
        reason, outcome = f"harness: {type(error).__name__}: {error}", "not measured"
    finally:
        shutil.rmtree(install.folder_of(case), ignore_errors=True)
    if outcome == "fails" and settings.over:
        reason, outcome = f"the time was over: {reason}", "not measured"
    if outcome != "fails":
        shutil.rmtree(workspace, ignore_errors=True)
    severities = [finding.partition(" ")[0] for finding in facts.findings]
    return Result(
        service=case.name,
        release=case.release,
        init=case.service.init,
        summary=case.service.summary,
        commit=product.commit,
        key=case.key,
        outcome=outcome,
        reason=reason,
        workloads=facts.workloads,
        verdicts=facts.verdicts,
        findings=facts.findings,
        told=facts.told,
        forecast=forecast_of(facts.verdicts, severities, built=facts.built),
        expected=case.service.expected,
        build_seconds=round(facts.build_seconds, 1),
        image_bytes=sum(int(build.get("size", 0)) for build in facts.builds),
        pilot=facts.pilot,
        pilot_seconds=round(facts.pilot_seconds, 1),
        seconds=round(time.monotonic() - begun, 1),
    )


def _measure(sandbox: Sandbox, product: Product, case: Case, workspace: Path, facts: _Facts, settings: Settings) -> str:
    """The reason why it does not work; empty when it works."""
    with ExitStack() as stack:
        client = stack.enter_context(client_of(sandbox, case))
        try:
            host = stack.enter_context(boot(sandbox, case))
        except WildError as error:
            raise LegacyError(f"legacy host: {error}") from error
        _check_legacy(client, host, case, settings)
        if settings.legacy_only:
            raise LegacyError("only the legacy host was checked, and it works")
        settings.say("works on its legacy host; scanning")
        _scan(sandbox, product, workspace, host, facts, settings)
        settings.say(f"building {', '.join(facts.workloads)}")
        _build(sandbox, product, case, workspace, facts, settings)
        if settings.pilot:
            settings.say("piloting")
            _pilot(sandbox, product, case, workspace, facts, settings)
        host.stop()
        settings.say("running the image")
        deployments = [Deployment(sandbox, workspace / "builds" / name, host.root) for name in facts.workloads]
        try:
            return _run(client, case, deployments, settings)
        finally:
            for deployment in reversed(deployments):
                with suppress(WildError):
                    deployment.down()


def _check_legacy(client: Client, host: LegacyHost, case: Case, settings: Settings) -> None:
    if case.service.start:
        done = host.run(case.service.start, settings.within(_START_SECONDS))
        if done.returncode:
            raise LegacyError(f"legacy host: start: {last_line(done.stderr or done.stdout)}")
    reason = client.check(case, HOST_ADDRESS, settings.within(_LEGACY_SECONDS))
    if reason:
        raise LegacyError(f"legacy host: {reason}")


def _scan(
    sandbox: Sandbox, product: Product, workspace: Path, host: LegacyHost, facts: _Facts, settings: Settings
) -> None:
    answer = product.run(
        sandbox, workspace, "scan", str(host.inventory(workspace)), seconds=settings.within(_SCAN_SECONDS)
    )
    services = [row for row in rows(answer.document, "workloads") if row.get("kind") == "service"]
    if answer.status or answer.document is None:
        raise WildError(f"assess scan ended with status {answer.status}: {last_line(answer.errors)}")
    chosen = _chosen(host.case, services)
    facts.workloads = tuple(str(row["id"]) for row in chosen)
    facts.verdicts = tuple(str(row.get("verdict")) for row in chosen)
    facts.findings = tuple(
        f"{row.get('severity')} {row.get('name')}"
        for row in rows(answer.document, "findings")
        if row.get("workload") in facts.workloads
    )


def _chosen(case: Case, services: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    by_name = {str(row["name"]): row for row in services}
    found = ", ".join(sorted(by_name)) or "none"
    if case.service.workloads:
        missing = [name for name in case.service.workloads if name not in by_name]
        if missing:
            raise WildError(f"assess scan found no workload {' and '.join(missing)}; it found {found}")
        return [by_name[name] for name in case.service.workloads]
    if case.name in by_name:
        return [by_name[case.name]]
    if len(by_name) != 1:
        raise WildError(f"assess scan found no workload {case.name} and not exactly one; it found {found}")
    return list(by_name.values())


def _build(sandbox: Sandbox, product: Product, case: Case, workspace: Path, facts: _Facts, settings: Settings) -> None:
    grants = [part for grant in case.service.grants for part in grant.split("=", 1)]
    reason = ["--reason", "service file"] if grants else []
    begun = time.monotonic()
    answer = product.run(
        sandbox, workspace, "build", *facts.workloads, *grants, *reason, seconds=settings.within(_BUILD_SECONDS)
    )
    facts.build_seconds = time.monotonic() - begun
    facts.builds = list(rows(answer.document, "builds"))
    facts.told = tuple(str(remark) for build in facts.builds for remark in build.get("remarks") or ())
    facts.built = answer.status == 0 and len(facts.builds) == len(facts.workloads)
    if not facts.built:
        raise WildError(f"assess build ended with status {answer.status}: {last_line(answer.errors)}")


def _pilot(sandbox: Sandbox, product: Product, case: Case, workspace: Path, facts: _Facts, settings: Settings) -> None:
    begun = time.monotonic()
    answer = product.run(sandbox, workspace, "pilot", *facts.workloads, seconds=settings.within(_PILOT_SECONDS))
    facts.pilot_seconds = time.monotonic() - begun
    verdicts = {str(row.get("verdict")) for row in rows(answer.document, "pilots")}
    facts.pilot = " ".join(sorted(verdicts)) or f"no result (status {answer.status})"


def _run(client: Client, case: Case, deployments: Sequence[Deployment], settings: Settings) -> str:
    # The Compose file of one workload runs the neighbours that it uses.
    runs = {deployment.folder: deployment.workloads() for deployment in deployments}
    deployments = [
        each
        for each in deployments
        if not any(runs[each.folder] < others for folder, others in runs.items() if folder != each.folder)
    ]
    for deployment in deployments:
        deployment.up(case.service.secrets)
    reason = client.check(case, ADDRESS, settings.within(_IMAGE_SECONDS))
    if not reason:
        return ""
    troubles = [trouble for deployment in deployments if (trouble := deployment.trouble())]
    return troubles[0] if troubles else reason
