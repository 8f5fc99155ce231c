"""What the sample estate of :mod:`tests.support.assessments` says: its types, the names of rules, ports, checks."""
# ruff: noqa: E501

from __future__ import annotations

from dataclasses import dataclass, field

ACCOUNTS = {
    0: "root", 33: "www-data", 74: "postfix", 101: "mysql", 104: "postgres", 106: "redis", 110: "tomcat", 998: "intranet",
}  # fmt: skip

RULE_NAMES = {
    "KRN001": "wrong-architecture",
    "KRN002": "kernel-too-new-for-binary",
    "KRN003": "needs-kernel-module",
    "KRN004": "needs-tun-device",
    "KRN005": "global-sysctl",
    "PRT001": "port-wanted-twice",
    "PRT002": "hard-coded-port",
    "NET001": "address-of-another-host",
    "STA001": "state-outside-volumes",
    "SEC001": "secret-in-file",
    "EOL001": "end-of-life-distribution",
    "NET002": "sends-mail-through-host",
    "KRN006": "needs-32-bit-support",
    "WIN001": "windows-on-linux",
}

RULE_MANUAL = {
    "KRN001": ("A program is built for another processor.", "The kernel refuses to start it: exec format error.", "Find a build for the container host's processor."),
    "KRN002": ("A program asks for a newer kernel than the container host has.", "Its C library ends with “kernel too old”.", "Use a container host with a newer kernel."),
    "KRN003": ("A service needs a kernel module.", "Containers share the kernel of their host and cannot load modules into it.", "Load the module on the container host, or leave the service on a machine of its own."),
    "KRN004": ("A service uses /dev/net/tun.", "A container has no such device unless it is given one.", "Give the container the device and the right NET_ADMIN, or leave it on its own machine."),
    "KRN005": ("A service wants a kernel setting that the whole host shares.", "One value holds for every container of the host.", "Agree on one value for the container host, or give the service a host of its own."),
    "PRT001": ("Several services want the same port.", "Two servers each had their own port 80; a container host has only one.", "Give each service its own published port or address, or put a reverse proxy in front."),
    "PRT002": ("A port is written in the program.", "It can only be changed by changing code.", "Keep the port inside of the container and publish another one."),
    "NET001": ("A service names another host by its address.", "The address changes when that host's service moves.", "Use a name that resolves on the new network."),
    "NET002": ("A service sends mail through a program of its host.", "The container has no mail program.", "Point it at a mail relay, or bring a small sender along."),
    "STA001": ("A service keeps data on its host.", "What is written inside of a container is lost with it.", "Mount a volume there; the image does not hold the data."),
    "SEC001": ("A file of the service holds a secret.", "An image is copied around; a secret in it is a secret no more.", "The file is left out of the image and mounted from memory when the container starts."),
    "EOL001": ("A distribution gets no more security fixes.", "An image of it starts its life with known holes.", "Build on a supported release, and pilot it like any other image."),
    "KRN006": ("A program is built for 32 bits.", "The container host's kernel must allow 32-bit programs.", "Use a 32-bit base image, and check the container host's kernel."),
    "WIN001": ("A Windows service on a Linux container host.", "They do not share a kernel.", "Plan a Windows container host."),
}  # fmt: skip


@dataclass(frozen=True)
class FindingWords:
    """A finding. ``evidence`` as :func:`tests.support.assessments.evidence` reads it; ``fit``: on one target only."""

    rule: str
    severity: str
    message: str
    remedy: str
    evidence: tuple[str, ...] = ()
    fit: bool = False


@dataclass(frozen=True)
class WorkloadWords:
    """A workload."""

    name: str
    executable: str
    verdict: str
    score: int
    reasons: tuple[str, ...]
    processes: tuple[str, ...] = ("",)
    uid: int = 0
    listeners: tuple[str, ...] = ()
    unix_sockets: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    configuration: tuple[str, ...] = ()
    data: dict[str, str] = field(default_factory=dict)
    schedules: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    findings: tuple[FindingWords, ...] = ()
    undetermined: tuple[tuple[str, str, str], ...] = ()
    named_by: str = "systemd unit"
    host_function: bool = False


