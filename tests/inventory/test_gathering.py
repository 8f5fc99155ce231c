"""Files read by one program for several sections are the files that each would have read by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.depth import Depth
from inventory.framing import Frames, read_frames
from inventory.gathering import split_files, split_list, split_parts
from inventory.observation import Absent
from inventory.platforms import Platform
from inventory.probe_script import compose
from inventory.procfs.links import directory_links, process_links
from inventory.recording import Part, SectionRecording
from inventory.section import Section, Variant
from inventory.sections import SECTIONS
from tests.support.live import REDACTOR

NONCE = "0123456789abcdef0123456789abcdef"
SHELLS = {
    "dash": ["dash", "-s"],
    "bash as sh": ["bash", "--posix", "-s"],
    "busybox": ["busybox", "sh", "-s"],
    "ksh": ["ksh", "-s"],
}
Sections = tuple[Section[str], ...]


def section(name: str, files: str, fragment: str = "", depth: Depth = Depth.QUICK) -> Section[str]:
    """A section that wants ``files`` and asks ``fragment``."""
    variant: Variant[str] = Variant(
        Platform.POSIX, fragment or f"part own echo {name}", lambda _: Absent("not read"), files=files
    )
    return Section(name, name, (variant,), depth=depth)


@pytest.fixture(params=sorted(SHELLS))
def shell(request: pytest.FixtureRequest) -> list[str]:
    """Each shell a host may have."""
    command = SHELLS[request.param]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return command


def run(
    shell: list[str], sections: Sections, *, depth: Depth = Depth.STANDARD, seconds: int | None = None
) -> tuple[Frames, bytes]:
    """The answer of this machine, and what it looked like."""
    script = compose(sections, NONCE, depth=depth, seconds=seconds)
    done = subprocess.run(
        shell, input=script.encode(), capture_output=True, timeout=60, check=False, env={**os.environ, "IFS": " \t\n"}
    )
    frames = read_frames(done.stdout, done.stderr, NONCE)
    assert frames.complete
    return frames, done.stdout


def parts(frames: Frames, name: str) -> dict[str, bytes]:
    """What a section was answered."""
    return {part.name: part.content for part in frames.sections[name].parts}


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
def test_each_section_gets_its_own_files(shell: list[str], depth: Depth, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("first\n/b:not another file\n\nno newline at the end")
    (tmp_path / "b").write_text("second\n")
    (tmp_path / "empty").write_text("")
    both = (
        f"want 'one={tmp_path}/a,@two={tmp_path}/b,three={tmp_path}/empty' {tmp_path}/a {tmp_path}/b {tmp_path}/empty"
    )
    sections = (section("x", both), section("y", f"want 'again={tmp_path}/*' {tmp_path}/b {tmp_path}/a"))
    together, raw = run(shell, sections, depth=depth)
    assert raw.count(b" want ") == 2
    assert raw.count(b"part @files") == 1
    a = f"{tmp_path}/a:".encode()
    assert parts(together, "x") == {
        "one": b"\n".join(a + line for line in (b"first", b"/b:not another file", b"", b"no newline at the end\n")),
        "two": b"second\n",
        "three": b"",
        "own": b"x\n",
    }
    assert parts(together, "y")["again"].startswith(f"{tmp_path}/b:second\n{tmp_path}/a:first\n".encode())
    for one in sections:
        alone, raw = run(shell, (one,), depth=depth)
        assert b"part @files" not in raw
        assert set(alone.sections[one.name].parts) == set(together.sections[one.name].parts)


def test_lines_that_are_dropped_are_dropped_alone_and_together(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("keep 1\ndrop 2\nleave 3\n")
    one = section("x", f"drop '^drop [0-9]'\nwant 'a={tmp_path}/a' {tmp_path}/a")
    two = section("y", f"drop '^leave'\nwant 'a={tmp_path}/a' {tmp_path}/a")
    together, _ = run(shell, (one, two))
    alone, _ = run(shell, (one,))
    assert parts(together, "x")["a"] == f"{tmp_path}/a:keep 1\n".encode()
    assert parts(alone, "x")["a"] == f"{tmp_path}/a:keep 1\n{tmp_path}/a:leave 3\n".encode()


def test_a_name_with_a_newline_brings_no_other_file(shell: list[str], tmp_path: Path) -> None:
    """It would come out as two names, and the second of them is for the owner of the file to choose."""
    secret = tmp_path / "secret"
    secret.write_text("not asked for\n")
    odd = Path(f"{tmp_path}/dir/x\n{secret}")
    odd.parent.mkdir(parents=True)
    odd.write_text("odd\n")
    every = "/*" * (odd.as_posix().count("/") - tmp_path.as_posix().count("/") - 1)
    sections = (
        section("x", f"want 'x=/*' {tmp_path}/dir{every}"),
        section("y", f"want 'y=/*' {secret}"),
    )
    frames, raw = run(shell, sections)
    assert b"part @files" not in raw
    assert b"not asked for" not in parts(frames, "x")["x"]
    assert parts(frames, "y")["y"] == f"{secret}:not asked for\n".encode()


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.STANDARD])
def test_a_file_that_hangs_costs_only_the_section_that_wants_it(shell: list[str], depth: Depth, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "a").write_text("fine\n")
    sections = (
        section("before", f"want 'a={tmp_path}/a' {tmp_path}/a"),
        section("stuck", f"want 'a={tmp_path}/a,f={tmp_path}/fifo' {tmp_path}/a {tmp_path}/fifo"),
        section("after", f"want 'a={tmp_path}/a' {tmp_path}/a"),
    )
    frames, _ = run(shell, sections, depth=depth, seconds=1)
    assert [name for name, recording in frames.sections.items() if recording.timed_out] == ["stuck"]
    for name in ("before", "after"):
        assert parts(frames, name) == {"a": f"{tmp_path}/a:fine\n".encode(), "own": f"{name}\n".encode()}


def test_a_question_of_a_quick_look_that_hangs_costs_no_other(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "a").write_text("fine\n")
    want = f"want 'a={tmp_path}/a' {tmp_path}/a"
    sections = (
        section("before", want),
        section("stuck", want, "part said echo something; part stuck sleep 50; part never echo nothing"),
        section("after", want),
    )
    frames, raw = run(shell, sections, depth=Depth.QUICK, seconds=1)
    assert frames.sections["stuck"].timed_out
    assert raw.count(b" begin stuck\n") == 1, "twice would cost twice the time"
    assert parts(frames, "stuck")["said"] == b"something\n"
    for name in ("before", "after"):
        assert not frames.sections[name].timed_out
        assert parts(frames, name) == {"a": f"{tmp_path}/a:fine\n".encode(), "own": f"{name}\n".encode()}


def test_more_than_the_cap_is_left_to_the_sections(shell: list[str], tmp_path: Path) -> None:
    (tmp_path / "large").write_text("0123456789\n" * 40_000)
    (tmp_path / "a").write_text("fine\n")
    sections = (
        section("flood", f"want 'l={tmp_path}/large' {tmp_path}/large"),
        section("after", f"want 'a={tmp_path}/a' {tmp_path}/a"),
    )
    script = compose(sections, NONCE, most=100_000)
    done = subprocess.run(shell, input=script.encode(), capture_output=True, timeout=60, check=False)
    frames = read_frames(done.stdout, done.stderr, NONCE)
    (flood,) = (part for part in frames.sections["flood"].parts if part.name == "l")
    assert flood.truncated
    assert len(flood.content) < 101_000
    assert parts(frames, "after") == {"a": f"{tmp_path}/a:fine\n".encode(), "own": b"after\n"}


def test_a_file_that_cannot_be_read_is_named(shell: list[str]) -> None:
    sections = (section("x", "denied /etc/some"), section("y", "want 'y=/*' /etc/hostname"))
    together, _ = run(shell, sections)
    alone, _ = run(shell, sections[:1])
    for frames in (together, alone):
        assert frames.sections["x"].errors == b"grep: /etc/some: Permission denied\n"


def test_real_sections_have_the_same_parts_alone_and_together() -> None:
    """What changes from moment to moment is left out; of the rest not a byte differs."""
    those = tuple(each for each in SECTIONS if each.variant(Platform.POSIX) and Depth.STANDARD.includes(each.depth))
    for depth in (Depth.QUICK, Depth.STANDARD):
        asked = tuple(each for each in those if depth.includes(each.depth))
        together, raw = run(["sh", "-s"], asked, depth=depth)
        assert raw.count(b"part @files") == 1
        for each in asked:
            alone, raw = run(["sh", "-s"], (each,), depth=depth)
            assert b"part @files" not in raw
            names = {part.name for part in alone.sections[each.name].parts}
            assert {part.name for part in together.sections[each.name].parts} == names, each.name
            for name in ("release", "dmi", "fstab", "scripts", "unit-files", "entries", "sources", "settings"):
                assert parts(together, each.name).get(name) == parts(alone, each.name).get(name), (each.name, name)


LINES = st.lists(
    st.sampled_from(
        [
            b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/1/exe -> /sbin/init",
            b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/7/cwd -> /tmp/a",
            b"lrwx------ 1 0 0 64 Nov 28 12:16 3 -> socket:[77]",
            b"/proc/1/fd:",
            b"/proc/7/fd:",
            b"/proc/1/ns:",
            b"total 0",
            b"",
            b"/proc/1/exe",
            b"odd\xff",
        ]
    )
)


@given(LINES)
def test_no_line_of_a_listing_is_lost_or_given_twice(lines: list[bytes]) -> None:
    part = Part("@list", b"\n".join([b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/1/exe -> /x", *lines]), 0)
    listed = [("p", "links exe cwd root"), ("p", "ns ns"), ("o", "fds fd")]
    given_back = [
        line
        for _, each in split_list(part, listed)
        for line in each.content.removesuffix(b"\n").split(b"\n")
        if each.content
    ]
    assert sorted(filter(None, given_back)) == sorted(filter(None, part.content.split(b"\n")))


LISTED = [("p", "links exe cwd root"), ("p", "ns ns"), ("o", "fds fd")]


def given_to(listing: bytes) -> dict[tuple[str, str], list[bytes]]:
    """The lines of each part."""
    return {(section, part.name): part.content.splitlines() for section, part in split_list(Part("", listing), LISTED)}


def test_a_name_with_a_newline_takes_no_link_from_others() -> None:
    """Whoever works in a directory of that name could otherwise hide the programs of all who come after."""
    ours = given_to(
        b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/5/cwd -> /tmp/\n\n/proc/1/fd:\ntotal 0\n"
        b"lrwx------ 1 0 0 64 Nov 28 12:16 3 -> socket:[77]\n"
        b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/6/exe -> /usr/sbin/other\n"
        b"\n/proc/1/fd:\ntotal 0\nlrwx------ 1 0 0 64 Nov 28 12:16 0 -> /dev/null\n"
    )
    assert b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/6/exe -> /usr/sbin/other" in ours["p", "links"]
    assert ours["o", "fds"].count(b"/proc/1/fd:") == 2, "listed twice, so it is not believed"


def test_a_name_that_ends_like_a_link_of_a_process_hides_nothing() -> None:
    ours = given_to(
        b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/5/exe -> /tmp/a /proc/1/fd\n"
        b"\n/proc/5/fd:\ntotal 0\n"
        b"lrwx------ 1 0 0 64 Nov 28 12:16 3 -> /tmp/x /proc/1/exe\n"
        b"lrwx------ 1 0 0 64 Nov 28 12:16 4 -> /proc/1/ns\n"
        b"lrwx------ 1 0 0 64 Nov 28 12:16 5 -> /tmp/\n"
        b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/1/exe -> /forged\n"
        b"lrwx------ 1 0 0 64 Nov 28 12:16 7 -> /tmp/hidden.db\n"
    )
    assert [line.rsplit(b" -> ", 1)[-1] for line in ours["o", "fds"]] == [
        b"",
        b"/proc/5/fd:",
        b"total 0",
        b"/tmp/x /proc/1/exe",
        b"/proc/1/ns",
        b"/tmp/",
        b"/tmp/hidden.db",
    ]
    assert [line.rsplit(b" -> ", 1)[-1] for line in ours["p", "links"]] == [b"/tmp/a /proc/1/fd", b"/forged"]


def test_the_empty_line_before_a_heading_belongs_to_what_follows() -> None:
    """It would be taken for the end of the last link's name."""
    ours = given_to(
        b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/5/root -> /\n\n/proc/5/fd:\ntotal 0\n\n/proc/5/ns:\ntotal 0\n"
    )
    assert ours["p", "links"] == [b"lrwxrwxrwx 1 0 0 0 Nov 28 12:16 /proc/5/root -> /"]
    assert ours["o", "fds"] == [b"", b"/proc/5/fd:", b"total 0"]
    assert ours["p", "ns"] == [b"", b"/proc/5/ns:", b"total 0"]


