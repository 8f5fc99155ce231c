"""How much a service needs, and by what that was measured."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from assess.planning.placement.workload_sizing import AVERAGE, RESIDENT, Sizing, sizing_of
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from inventory.model.sightings import ProcessSighting, Sightings
from inventory.model.use import CpuTime, Hour, Use
from inventory.observation import Found, Origin
from inventory.snapshot import Snapshot
from tests.support.judging import TARGET, assess
from tests.support.snapshots import TAKEN, HostBuilder

ORIGIN = Origin("use", "archives", 1)
MIB = 1 << 20
PROCESSOR_SECONDS = 36_000.0


def hour(number: int, cpu: float | None, memory: float | None = None) -> Hour:
    return Hour(number * 3600.0, cpu, None, None, memory, None, None, None, None, None, ORIGIN)


def use(hours: Sequence[Hour]) -> Use:
    idle = CpuTime(0, 0, 0, 0, 0, 0, 0, 0)
    return Use(1.0, idle, (0, 0, 0), (), (), (), (), (), (), (), tuple(hours), ORIGIN)


def snapshot(hours: Sequence[Hour] = (), sightings: Sightings | None = None, *, twins: int = 1) -> Snapshot:
    """A host with one service of ``twins`` processes that used ten hours of one processor."""
    host = HostBuilder()
    host.init()
    for number in range(twins):
        process = host.process(
            50 + number,
            "/usr/sbin/mysqld",
            f"--port={3306 + number}",
            cpu_seconds=PROCESSOR_SECONDS,
            rss_bytes=100 * MIB,
        )
        host.listen(process, 3306 + number)
    host.overrides["use"] = Found(use(hours))
    built = host.build()
    if sightings is not None:
        object.__setattr__(built, "sightings", Found(sightings))
    return built


def sizing(*arguments: object, **more: int) -> Sizing:
    built = snapshot(*arguments, **more)  # type: ignore[arg-type]
    workloads = find_workloads(built, {})
    return sizing_of(HostFacts(built, workloads), next(each for each in workloads if each.kind == "service"))


def looked(*, cpu_seconds: float, peak: int, seconds: float) -> Sightings:
    seen = ProcessSighting(
        "mysqld", "/usr/sbin/mysqld", ("/usr/sbin/mysqld", "--port=3306"), 0, None, peak, cpu_seconds, TAKEN,
        TAKEN + seconds, 12,
    )  # fmt: skip
    return Sightings(12, TAKEN, TAKEN + seconds, 0, (seen,), ())


def test_without_anything_better_it_is_the_average_since_start() -> None:
    found = sizing()

    assert (found.processors_by, found.memory_by) == (AVERAGE, RESIDENT)
    assert found.needs["cpus"] > 0
    assert found.needs["memory"] == pytest.approx(130 * MIB)


def test_busy_hours_of_the_host_raise_it() -> None:
    """Of 40 hours 4 were at 50 %, the others at 5 %: p95 is 0.5, the mean 0.095."""
    hours = [hour(number, 0.5 if number % 10 == 0 else 0.05, 0.8 if number % 10 == 0 else 0.4) for number in range(40)]
    plain, found = sizing(), sizing(hours)

    assert found.processors_by == "p95 of 40 hours by sysstat"
    assert found.memory_by == "p95 of 40 hours by sysstat"
    assert found.needs["cpus"] / plain.needs["cpus"] == pytest.approx(0.5 / 0.095 * 1.25 / 2, rel=0.01)
    assert found.needs["memory"] == pytest.approx(130 * MIB * 0.8 / 0.44)
    assert found.needs["pids"] == plain.needs["pids"]


def test_an_even_load_needs_less_headroom() -> None:
    hours = [hour(number, 0.3) for number in range(30)]

    assert sizing(hours).needs["cpus"] == pytest.approx(sizing().needs["cpus"] * 1.25 / 2, rel=0.01)
    assert sizing(hours).memory_by == RESIDENT


def test_nobody_needs_more_than_the_whole_host_ever_used() -> None:
    """Two processors, of which 1 % and once 2 % were busy; the counters since start say more."""
    hours = [hour(number, 0.02 if number < 5 else 0.0001) for number in range(40)]

    assert sizing(hours).needs["cpus"] <= 2 * 0.02 * 1.25


@pytest.mark.parametrize("hours", [[hour(n, 0.9) for n in range(23)], [hour(n, 0.0) for n in range(99)]])
def test_few_hours_or_idle_ones_do_not_count(hours: list[Hour]) -> None:
    assert sizing(hours) == sizing()


def test_looks_after_the_scan_see_what_is_used_meanwhile() -> None:
    found = sizing((), looked(cpu_seconds=PROCESSOR_SECONDS + 1800, peak=300 * MIB, seconds=3600))

    assert (found.processors_by, found.memory_by) == ("12 samples", "the maximum of 12 samples")
    assert found.needs["cpus"] == pytest.approx(0.5 * 2)
    assert found.needs["memory"] == pytest.approx(390 * MIB)


def test_looks_that_cannot_tell_processes_apart_say_nothing_of_processors() -> None:
    seen = looked(cpu_seconds=PROCESSOR_SECONDS + 1800, peak=300 * MIB, seconds=3600)

    assert sizing((), seen, twins=2).processors_by == AVERAGE
    assert sizing((), looked(cpu_seconds=1.0, peak=MIB, seconds=3600)).processors_by == AVERAGE
    assert sizing((), looked(cpu_seconds=PROCESSOR_SECONDS * 2, peak=MIB, seconds=60)).processors_by == AVERAGE


def test_the_plan_says_what_its_sizes_rest_on() -> None:
    hours = [hour(number, 0.3) for number in range(30)]
    plain = assess(snapshot(), targets=(TARGET,)).plan
    measured = assess(snapshot(hours), targets=(TARGET,)).plan

    assert plain is not None
    assert measured is not None
    assert "Processor time is the average since start, times 2." in plain.rests_on
    assert "Memory is what was resident during the scan, times 1.3." in plain.rests_on
    assert "Processor time is p95 of 30 hours by sysstat, times 1.25." in measured.rests_on
