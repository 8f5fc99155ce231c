"""What an account of the host plants beside a web server's files is not read by root."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

from containerize.pilot.seeds.file_copy import copying
from containerize.pilot.web.logged_paths import paths_in, reading
from containerize.pilot.web.virtual_hosts import configuration_files
from containerize.plan.model import PlannedFile
from tests.containerize.pilot.plans import make_plan

_LINE = '192.0.2.7 - - [01/Dec/2026:10:00:00 +0000] "GET /%s HTTP/1.1" 200 5\n'


def test_no_link_pipe_or_name_of_two_words_beside_the_logs_is_followed(tmp_path: Path) -> None:
    logs, private = tmp_path / "logs", tmp_path / "root"
    for folder in (logs, private):
        folder.mkdir()
    (private / "secret").write_text(_LINE % "reset-with-token")
    (private / "access.log").write_text(_LINE % "of-another")
    (logs / "access.log").write_text(_LINE % "own")
    (logs / "access-link.log").symlink_to(private / "secret")
    (logs / "access secret .log").write_text("")
    os.mkfifo(logs / "access-pipe.log")
    (logs / "access.log.d").mkdir()
    command = reading([f"{logs}/*access*"])
    done = subprocess.run(["sh", "-c", command], cwd=private, capture_output=True, text=True, timeout=20, check=True)
    assert paths_in(done.stdout).paths == ("/own",)


def test_no_directory_behind_a_link_is_copied_in_place_of_one_of_data(tmp_path: Path) -> None:
    private, data = tmp_path / "root", tmp_path / "app" / "data"
    private.mkdir()
    (private / "id_ed25519").write_text("key")
    data.parent.mkdir()
    data.symlink_to(private)
    done = subprocess.run(["sh", "-c", copying(str(data))], capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (9, b"")
    data.unlink()
    data.mkdir()
    (data / "own").write_text("own")
    done = subprocess.run(["sh", "-c", copying(str(data))], capture_output=True, check=True)
    assert b"own" in done.stdout


def _file(path: str, kind: str = "file", link: str = "") -> PlannedFile:
    return PlannedFile(path, kind, 0o644, 0, 0, 0, 1, "", link, "application", "")  # type: ignore[arg-type]


def test_links_of_the_configuration_lead_where_they_led_when_it_was_planned() -> None:
    files = (
        _file("/etc/nginx/nginx.conf"),
        _file("/etc/nginx/sites-enabled/shop", "symlink", "../sites-available/shop"),
        _file("/etc/nginx/sites-available/shop"),
        _file("/etc/nginx/sites-enabled/odd", "symlink", "/root/.ssh/id_ed25519"),
    )
    plan = replace(make_plan("web01/nginx"), files=files)
    assert configuration_files(plan) == ["/etc/nginx/nginx.conf", "/etc/nginx/sites-available/shop"]
