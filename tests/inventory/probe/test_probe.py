"""The probe on real shells: sections that hang, flood, read standard input or fail cost nobody else an answer."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import time
import uuid
from pathlib import Path

import pytest

from inventory.limits import MAX_OUTPUT, Limits
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.probe.framing import Frames, read_frames
from inventory.probe.script import compose
from inventory.section import Section, Variant
from tests.support.live import REDACTOR
from tests.support.this_machine import Here

NONCE = "0123456789abcdef0123456789abcdef"


def section(name: str, fragment: str, *, seconds: int = 20, cap: int = 100_000) -> Section[str]:
    """A section whose parser returns the text of its first part."""
    variant = Variant(
        Platform.POSIX, fragment, lambda recording: Found(recording.parts[0].content.decode()), seconds, cap
    )
    return Section(name, name, (variant,))


def ask(
    shell: list[str], *sections: Section[str], timeout: float = 30, mark: str = "", most: int = MAX_OUTPUT
) -> tuple[Frames, subprocess.CompletedProcess[bytes]]:
    """Run a probe made of ``sections``."""
    script = compose(sections, NONCE, most=most)
    environment = {**os.environ, "BF_TEST": mark}
    completed = subprocess.run(
        shell, input=script.encode(), capture_output=True, timeout=timeout, check=False, env=environment
    )
    return read_frames(completed.stdout, completed.stderr, NONCE), completed


def processes_marked(mark: str) -> list[str]:
    """Command lines of running processes with ``mark`` in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes():
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_content_arrives_byte_for_byte(shell: list[str]) -> None:
    """With and without a newline at the end, with NULs, and empty."""
    frames, _ = ask(
        shell,
        section(
            "one",
            r"a() { printf 'x\ny'; }; b() { printf 'x\ny\n'; }; c() { printf '\000\001\n\n'; };"
            " part a a; part b b; part c c; part d true",
        ),
    )

    assert frames.complete
    assert {part.name: part.content for part in frames.sections["one"].parts} == {
        "a": b"x\ny",
        "b": b"x\ny\n",
        "c": b"\0\1\n\n",
        "d": b"",
    }


def test_exit_status_and_errors_are_kept_apart(shell: list[str]) -> None:
    """The status belongs to the part, standard error to the section."""
    frames, _ = ask(
        shell,
        section("one", "f() { echo out; echo bad >&2; return 3; }; part f f"),
        section("two", "part g echo fine"),
    )

    assert frames.sections["one"].parts[0].status == 3
    assert frames.sections["one"].errors == b"bad\n"
    assert frames.sections["two"].errors == b""
    assert frames.sections["two"].parts[0].content == b"fine\n"


def test_a_section_that_hangs_is_ended_and_the_next_one_answers(shell: list[str]) -> None:
    """The watchdog ends it with its children, and nothing of it stays behind."""
    mark = uuid.uuid4().hex
    frames, _ = ask(
        shell,
        section("stuck", "part first echo here; f() { sleep 86417; }; part second f", seconds=1),
        section("next", "part ok echo fine"),
        mark=mark,
    )

    assert frames.sections["stuck"].timed_out
    assert frames.sections["stuck"].parts[0].content == b"here\n"
    assert frames.sections["next"].parts[0].content == b"fine\n"
    assert frames.complete
    time.sleep(0.2)
    assert processes_marked(mark) == []


def test_endless_output_is_cut_at_the_cap(shell: list[str]) -> None:
    """The part says that it was cut, and the next section answers."""
    frames, completed = ask(
        shell, section("flood", "part y yes hostile", cap=5000), section("next", "part ok echo fine")
    )

    (part,) = frames.sections["flood"].parts
    assert part.truncated
    assert len(part.content) < 5000
    assert len(completed.stdout) < 112_000, "the caps of both together, and once more the first"
    assert frames.sections["next"].parts[0].content == b"fine\n"


def test_who_was_being_asked_when_another_flooded_is_asked_again(shell: list[str]) -> None:
    """All sections share one cap first. The one at which it was reached is asked alone, and the rest follow as ever.

    On a busy machine ksh may have gone on before it notices that nobody reads; then a second trip asks what was lost.
    """
    transport = Here(shell)
    sections = (
        section("long", "f() { yes long | head -n 15000; }; part a f"),
        section("innocent", "f() { yes fine | head -n 15000; }; part b f"),
        section("next", "part ok echo fine"),
    )
    recording = run_probe(
        transport,
        Platform.POSIX,
        REDACTOR,
        "h",
        lambda: 0.0,
        ProbeOptions(sections=sections, limits=Limits(output=100_000)),
    )

    said = {each.section: each.parts[0] for each in recording.sections}
    assert recording.missing == {}
    assert said["long"].content == b"long\n" * 15000
    assert said["innocent"].content == b"fine\n" * 15000
    assert not said["innocent"].truncated
    assert said["next"].content == b"fine\n"
    assert transport.bytes[0] < 180_000


