"""Which settings of a kernel the services of a host ran with."""

from dataclasses import replace

import pytest

from assess.model import Evidence
from assess.subjects.host_facts import HostFacts
from assess.subjects.kernel_requirements import HUGE_PAGES, SettingRequirement, tuned
from assess.workloads import find_workloads
from inventory.model.sysctls import Sysctl
from inventory.observation import Found, value_or_none
from tests.support.estate_recordings import recorded_host
from tests.support.settings import setting
from tests.support.snapshots import HostBuilder


def wants(*settings: Sysctl, programs: tuple[str, ...] = ("/usr/sbin/nginx",), huge: str = "") -> dict[str, list[str]]:
    """What each service wants, as NAME=VALUE."""
    host = HostBuilder()
    host.init()
    for number, program in enumerate(programs):
        host.listen(host.process(50 + number, program), 80 + number)
    host.overrides["sysctls"] = Found(settings)
    if huge:
        kernel = value_or_none(host.build().kernel)
        assert kernel is not None
        host.overrides["kernel"] = Found(replace(kernel, transparent_huge_pages=huge))
    snapshot = host.build()
    facts = HostFacts(snapshot, find_workloads(snapshot))
    return {name: [f"{each.name}={each.value}" for each in found] for name, found in facts.kernel_requirements.items()}


def test_a_setting_belongs_to_the_program_that_is_known_for_wanting_it() -> None:
    found = wants(setting("vm.overcommit_memory", "1"), programs=("/usr/sbin/nginx", "/usr/bin/redis-server"))

    assert found == {"web01/redis-server": ["vm.overcommit_memory=1"]}


def test_without_such_a_program_it_is_every_services() -> None:
    found = wants(setting("vm.overcommit_memory", "2"), programs=("/usr/sbin/nginx", "/opt/app/app"))

    assert set(found) == {"web01/nginx", "web01/app"}


@pytest.mark.parametrize(
    ("one", "counts"),
    [
        (setting("vm.max_map_count", "262144"), True),
        (setting("vm.max_map_count", "65530", default="65530"), False),
        (setting("vm.max_map_count", "262144", path="", default="65530"), True),
        (setting("vm.max_map_count", "262144", path=""), False),
        (setting("vm.max_map_count", "1048576", path="/usr/lib/sysctl.d/10-map-count.conf", default="65530"), False),
        (setting("vm.max_map_count", "262144", live=False), False),
    ],
)
def test_what_counts_as_changed_by_an_administrator(one: Sysctl, counts: bool) -> None:
    assert tuned(one) is counts


def test_settings_of_taste_count_when_a_file_says_so() -> None:
    assert wants(setting("vm.swappiness", "1", default="60")) == {"web01/nginx": ["vm.swappiness=1"]}
    assert wants(setting("vm.swappiness", "30", path="", default="60")) == {}


def test_huge_pages_that_are_off_are_a_wish_of_databases_alone() -> None:
    assert wants(programs=("/usr/bin/mongod", "/usr/sbin/nginx"), huge="never") == {
        "web01/mongod": [f"{HUGE_PAGES}=never"]
    }
    assert wants(huge="never") == {}


@pytest.mark.parametrize(
    ("how", "wanted", "has", "met"),
    [
        ("most", "262144", "1048576", True),
        ("most", "262144", "65530", False),
        ("most", "1 2 3", "3 2 3", True),
        ("most", "1 2 3", "3 1 3", False),
        ("most", "1 2", "9", False),
        ("most", "262144", "", False),
        ("exact", "1", "2", False),
        ("exact", "1", "1", True),
    ],
)
def test_when_a_kernel_gives_what_is_wanted(how: str, wanted: str, has: str, met: bool) -> None:
    assert SettingRequirement("x", wanted, how, Evidence("")).met_by(has) is met  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["web01", "db01", "app01", "vm01"])
def test_recorded_hosts_that_nobody_tuned_want_nothing(host: str) -> None:
    snapshot = recorded_host(host)

    assert HostFacts(snapshot, find_workloads(snapshot)).kernel_requirements == {}
