"""A plain web server shows nothing odd: rules that find much on it would find it everywhere."""

from assess.rules import RULES
from tests.support.estate_recordings import recorded_host
from tests.support.judging import assess

AREAS = ("identity", "security", "process", "coupling", "lifecycle")
TRUE_OF_IT = {
    # Debian 12 has only its extended support left, and the shop has jobs and a password in a file.
    "end-of-life-distribution",
    "scheduled-jobs",
    "secret-in-file",
}


def test_a_plain_web_server_shows_no_odd_habits() -> None:
    ours = {rule.name for rule in RULES if rule.check.__module__.split(".")[2] in AREAS}

    assert {each.name for each in assess(recorded_host("web01")).findings} & ours == TRUE_OF_IT
