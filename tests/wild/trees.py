"""Base trees made by mmdebstrap: one for each release and init, and one for the client."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.estate import apt_mirror
from tests.estate.errors import EstateError
from tests.wild.errors import WildError
from tests.wild.places import cache
from tests.wild.service_file import Init, Release

_EVERY_HOST = (
    "adduser", "ca-certificates", "cron", "curl", "file", "iproute2", "less", "logrotate", "netbase",
    "openssh-server", "openssl", "procps", "psmisc", "rsyslog", "sudo", "tzdata",
)  # fmt: skip

_INIT_PACKAGES: dict[Init, tuple[str, ...]] = {
    "systemd": ("systemd-sysv", "dbus", "ifupdown", "kmod", "libpam-systemd"),
    "sysvinit": ("sysvinit-core", "sysv-rc", "initscripts"),
    "runit": ("runit-init", "runit", "sysv-rc", "initscripts"),
}

_FIRST_PROCESS: dict[Init, Init] = {
    "systemd": "systemd", "sysvinit": "sysvinit", "runit": "runit", "supervisor": "sysvinit", "inetd": "sysvinit",
}  # fmt: skip

OF_INIT: dict[Init, tuple[str, ...]] = {"supervisor": ("supervisor",), "inetd": ("openbsd-inetd",)}
"""Packages that are installed with the service: its manager is not the first process."""

_ORPHANS: dict[Release, tuple[str, ...]] = {
    "bullseye": (), "bookworm": ("orphan-sysvinit-scripts",), "trixie": ("orphan-sysvinit-scripts",),
}  # fmt: skip

CLIENT_RELEASE: Release = "bookworm"
_EVERY_CLIENT = (
    "bind9-dnsutils", "bsdextrautils", "ca-certificates", "curl", "default-mysql-client", "ftp", "iproute2", "jq",
    "ldap-utils", "lftp", "memcached", "mosquitto-clients", "ncat", "netcat-openbsd", "openssh-client", "openssl",
    "perl", "postgresql-client", "python3", "redis-tools", "rsync", "smbclient", "snmp", "socat", "sshpass", "swaks",
    "tftp-hpa", "wget",
)  # fmt: skip


def host_base(release: Release, init: Init) -> Path:
    """The tree that every host of a release and init starts from."""
    first = _FIRST_PROCESS[init]
    orphans = () if first == "systemd" else _ORPHANS[release]
    return _tree(f"{release}-{first}", release, (*_EVERY_HOST, *_INIT_PACKAGES[first], *orphans))


def client_base() -> Path:
    """The tree that the checks run in."""
    return _tree("client", CLIENT_RELEASE, _EVERY_CLIENT)


def archives(release: Release) -> Path:
    """Downloaded packages, shared by all hosts of a release."""
    folder = cache() / "archives" / release
    (folder / "partial").mkdir(parents=True, exist_ok=True)
    return folder


def _tree(name: str, release: Release, packages: Sequence[str]) -> Path:
    key = hashlib.sha256(repr((release, packages)).encode()).hexdigest()[:12]
    folder = cache() / "trees" / f"{name}-{key}"
    with lock(f"tree-{name}"):
        if folder.is_dir():
            return folder
        if shutil.which("mmdebstrap") is None:
            raise WildError("mmdebstrap is needed to make hosts; install it (on Debian: apt install mmdebstrap).")
        try:
            mirror = apt_mirror.find()
        except EstateError as error:
            raise WildError(str(error)) from error
        building = folder.with_suffix(".building")
        shutil.rmtree(building, ignore_errors=True)
        building.parent.mkdir(parents=True, exist_ok=True)
        debs, inside = shlex.quote(str(archives(release))), '"$1"/var/cache/apt/archives'
        run(
            [
                "mmdebstrap", "--mode=root", "--variant=apt", "--format=directory",
                "--skip=cleanup/apt/lists,cleanup/apt/cache,essential/unlink",
                "--aptopt=Acquire::Check-Valid-Until false", "--aptopt=Acquire::Languages none",
                f"--setup-hook=mkdir -p {inside}; cp -n {debs}/*.deb {inside}/ || :",
                f"--customize-hook=cp -n {inside}/*.deb {debs}/ || :; rm -f {inside}/*.deb",
                f"--include={','.join(packages)}", release, str(building), mirror,
            ],
            folder.with_suffix(".log"),
        )  # fmt: skip
        for older in folder.parent.glob(f"{name}-*"):
            if older.is_dir() and older.suffix != ".building" and older.name.rpartition("-")[0] == name:
                shutil.rmtree(older)
        building.rename(folder)
        return folder


def run(argv: Sequence[str], log: Path) -> None:
    """Run a command with its output in a log. Raises WildError with the end of the log."""
    log.parent.mkdir(parents=True, exist_ok=True)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LC_") and key != "LANG"}
    with log.open("w") as output:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            umask=0o022,
            env=environment | {"LC_ALL": "C.UTF-8"},
        )
    if done.returncode:
        raise WildError(f"{Path(argv[0]).name} failed; the log is {log}. It ends with: {last_words(log)}")


def last_words(log: Path) -> str:
    """The last lines of a log, as one."""
    return " / ".join(line.strip() for line in log.read_text("utf-8", "replace").splitlines()[-4:])


@contextmanager
def lock(name: str) -> Iterator[None]:
    """Hold a lock that other runs on this machine respect."""
    path = cache() / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
