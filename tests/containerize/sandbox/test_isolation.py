"""The process that unpacks has nothing but one directory, and cannot get more."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from containerize.sandbox.isolation import CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP
from containerize.sandbox.launch import SandboxLimits, unpack_tar
from containerize.sandbox.syscall_filter import MACHINES, READING, WRITING, assemble

from .attacks import archive, member

ROOT = Path(__file__).parents[3]
KEPT = sum(1 << each for each in (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP))


class Waiting(io.RawIOBase):
    """A stream that sends nothing until it is told to."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.go.wait(30)
        return b""


def test_the_process_as_this_machine_sees_it(target: Path) -> None:
    stream = Waiting()
    thread = threading.Thread(target=unpack_tar, args=(stream, target, SandboxLimits(1 << 20)))
    thread.start()
    try:
        worker = _worker()
        place = Path(f"/proc/{worker.pid}")
        deadline = time.monotonic() + 20
        while "Seccomp:\t2" not in (status := (place / "status").read_text()) and time.monotonic() < deadline:
            time.sleep(0.01)
        fields = {name: value.strip() for name, _, value in (line.partition(":") for line in status.splitlines())}
        assert [int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")] == [
            KEPT, KEPT, 0, 0, 0,
        ]  # fmt: skip
        assert (fields["NoNewPrivs"], fields["Seccomp"], fields["Threads"]) == ("1", "2", "1")
        for space in ("mnt", "pid", "ipc", "net", "uts", "cgroup"):
            assert (place / "ns" / space).readlink() != Path(f"/proc/self/ns/{space}").readlink()
        (mount,) = (place / "mountinfo").read_text().splitlines()
        assert mount.split(" ")[4] == "/" and {"nosuid", "nodev", "noexec"} <= set(mount.split(" ")[5].split(","))
        assert {path.name for path in (place / "fd").iterdir()} == {"0", "1", "2"}
        assert (place / "environ").read_bytes() == b""
        assert os.getsid(worker.pid) not in (0, os.getsid(0))
        assert resource.prlimit(worker.pid, resource.RLIMIT_FSIZE) == (1 << 20, 1 << 20)
        assert resource.prlimit(worker.pid, resource.RLIMIT_NOFILE)[1] <= 64
    finally:
        stream.go.set()
        thread.join()


