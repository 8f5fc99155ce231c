"""Ansible's own programs, run through ansible-runner, with everything they write in memory and removed."""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from inventory.errors import InventoryError

_MEMORY = Path("/dev/shm")  # noqa: S108 - a tmpfs on every Linux; the directory made in it has mode 0700
_PREFIX = "assess-private-"


@dataclass(frozen=True, slots=True)
class ProgramOutput:
    """The output of a program. ``stdout`` may hold passwords of the inventory: never show it."""

    status: int
    stdout: str
    stderr: str


@contextmanager
def private_directory(*, only_memory: bool = False) -> Iterator[Path]:
    """Create a directory for data that must not reach a disk: mode 0700, in memory where the machine allows it, removed
    at the end.

    A run that is killed cannot remove its own; the next run does. A lock, which the kernel releases, shows whether the
    owner still runs. ``only_memory``: raises InventoryError where the machine has no writable file system in memory.
    """
    parent = _in_memory() if only_memory else _MEMORY if os.access(_MEMORY, os.W_OK) else Path(tempfile.gettempdir())
    _remove_abandoned(parent)
    path, lock = _make_locked(parent)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)
        os.close(lock)


def _in_memory() -> Path:
    """A file system that is really in memory: /dev/shm may be a folder of the disk in a container."""
    try:
        lines = Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    # proc_pid_mountinfo(5): the fifth field is the mount point; the type comes first after " - ".
    kinds = {line.split()[4]: line.partition(" - ")[2].split()[:1] for line in lines if " - " in line}
    for place in (str(_MEMORY), os.environ.get("XDG_RUNTIME_DIR", ""), f"/run/user/{os.geteuid()}"):
        if place and kinds.get(place) in (["tmpfs"], ["ramfs"]) and os.access(place, os.W_OK):
            return Path(place)
    raise InventoryError(
        f"this needs a file system in memory, and there is none at {_MEMORY} that can be written to; "
        f"mount one with: mount -t tmpfs -o mode=1777 tmpfs {_MEMORY}"
    )


def _make_locked(parent: Path) -> tuple[Path, int]:
    """A new directory and the descriptor that holds it."""
    while True:
        try:
            path = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        except OSError as error:
            raise InventoryError(
                f"nothing can be written to {parent} ({error.strerror}); free some space there"
            ) from error
        lock = _lock(path)
        # Another run may have taken it for abandoned before it was locked.
        if lock is not None and path.exists():
            return path, lock
        if lock is not None:
            os.close(lock)


def _remove_abandoned(parent: Path) -> None:
    for path in parent.glob(f"{_PREFIX}*"):
        lock = _lock(path)
        if lock is not None:
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


def _lock(path: Path) -> int | None:
    """Hold a directory of ours; None when a living process holds it, or when it is not ours or gone."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        if os.fstat(descriptor).st_uid == os.geteuid():
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return descriptor
    except BlockingIOError:
        pass
    os.close(descriptor)
    return None


def _program(name: str) -> str:
    """Ansible is a dependency, so its programs are next to our Python, whether or not that directory is on PATH."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which(name)
    if found is None:
        raise InventoryError(f"{name} is not installed; install ansible-core into the same environment as assess")
    return found


def _environment(private: Path) -> dict[str, str]:
    return {
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_FORCE_COLOR": "0",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "ANSIBLE_LOCAL_TEMP": str(private / "tmp"),
        "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1",
        # A log_path of the user's ansible.cfg would receive the variables of the inventory.
        "ANSIBLE_LOG_PATH": os.devnull,
        # Older versions fold their messages at the width of the terminal, which would cut names in two.
        "COLUMNS": "10000",
        "LC_ALL": "C.UTF-8",
        "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath))),
    }


def load() -> None:
    """Load what :func:`run_program` needs. Beside other threads that load code it would take as long as both."""
    import ansible_runner  # noqa: F401 - loading it is all that is wanted


def run_program(
    name: str, arguments: Sequence[str], private: Path, environment: Mapping[str, str] | None = None
) -> ProgramOutput:
    """Run one of Ansible's programs in the current directory, so that its ansible.cfg counts as it does for Ansible.

    ``private`` is a :func:`private_directory` or inside one; ``environment`` is added to the variables that are always
    set. Raises InventoryError when there is no such program.
    """
    import ansible_runner

    private.mkdir(mode=0o700, exist_ok=True)
    stdout, stderr, status = ansible_runner.run_command(
        executable_cmd=_program(name),
        cmdline_args=list(arguments),
        runner_mode="subprocess",
        private_data_dir=str(private),
        quiet=True,
        envvars={**_environment(private), **(environment or {})},
    )
    return ProgramOutput(int(status), str(stdout), str(stderr))


def configuration_in_effect() -> bool:
    """Return whether Ansible would find a configuration file or an environment variable that changes connections."""
    files = (Path.cwd() / "ansible.cfg", Path.home() / ".ansible.cfg", Path("/etc/ansible/ansible.cfg"))
    if "ANSIBLE_CONFIG" in os.environ or any(file.is_file() for file in files):
        return True
    prefixes = ("ANSIBLE_REMOTE", "ANSIBLE_PRIVATE_KEY", "ANSIBLE_SSH", "ANSIBLE_BECOME", "ANSIBLE_HOST_KEY")
    return any(name.startswith(prefixes) for name in os.environ)
