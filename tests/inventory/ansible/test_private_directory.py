"""What must not reach a disk is removed, also when a run could not do it."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

from inventory.ansible.ansible_programs import private_directory

_HOLDER = (
    "import time; from inventory.ansible.ansible_programs import private_directory\n"
    "with private_directory() as path:\n"
    "    (path / 'password').write_text('s3cret'); print(path, flush=True); time.sleep(60)"
)


def test_it_is_ours_alone_and_gone_afterwards() -> None:
    with private_directory() as path:
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert not path.exists()


def test_what_a_killed_run_left_is_removed_by_the_next_and_what_a_living_one_has_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", _HOLDER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        with private_directory():
            assert (left / "password").exists()
        process.kill()
    assert (left / "password").exists()
    with private_directory():
        assert not left.exists()
