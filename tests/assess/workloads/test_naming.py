"""Names of workloads: recognisable, unique on a host, and the same at the next scan."""

import re

from hypothesis import given
from hypothesis import strategies as st

from assess.workloads import find_workloads
from assess.workloads.naming import Naming, safe_name, unique_names
from tests.support.snapshots import HostBuilder, names


def naming(wanted: str, *keys: str, port: int | None = None) -> Naming:
    return Naming(wanted, "", keys or (f"program:{wanted}",), port)


@given(st.text(max_size=200))
def test_a_name_is_safe_in_paths_and_images(text: str) -> None:
    name = safe_name(text)

    assert re.fullmatch(r"[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?", name)
    assert name not in (".", "..")


def test_a_hostile_process_name_becomes_plain() -> None:
    assert safe_name("<img src=x onerror=alert(1)>") == "img-src-x-onerror-alert-1"


def test_two_of_a_name_both_get_their_port() -> None:
    assert unique_names((naming("redis", port=6379), naming("redis", port=6380)), {}) == ("redis-6379", "redis-6380")


def test_two_of_a_name_without_ports_get_a_number() -> None:
    assert unique_names((naming("worker"), naming("worker")), {}) == ("worker", "worker-2")


def test_a_known_name_stays_when_a_second_instance_appears() -> None:
    first = naming("redis", "program:redis@6379", port=6379)
    second = naming("redis", "program:redis@6380", port=6380)

    assert unique_names((second, first), {"program:redis@6379": "redis"}) == ("redis-6380", "redis")


def test_a_known_name_stays_when_the_service_gets_a_unit() -> None:
    known = {"init:shop@80": "shop", "program:/opt/shop/serve@80": "shop"}
    now = naming("shop-web", "unit:shop-web", "program:/opt/shop/serve@80", port=80)

    assert unique_names((now,), known) == ("shop",)


def test_a_known_name_is_given_once() -> None:
    twins = (naming("x", "program:x", port=None), naming("x", "program:x", port=None))

    assert sorted(unique_names(twins, {"program:x": "mine"})) == ["mine", "x"]


def test_a_known_name_that_is_not_safe_is_not_taken() -> None:
    assert unique_names((naming("x"),), {"program:x": "../../etc"}) == ("x",)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from([None, 1, 2])).map(
            lambda pair: naming(pair[0], port=pair[1])
        ),
        max_size=12,
    ),
    st.dictionaries(st.sampled_from(["program:a", "program:b"]), st.sampled_from(["a", "b", "a-1", "b-2"])),
)
def test_names_are_unique_whatever_was_known(namings: list[Naming], known: dict[str, str]) -> None:
    given_names = unique_names(namings, known)

    assert len(set(given_names)) == len(namings)


def test_the_names_of_one_scan_are_those_of_the_next() -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/usr/bin/redis-server"), 6379)
    first = find_workloads(host.build())
    known = {key: each.name for each in first for key in each.recognised_by}
    host.listen(host.process(60, "/usr/bin/redis-server"), 6380)

    assert names(find_workloads(host.build(), known)) == ["init", "redis-server", "redis-server-6380"]
    assert names(find_workloads(host.build())) == ["init", "redis-server-6379", "redis-server-6380"]


def test_two_that_nothing_tells_apart_keep_their_names() -> None:
    host = HostBuilder()
    host.init()
    for pid in (50, 60, 70):
        host.process(pid, "/opt/queue/worker")
    first = find_workloads(host.build())
    known = {key: each.name for each in first for key in each.recognised_by}

    assert names(first) == ["init", "worker", "worker-2", "worker-3"]
    assert names(find_workloads(host.build(), known)) == names(first)
