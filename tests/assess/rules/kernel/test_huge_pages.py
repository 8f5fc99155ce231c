"""KRN017."""

from dataclasses import replace

from assess.model import Severity
from assess.rules.kernel.huge_pages import huge_pages
from inventory.model.kernel import HugePages
from inventory.model.processes import Memory
from inventory.observation import Found, value_or_none
from inventory.snapshot import Snapshot
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder, origin

MIB = 1 << 20


def with_pages(used: int | None, *, total: int = 512, mapped: str = "") -> Snapshot:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/db/db", memory=Memory(None, None, None, None, None, 0, 0, used))
    if mapped:
        host.map(mapped, process)
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    pool = HugePages(2 * MIB, total, 0, 0, 0, 0, origin("kernel"))
    host.overrides["kernel"] = Found(replace(kernel, huge_pages=(pool,)))
    return host.build()


def test_the_pages_in_use_are_wanted_of_the_target() -> None:
    said = judge(huge_pages, with_pages(100 * MIB), targets=(target(free_huge_pages=((2 * MIB, 10),)),))

    assert said.about == [("web01/db", Severity.MINOR)]
    assert "50 huge pages of 2048 KiB, and box has 10 free" in said.messages[0]
    assert "vm.nr_hugepages = 50" in said.findings[0].remedy


def test_a_target_that_has_them_is_silent() -> None:
    assert judge(huge_pages, with_pages(100 * MIB), targets=(target(free_huge_pages=((2 * MIB, 50),)),)).silent


def test_a_kernel_that_does_not_count_them_shows_them_by_what_is_mapped() -> None:
    assert judge(huge_pages, with_pages(None, mapped="/dev/hugepages/pool")).about == [("web01/db", Severity.MINOR)]
    assert judge(huge_pages, with_pages(None)).missing == {"processes"}
    assert judge(huge_pages, with_pages(None, total=0)).silent


def test_who_uses_none_has_no_finding() -> None:
    assert judge(huge_pages, with_pages(0)).silent
