"""What processes share through the kernel."""

from __future__ import annotations

import ctypes
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import shared_memory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.ipc import Ipc
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError
from inventory.sections.programs.ipc import SECTION, mode_bits, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

TABLES = b"""\
/proc/sysvipc/shm:       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      \
atime      dtime      ctime                   rss                  swap
/proc/sysvipc/shm:   5432001          0   600                    56  1021  1033     6   108   113   108   113 \
1700000002 1700000001 1700000000                  4096                     0
/proc/sysvipc/shm:-1413938177     32769  1666              16777216  2000  2001      1    33    33     0     0 \
1700000002          0 1700000009
/proc/sysvipc/msg:       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      \
stime      rtime      ctime
/proc/sysvipc/msg:        66          3   644         120          4   777     0  1000  1000  1000  1000 \
1700000002          0 1700000000
/proc/sysvipc/sem:       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime
/proc/sysvipc/sem:         0     196608   600         17   108   113   108   113 1700000002 1700000000
"""

FILES = b"""\
crw-rw-rw- 1 0 0 1, 3 Nov 24 13:00 /dev/null

/dev/mqueue:
total 0
-rw-r----- 1 33 33 80 Nov 24 13:01 orders

/dev/shm:
total 88
-rw------- 1 108 113    1048576 Nov 24 13:01 PostgreSQL.1804289383
-rw-rw-rw- 1   0   0         32 Nov 24  2023 sem.two
lines of a name
drwxrwxrwt 2 0 0 40 Nov 24 13:02 cache
lrwxrwxrwx 1 0 0 9 Nov 24 13:02 link -> /dev/null
"""

QUEUES = b"/dev/mqueue/orders:QSIZE:129        NOTIFY:0     SIGNO:0     NOTIFY_PID:0     \n"


def ipc(recording: SectionRecording) -> Ipc:
    value = found(SECTION, recording)
    assert isinstance(value, Ipc)
    return value


def test_segments_know_their_creator_and_who_is_attached() -> None:
    """PostgreSQL and the like: the PID of whoever made it, and how many processes have it."""
    first, _ = ipc(answer("ipc", tables=TABLES, files=FILES, queues=QUEUES)).segments

    assert (first.key, first.id, first.mode, first.size_bytes) == (5432001, 0, 0o600, 56)
    assert (first.creator_pid, first.last_pid, first.attached) == (1021, 1033, 6)
    assert (first.uid, first.gid, first.creator_uid, first.changed) == (108, 113, 108, 1700000000)
    assert not first.removed


def test_a_removed_segment_and_a_negative_key() -> None:
    """The kernel prints keys as signed numbers; ``ipcs`` shows this one as 0xabb903ff."""
    _, second = ipc(answer("ipc", tables=TABLES, files=FILES, queues=QUEUES)).segments

    assert (second.key, second.mode, second.removed) == (0xABB903FF, 0o666, True)
    assert (second.uid, second.creator_uid) == (33, 0)


def test_queues_and_semaphores_of_system_v() -> None:
    value = ipc(answer("ipc", tables=TABLES, files=FILES, queues=QUEUES))
    (queue,), (semaphores,) = value.message_queues, value.semaphores

    assert (queue.key, queue.id, queue.bytes, queue.messages) == (66, 3, 120, 4)
    assert (queue.last_sender, queue.last_receiver, queue.mode) == (777, 0, 0o644)
    assert (semaphores.key, semaphores.id, semaphores.count, semaphores.mode) == (0, 196608, 17, 0o600)


def test_files_of_posix_are_named_as_programs_name_them() -> None:
    value = ipc(answer("ipc", tables=TABLES, files=FILES, queues=QUEUES)).posix

    assert [(file.kind, file.name, file.mode, file.uid, file.size_bytes) for file in value] == [
        ("queue", "orders", 0o640, 33, 129),
        ("memory", "PostgreSQL.1804289383", 0o600, 108, 1048576),
        ("semaphore", "two\nlines of a name", 0o666, 0, 32),
        ("directory", "cache", 0o1777, 0, 40),
        ("other", "link -> /dev/null", 0o777, 0, 9),
    ]


def test_a_recorded_machine_where_a_process_shares_everything() -> None:
    """A program of root's holds one of each kind. Others see that it does, but not how full its queue is."""
    root, user = (ipc(recorded(host, "ipc")) for host in ("vm01-root", "vm01-user"))
    (segment_,), (queue,), (semaphores,) = root.segments, root.message_queues, root.semaphores

    assert (segment_.key, segment_.size_bytes, segment_.attached, segment_.mode) == (0x5042, 65536, 1, 0o640)
    assert segment_.creator_pid == queue.last_sender
    assert (queue.key, queue.messages, queue.bytes) == (0x5043, 1, 7)
    assert (semaphores.key, semaphores.count) == (0, 3)
    assert [(file.kind, file.name, file.size_bytes) for file in root.posix] == [
        ("queue", "orders", 5),
        ("memory", "meter-cache", 8192),
        ("semaphore", "meter", 32),
    ]
    assert [each.key for each in user.segments] == [0x5042]
    assert (user.posix[0].kind, user.posix[0].name, user.posix[0].size_bytes) == ("queue", "orders", None)


