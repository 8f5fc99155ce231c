"""The data tables can be read, and say what rules rely on."""

from datetime import date

from assess.knowledge.data_files import data_toml
from assess.knowledge.system_tables import (
    architecture,
    cpu_levels,
    data_table,
    device,
    end_of_life,
    host_function,
    roots_table,
    scoring,
)
from assess.model import Severity
from inventory.products.catalogue import products


def test_releases_are_found_as_their_makers_name_them() -> None:
    for distribution, version in (
        ("debian", "12"),
        ("rhel", "7.9"),
        ("ubuntu", "20.04"),
        ("alpine", "3.18.4"),
        ("ol", "8.6"),
    ):
        assert end_of_life(distribution, version) is not None, distribution
    assert end_of_life("sles", "15") is end_of_life("sles", "15.0")
    assert end_of_life("debian", "99") is None
    end = end_of_life("debian", "11")
    assert end is not None and end.extended_support_ends == date(2026, 8, 31)


def test_severities_of_devices_are_severities() -> None:
    for path in (
        "/dev/net/tun",
        "/dev/fuse",
        "/dev/mem",
        "/dev/kvm",
        "/dev/sda1",
        "/dev/st0",
        "/dev/ttyUSB0",
        "/dev/unheard-of",
    ):
        found = device(path)
        assert found is not None
        Severity(found.severity)
    assert device("/dev/null") is None


def test_weights_cover_every_severity() -> None:
    assert set(scoring().cost) == {severity.value for severity in Severity}


def test_machines_run_their_own_programs() -> None:
    assert architecture("x86_64") == architecture("amd64")
    assert architecture("arm64") == architecture("aarch64")
    assert architecture("z80") is None
    assert set(cpu_levels()) == {2, 3, 4}


def test_no_program_is_listed_twice_with_different_purposes() -> None:
    table = data_toml("host_functions.toml")
    programs = [program for function in table["function"] for program in function["programs"]]
    served = [(product, product.host_function) for product in products().values()]
    programs += [program for product, each in served if each is not None for program in product.programs_of(each)]

    assert len(set(programs)) == len(programs)


def test_a_path_pattern_needs_the_path() -> None:
    assert host_function("/usr/lib/postfix/sbin/master") is not None
    assert host_function("/opt/x/master") is None


def test_roots_that_everybody_shares_are_no_data() -> None:
    assert "/etc" in roots_table().shared
    assert "/var/lib" in data_table().roots
