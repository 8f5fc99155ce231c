"""Record a real host for ``tests/fixtures/recordings``.

    python -m tests.support.record_host web01 --sections processes,sockets -- ssh root@web01 /bin/sh -s

Everything behind ``--`` is a command that runs the script on its standard input. To keep files small, kernel threads
beyond the first few are left out, and so are the processes named with ``--without``, more than ``--alike`` of one name,
and most options of the kernel; nothing else is changed.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from dataclasses import replace

from inventory.depth import Depth
from inventory.formats.procfs.process_files import records
from inventory.formats.procfs.process_stat import parse_stat
from inventory.privacy.redaction import Redactor
from inventory.probe.framing import read_frames
from inventory.probe.script import compose
from inventory.recording import Part, SectionRecording
from inventory.sections import SECTIONS
from tests.support.recordings import FOLDER

NONCE = "feedfacecafebeeffeedfacecafebeef"
KERNEL_THREADS = 3
"""How many kernel threads are kept."""
OPTIONS = re.compile(rb"CONFIG_(MODULES|IA32|X86_X32|LEGACY_VSYSCALL|OVERLAY_FS|CGROUP|USER_NS|SECCOMP|VETH|KVM)")
"""The options of a kernel that are kept."""


def main() -> None:
    """Ask, redact, trim, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("host")
    parser.add_argument("--sections", required=True)
    parser.add_argument("--escalate", default="")
    parser.add_argument("--without", action="append", default=[], help="leave out processes whose name matches")
    parser.add_argument("--alike", type=int, default=2, help="how many processes of one name are kept")
    parser.add_argument("--keep", action="append", default=[], help="PART=REGEX: keep only such lines of a part")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    names = arguments.sections.split(",")
    # section processes is always asked: it says which processes to leave out
    asked = [section for section in SECTIONS if section.name in {*names, "processes"}]
    script = compose(asked, NONCE, escalate=arguments.escalate, depth=Depth.DEEP)
    done = subprocess.run(arguments.command, input=script.encode(), capture_output=True, timeout=120, check=False)
    frames = read_frames(done.stdout, done.stderr, NONCE)
    if not frames.complete:
        sys.exit(f"the answer has no end: {done.stderr[-300:]!r}")
    dropped = left_out(frames.sections["processes"], arguments.without, arguments.alike)
    folder = FOLDER / arguments.host
    folder.mkdir(parents=True, exist_ok=True)
    redactor = Redactor(b"the key of the tests")
    for section in asked:
        if section.name in names:
            recording = trimmed(section.redact(frames.sections[section.name], redactor), dropped)
            recording = replace(recording, parts=tuple(chosen(part, arguments.keep) for part in recording.parts))
            (folder / f"{section.name}.txt").write_bytes(recording.to_text())


def left_out(recording: SectionRecording, patterns: list[str], most: int) -> frozenset[int]:
    """The processes that are not kept."""
    part = recording.part("stat")
    stats = [parse_stat(record.content) for record in records(part, "stat").values()] if part is not None else []
    kernel = sorted(stat.pid for stat in stats if stat.kernel)[KERNEL_THREADS:]
    named = [stat.pid for stat in stats if any(re.search(pattern, stat.name) for pattern in patterns)]
    names = sorted({stat.name for stat in stats if not stat.kernel})
    alike = [sorted(stat.pid for stat in stats if stat.name == name)[most:] for name in names]
    return frozenset([*kernel, *named, *(pid for pids in alike for pid in pids)])


def trimmed(recording: SectionRecording, dropped: frozenset[int]) -> SectionRecording:
    """Without the lines of dropped processes, and with a choice of kernel options."""
    return replace(recording, parts=tuple(_trim(part, dropped) for part in recording.parts))


def chosen(part: Part, keep: list[str]) -> Part:
    """Only what ``--keep`` names, where it names this part."""
    patterns = [rule.partition("=")[2].encode() for rule in keep if rule.partition("=")[0] == part.name]
    if not patterns:
        return part
    end = b"\n\n" if part.name == "units" else b"\n"
    pieces = part.content.removesuffix(b"\n").split(end)
    kept = [piece for piece in pieces if any(re.search(pattern, piece, re.MULTILINE) for pattern in patterns)]
    return replace(part, content=end.join(kept) + b"\n" if kept else b"")


def _trim(part: Part, dropped: frozenset[int]) -> Part:
    kept: list[bytes] = []
    skipping = False
    for line in part.content.split(b"\n"):
        if heading := re.fullmatch(rb"/proc/(\d+)/\w+:", line):
            skipping = int(heading[1]) in dropped
        named = re.search(rb"^/proc/(\d+)/\w+:| /proc/(\d+)/\w+(?: -> |$)", line)
        if part.name == "family":
            named = re.match(rb"(\d+)()", line)
        if named and int(named[1] or named[2]) in dropped:
            continue
        if not skipping and (part.name != "config" or not line or OPTIONS.match(line)):
            kept.append(line)
    return replace(part, content=b"\n".join(kept))


if __name__ == "__main__":
    main()
