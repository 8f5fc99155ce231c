"""What a build prints tells of needs without granting one, and steers no terminal."""

from __future__ import annotations

import pytest

from containerize.commands.build_run import BuildOutcome
from containerize.commands.build_table import print_outcome
from tests.containerize.plans import make_plan


def test_what_a_workload_may_need_is_listed_with_its_evidence_and_option(capsys: pytest.CaptureFixture[str]) -> None:
    evidence = (("/dev/fuse", "/opt/x\x1b[31m (user id 33) held it open"),)
    plan = make_plan([], devices=("/dev/fuse", "/dev/bad\nname"), evidence=evidence)
    print_outcome(BuildOutcome(planned={"web01/apache2": plan}))
    lines = capsys.readouterr().out.splitlines()
    wanted = "  may need device /dev/fuse (/opt/x?[31m (user id 33) held it open); --allow-device /dev/fuse allows it"
    assert wanted in lines
    assert "name" not in [line.strip() for line in lines]
