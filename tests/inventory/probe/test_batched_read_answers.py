"""What was gathered for several sections is given to each, and no more of it than was meant."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inventory.probe.batched_reads import split_files, split_list
from inventory.probe.framing import Frames, read_frames
from inventory.probe.multi_file_parts import split_parts
from inventory.recording import Part, SectionRecording
from inventory.sections import SECTIONS
from tests.support.live import REDACTOR

NONCE = "0123456789abcdef0123456789abcdef"


def parts(frames: Frames, name: str) -> dict[str, bytes]:
    """What a section was answered."""
    return {part.name: part.content for part in frames.sections[name].parts}


ANSWER = f"""\
{NONCE} hello 0 4711

{NONCE} begin gathered

{NONCE} want system @@hostname=/etc/hostname,release=/etc/os-release

{NONCE} want users @passwd=/etc/passwd

{NONCE} part @files
/proc/sys/kernel//ostype:Linux
/etc/hostname:web01
/etc/os-release:ID=debian
/proc/sys/kernel//ostype:Linux
/etc/passwd:root:x:0:0

{NONCE} done 0

{NONCE} end

{NONCE} over no

{NONCE} begin system

{NONCE} end

{NONCE} over no

{NONCE} begin users

{NONCE} end

{NONCE} over no

{NONCE} bye
"""
"""One grep reads the files of two sections; a line of /proc that no section wants stands before those of each. ``@@``:
the lines of that part lose their paths.
"""


def test_an_answer_from_beginning_to_end() -> None:
    frames = read_frames(ANSWER.encode(), b"", NONCE)

    assert list(frames.sections) == ["system", "users"]
    assert parts(frames, "system") == {"hostname": b"web01\n", "release": b"/etc/os-release:ID=debian\n"}
    assert parts(frames, "users") == {"passwd": b"/etc/passwd:root:x:0:0\n"}


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


def test_lines_that_another_section_chose_are_not_kept() -> None:
    """A grep takes the chosen lines of all; what stands beside them in a file is still not ours."""
    users, system = (next(each for each in SECTIONS if each.name == name) for name in ("users", "system"))
    part = Part("settings", b"/etc/login.defs:hunter2\n/etc/login.defs:UID_MIN 1000\n/etc/shells:/bin/sh\n")
    (kept,) = users.redact(SectionRecording("users", (part,)), REDACTOR).parts
    assert kept.content == b"/etc/login.defs:UID_MIN 1000\n/etc/shells:/bin/sh\n"
    part = Part("settings", b"/etc/environment:/opt/x --pass hunter2\n/etc/environment:LANG=C\n/etc/timezone:CET\n")
    (kept,) = system.redact(SectionRecording("system", (part,)), REDACTOR).parts
    assert kept.content == b"/etc/environment:LANG=C\n/etc/timezone:CET\n"