def test_a_section_cannot_disturb_the_ones_after_it(shell: list[str]) -> None:
    """It may change options, folders and functions, end its shell, or fail in a way that ends shells."""
    frames, _ = ask(
        shell,
        section("options", "set -f; cd /proc; PATH=/nowhere; part() { :; }; N=forged; umask 000"),
        section("exits", "part a echo x; exit 3"),
        section("fails", "part a echo ${bf_not_set:?gone}; part b echo y"),
        section("last", "f() { echo /pro[c]; umask; pwd; }; part ok f"),
    )

    assert frames.complete
    assert [section.timed_out for section in frames.sections.values()] == [False] * 4
    (part,) = frames.sections["last"].parts
    lines = part.lines()
    assert lines[0] == "/proc"
    assert int(lines[1], 8) == 0o077
    assert lines[2] != "/proc"


@pytest.mark.slow
def test_what_cannot_be_killed_is_left_behind(shell: list[str]) -> None:
    """A process of another user or in state D keeps the pipe open; every answer is there all the same."""
    mark = uuid.uuid4().hex
    immortal = '[ "`cat /proc/$bf_pid/comm`" = sleep ] || kill -9 "$bf_pid"'
    script = compose(
        [
            section("stuck", "part first echo here; f() { sleep 14; }; part second f", seconds=1),
            section("next", "part ok echo fine"),
        ],
        NONCE,
    )
    assert script.count('kill -9 "$bf_pid"') == 1
    began = time.monotonic()
    completed = subprocess.run(
        shell,
        input=script.replace('kill -9 "$bf_pid"', immortal).encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=30,
        check=False,
        env={**os.environ, "BF_TEST": mark},
    )

    frames = read_frames(completed.stdout, b"", NONCE)
    assert time.monotonic() - began < 13, "it did not wait for the process"
    assert frames.complete
    assert frames.outside.strip() == b""
    assert frames.sections["stuck"].timed_out
    assert frames.sections["stuck"].parts[0].content == b"here\n"
    assert frames.sections["next"].parts[0].content == b"fine\n"


def test_a_command_that_reads_standard_input_does_not_eat_the_script(shell: list[str]) -> None:
    """`cat` without arguments sees an empty file."""
    frames, _ = ask(shell, section("eater", "part c cat"), section("next", "part ok echo fine"))

    assert frames.sections["eater"].parts[0].content == b""
    assert frames.sections["next"].parts[0].content == b"fine\n"


def test_what_root_alone_may_ask_is_marked_for_others(shell: list[str]) -> None:
    """Without root and without a way to it, the part is there, empty, with status 126."""
    script = compose([section("one", "root secret /bin/echo hidden; part open echo seen")], NONCE)
    script = script.replace("\nbf_user 2>/dev/null\n", "\nBF_UID=1000\n")

    completed = subprocess.run(shell, input=script.encode(), capture_output=True, timeout=30, check=False)

    secret, seen = read_frames(completed.stdout, completed.stderr, NONCE).sections["one"].parts
    assert (secret.content, secret.status) == (b"", 126)
    assert seen.content == b"seen\n"


def test_the_watchdog_leaves_with_the_probe(shell: list[str]) -> None:
    """No ticking process is left behind, and the answer ends at once."""
    mark = uuid.uuid4().hex

    ask(shell, section("one", "part a echo x"), mark=mark)

    time.sleep(0.2)
    assert processes_marked(mark) == []


def test_noise_around_the_frames_is_kept_apart() -> None:
    """A motd before and a wrapper's words after do not reach a section."""
    stdout = (
        b"Welcome to host!\nnot a frame hello\n"
        + f"\n{NONCE} hello 0 7\n\n{NONCE} begin a\n\n{NONCE} part p\nx\n\n{NONCE} done 0\n".encode()
        + f"\n{NONCE} end\n\n{NONCE} over no\n\n{NONCE} bye\n".encode()
        + b"logout\n"
    )

    frames = read_frames(stdout, b"", NONCE)

    assert frames.sections["a"].parts[0].content == b"x\n"
    assert frames.outside == b"Welcome to host!\nnot a frame hello\nlogout\n"


def test_a_connection_that_ends_within_a_part_leaves_it_truncated() -> None:
    """What arrived is kept and says that it is cut."""
    stdout = f"\n{NONCE} hello 0 7\n\n{NONCE} begin a\n\n{NONCE} part p\nhalf".encode()

    frames = read_frames(stdout, b"", NONCE)

    assert not frames.complete
    assert frames.sections["a"].parts[0].content == b"half"
    assert frames.sections["a"].parts[0].truncated


def test_the_script_survives_a_terminal() -> None:
    """Under a pty (su, requiretty) the content has no carriage returns."""
    script = compose([section("one", r"f() { printf 'x\ny\n'; }; part a f")], NONCE)
    # As marked_on_terminal does it: what is typed before a terminal is raw is cut.
    shell_line = f"stty raw -echo; echo ready; head -c {len(script)} | sh -s"
    ours, theirs = pty.openpty()
    with subprocess.Popen(["sh", "-c", shell_line], stdin=theirs, stdout=theirs, start_new_session=True) as process:
        os.close(theirs)
        said = b""
        while b"ready" not in said:
            said += os.read(ours, 1 << 16)
        written = os.write(ours, script.encode())
        while written < len(script):
            written += os.write(ours, script.encode()[written:])
        with contextlib.suppress(OSError):  # the terminal of a process that has ended
            while more := os.read(ours, 1 << 16):
                said += more
        process.wait(30)
    os.close(ours)

    frames = read_frames(said, b"", NONCE)

    assert frames.sections["one"].parts[0].content == b"x\ny\n"
