"""Jobs as lines of a crontab: read as cron and its shell read them."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.emitters import EMITTERS, readme
from containerize.emitters.crontab import crontab_lines
from containerize.profile.job_schedules import command_of

from .cases import SEEN, emission, emitted


def test_what_cannot_be_taken_over_has_no_line() -> None:
    (line,) = crontab_lines(emission())
    assert line.startswith("*/5 * * * * cd DIRECTORY && docker compose run --rm --no-deps -T -u 33:33 ")


@pytest.mark.parametrize(
    "command", ["/usr/bin/php $HOME/x $(date +%H)", "echo 'a b' \"c\" \\% `id`; # %d", "x && y | z"]
)
def test_the_container_gets_the_command_as_it_stands(tmp_path: Path, command: str) -> None:
    jobs = (replace(SEEN.jobs[0], command=command),)
    (line,) = crontab_lines(emission(seen=replace(SEEN, jobs=jobs)))
    line, given = command_of(line.removeprefix("*/5 * * * * "))
    assert not given
    (tmp_path / "DIRECTORY").mkdir()
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    docker.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    words = done.stdout.splitlines()
    assert words[:2] == ["compose", "run"]
    assert words[-2:] == ["-c", command]
    assert words[words.index("--entrypoint") + 1] == "/bin/sh"


def test_the_page_shows_the_lines_where_there_is_a_compose_file() -> None:
    (line,) = crontab_lines(emission())
    assert line in emitted(readme.EMITTER, replace(emission(), emitters=EMITTERS))["README.md"]
    without = tuple(each for each in EMITTERS if each.name != "compose")
    page = emitted(readme.EMITTER, replace(emission(), emitters=without))["README.md"]
    assert line not in page and "kubernetes/base/jobs.yaml" in page
