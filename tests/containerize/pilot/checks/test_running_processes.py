"""Which processes of the inventory have to be there in a copy."""

from __future__ import annotations

from dataclasses import replace

import pytest

from containerize.pilot.checks.running_processes import is_on_demand
from containerize.plan.model import ExpectedProcess, ImagePlan, PlannedFile
from tests.containerize.pilot.plans import make_plan

DAEMONS = "/usr/lib/postfix/sbin"


@pytest.fixture
def postfix() -> ImagePlan:
    paths = [f"{DAEMONS}/{name}" for name in ("master", "qmgr", "pickup", "smtpd", "local")]
    return replace(
        make_plan("mail01/postfix"),
        processes=tuple(ExpectedProcess(path, "postfix", 1) for path in (*paths, f"{DAEMONS}/anvil")),
        files=tuple(PlannedFile(path, "file", 0o755, 0, 0, 0, 1, "0" * 64, "", "packages", "") for path in paths),
    )


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (f"{DAEMONS}/smtpd", True),
        (f"{DAEMONS}/local", True),
        (f"{DAEMONS}/qmgr", False),  # runs all the time
        (f"{DAEMONS}/master", False),
        (f"{DAEMONS}/anvil", False),  # the image does not have it
        ("/usr/local/bin/smtpd", False),  # nobody starts it
    ],
)
def test_what_postfix_starts_for_work_need_not_run(postfix: ImagePlan, program: str, expected: bool) -> None:
    assert is_on_demand(program, postfix) is expected


def test_nobody_starts_it_where_there_is_no_postfix(postfix: ImagePlan) -> None:
    other = replace(postfix, processes=(ExpectedProcess(f"{DAEMONS}/smtpd", "postfix", 1),))
    assert not is_on_demand(f"{DAEMONS}/smtpd", other)