def _worker() -> psutil.Process:
    """The first process of the new namespace: the child of the one that was started."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found = psutil.Process().children(recursive=True)
        for process in found:
            if process.ppid() != os.getpid():
                return process
        time.sleep(0.01)
    raise AssertionError("no unpacker was started")


def test_it_ends_with_the_one_that_started_it(target: Path) -> None:
    code = (
        "import sys, os\nfrom pathlib import Path\nfrom containerize.sandbox.launch import SandboxLimits, unpack_tar\n"
        "unpack_tar(os.fdopen(0, 'rb'), Path(sys.argv[1]), SandboxLimits(1 << 20))"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(target)], stdin=subprocess.PIPE, cwd=ROOT) as starter:
        deadline, inner = time.monotonic() + 20, list[psutil.Process]()
        while len(inner) < 2 and time.monotonic() < deadline:
            inner = psutil.Process(starter.pid).children(recursive=True)
            time.sleep(0.01)
        assert len(inner) == 2
        starter.kill()
        starter.wait()
        _, alive = psutil.wait_procs(inner, timeout=20)
        assert alive == []


_CONFINED = """
import ctypes, errno, mmap, os, socket, sys
sys.path.append({root!r})
from containerize.sandbox.isolation import Confinement, confine
from containerize.sandbox.syscall_filter import READING, WRITING
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
confine(Confinement({target!r}, False, (0, 1, 3, 4, 31), WRITING, 20, 1 << 20))
{body}
sys.stdout.flush()
os._exit(0)
"""


def _confined(target: Path, body: str) -> str:
    code = _CONFINED.format(root=str(ROOT), target=str(target), body=body)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


# fmt: off
FORBIDDEN = {
    "x86_64": {
        "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "kill": 62, "ptrace": 101, "setuid": 105,
        "capset": 126, "pivot_root": 155, "prctl": 157, "chroot": 161, "mount": 165, "umount2": 166, "init_module": 175,
        "ioctl": 16, "add_key": 248, "keyctl": 250, "unshare": 272, "open_by_handle_at": 304, "setns": 308,
        "finit_module": 313, "seccomp": 317, "memfd_create": 319, "bpf": 321, "execveat": 322, "io_uring_setup": 425,
        "open_tree": 428, "move_mount": 429, "fsopen": 430, "clone3": 435, "pidfd_getfd": 438, "userfaultfd": 323,
        "perf_event_open": 298, "process_vm_writev": 311, "kexec_load": 246, "name_to_handle_at": 303,
    },
    "aarch64": {
        "chroot": 51, "mount": 40, "umount2": 39, "pivot_root": 41, "ptrace": 117, "unshare": 97, "setns": 268,
        "socket": 198, "execve": 221, "clone": 220, "clone3": 435, "bpf": 280, "keyctl": 219, "init_module": 105,
        "open_by_handle_at": 265, "prctl": 167, "ioctl": 29, "capset": 91, "seccomp": 277,
    },
}
# fmt: on


def test_no_call_gives_it_more(target: Path) -> None:
    numbers = FORBIDDEN.get(os.uname().machine, {})
    body = (
        f"for name, number in {numbers!r}.items():\n"
        "    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(0)] * 6)\n"
        "    print(name, result, errno.errorcode[ctypes.get_errno()])\n"
    )
    rows = _confined(target, body).splitlines()
    assert [row.split()[1:] for row in rows] == [["-1", "EPERM"]] * len(numbers), rows


def test_no_memory_becomes_code(target: Path) -> None:
    body = (
        "try:\n    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)\n"
        "except PermissionError:\n    print('refused')\n"
        "mmap.mmap(-1, 4096)\nprint('plain')"
    )
    assert _confined(target, body).split() == ["refused", "plain"]


def test_nothing_of_this_machine_is_there_and_nothing_can_be_imported(target: Path) -> None:
    (target / "wave.py").write_text("raise SystemExit('imported')")
    body = (
        "print(os.listdir('/'), os.path.exists('/proc'), os.path.exists(sys.executable))\n"
        "for name in ('wave', 'sqlite3', 'encodings.idna'):\n"
        "    try:\n        __import__(name)\n"
        "    except ImportError:\n        print('no', name)\n"
        "try:\n    'x'.encode('idna')\n"
        "except LookupError:\n    print('no codec')\n"
    )
    assert _confined(target, body).splitlines() == [
        "['wave.py'] False False", "no wave", "no sqlite3", "no encodings.idna", "no codec",
    ]  # fmt: skip


@pytest.mark.parametrize("missing", [CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP])
def test_each_capability_is_needed(missing: int, target: Path) -> None:
    kept = tuple(each for each in (CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP) if each != missing)
    data = archive(
        member("d", kind=b"5", uid=33, gid=33, mode=0o2550),
        member("d/file", b"x", uid=33, gid=44, mode=0o6755, pax_headers={
            "SCHILY.xattr.security.capability": "\x01\0\0\x02\0\x04" + "\0" * 14
        }),
    )  # fmt: skip
    code = (
        f"import io, sys\nsys.path.append({str(ROOT)!r})\n"
        "from containerize.sandbox.admission import Admission\n"
        "from containerize.sandbox.isolation import Confinement, confine\n"
        "from containerize.sandbox.syscall_filter import WRITING\n"
        "from containerize.sandbox.unpack import Unpacking\nimport os\n"
        f"data = {data!r}\n"
        "unpacking = Unpacking(True, Admission(1 << 20, 10, layer=True))\n"
        f"confine(Confinement({str(target)!r}, False, {{kept}}, WRITING, 20, 1 << 20))\n"
        "try:\n    unpacking.unpack(io.BytesIO(data))\n"
        "except PermissionError:\n    print('denied'); sys.stdout.flush(); os._exit(0)\n"
        "status = os.stat('/d/file')\n"
        "print(oct(status.st_mode), dict(unpacking.admission.left_out)); sys.stdout.flush(); os._exit(0)\n"
    )

    def outcome(capabilities: tuple[int, ...]) -> str:
        command = [sys.executable, "-I", "-S", "-c", code.replace("{kept}", repr(capabilities))]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    assert outcome((CHOWN, DAC_OVERRIDE, FOWNER, FSETID, SETFCAP)) == "0o106755 {}"
    assert outcome(kept) != "0o106755 {}"


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_knows_every_call_that_is_needed(machine: str) -> None:
    old = {"open", "stat", "lstat", "rename", "mkdir", "rmdir", "link", "unlink", "symlink", "chmod", "chown"}
    old |= {"lchown", "mknod"}
    assert (READING | WRITING) - old <= MACHINES[machine][1].keys()
    program = assemble(WRITING, machine)
    assert len(program) % 8 == 0 and len(program) // 8 < 4096
