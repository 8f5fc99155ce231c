"""Web servers and reverse proxies, with their virtual hosts, as their configuration and processes show them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class Directive:
    """A setting as written in line ``number`` of ``path``; ``value`` is redacted and without quotes around it."""

    name: str
    value: str
    path: str
    number: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class Site:
    """A virtual host: a VirtualHost of Apache, a server of nginx, a condition of lighttpd, a frontend of HAProxy.

    ``names`` are the host names it answers to, ``listens`` its addresses and ports as written (``*:80``, ``443 ssl``),
    ``roots`` its document roots and aliases, ``targets`` where it passes requests to (URLs, sockets, names of
    upstreams), ``certificates`` the files of its certificates, ``keys`` those of their keys (names only). ``path`` and
    ``origin`` are those of its first line; ``directives`` are the lines that all this was read from.
    """

    names: tuple[str, ...]
    listens: tuple[str, ...]
    roots: tuple[str, ...]
    targets: tuple[str, ...]
    certificates: tuple[str, ...]
    keys: tuple[str, ...]
    path: str
    directives: tuple[Directive, ...]
    origin: Origin


@dataclass(frozen=True, slots=True)
class Upstream:
    """A named group of servers that requests are passed to, each as written (``10.0.0.1:8080 weight=2``)."""

    name: str
    servers: tuple[str, ...]
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class WebServer:
    """One server. ``kind`` is apache, nginx, lighttpd or haproxy; ``root`` the directory of its configuration, "" where
    none is known.

    ``pids`` are its processes, () when it does not run; ``executable`` is "" then. ``version`` is that of its package
    without epoch and revision, "" when no package owns the program. ``listens``, ``roots``, ``targets``,
    ``certificates`` and ``keys`` are those set outside of any site (see :class:`Site`); ``includes`` what it includes;
    ``files`` are those that it reads, in this order, and ``unused`` those of configuration beneath ``root`` that
    nothing includes or names: their settings are not in effect, and not here. ``unused`` is () where a file that it
    reads is not there as a whole; without the main file a gap names the files that counted as included. ``htaccess``
    are the directories for which .htaccess files are allowed and such files that were found. Conditions
    (``<IfModule>``) are not evaluated: what they hold counts as set.
    """

    kind: str
    root: str
    executable: str
    package: str
    version: str
    pids: tuple[int, ...]
    listens: tuple[str, ...]
    roots: tuple[str, ...]
    targets: tuple[str, ...]
    certificates: tuple[str, ...]
    keys: tuple[str, ...]
    includes: tuple[str, ...]
    files: tuple[str, ...]
    unused: tuple[str, ...]
    htaccess: tuple[str, ...]
    sites: tuple[Site, ...]
    upstreams: tuple[Upstream, ...]
    directives: tuple[Directive, ...]
    origin: Origin
