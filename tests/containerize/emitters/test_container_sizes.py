"""What is asked of a container host, and where it stops, is what was observed with the headroom that is stated."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from containerize.emitters.container_sizes import HEADROOM, LEAST_PIDS, Sizes, requests_and_limits
from containerize.profile.workload_profile import ResourceUse

MIB = 1 << 20


def sizes(busy: int, peak: int, group: int | None = None, cpus: float | None = 0.1, tasks: int = 1) -> Sizes:
    """Sizes by MiB of memory."""
    return requests_and_limits(
        ResourceUse(
            2, 10 * MIB, busy * MIB, "what was resident", peak * MIB, group and group * MIB, cpus, "3 samples", tasks
        )
    )


def test_the_limit_is_above_the_highest_of_all_that_was_measured() -> None:
    assert sizes(100, 200).memory_limit == 400 * MIB
    assert sizes(100, 200, 300).memory_limit == 600 * MIB
    assert sizes(400, 200, 300).memory_limit == 800 * MIB
    assert "2 times the highest use of its control group" in sizes(100, 200, 300).limited[0]
    assert "2 times the memory of busy hours (what was resident)" in sizes(400, 200).limited[0]


def test_what_is_asked_for_is_that_of_busy_hours_and_never_above_the_limit() -> None:
    assert sizes(100, 200).memory_request == 100 * MIB
    assert sizes(100, 200).memory_request <= sizes(100, 200).memory_limit
    assert sizes(100, 200).basis[0].startswith("Memory asked for: 100 MiB, by what was resident: 2 processes")


@given(
    st.integers(0, 1 << 50),
    st.integers(0, 1 << 50),
    st.none() | st.integers(0, 1 << 50),
    st.floats(0, 1000),
    st.integers(0, 1 << 21),
)
def test_every_limit_has_twofold_headroom_over_what_was_observed(
    busy: int, peak: int, group: int | None, cpus: float, tasks: int
) -> None:
    found = requests_and_limits(ResourceUse(2, busy, busy, "", peak, group, cpus, "", tasks))
    assert HEADROOM == 2
    assert found.memory_limit >= 2 * max(busy, peak, group or 0)
    assert found.cpus_limit >= 2 * cpus
    assert found.pids_limit >= 2 * tasks


def test_no_limit_is_so_low_that_the_engine_cannot_start_the_container() -> None:
    found = sizes(5, 7)
    assert (found.memory_request, found.memory_limit) == (8 * MIB, 256 * MIB)
    assert "256 MiB at the least" in found.limited[0]
    assert (found.cpus_limit, found.pids_limit) == (1, LEAST_PIDS)


def test_more_processors_and_workers_than_the_least_raise_the_limits() -> None:
    found = sizes(5, 7, cpus=1.205, tasks=700)
    assert (found.cpus, found.cpus_limit, found.pids_limit) == (1.21, 2.41, 1400)
    assert "the 700 that were observed at most" in found.limited[-1]


def test_shared_memory_is_counted_with_the_container() -> None:
    use = ResourceUse(2, 10 * MIB, 300 * MIB, "", 300 * MIB, None, 0.1, "")
    assert requests_and_limits(use, 64 * MIB).memory_limit == 664 * MIB


def test_no_limit_is_one_that_a_kernel_refuses() -> None:
    assert sizes(5, 7, tasks=1 << 40).pids_limit == 4_194_304


def test_processors_are_as_measured_and_unknown_without_a_clock() -> None:
    found = sizes(10, 10, cpus=0.101)
    assert found.cpus == 0.11
    assert "by 3 samples" in found.requested[-1]
    assert (sizes(10, 10, cpus=None).cpus, sizes(10, 10, cpus=None).cpus_limit) == (None, 1)
    assert "was not read" in sizes(10, 10, cpus=None).limited[1]


def test_what_was_not_observed_has_limits_that_say_so() -> None:
    found = requests_and_limits(None)
    assert (found.memory_limit, found.cpus_limit, found.pids_limit) == (1 << 30, 1, LEAST_PIDS)
    assert all("observed no process" in sentence for sentence in found.basis)
