"""Requested pages from the live server's access logs.

What no page links to is found nowhere else: an interface that programs call, an application below its own path.
Requesting it again may change data, so a person has to allow it (``--allow-logged-paths``).
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assess.configuration_text.ip_addresses import is_address, plain_address
from containerize.host.regular_files import real_files
from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.web.http_exchange import USER_AGENT
from inventory.errors import HostError
from inventory.products.catalogue import products

_REQUEST = re.compile(r'"GET (/\S{0,2000}) HTTP/[0-9.]{1,5}" (\d{3}) ')
_LINES, _LOGS_READ = 5000, 4
_MOST = 15
_SECRET_NAME = re.compile(r"pass|secret|token|key|auth|sess|sid", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LoggedPaths:
    """Paths from access logs. ``paths`` were requested by others with success, the most frequent first; one of those
    that differ in numbers only. ``local_only`` (without queries) were requested from the server itself alone.
    """

    paths: tuple[str, ...] = ()
    local_only: frozenset[str] = frozenset()


def logged_paths(subject: CheckSubject) -> LoggedPaths:
    """The paths in the access logs of the live server; empty without a readable log."""
    names = {process.executable.rpartition("/")[2] for process in subject.plan.processes}
    logs = [(product.programs_of(log), log.paths) for product in products().values() for log in product.access_log]
    patterns = [pattern for programs, paths in logs if names.intersection(programs) for pattern in paths]
    if not patterns or not subject.live.reachable:
        return LoggedPaths()
    try:
        text = subject.live.run(reading(patterns), limit=8 << 20).stdout
    except HostError:
        return LoggedPaths()
    return paths_in(text.decode("utf-8", "replace"), frozenset(subject.live.addresses))


def reading(patterns: Iterable[str]) -> str:
    """Shell text that writes the ends of the newest logs. The patterns are our own; the names that fit may be those of
    an account that is not root: each must be a real file.
    """
    ends = f'n=0; for log; do [ $n -lt {_LOGS_READ} ] || break; n=$((n+1)); tail -n {_LINES} "$log"; done'
    newest = f"ls -dt {' '.join(patterns)} 2>/dev/null | tr '\\n' '\\000'"
    return f"{newest} | {real_files()} | xargs -0 sh -c {shlex.quote(ends)} sh 2>/dev/null"


def paths_in(log: str, own_addresses: frozenset[str] = frozenset()) -> LoggedPaths:
    """The paths of a log in the common or combined form."""
    asked: Counter[str] = Counter()
    local: set[str] = set()
    remote: set[str] = set()
    for line in log.splitlines():
        found = _REQUEST.search(line)
        if found is None or USER_AGENT in line:
            continue
        path, status = found[1], int(found[2])
        if _is_local(line[: found.start()], own_addresses):
            local.add(path.partition("?")[0])
            continue
        remote.add(path.partition("?")[0])
        if 200 <= status < 400 and not _holds_secret(path):
            asked[path] += 1
    chosen: dict[str, str] = {}
    for path, _ in sorted(asked.items(), key=lambda item: (-item[1], item[0])):
        chosen.setdefault(re.sub(r"\d+", "9", re.sub(r"[0-9a-fA-F]{16,}", "H", path)), path)
    return LoggedPaths(tuple(chosen.values())[:_MOST], frozenset(local - remote))


def _is_local(before: str, own_addresses: frozenset[str]) -> bool:
    """Whether the client of a line is the server itself. ``before`` is what stands before the request: the client comes
    first, or behind the name of the virtual host.
    """
    words = before.split(None, 3)[:3]
    client = plain_address(next((word for word in words if is_address(word)), words[0] if words else ""))
    return client in own_addresses or client.startswith("127.") or client in ("::1", "localhost")


def _holds_secret(path: str) -> bool:
    return any(_SECRET_NAME.search(pair.partition("=")[0]) for pair in path.partition("?")[2].split("&"))
