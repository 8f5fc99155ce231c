"""What running executables need: read from the few bytes that say it."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from inventory.depth import Depth
from inventory.formats.procfs.elf_headers import Pieces, read_elf
from inventory.model.libraries import Elf
from inventory.observation import Found
from inventory.probe.framing import read_frames
from inventory.probe.script import compose
from inventory.section import ParseError
from inventory.sections.programs.executables import SECTION, parse
from tests.support import odd_processes
from tests.support.live import NONCE, REDACTOR, ask, found
from tests.support.recordings import answer, recorded
from tests.support.shells import EACH_SHELL, SHELLS

FAMILY = b"probe 90\n5 1 5 4194560 S 5 (app\n90 1 90 4194304 S 90 (sh\n"
LINK = b"lrwxrwxrwx 1 0 0 0 Nov 24 13:11 /proc/%d/exe -> %s\n"


def elves(host: str) -> dict[str, Elf]:
    """By path."""
    return {elf.path: elf for elf in found(SECTION, recorded(host, "executables"))}


def test_the_note_deep_in_the_file_is_read() -> None:
    """Debian 13 keeps it there; no executable of that host is without."""
    value = elves("trixie01")
    python = value["/usr/bin/python3.13"]

    assert (python.machine, python.bits, python.minimum_kernel) == ("X86_64", 64, (3, 2, 0))
    assert python.interpreter == "/lib64/ld-linux-x86-64.so.2"
    assert python.isa_level == 1
    assert all(elf.note_seen for elf in value.values())


@pytest.mark.parametrize("host", ["web01", "vm01", "trixie01", "busy01", "app01-user"])
def test_the_c_library_is_among_them(host: str) -> None:
    """Whatever a user may read of processes."""
    libc = elves(host)["/lib/x86_64-linux-gnu/libc.so.6"]

    assert libc.minimum_kernel == (3, 2, 0)


def test_services_are_there_and_the_probes_tools_are_not() -> None:
    assert "/usr/sbin/apache2" in elves("web01")
    assert not {"/usr/bin/xargs", "/usr/bin/head", "/usr/bin/grep", "/usr/bin/find"} & (
        set(elves("web01")) | set(elves("trixie01")) | set(elves("vm01"))
    )


def test_a_deleted_executable_is_read_through_its_process() -> None:
    (program,) = [elf for path, elf in elves("trixie01").items() if path.endswith("/deleted program")]

    assert program.minimum_kernel == (3, 2, 0)


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    observation = parse(recorded("app01-user", "executables"))

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["executable of 8 of 8 processes"]


def test_remote_unreadable_and_malformed_files_are_gaps() -> None:
    """One bad file costs no other."""
    links = b"".join(LINK % (5, path) for path in [b"/mnt/far/app"])
    heads = b"file /mnt/far/app\nremote\n"
    observation = parse(answer("executables", family=FAMILY, links=links, heads=heads))
    assert isinstance(observation, Found)
    assert [gap.reason for gap in observation.gaps] == ["they lie on a remote file system, which is never touched"]

    for head, reason in (
        (b"unreadable\n", "they could not be read; scan with become"),
        (b"at 0\n\n", "they could not be read; scan with become"),
        (b"at 0\n 1179403647 65794 0 0\n", "they begin like an ELF file but are not one"),
    ):
        one = parse(answer("executables", family=FAMILY, links=LINK % (5, b"/a b"), heads=b"file /a b\n" + head))
        assert isinstance(one, Found)
        assert [gap.reason for gap in one.gaps] == [reason]


def test_live_a_remote_file_system_is_left_alone(tmp_path: Path) -> None:
    """The list of mounts is a file here that says so of the folder in which a program runs."""
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/export {tmp_path} nfs4 rw,hard 0 0\nnone /proc proc rw 0 0\n")
    program = tmp_path / "program"
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([str(program), "100"]) as process:
        observation = parse(ask(SECTION, change={"/proc/mounts": str(mounts)})["executables"])
        process.kill()

    assert isinstance(observation, Found)
    assert str(program) not in {elf.path for elf in observation.value}
    assert "remote file system" in " ".join(gap.reason for gap in observation.gaps)


def test_a_script_has_no_facts_and_is_no_gap() -> None:
    """The kernel runs its interpreter; only an odd file system shows a script as an executable."""
    head = b"at 0\n 1647846691 795765353 1768910451 2671\n"
    observation = parse(answer("executables", family=FAMILY, links=LINK % (5, b"/x"), heads=b"file /x\n" + head))

    assert isinstance(observation, Found)
    assert (observation.value, observation.gaps) == ((), ())


@pytest.mark.parametrize("heads", [b"at 0\n", b"file /x\nat 0\n -5 7\n", b"file /x\n12 13\n", b"noise\n"])
def test_an_unnameable_line_is_an_error(heads: bytes) -> None:
    with pytest.raises(ParseError, match="heads:"):
        parse(answer("executables", family=FAMILY, links=LINK % (5, b"/x"), heads=heads))


def test_live_the_shell_finds_what_the_whole_file_says(tmp_path: Path) -> None:
    """Files that are laid out differently: an executable of this system, one without its section headers, one
    padded at the end, one with a space in its name, and one that is gone.
    """
    sleep = Path(shutil.which("sleep") or "/bin/sleep")
    stripped = tmp_path / "no sections"
    shutil.copy2(sleep, stripped)
    if shutil.which("objcopy"):
        subprocess.run(["objcopy", "--strip-all", str(stripped)], check=True)
    padded = tmp_path / "padded"
    padded.write_bytes(sleep.read_bytes() + bytes(3))
    padded.chmod(0o755)
    running = [subprocess.Popen([str(path), "100"]) for path in (sleep, stripped, padded)]
    try:
        with odd_processes.running(tmp_path):
            value = {elf.path: elf for elf in found(SECTION, ask(SECTION)["executables"])}
    finally:
        for process in running:
            process.kill()
            process.wait()

    for path in (sleep.resolve(), stripped, padded):
        facts = read_elf(Pieces({0: path.read_bytes()}))
        elf = value[str(path)]
        assert facts is not None
        assert (elf.bits, elf.interpreter, elf.minimum_kernel, elf.isa_level) == (
            facts.bits,
            facts.interpreter,
            facts.minimum_kernel,
            facts.isa_level,
        )
    assert value[f"{tmp_path}/deleted program"].minimum_kernel == value[str(sleep.resolve())].minimum_kernel


def test_a_deep_scan_says_which_libraries_an_executable_names() -> None:
    """As pyelftools reads them from the whole file; nearly all name theirs within a stretch that is sent."""
    seen = {True: {sys.executable}, False: set()}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            here = (process / "ns/mnt").readlink() == Path("/proc/self/ns/mnt").readlink()
            seen[here].add(str((process / "exe").readlink()))
    # elsewhere the same path may be another file
    value = [elf for elf in found(SECTION, ask(SECTION)["executables"]) if elf.path in seen[True] - seen[False]]
    told = 0
    for elf in value:
        with Path(elf.path).open("rb") as file:
            whole = ELFFile(file)
            dynamic = whole.get_section_by_name(".dynamic")
            tags = list(dynamic.iter_tags()) if dynamic is not None else []
            needed = tuple(tag.needed for tag in tags if tag.entry.d_tag == "DT_NEEDED")
            paths = [
                tag.rpath if tag.entry.d_tag == "DT_RPATH" else tag.runpath
                for tag in tags
                if "PATH" in str(tag.entry.d_tag)
            ]
            stack = [segment.header.p_flags & 1 for segment in whole.iter_segments("PT_GNU_STACK")]
            assert elf.position_independent == (whole.header.e_type == "ET_DYN")
            assert elf.static == (not any(whole.iter_segments("PT_INTERP")) and not needed)
            assert elf.executable_stack == (bool(stack[0]) if stack else None)
        if elf.needed is not None:
            told += 1
            assert elf.needed == needed, elf.path
            assert elf.search_path == tuple(place for path in paths for place in path.split(":")), elf.path
    assert told * 4 >= len(value) * 3 > 0


def test_a_standard_scan_does_not_read_libraries_of_executables() -> None:
    value = found(SECTION, ask(SECTION, depth=Depth.STANDARD)["executables"])

    assert {elf.needed for elf in value if not elf.static} == {None}


# pause(2) for ever, in a program of one segment that is shorter than what is read of each file at once
_TINY = (
    b"\x7fELF\x02\x01\x01" + bytes(9)
    + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, 0x400078, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    + struct.pack("<IIQQQQQQ", 1, 5, 0, 0x400000, 0x400000, 0x81, 0x81, 0x1000)
    + b"\xb8\x22\x00\x00\x00\x0f\x05\xeb\xf7"
)  # fmt: skip


@pytest.mark.skipif(platform.machine() != "x86_64", reason="a program of that machine")
@pytest.mark.parametrize("length", [len(_TINY), 1022, 1023, 1024])
def test_live_a_file_shorter_than_what_is_read_at_once_spoils_no_other(length: int, tmp_path: Path) -> None:
    program = tmp_path / "tiny"
    program.write_bytes(_TINY.ljust(length, b"\0"))
    program.chmod(0o755)
    before = {elf.path for elf in found(SECTION, ask(SECTION, depth=Depth.STANDARD)["executables"])}
    running = subprocess.Popen([program])
    try:
        value = {elf.path: elf for elf in found(SECTION, ask(SECTION, depth=Depth.STANDARD)["executables"])}
    finally:
        running.kill()
        running.wait()

    python = str(Path(sys.executable).resolve())
    assert (value[str(program)].machine, value[str(program)].interpreter) == ("X86_64", "")
    assert python in before and value[python].interpreter


SECRET = b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEA\n"
FORGED = "x\nlrwxrwxrwx 1 0 0 0 Nov 24 13:00 /proc/4194303/exe -> "
"""The name of a folder. A program below it shows a line of a listing that names any path."""


def heads_sent(
    shell: Sequence[str] = ("sh", "-s"), change: tuple[str, str] = ("", ""), depth: Depth = Depth.DEEP
) -> dict[str, bytes]:
    """What this machine sends of each file before anything is redacted."""
    script = compose([SECTION], NONCE, depth=depth).replace(*change)
    done = subprocess.run(list(shell), input=script.encode(), capture_output=True, timeout=60, check=False)
    part = read_frames(done.stdout, done.stderr, NONCE).sections["executables"].part("heads")
    assert part is not None
    sent: dict[str, bytes] = {}
    for block in re.split(rb"(?m)^(?:file|library) ", part.content)[1:]:
        path, _, rest = block.partition(b"\n")
        lines = [line.split() for line in rest.split(b"\n") if not line.startswith(b"at ")]
        words = [int(word) for line in lines for word in line if word.isdigit()]
        sent[path.decode()] = struct.pack(f"{len(words)}I", *words)
    return sent


@pytest.fixture
def forging(tmp_path: Path) -> Iterator[Path]:
    """A file with a secret. A program runs whose name claims that another process executes that file."""
    secret = tmp_path / "private" / "id_ed25519"
    secret.parent.mkdir()
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    program = Path(f"{tmp_path}/{FORGED}{secret}")
    program.parent.mkdir(parents=True)
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([program, "100"]) as process:
        yield secret
        process.kill()


@pytest.mark.parametrize("many", [False, True])
@pytest.mark.parametrize("shell", EACH_SHELL)
def test_live_a_program_named_like_a_listing_makes_root_open_no_other_file(
    shell: str, many: bool, forging: Path
) -> None:
    sent = heads_sent(SHELLS[shell], ("[ $BF_PROCESSES -le 200 ]", "false") if many else ("", ""))

    assert any(content.startswith(b"\x7fELF") for content in sent.values())
    assert not any(SECRET[:16] in content for content in sent.values())
    assert sent.get(str(forging), b"") == b""


@pytest.mark.parametrize("many", [False, True])
def test_live_of_a_process_that_is_listed_twice_nothing_is_sent(many: bool, tmp_path: Path) -> None:
    """Another user's program can claim that it executes what it likes."""
    forged = FORGED.replace("4194303", str(os.getpid()))
    program = Path(f"{tmp_path}/{forged}/opt/forged")
    program.parent.mkdir(parents=True)
    shutil.copy2(shutil.which("sleep") or "/bin/sleep", program)
    with subprocess.Popen([program, "100"]) as process:
        sent = heads_sent(change=("[ $BF_PROCESSES -le 200 ]", "false") if many else ("", ""))
        process.kill()

    assert "/opt/forged" not in sent
    assert sent


