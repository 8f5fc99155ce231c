"""Record hosts of the running estate whole, for the tests of what their facts mean.

    python -m tests.support.record_estate web01 db01 --user root
    python -m tests.support.record_estate app01 --odd

All sections are asked at once, because workloads are found by joining them, and kept as the store keeps them: redacted
and compressed, in ``tests/fixtures/estate/HOST[-USER]/SECTION.zst``. With ``--odd`` services that do what rules look
for run meanwhile, and the recording is called HOST-odd.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
from pathlib import Path

from inventory.privacy.redaction import Redactor
from inventory.probe.framing import read_frames
from inventory.probe.script import COMMAND, compose
from inventory.sections import SECTIONS
from tests.support.estate_recordings import FOLDER
from tests.support.odd.services import start_script, stop_script

NONCE = "feedfacecafebeeffeedfacecafebeef"
STATE = Path("/run/brownfield-estate")


def main() -> None:
    """Ask, redact, compress, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hosts", nargs="+")
    parser.add_argument("--user", default="root")
    parser.add_argument("--odd", action="store_true", help="start odd services for the time of the recording")
    arguments = parser.parse_args()
    for host in arguments.hosts:
        if arguments.odd:
            pids = [int(pid) for pid in _run(host, start_script(own_address(host))).split()]
            try:
                record(host, "root", f"{host}-odd")
            finally:
                _run(host, stop_script(pids))
        else:
            record(host, arguments.user, host if arguments.user == "root" else f"{host}-{arguments.user}")


def own_address(host: str) -> str:
    """The address of a host on the estate's network."""
    return _run(host, "hostname -I").split()[0]


def _run(host: str, script: str) -> str:
    done = subprocess.run(
        [*_ssh(host, "root"), "/bin/sh -s"], input=script.encode(), capture_output=True, timeout=60, check=True
    )
    return done.stdout.decode()


def record(host: str, user: str, name: str) -> None:
    """Record one host as ``user`` under ``name``."""
    done = subprocess.run(
        [*_ssh(host, user), COMMAND],
        input=compose(SECTIONS, NONCE).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    frames = read_frames(done.stdout, done.stderr, NONCE)
    if not frames.complete:
        sys.exit(f"the answer of {host} has no end: {done.stderr[-300:]!r}")
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    redactor = Redactor(b"the key of the tests")
    for section in SECTIONS:
        if section.name in frames.sections:
            redacted = section.redact(frames.sections[section.name], redactor)
            (folder / f"{section.name}.zst").write_bytes(redacted.compressed())


def _ssh(host: str, user: str) -> list[str]:
    """The ssh command for a host as the estate's hosts.ini has it."""
    words = next(
        words
        for words in map(shlex.split, (STATE / "hosts.ini").read_text().splitlines())
        if words and words[0] == host
    )
    settings = dict(word.split("=", 1) for word in words[1:])
    return [
        "ssh", "-o", "BatchMode=yes", *shlex.split(settings["ansible_ssh_common_args"]),
        "-i", settings["ansible_ssh_private_key_file"], "-p", settings["ansible_port"],
        f"{user}@{settings['ansible_host']}",
    ]  # fmt: skip


if __name__ == "__main__":
    main()
