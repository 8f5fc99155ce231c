"""Files read by one program for several sections are the files that each would have read by itself."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from inventory.depth import Depth
from inventory.formats.procfs.link_listings import directory_links, process_links
from inventory.observation import Absent
from inventory.platforms import Platform
from inventory.probe.framing import Frames, read_frames
from inventory.probe.script import compose
from inventory.section import Section, Variant
from inventory.sections import SECTIONS

NONCE = "0123456789abcdef0123456789abcdef"
Sections = tuple[Section[str], ...]


def section(name: str, files: str, fragment: str = "", depth: Depth = Depth.QUICK) -> Section[str]:
    """A section that wants ``files`` and asks ``fragment``."""
    variant: Variant[str] = Variant(
        Platform.POSIX, fragment or f"part own echo {name}", lambda _: Absent("not read"), files=files
    )
    return Section(name, name, (variant,), depth=depth)


def run(
    shell: list[str],
    sections: Sections,
    *,
    depth: Depth = Depth.STANDARD,
    seconds: int | None = None,
    few: bool = False,
) -> tuple[Frames, bytes]:
    """The answer of this machine, and what it looked like. ``few``: as if it had few processes, however many it has."""
    script = compose(sections, NONCE, depth=depth, seconds=seconds)
    if few:
        assert script.count("BF_PROCESSES=$#") == 1
        script = script.replace("BF_PROCESSES=$#", "BF_PROCESSES=99")
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


def test_links_are_the_same_alone_and_together() -> None:
    names = ("processes", "open_files", "system")
    asked = tuple(each for each in SECTIONS if each.name in names)
    together, raw = run(["sh", "-s"], asked, few=True)
    assert raw.count(b"part @list") == 1
    (processes,) = (each for each in asked if each.name == "processes")
    alone, _ = run(["sh", "-s"], (processes,), few=True)
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