def test_a_queue_that_may_not_be_read_has_no_size() -> None:
    value = ipc(answer("ipc", tables=TABLES, files=FILES, queues=b"")).posix

    assert value[0].size_bytes is None


def test_a_kernel_without_system_v_is_not_one_where_nothing_is_shared() -> None:
    without = ipc(answer("ipc", tables=b"", files=b"", queues=b""))
    idle = ipc(answer("ipc", tables=TABLES.splitlines(keepends=True)[0], files=b"", queues=b""))

    assert (without.system_v, without.segments) == (False, ())
    assert (idle.system_v, idle.segments) == (True, ())


def test_a_refused_listing_is_a_gap() -> None:
    recording = SectionRecording("ipc", (Part("tables", TABLES), Part("files", FILES.split(b"/dev/shm")[0], 2)))
    observation = parse(recording)

    assert isinstance(observation, Found)
    assert [gap.what for gap in observation.gaps] == ["/dev/shm"]


def test_without_an_answer_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("ipc"), Platform.POSIX), Unknown)


@pytest.mark.parametrize(
    "line",
    [
        b"/proc/sysvipc/shm: 1 2 3\n",
        b"/proc/sysvipc/sem: 1 2 9 4 5 6 7 8 9 10\n",
        b"/proc/sysvipc/shm: 0 0 600 a 1 1 1 1 1 1 1 1 1 1\n",
        b"/etc/passwd:root\n",
    ],
)
def test_what_is_no_row_is_an_error(line: bytes) -> None:
    with pytest.raises(ParseError, match="tables:1"):
        parse(answer("ipc", tables=line))


@given(st.integers(0, 0o7777))
def test_modes_come_back(mode: int) -> None:
    letters = [letter if mode & 0o400 >> at else "-" for at, letter in enumerate("rwxrwxrwx")]
    for at, bit, on, off in ((2, 0o4000, "s", "S"), (5, 0o2000, "s", "S"), (8, 0o1000, "t", "T")):
        if mode & bit:
            letters[at] = on if letters[at] == "x" else off
    assert mode_bits("".join(letters)) == mode


@given(st.sampled_from(["tables", "files", "queues"]), st.binary(max_size=120))
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    parts = {"tables": TABLES, "files": FILES, "queues": QUEUES, name: content}
    try:
        parse(answer("ipc", **parts))
    except ParseError as error:
        assert str(error)


@contextmanager
def segment(size: int) -> Iterator[int]:
    """A segment of System V that this process is attached to; gives its id."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    libc.shmat.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_int]
    libc.shmget.argtypes = [ctypes.c_int, ctypes.c_size_t, ctypes.c_int]
    libc.shmdt.argtypes = [ctypes.c_void_p]
    number = libc.shmget(0, size, 0o1640)  # IPC_PRIVATE, IPC_CREAT
    assert number >= 0
    address = libc.shmat(number, None, 0)
    libc.shmctl(number, 0, None)  # IPC_RMID: gone with us, whatever happens
    try:
        yield number
    finally:
        libc.shmdt(address)


def test_live_shared_memory_of_this_process() -> None:
    """A segment that was removed and is still attached, and a named one under /dev/shm."""
    named = shared_memory.SharedMemory(create=True, size=4096)
    try:
        with segment(123456) as number:
            value = ipc(ask(SECTION)["ipc"])
    finally:
        named.close()
        named.unlink()
    ours = next(each for each in value.segments if each.id == number)

    assert (ours.size_bytes, ours.creator_pid, ours.attached, ours.removed) == (123456, os.getpid(), 1, True)
    assert (ours.uid, ours.mode) == (os.geteuid(), 0o640)
    file = next(each for each in value.posix if each.name == named.name)
    assert (file.kind, file.uid, file.size_bytes, file.mode) == ("memory", os.geteuid(), 4096, 0o600)


def test_live_as_ipcs_says() -> None:
    """An independent witness."""
    with segment(4096):
        value = ipc(ask(SECTION)["ipc"])
        rows = [
            line.split()
            for line in subprocess.run(["ipcs", "-m"], capture_output=True, text=True, check=True).stdout.splitlines()
        ]
    theirs = {
        (int(row[0], 16), int(row[1]), int(row[4]), int(row[5])) for row in rows if row[:1] and row[0][:2] == "0x"
    }
    ours = {(each.key, each.id, each.size_bytes, each.attached) for each in value.segments}

    assert theirs
    assert theirs == ours