def test_live_of_a_file_that_is_not_elf_nothing_is_sent(tmp_path: Path) -> None:
    """An ordinary user's scan opens a path of the listing where the process itself cannot be read."""
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    with subprocess.Popen(["true"], stdout=subprocess.PIPE) as zombie:
        assert zombie.stdout is not None
        zombie.stdout.read()
        listing = f"lrwxrwxrwx 1 0 0 0 Nov 24 13:00 /proc/{zombie.pid}/exe -> {secret}"
        sent = heads_sent(change=("bf_links=`each exe ls -ln 2>/dev/null`", f"bf_links='{listing}'; BF_UID=1"))

    assert sent[str(secret)] == b""


def test_words_of_what_is_not_elf_are_not_stored() -> None:
    """Nor is what a host of an earlier version, or a hostile one, answers."""
    words = b" ".join(b"%d" % word for word in struct.unpack("12I", SECRET[:48]))
    elf = b"file /b\nat 0\n 1179403647 65794 0 0\n"
    for body in (b"at 0\n " + words, b"at 64\n " + words, b"at 0\n 12\n 1179403647 " + words, words):
        recording = answer("executables", heads=b"file /a\n" + body + b"\n" + elf)
        heads = SECTION.redact(recording, REDACTOR).part("heads")
        assert heads is not None
        assert heads.content == b"file /a\nother\n" + elf

    text = SECTION.redact(answer("executables", heads=b"file /a\npassword=tr0ub4dor-and-3\n"), REDACTOR).part("heads")
    assert text is not None
    assert b"tr0ub4dor" not in text.content


@pytest.mark.parametrize("host", ["apk01", "app01-user", "busy01", "trixie01", "vm01", "web01"])
def test_recordings_of_real_hosts_stay_as_they_are(host: str) -> None:
    recording = recorded(host, "executables")
    assert SECTION.redact(recording, REDACTOR) == recording
