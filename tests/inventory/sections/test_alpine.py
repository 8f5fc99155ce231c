"""What a host of Alpine says: musl, busybox, apk, services of OpenRC's form and of inittab.

The host is ``tests/estate/roots/apk01``; what stands here was compared with the host itself, by ``ps``, ``apk`` and
``cat``.
"""

from __future__ import annotations

from typing import Any

from inventory.observation import Found, Gap
from inventory.platforms import Platform
from inventory.sections import SECTIONS
from tests.support.live import found
from tests.support.recordings import recorded

BY_NAME = {section.name: section for section in SECTIONS}


def seen(section: str, host: str = "apk01") -> Any:
    return found(BY_NAME[section], recorded(host, section))


def gaps(section: str, host: str = "apk01-user") -> tuple[Gap, ...]:
    observation = BY_NAME[section].observe(recorded(host, section), Platform.POSIX)
    assert isinstance(observation, Found)
    return observation.gaps


def test_the_system() -> None:
    system = seen("system")

    assert system.distribution is not None
    assert (system.distribution.id, system.distribution.point_release) == ("alpine", "3.18.9")
    assert (system.init_system, system.userland, system.hostname) == ("busybox", "busybox", "apk01")


def test_arguments_are_told_apart_although_grep_cuts_at_nul() -> None:
    """The grep of Alpine's busybox ends a line at each NUL; and its head begins with an empty line, as the first
    process is root's.
    """
    for host in ("apk01", "apk01-user"):
        by_name = {process.name: process for process in seen("processes", host)}
        assert by_name["nc"].arguments == ("nc", "-lk", "-p", "8080", "-e", "/opt/stock/answer.sh")
        assert by_name["crond"].arguments == ("/usr/sbin/crond", "-f", "-L", "/var/log/cron.log")
    root = {process.name: process for process in seen("processes")}
    assert root["nc"].executable == "/bin/busybox"
    assert dict(root["nc"].environment)["USER"] == "stock"
    assert {process.name for process in seen("processes")} == {"init", "ledger.sh", "sleep", "syslogd", "crond", "nc"}


def test_packages_with_whom_they_came() -> None:
    packages = seen("packages")
    versions = {package.name: package.version for package in packages.packages}

    assert (packages.manager, len(versions)) == ("apk", 15)
    assert (versions["musl"], versions["busybox"], versions["libssl3"]) == ("1.2.4-r2", "1.36.1-r7", "3.1.7-r0")
    assert {package.name for package in packages.packages if not package.automatic} == {
        "alpine-baselayout", "alpine-keys", "apk-tools", "busybox", "libc-utils", "musl",
    }  # fmt: skip
    assert next(package for package in packages.packages if package.name == "libssl3").source == "openssl"
    assert packages.owner_of("/lib/ld-musl-x86_64.so.1") == "musl"
    assert packages.owner_of("/bin/busybox") == "busybox"


def test_repositories_and_what_world_holds() -> None:
    packages = seen("packages")

    assert [(one.name, one.urls[0]) for one in packages.repositories] == [
        ("", "https://alpine.mirrors.example/alpine/v3.18/main"),
        ("", "https://alpine.mirrors.example/alpine/v3.18/community"),
        ("edge", "https://alpine.mirrors.example/alpine/edge/community"),
        ("own", "https://packages.example/v3.18/own"),
        ("", "/media/cdrom/apks"),
    ]
    assert [(pin.packages, pin.rule) for pin in packages.pins] == [
        ("busybox", "=1.36.1-r7"),
        ("musl", ">1.1"),
        ("uclibc-utils", "excluded"),
    ]


def test_programs_and_libraries_of_musl() -> None:
    elves = {elf.path: elf for elf in seen("executables")}

    assert elves["/bin/busybox"].interpreter == "/lib/ld-musl-x86_64.so.1"
    assert elves["/bin/busybox"].needed == ("libc.musl-x86_64.so.1",)
    assert {file.path for file in seen("libraries")} == {"/bin/busybox", "/lib/ld-musl-x86_64.so.1"}


def test_files_of_packages_that_were_changed() -> None:
    """Three by hand; the rest by whoever made the users, the host's name and the boot."""
    changed = {file.path: (file.package, *file.differences) for file in seen("changed_files").files}

    assert changed == {
        "/etc/motd": ("alpine-baselayout", "content"),
        "/usr/bin/ldd": ("musl-utils", "content"),
        "/etc/modprobe.d/kms.conf": ("alpine-baselayout", "missing"),
        **{f"/etc/{name}": ("alpine-baselayout-data", "content") for name in
           ("group", "hostname", "inittab", "passwd", "shadow")},
    }  # fmt: skip
    assert "/etc/shadow" not in {file.path for file in seen("changed_files", "apk01-user").files}
    assert gaps("changed_files") == (Gap("contents of 2 files of packages", "permission denied; scan with become"),)


def test_services_of_the_init_table_and_of_openrc() -> None:
    services = {service.name: service for service in seen("services").services}

    assert {(one.name, one.manager, one.enabled) for one in services.values()} == {
        ("ledger", "sysv", False), ("stock", "sysv", True),
        ("syslogd", "inittab", True), ("crond", "inittab", True), ("serve.sh", "inittab", True),
    }  # fmt: skip
    stock, serve = services["stock"], services["serve.sh"]
    assert stock.description == "Answers what is in stock"
    assert dict(stock.properties) == {
        "RunLevels": "default", "Command": "/opt/stock/serve.sh", "User": "stock:stock", "PIDFile": "/run/stock.pid",
    }  # fmt: skip
    assert dict(serve.properties) == {"Command": "/opt/stock/serve.sh", "User": "stock", "Restart": "always"}


def test_jobs_of_busybox_crond() -> None:
    jobs = {(job.place, job.user, job.schedule, job.command) for job in seen("cron")}

    assert ("/etc/crontabs/stock", "stock", "15 3 * * *", "/opt/stock/count.sh --all") in jobs
    assert ("/etc/crontabs/root", "root", "0 2 * * *", "run-parts /etc/periodic/daily") in jobs
    assert ("/etc/periodic/daily/stock-backup", "root", "daily", "/etc/periodic/daily/stock-backup") in jobs
    assert gaps("cron") == (Gap("the users' own crontabs", "only root may read /etc/crontabs; scan with become"),)


def test_files_of_nobody() -> None:
    files = {file.path for file in seen("unmanaged_files").files}

    assert {"/opt/stock/serve.sh", "/etc/init.d/stock", "/etc/crontabs/stock"} <= files
    assert not {"/etc/motd", "/etc/passwd", "/etc/crontabs/root"} & files
