"""Profiles of container hosts, and which targets are meant by their names."""

from __future__ import annotations

import re

import pytest

from assess.model import Target
from assess.rules.kernel.missing_cpu_level import missing_cpu_level
from assess.rules.kernel.thirty_two_bit_program import thirty_two_bit_program
from assess.targets.target_profiles import UnknownTarget, check_names, chosen_targets, profiles
from tests.support.judging import assess, judge, target
from tests.support.snapshots import HostBuilder

BY_NAME = {each.target.name: each.target for each in profiles()}


def local() -> Target:
    return target(name="local")


def test_the_common_container_hosts_are_there() -> None:
    wanted = {
        "debian-13", "ubuntu-24.04", "rhel-9", "rhel-10", "amazon-linux-2023", "kubernetes-6.1", "kubernetes-6.6",
        "kubernetes-6.12",
        "rootless-podman", "windows-2016", "windows-2019", "windows-2022", "windows-2025",
    }  # fmt: skip

    assert wanted == set(BY_NAME)


@pytest.mark.parametrize("profile", profiles(), ids=lambda each: each.target.name)
def test_a_profile_has_a_source_and_a_name_that_no_option_could_be(profile: object) -> None:
    made = next(each for each in profiles() if each is profile)

    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*", made.target.name)
    assert made.source and made.what
    assert made.target.kernel_release
    assert made.target.system == "linux" or made.target.os_build


def test_names_choose_profiles_scanned_hosts_and_this_machine() -> None:
    box = target()

    chosen = chosen_targets(("rhel-9", "box", "local", "rhel-9"), (box,), local)

    assert [each.name for each in chosen] == ["rhel-9", "box", "local"]


def test_without_names_scanned_hosts_go_before_this_machine() -> None:
    assert chosen_targets((), (target(),), local) == (target(),)
    assert chosen_targets((), (), local) == (local(),)


def test_a_scanned_host_goes_before_a_profile_of_its_name() -> None:
    own = target(name="debian-13", origin="scan of debian-13")

    assert chosen_targets(("debian-13",), (own,), local) == (own,)


def test_an_unknown_name_is_refused_with_one_like_it() -> None:
    with pytest.raises(UnknownTarget, match="did you mean debian-13"):
        chosen_targets(("debian13",), (), local)
    check_names(("kvm01",), ("kvm01",))


def compiled_for(level: int) -> HostBuilder:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    host.elf("/opt/x/x", isa_level=level)
    host.map("/opt/x/x", process)
    return host


@pytest.mark.parametrize(("level", "decided"), [(2, True), (3, False)])
def test_a_profile_promises_no_more_of_a_processor_than_its_system_asks(level: int, decided: bool) -> None:
    said = judge(missing_cpu_level, compiled_for(level).build(), targets=(BY_NAME["rhel-9"],))

    assert not said.findings
    assert said.silent is decided


def test_what_a_profile_does_not_say_decides_nothing() -> None:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/x/x")
    host.elf("/opt/x/x", "386", bits=32)
    host.map("/opt/x/x", process)

    assert judge(thirty_two_bit_program, host.build(), targets=(BY_NAME["rhel-10"],)).missing == {""}


def test_a_workload_has_a_fit_for_each_target() -> None:
    made = assess(compiled_for(2).build(), targets=(BY_NAME["debian-13"], BY_NAME["windows-2022"]))

    service = made.workload("web01/x")
    assert service is not None
    fits = {fit.target: str(fit.verdict) for fit in service.fits}
    assert fits["windows-2022"] == "stay"
    assert fits["debian-13"] != "stay"
