"""Web servers and reverse proxies of a host, from its processes, its configuration and its packages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from inventory.model.configuration import ConfigLine
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.model.web_servers import WebServer
from inventory.observation import Gap
from inventory.products.catalogue import products
from inventory.products.detection.product_configuration import roots_of, unique
from inventory.products.detection.program_identity import main_processes, package_of, program_of, upstream_version
from inventory.products.web_configuration import apache, haproxy, lighttpd, nginx
from inventory.products.web_configuration.included_files import HostFiles, Tree, tree_of
from inventory.products.web_configuration.site_drafts import ServerDraft


class _WebServerProduct(NamedTuple):
    kind: str
    programs: frozenset[str]
    usual: re.Pattern[str]
    main_files: tuple[str, ...]
    packages: tuple[str, ...]
    read: Callable[[Tree], ServerDraft]
    main: re.Pattern[str]
    """The option whose value (group ``path``) is the main file."""
    folder: re.Pattern[str]
    """The option whose value is the directory of relative paths."""


def _option(letter: str) -> re.Pattern[str]:
    return re.compile(rf"(?:^|\s)-{letter}\s*+(?P<path>[^\s-]\S*)")


READERS: Mapping[str, Callable[[Tree], ServerDraft]] = {
    "apache": apache.read,
    "haproxy": haproxy.read,
    "lighttpd": lighttpd.read,
    "nginx": nginx.read,
}
"""By the ``reader`` that a product file names."""


_IN_DOCUMENTS = ("apache", "nginx", "lighttpd", "haproxy")
"""The order in which documents list servers; others follow."""


@cache
def _products() -> tuple[_WebServerProduct, ...]:
    """Programs, directories of configuration, and packages by which a product is known; and who reads its lines."""
    order = {kind: place for place, kind in enumerate(_IN_DOCUMENTS)}
    found = [
        _WebServerProduct(
            identifier,
            frozenset(product.programs_of(table)),
            re.compile(table.usual),
            table.main_files,
            table.packages,
            READERS[table.reader],
            _option(table.file_option),
            _option(table.folder_option) if table.folder_option else re.compile(r"(?!)"),
        )
        for identifier, product in products().items()
        if (table := product.web_server) is not None
    ]
    return tuple(sorted(found, key=lambda each: order.get(each.kind, len(order))))


def web_servers(
    processes: Iterable[Process], files: HostFiles, packages: Packages | None
) -> tuple[tuple[WebServer, ...], tuple[Gap, ...]]:
    """Servers that run, or for which sites or ports are configured, and the parts of their configuration that were not
    read. Of two that one product runs, each has the configuration that its arguments name; a server whose arguments
    name none has the usual one.
    """
    everyone = [process for process in processes if not process.kernel]
    found = [each for product in _products() for each in _of_product(product, everyone, files, packages)]
    return tuple(server for server, _ in found), tuple(gap for _, gaps in found for gap in gaps)


def _of_product(
    product: _WebServerProduct, processes: list[Process], files: HostFiles, packages: Packages | None
) -> Iterator[tuple[WebServer, tuple[Gap, ...]]]:
    roots = roots_of(files.paths, product.usual, frozenset(product.main_files))
    mine = [process for process in processes if program_of(process) in product.programs]
    running: dict[str, list[tuple[Process, tuple[int, ...]]]] = {root: [] for root in roots}
    for process, family in main_processes(mine):
        running.setdefault(_root_of(process, list(roots)), []).append((process, family))
    trees = {root: _tree(product, files, root, [process for process, _ in each]) for root, each in running.items()}
    servers = {root: product.read(tree) for root, tree in trees.items()}
    uses = Counter(path for tree in trees.values() for path in tree.used)
    for root, families in running.items():
        tree, server = trees[root], servers[root]
        main = families[0][0] if families else None
        if main is None and not server.sites and not server.common.listens:
            continue
        if main is None and not product.usual.match(f"{root}/") and any(uses[path] > 1 for path in tree.mains):
            continue  # a file that is named like a main one, and that another server includes
        origin = main.origin if main is not None else _first_line(files, tree).origin
        executable = (main.executable or "") if main is not None else ""
        package = package_of(packages, executable, *product.packages)
        common = server.common
        htaccess = [path for path in files.lines if path.endswith("/.htaccess")] if product.kind == "apache" else []
        yield (
            WebServer(
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
                files=tuple(tree.used),
                unused=tree.unused(),
                htaccess=unique([*server.htaccess, *htaccess]),
                sites=server.all_sites(),
                upstreams=server.all_upstreams(),
                directives=tuple(common.directives),
                origin=origin,
            ),
            tree.all_gaps(),
        )


def _tree(product: _WebServerProduct, files: HostFiles, root: str, mains: list[Process]) -> Tree:
    """The files of the servers whose configuration is below ``root``."""
    usual = [f"{root}/{within}{name}" for name in product.main_files for within in ("", "conf/")] if root else []
    by_default = next((path for path in usual if path in files.paths), "")
    named: list[str] = []
    folder = ""
    for process in mains:
        words = " ".join(process.arguments)
        given = product.folder.search(words)
        base = given["path"].rstrip("/") if given else ""
        given_mains = list(product.main.finditer(words))
        named += [] if given_mains or not by_default else [by_default]
        for match in given_mains:
            path = match["path"].strip("'\"")
            path = path if path.startswith("/") else f"{base or root}/{path}"
            # HAProxy reads all *.cfg of a directory
            named += list(files.paths.matching(f"{path.rstrip('/')}/*.cfg")) or [path]
        folder = folder or base
    tree = tree_of(files, root, list(dict.fromkeys(named)), usual)
    if product.kind == "apache":
        of_main = next(iter(tree.mains), root).rpartition("/")[0]
        tree.folder = folder or (of_main.removesuffix("/conf") if tree.mains and not tree.guessed else root)
    else:
        tree.folder = root if tree.guessed or not tree.mains else tree.mains[0].rpartition("/")[0]
    return tree


def _first_line(files: HostFiles, tree: Tree) -> ConfigLine:
    return next(line for path in tree.used for line in files.lines.get(path, ()))


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