def test_links_are_the_same_alone_and_together() -> None:
    names = ("processes", "open_files", "system")
    asked = tuple(each for each in SECTIONS if each.name in names)
    together, raw = run(["sh", "-s"], asked)
    assert raw.count(b"part @list") == 1
    (processes,) = (each for each in asked if each.name == "processes")
    alone, _ = run(["sh", "-s"], (processes,))
    for name in ("links", "ns"):
        both = []
        for frames in (together, alone):
            (part,) = (part for part in frames.sections["processes"].parts if part.name == name)
            listing = process_links(part) if name == "links" else directory_links(part, "ns")
            both.append({(link.pid, link.name): link.target for link in listing.links})
        # others may begin another program in between
        for pid in (os.getpid(), os.getppid()):
            first, second = ({key: to for key, to in links.items() if key[0] == pid} for links in both)
            assert first == second
            assert len(first) >= 3


@given(st.binary(max_size=400), st.booleans())
def test_any_answer_is_split_somehow(content: bytes, truncated: bool) -> None:
    part = Part("@files", content, 2, truncated)
    for _, found in split_files(part, [("a", "@x=/etc/*|/proc/1/*,@y"), ("b", "@@z=/*")]):
        assert len(found.content) <= len(content)
    for found in split_parts(Part("@x=/*,y=*/b,@c", content)):
        assert len(found.content) <= len(content)


