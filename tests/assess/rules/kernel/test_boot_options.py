"""KRN022."""

from dataclasses import replace

import pytest

from assess.model import Severity
from assess.rules.kernel.boot_options import boot_options
from inventory.observation import Found, value_or_none
from tests.support.estate_recordings import recorded_host
from tests.support.judging import Verdicts, judge
from tests.support.snapshots import HostBuilder


def booted(command_line: str) -> Verdicts:
    host = HostBuilder()
    kernel = value_or_none(host.build().kernel)
    assert kernel is not None
    host.overrides["kernel"] = Found(replace(kernel, command_line=command_line))
    return judge(boot_options, host.build())


@pytest.mark.parametrize("word", ["isolcpus=2,3", "hugepages=512", "vsyscall=emulate", "transparent_hugepage=never"])
def test_options_for_a_workload_are_found(word: str) -> None:
    said = booted(f"root=/dev/sda1 ro quiet {word}")

    assert said.about == [("web01", Severity.MINOR)]
    assert word in said.messages[0]


def test_usual_options_and_those_of_init_are_not() -> None:
    assert booted("BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro quiet splash -- mem=1").silent


def test_a_recorded_virtual_machine_has_none() -> None:
    assert judge(boot_options, recorded_host("vm01")).silent
