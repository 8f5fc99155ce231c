"""Mapped files: each once, with who maps it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from inventory.model.libraries import MappedFile
from inventory.observation import Found
from inventory.section import ParseError
from inventory.sections.programs.libraries import SECTION, parse
from tests.support import odd_processes
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

FAMILY = b"probe 90\n5 1 5 4194560 S 5 (app\n6 1 6 4194560 S 6 (app\n90 1 90 4194304 S 90 (sh\n"


def files(host: str) -> dict[str, MappedFile]:
    """Mapped files by path."""
    return {file.path: file for file in found(SECTION, recorded(host, "libraries"))}


def test_libraries_of_a_web_server() -> None:
    """Modules are mapped by the master and its workers, and the C library by everyone."""
    mapped = files("web01")
    php = mapped["/usr/lib/apache2/modules/libphp8.2.so"]

    assert php.executable
    assert len(php.pids) == 2
    assert set(php.pids) < set(mapped["/usr/lib/x86_64-linux-gnu/libc.so.6"].pids)
    assert not mapped["/usr/lib/locale/locale-archive"].executable


def test_each_file_is_listed_once() -> None:
    value = found(SECTION, recorded("trixie01", "libraries"))

    assert len({(file.path, file.deleted) for file in value}) == len(value)
    assert all(file.path.startswith("/") for file in value)


def test_the_tools_of_the_probe_are_not_mapped_by_the_host() -> None:
    assert not {"/usr/bin/grep", "/usr/bin/xargs", "/usr/bin/sed"} & set(files("trixie01"))


def test_an_ordinary_user_is_told_what_is_missing() -> None:
    observation = parse(recorded("app01-user", "libraries"))

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["mapped files of 8 of 8 processes"]


def test_deleted_and_odd_names() -> None:
    """The kernel writes a newline as \\012. A mapping of a process that came later is the probe's own."""
    maps = (
        b"/proc/5/maps:7f00-7f01 r-xp 00001000 08:01 77                         /opt/a b.so (deleted)\n"
        b"/proc/6/maps:7f00-7f01 r--p 00000000 08:01 78                         /opt/two\\012lines\n"
        b"/proc/6/maps:7f00-7f01 rw-s 00000000 00:05 79                         /SYSV00000000 (deleted)\n"
        b"/proc/99/maps:7f00-7f01 r-xp 00000000 08:01 80                        /usr/bin/grep\n"
    )
    value = found(SECTION, answer("libraries", family=FAMILY, maps=maps))

    assert [(file.path, file.pids, file.executable, file.deleted) for file in value] == [
        ("/SYSV00000000", (6,), False, True),
        ("/opt/a b.so", (5,), True, True),
        ("/opt/two\nlines", (6,), False, False),
    ]


def test_an_unnameable_line_is_an_error() -> None:
    with pytest.raises(ParseError, match="maps:1"):
        parse(answer("libraries", family=FAMILY, maps=b"/proc/5/maps:no mapping /x\n"))


def test_live_a_mapped_file_is_found(tmp_path: Path) -> None:
    """A data file mapped from its beginning, and the libraries of a running program as ldd names them."""
    data = tmp_path / "mapped file"
    data.write_bytes(bytes(8192))
    code = (
        "import mmap, sys\nwith open(sys.argv[1], 'r+b') as f: kept = mmap.mmap(f.fileno(), 0)\n"
        "print('ready', flush=True)\ninput()"
    )
    with subprocess.Popen(["python3", "-c", code, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        files = found(SECTION, ask(SECTION)["libraries"])
        truth = {
            line.split(maxsplit=5)[5].rstrip("\n")
            for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines()
            if len(line.split(maxsplit=5)) == 6 and line.split(maxsplit=5)[5].startswith("/")
        }
        process.communicate(b"\n")

    (mapped,) = (file for file in files if file.path == str(data))
    assert mapped.pids == (process.pid,)
    assert not mapped.executable
    # A library that was upgraded while programs ran is there twice: as they have it mapped, deleted, and as it is now.
    assert {file.path for file in files if process.pid in file.pids} == truth


def test_live_a_deleted_program_is_marked(tmp_path: Path) -> None:
    with odd_processes.running(tmp_path) as pids:
        value = found(SECTION, ask(SECTION)["libraries"])

    (program,) = [file for file in value if file.path == f"{tmp_path}/deleted program"]
    assert (program.pids, program.executable, program.deleted) == ((pids["deleted"],), True, True)