def test_a_grep_that_loses_arguments_has_the_processes_asked_again() -> None:
    """A name on the host cannot tell in every case which build it is; the answer does."""
    script = f"""
{NONCE} hello 0 77

{NONCE} begin gathered

{NONCE} want processes @stat,cmdline

{NONCE} family open_files

{NONCE} part @files
/proc/sys/kernel//ostype:Linux
/proc/77/stat:77 (sh) R 1 77 77 0
/proc/77/cmdline:shREST
{NONCE} done 0

{NONCE} end

{NONCE} over no

{NONCE} begin processes

{NONCE} end

{NONCE} over no

{NONCE} begin open_files

{NONCE} end

{NONCE} over no

{NONCE} bye
"""
    whole = read_frames(script.replace("REST", "\0-s\0").encode(), b"", NONCE)
    cut = read_frames(script.replace("REST", "").encode(), b"", NONCE)
    assert parts(whole, "processes")["cmdline"] == b"/proc/77/cmdline:sh\0-s\0"
    assert parts(whole, "open_files") == {"family": b"probe 77\n/proc/77/stat:77 (sh) R 1 77 77 0\n"}
    assert set(cut.sections) == {"open_files"}


def test_arguments_that_were_cut_are_not_kept_of_a_host_that_dies() -> None:
    """Whoever cannot tell words from each other cannot tell which of them is a password."""
    begun = f"""
{NONCE} hello 0 77

{NONCE} begin gathered

{NONCE} want processes @stat,cmdline

{NONCE} part @files
/proc/sys/kernel//ostype:Linux
/proc/77/stat:77 (sh) R 1 77 77 0
/proc/77/cmdline:sh
/proc/9/cmdline:mysqld --password hunter2
{NONCE} done 0
"""
    over = f"\n{NONCE} end\n\n{NONCE} over no\n"
    for died in (begun, begun + over, f"{begun}{over}\n{NONCE} begin processes\n\n{NONCE} part probe\n77"):
        frames = read_frames(died.encode(), b"", NONCE)
        kept = [part.content for each in frames.sections.values() for part in each.parts]
        assert not any(b"hunter2" in content for content in kept)


