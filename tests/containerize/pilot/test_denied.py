"""What a host claims is not given to its copy; what a person allowed is, and the result says both."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from containerize.grants.model import Grant, allowed, today
from containerize.pilot.container_limits import ContainerLimits
from containerize.pilot.pilot_run import Pilot
from containerize.pilot.piloted_workload import Candidate
from containerize.pilot.result import CheckVerdict
from containerize.plan.model import ImagePlan, ImagePort
from containerize.runtimes import RUNTIMES
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.pilot_memory import PilotMemory
from containerize.runtimes.runtime import Runtime, RuntimeUnavailable
from inventory.transports import connect
from tests.containerize.pilot.test_pilot_run import candidate, check

from ..runtimes.small_image import write_layout
from .plans import make_plan

pytestmark = pytest.mark.engine

DISK = "/dev/loop0"
DOCKER_DEFAULT = 0xA80425FB
SYS_ADMIN = 1 << 21
MIB = 1 << 20


@pytest.fixture(scope="module", params=[backend.name for backend in RUNTIMES])
def runtime(request: pytest.FixtureRequest) -> Iterator[Runtime]:
    backend = next(each for each in RUNTIMES if each.name == request.param)
    try:
        connected = backend.connect()
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    yield connected
    connected.close()


@pytest.fixture
def forged() -> ImagePlan:
    """As a hostile host, or a user of an honest one, made the plan: a disk and the rights of root."""
    return replace(plan_of("/bin/sleep", "1000"), devices=(DISK, "/dev/kmsg"), capabilities=("CAP_SYS_ADMIN",))


def plan_of(*arguments: str) -> ImagePlan:
    """With a reaping PID 1, so that it ends when it is asked to."""
    plan = make_plan("shop01/app", arguments=arguments)
    return replace(plan, start=replace(plan.start, init=True))


def granted(kind: str, name: str, days: int = 30) -> Grant:
    day = today() - timedelta(days=60 if days < 0 else 0)
    return Grant(kind, name, "ada", "a test", day, today() + timedelta(days))  # type: ignore[arg-type]


def pilot_of(runtime: Runtime) -> Pilot:
    return Pilot(runtime, connect, sleep=lambda seconds: time.sleep(min(seconds, 0.2)), start_seconds=10.0)


def configuration(runtime: Runtime, pilot: Pilot, container: str) -> tuple[list[str], list[str]]:
    """(devices, capabilities beyond the defaults) of the real container."""
    if isinstance(runtime, EngineRuntime):
        host = runtime.api.inspect_container(container)["HostConfig"]
        assert not host["Privileged"]
        assert host["PidMode"] in ("", "private") and host["IpcMode"] in ("", "private", "shareable")
        return [each["PathOnHost"] for each in host["Devices"] or []], list(host["CapAdd"] or [])
    bundle = PilotMemory(pilot.id, runtime.name).path / "bundles" / "shop01-app" / "config.json"
    document = json.loads(bundle.read_text())
    bounding = document["process"]["capabilities"]["bounding"]
    return [each["path"] for each in document["linux"]["devices"]], [
        name for name in bounding if name == "CAP_SYS_ADMIN"
    ]


def seen_within(runtime: Runtime, container: str) -> tuple[int, bool]:
    """(bounding capabilities, whether the disk is there) as the container itself sees it."""
    done = runtime.execute(container, ["/bin/sh", "-c", f"cat /proc/1/status; ls {DISK} 2>/dev/null"])
    text = done.stdout.decode()
    bounding = next(line.split()[1] for line in text.splitlines() if line.startswith("CapBnd"))
    return int(bounding, 16), DISK in text.splitlines()


def test_a_device_and_a_capability_that_a_host_claims_are_not_given(
    runtime: Runtime, forged: ImagePlan, tmp_path: Path
) -> None:
    if not Path(DISK).exists():
        pytest.skip(f"no {DISK} here")
    expired = allowed([granted("device", DISK, -1), granted("capability", "CAP_SYS_ADMIN", -1)], today())
    for held in (candidate(forged, tmp_path).allowed, expired):
        layout = write_layout(tmp_path / f"layout{len(list(tmp_path.iterdir()))}")
        pilot = pilot_of(runtime)
        with pilot.running([replace(candidate(forged, layout), allowed=held)]) as (piloted,):
            assert piloted.subject is not None, piloted.results
            container = piloted.subject.container
            assert configuration(runtime, pilot, container) == ([], [])
            bounding, disk = seen_within(runtime, container)
            assert bounding & ~DOCKER_DEFAULT == 0
            assert not disk


def test_what_a_person_allowed_is_given_and_no_more(runtime: Runtime, forged: ImagePlan, tmp_path: Path) -> None:
    if not Path(DISK).exists():
        pytest.skip(f"no {DISK} here")
    grants = [granted("device", DISK), granted("capability", "CAP_SYS_ADMIN")]
    pilot = pilot_of(runtime)
    wanted = replace(candidate(forged, write_layout(tmp_path / "layout")), allowed=allowed(grants, today()))
    with pilot.running([wanted]) as (piloted,):
        assert piloted.subject is not None, piloted.results
        bounding, disk = seen_within(runtime, piloted.subject.container)
        assert bounding & SYS_ADMIN
        assert disk
        devices, capabilities = configuration(runtime, pilot, piloted.subject.container)
        assert [name.removeprefix("CAP_") for name in capabilities] == ["SYS_ADMIN"]
        # Podman tells the path of another device of the same number.
        assert devices == [DISK] or (runtime.name == "podman" and len(devices) == 1)


def test_a_result_says_what_was_needed_and_what_was_allowed(
    runtime: Runtime, forged: ImagePlan, tmp_path: Path
) -> None:
    grants = [granted("capability", "CAP_SYS_ADMIN")]
    wanted = replace(candidate(forged, write_layout(tmp_path / "layout")), allowed=allowed(grants, today()))
    (result,) = pilot_of(runtime).run([wanted])
    assert [need.name for need in result.needs] == [DISK, "/dev/kmsg", "CAP_SYS_ADMIN"]
    assert [(grant.by, grant.reason) for grant in result.grants] == [("ada", "a test")]
    assert result.limits == wanted.limits


def limited(layout: Path, script: str, limits: ContainerLimits) -> Candidate:
    return replace(candidate(plan_of("/bin/sh", "-c", script), layout), limits=limits)


def test_a_copy_that_is_ended_for_memory_says_that_the_limit_is_the_cause(runtime: Runtime, tmp_path: Path) -> None:
    layout = write_layout(tmp_path / "layout")
    (result,) = pilot_of(runtime).run([limited(layout, "exec grep x /dev/zero", ContainerLimits(64 * MIB, 64, 1.0))])
    found = check(result, "starts")
    assert found.verdict is CheckVerdict.FAIL
    assert "the memory limit of 64 MiB was hit" in found.actual
    assert "--memory" in found.actual


def test_a_copy_that_starts_too_many_processes_says_that_the_limit_is_the_cause(
    runtime: Runtime, tmp_path: Path
) -> None:
    script = "(i=0; while [ $i -lt 100 ]; do sleep 1000 & i=$((i+1)); done); sleep 1000"
    (result,) = pilot_of(runtime).run(
        [limited(write_layout(tmp_path / "layout"), script, ContainerLimits(64 * MIB, 32, 1.0))]
    )
    found = check(result, "stays up")
    assert found.verdict is CheckVerdict.FAIL
    assert "the limit of 32 processes and threads was hit" in found.actual


def test_a_trial_with_a_read_only_root(runtime: Runtime, tmp_path: Path) -> None:
    """What writes beside its data fails it, what keeps to /run and /tmp passes."""
    layout = write_layout(tmp_path / "layout")
    for script, verdict in (("touch /run/a /tmp/b", CheckVerdict.PASS), ("touch /etc/c", CheckVerdict.FAIL)):
        plan = plan_of("/bin/sh", "-c", f"{script} && exec sleep 1000")
        (result,) = pilot_of(runtime).run([replace(candidate(plan, layout), read_only_root=True)])
        assert (result.verdict, result.read_only_root) == (verdict, True), result.checks


def test_a_copy_that_fills_the_disk_is_stopped(
    runtime: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the real room, all but 64 MiB is taken to be the reserve."""
    measure = runtime.room
    reserve = measure() - 64 * MIB
    monkeypatch.setattr(runtime, "room", lambda: max(measure() - reserve, 0))
    script = "/bin/busybox head -c 400000000 /dev/zero > /filled; exec sleep 1000"
    plan = replace(plan_of("/bin/sh", "-c", script), ports=(ImagePort("tcp", 80, "0.0.0.0", False, "sh"),))
    (result,) = pilot_of(runtime).run([candidate(plan, write_layout(tmp_path / "layout"))])
    assert result.verdict is CheckVerdict.FAIL
    assert "the copies were stopped" in check(result, "disk").actual
