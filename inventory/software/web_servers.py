"""Web servers and reverse proxies of a host, from its processes, its configuration and its packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from inventory.model.configuration import ConfigLine
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.model.web_servers import WebServer
from inventory.software import apache, haproxy, lighttpd, nginx
from inventory.software.configuration_files import roots_of, unique
from inventory.software.programs import main_processes, package_of, program_of, upstream_version
from inventory.software.site_drafts import Server


class _Product(NamedTuple):
    kind: str
    programs: frozenset[str]
    usual: re.Pattern[str]
    main_files: frozenset[str]
    packages: tuple[str, ...]
    read: Callable[[Mapping[str, list[ConfigLine]]], Server]


PRODUCTS = (
    _Product(
        "apache",
        frozenset({"apache2", "httpd", "apache", "httpd.worker", "httpd.event", "httpd2", "httpd-prefork"}),
        re.compile(r"/etc/(?:apache2?|httpd)(?:-[^/]+)?/"),
        frozenset({"httpd.conf", "apache2.conf"}),
        (r"apache2-bin", r"apache2\.2-bin", r"apache2", r"httpd\d*", r"httpd\d*-core"),
        apache.read,
    ),
    _Product(
        "nginx",
        frozenset({"nginx", "openresty", "angie", "tengine"}),
        re.compile(r"/etc/(?:nginx|openresty|angie)/"),
        frozenset({"nginx.conf"}),
        (r"nginx-(?:light|full|core|extras)", r"nginx", r"nginx-core"),
        nginx.read,
    ),
    _Product(
        "lighttpd",
        frozenset({"lighttpd"}),
        re.compile(r"/etc/lighttpd/"),
        frozenset({"lighttpd.conf"}),
        (r"lighttpd",),
        lighttpd.read,
    ),
    _Product(
        "haproxy",
        frozenset({"haproxy", "haproxy-systemd-wrapper"}),
        re.compile(r"/etc/haproxy/"),
        frozenset({"haproxy.cfg"}),
        (r"haproxy\d*",),
        haproxy.read,
    ),
)
"""Programs, directories of configuration, and packages by which a product is known; and who reads its lines."""


def web_servers(
    processes: Iterable[Process], lines: Iterable[ConfigLine], packages: Packages | None
) -> tuple[WebServer, ...]:
    """Servers that run, or for which sites or ports are configured. Of two that one product runs, each has the
    configuration that its arguments name; a server whose arguments name none has the usual one.
    """
    everyone = [process for process in processes if not process.kernel]
    configured = list(lines)
    return tuple(server for product in PRODUCTS for server in _of_product(product, everyone, configured, packages))


def _of_product(
    product: _Product, processes: list[Process], lines: list[ConfigLine], packages: Packages | None
) -> Iterator[WebServer]:
    roots = roots_of(lines, product.usual, product.main_files)
    mine = [process for process in processes if program_of(process) in product.programs]
    running: dict[str, list[tuple[Process, tuple[int, ...]]]] = {root: [] for root in roots}
    for process, family in main_processes(mine):
        running.setdefault(_root_of(process, list(roots)), []).append((process, family))
    for root, families in running.items():
        server = product.read(roots.get(root, {}))
        main = families[0][0] if families else None
        if main is None and not server.sites and not server.common.listens:
            continue
        origin = main.origin if main is not None else next(iter(roots[root].values()))[0].origin
        executable = (main.executable or "") if main is not None else ""
        package = package_of(packages, executable, *product.packages)
        common = server.common
        htaccess = [line.path for line in lines if line.path.endswith("/.htaccess")] if product.kind == "apache" else []
        yield WebServer(
            kind=product.kind,
            root=root,
            executable=executable,
            package=package.name if package else "",
            version=upstream_version(package.version) if package else "",
            pids=tuple(pid for _, family in families for pid in family),
            listens=unique(common.listens),
            roots=unique(common.roots),
            targets=unique(common.targets),
            certificates=unique(common.certificates),
            keys=unique(common.keys),
            includes=unique(server.includes),
            htaccess=unique([*server.htaccess, *htaccess]),
            sites=server.all_sites(),
            upstreams=server.all_upstreams(),
            directives=tuple(common.directives),
            origin=origin,
        )


def _root_of(process: Process, roots: list[str]) -> str:
    """The directory of configuration that the arguments name, else the usual one."""
    named = " ".join(process.arguments[1:])
    for root in sorted(roots, key=len, reverse=True):
        if re.search(rf"(?:^|[\s='\"]){re.escape(root)}(?:[/\s'\"]|$)", named):
            return root
    program = (process.executable or "").rpartition("/")[0]
    home = program.removesuffix("/bin").removesuffix("/sbin")
    beside = [root for root in roots if home not in ("", "/usr", "/usr/local") and root.startswith(home + "/")]
    usual = [root for root in roots if root.startswith("/etc/")]
    return next(iter([*beside, *sorted(usual), *roots]), "")