def test_many_marks_and_answers_of_a_hostile_host_stay_few() -> None:
    names = ",".join("a" * 3 for _ in range(400))
    wants = "".join(f"\n{NONCE} want s{number} @{names}\n" for number in range(900))
    answer = f"\n{NONCE} part @files\n" + "/proc/sys/kernel//ostype:Linux\n" * 900 + f"\n{NONCE} done 0\n"
    stdout = f"\n{NONCE} hello 0 1\n\n{NONCE} begin gathered\n{wants}{answer * 50}\n{NONCE} end\n"
    frames = read_frames(stdout.encode(), b"", NONCE)
    assert sum(len(each.parts) for each in frames.sections.values()) <= 1000


def test_files_that_cannot_be_read_cost_nobody_what_is_wanted(shell: list[str]) -> None:
    """Anybody may have thousands of them."""
    many = "bf_n=0; while [ $bf_n -lt 3000 ]; do denied /home/somebody/$bf_n; bf_n=$((bf_n + 1)); done"
    sections = (section("x", many), section("y", "want 'y=/*' /etc/hostname"))
    frames, raw = run(shell, sections)
    assert b"part @files" in raw
    assert frames.sections["x"].errors.count(b"Permission denied") == 500
    assert parts(frames, "y")["y"].startswith(b"/etc/hostname:")


