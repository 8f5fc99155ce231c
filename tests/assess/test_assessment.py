"""The whole assessment."""

from assess.assessor import assess_estate, names_of
from assess.planning.placement.placement_search import IMPROVED
from inventory.observation import Origin
from tests.support.judging import TARGET, assess
from tests.support.snapshots import TAKEN, HostBuilder, unreachable


def host(name: str = "web01") -> HostBuilder:
    builder = HostBuilder(name)
    builder.init()
    builder.listen(builder.process(50, "/usr/bin/redis-server"), 6379)
    return builder


def test_names_are_kept_from_scan_to_scan() -> None:
    first = assess(host().build())
    second = host()
    second.listen(second.process(60, "/usr/bin/redis-server"), 6380)

    again = assess_estate((second.build(),), (TARGET,), TAKEN, "hosts.ini", names_of(first))

    assert [each.workload.name for each in again.workloads] == ["init", "redis-server", "redis-server-6380"]


def test_the_same_input_gives_the_same_result() -> None:
    assert assess(host().build()) == assess(host().build())


def test_evidence_is_given_its_line_and_hosts_are_read_one_after_the_other() -> None:
    asked: list[str] = []

    def quote(name: str, origin: Origin) -> str:
        asked.append(name)
        return f"line {origin.line} of {name}"

    snapshots = (host("a").build(), host("b").build())
    assessment = assess_estate(snapshots, (TARGET,), TAKEN, "hosts.ini", quote=quote)
    texts = {
        finding.host: evidence.text
        for finding in assessment.findings
        for evidence in finding.evidence
        if evidence.origin is not None
    }

    assert set(texts) == {"a", "b"}
    assert texts["a"].endswith(" of a")
    assert asked == sorted(asked)


def test_a_line_that_came_with_the_fact_is_not_looked_up() -> None:
    builder = host()
    builder.process(70, "/opt/shop/shop", "-c", "/etc/shop/shop.ini")
    builder.config("/etc/shop/shop.ini", "host = 10.9.9.9")
    assessment = assess_estate(
        (builder.build(),), (TARGET,), TAKEN, "hosts.ini", quote=lambda _host, _origin: "looked up"
    )

    (found,) = [each for each in assessment.findings if each.name == "address-in-configuration"]
    assert found.evidence[0].text == "host = 10.9.9.9"


def test_hosts_keep_their_order_and_unreachable_ones_are_among_them() -> None:
    assessment = assess(unreachable("z"), host("a").build())

    assert [each.snapshot.host for each in assessment.hosts] == ["z", "a"]
    assert {each.workload.host for each in assessment.workloads} == {"a"}


def test_what_could_not_be_seen_is_listed() -> None:
    builder = host()
    builder.unknown("cron", "not root")

    (seen,) = assess(builder.build()).hosts
    assert seen.unseen == (("cron", "not root"),)


def test_work_grows_with_the_estate_and_not_with_its_square() -> None:
    """Counted, not timed: one more host costs the same calls in a large and in a very large estate.

    Both are beyond the size up to which a plan of placement is improved after it was made.
    """
    import sys

    def calls(count: int) -> int:
        snapshots = [host(f"h{number:03}").build() for number in range(count)]
        counted = 0

        def count_calls(_frame: object, event: str, _argument: object) -> None:
            nonlocal counted
            counted += event == "call"

        sys.setprofile(count_calls)
        try:
            assess(*snapshots)
        finally:
            sys.setprofile(None)
        return counted

    calls(5)  # tables are read and cached
    small, large = calls(IMPROVED), calls(3 * IMPROVED)
    assert large < 3.2 * small