@dataclass(frozen=True)
class HostWords:
    """A host. ``functions`` are workloads that stay with any host."""

    name: str
    address: str
    groups: tuple[str, ...] = ("legacy",)
    distribution: tuple[str, str, str] = ("debian", "12", "Debian GNU/Linux 12 (bookworm)")
    kernel: str = "6.1.0-28-amd64"
    architecture: str = "x86_64"
    memory_gib: int = 8
    virtualization: str = "kvm"
    init: str = "systemd"
    workloads: tuple[WorkloadWords, ...] = ()
    functions: tuple[WorkloadWords, ...] = ()
    findings: tuple[FindingWords, ...] = ()
    unseen: tuple[tuple[str, str], ...] = ()
    gaps: tuple[tuple[str, str, str], ...] = ()
    unreachable: str = ""


PORTS_SET_IN = {
    ("apache2", 80): "/etc/apache2/ports.conf:5",
    ("apache2", 443): "/etc/apache2/ports.conf:8",
    ("intranet", 80): "/opt/intranet/server.py:41 (code)",
    ("nginx", 80): "/etc/nginx/sites-enabled/shop:2",
    ("tomcat9", 8080): "/etc/tomcat9/server.xml:69",
    ("mariadb", 3306): "/etc/mysql/mariadb.conf.d/50-server.cnf:27",
    ("postgresql-9.6", 5432): "/var/lib/pgsql/9.6/data/postgresql.conf:59",
}

CLIENTS = {
    ("db01/mariadb", 3306): ("web01/apache2", "web02/shop-api"),
    ("db02/postgresql-9.6", 5432): ("app01/tomcat9", "10.20.0.99"),
    ("cache01/redis-server", 6379): ("web01/apache2",),
    ("mail01/postfix", 25): ("web01/apache2", "app01/intranet"),
}

PILOTS = {
    "web01/apache2": (
        ("starts and stays up", "pass", "running after 10 s", "running after 10 s", ""),
        ("port 80/tcp listens", "pass", "0.0.0.0:80 open", "0.0.0.0:80 open", ""),
        ("port 443/tcp listens", "pass", "0.0.0.0:443 open", "0.0.0.0:443 open", ""),
        ("processes", "pass", "1 apache2 as root, 5 as www-data", "1 apache2 as root, 5 as www-data", ""),
        ("GET http://web01/", "pass", "200, text/html, body sha256 5d41…c592", "200, text/html, body sha256 5d41…c592", ""),
        ("GET http://web01/upload.php", "pass", "200, text/html, same body", "200, text/html, same body", ""),
        ("stops on SIGTERM", "pass", "within 10 s", "0.8 s, exit status 0", ""),
    ),
    "db01/mariadb": (
        ("starts and stays up", "pass", "running after 10 s", "running after 10 s", ""),
        ("port 3306/tcp listens", "pass", "0.0.0.0:3306 open", "0.0.0.0:3306 open", ""),
        ("MySQL greeting on 3306", "pass", "protocol 10, 10.11.14-MariaDB-0+deb12u2", "protocol 10, 10.11.14-MariaDB-0+deb12u2", ""),
        ("data seeded by mariadb-dump", "inconclusive", "4 databases", "3 databases", "mysqldump: Got error: 1044: Access denied for user 'backup'@'localhost' to database 'audit'"),
        ("stops on SIGTERM", "pass", "within 30 s", "2.1 s, exit status 0", ""),
    ),
    "app01/intranet": (
        ("starts and stays up", "pass", "running after 10 s", "running after 10 s", ""),
        ("port 80/tcp listens", "pass", "0.0.0.0:80 open", "0.0.0.0:80 open", ""),
        (
            "GET http://app01/", "fail", "200, text/html, title “Intranet”", "500, text/html",
            "--- live\n+++ container\n-HTTP/1.0 200 OK\n+HTTP/1.0 500 Internal Server Error\n"
            "last lines of the log:\nFileNotFoundError: [Errno 2] No such file or directory: '/srv/share/menu.json'",
        ),
        ("stops on SIGTERM", "pass", "within 10 s", "0.2 s, exit status 143", ""),
    ),
}  # fmt: skip