def test_an_ordinary_user_of_a_quick_look_is_told_what_was_refused() -> None:
    sections = (section("x", "want 'x=/*' /etc/hostname", "echo 'x: Permission denied' >&2"), section("y", "drop ^z"))
    script = compose(sections, NONCE, depth=Depth.QUICK)
    become = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", "sh", "-s"]
    done = subprocess.run(become, input=script.encode(), capture_output=True, timeout=60, check=False)
    frames = read_frames(done.stdout, done.stderr, NONCE)
    assert frames.sections["x"].errors == b"x: Permission denied\n"


def test_a_section_that_reads_its_own_files_says_first_what_cannot_hang(shell: list[str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    sections = (
        section("stuck", f"want 'f={tmp_path}/fifo' {tmp_path}/fifo"),
        section("other", "want 'h=/etc/hostname' /etc/hostname"),
    )
    frames, _ = run(shell, sections, seconds=1)
    assert frames.sections["stuck"].timed_out
    assert parts(frames, "stuck")["own"] == b"stuck\n"


def test_lines_that_another_section_chose_are_not_kept(tmp_path: Path) -> None:
    """A grep takes the chosen lines of all; what stands beside them in a file is still not ours."""
    users, system = (next(each for each in SECTIONS if each.name == name) for name in ("users", "system"))
    part = Part("settings", b"/etc/login.defs:hunter2\n/etc/login.defs:UID_MIN 1000\n/etc/shells:/bin/sh\n")
    (kept,) = users.redact(SectionRecording("users", (part,)), REDACTOR).parts
    assert kept.content == b"/etc/login.defs:UID_MIN 1000\n/etc/shells:/bin/sh\n"
    part = Part("settings", b"/etc/environment:/opt/x --pass hunter2\n/etc/environment:LANG=C\n/etc/timezone:CET\n")
    (kept,) = system.redact(SectionRecording("system", (part,)), REDACTOR).parts
    assert kept.content == b"/etc/environment:LANG=C\n/etc/timezone:CET\n"
