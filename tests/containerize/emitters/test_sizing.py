"""What is asked of a container host, and where it stops, is what was measured with the headroom that is told."""

from __future__ import annotations

from containerize.emitters.sizing import Sizes, requests_and_limits
from containerize.seen import Use

MIB = 1 << 20


def sizes(busy: int, peak: int, group: int | None = None, cpus: float | None = 0.1) -> Sizes:
    """Sizes by MiB of memory."""
    found = requests_and_limits(
        Use(2, 10 * MIB, busy * MIB, "what was resident", peak * MIB, group and group * MIB, cpus, "3 looks")
    )
    assert found is not None
    return found


def test_the_limit_stands_above_the_highest_of_all_that_was_measured() -> None:
    assert sizes(100, 200).memory_limit == 260 * MIB
    assert sizes(100, 200, 300).memory_limit == 390 * MIB
    assert sizes(400, 200, 300).memory_limit == 520 * MIB
    assert "1.3 times the highest use of its control group" in sizes(100, 200, 300).basis[1]
    assert "1.3 times the memory of busy hours (what was resident)" in sizes(400, 200).basis[1]


def test_what_is_asked_for_is_that_of_busy_hours_and_never_above_the_limit() -> None:
    assert sizes(100, 200).memory_request == 100 * MIB
    assert sizes(100, 200).memory_request <= sizes(100, 200).memory_limit
    assert sizes(100, 200).basis[0].startswith("Memory asked for: 100 MiB, by what was resident: 2 processes")


def test_no_limit_is_so_low_that_the_engine_cannot_start_the_container() -> None:
    found = sizes(5, 7)
    assert (found.memory_request, found.memory_limit) == (8 * MIB, 32 * MIB)
    assert "32 MiB at the least" in found.basis[1]
    assert "at the least" not in sizes(100, 200).basis[1]


def test_processors_are_as_measured_and_unknown_without_a_clock() -> None:
    found = sizes(10, 10, cpus=0.101)
    assert found.cpus == 0.11
    assert "by 3 looks" in found.basis[-1]
    assert sizes(10, 10, cpus=None).cpus is None
    assert len(sizes(10, 10, cpus=None).basis) == 2


def test_nothing_is_asked_for_what_nobody_saw() -> None:
    assert requests_and_limits(None) is None
