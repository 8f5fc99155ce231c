"""Which pages people ask for, from the access logs of the live server.

What no page links to is found nowhere else: an interface that programs call, an application below a path of its own.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter

from containerize.pilot.http_exchange import USER_AGENT
from containerize.pilot.links import is_safe
from containerize.pilot.subject import Subject
from inventory.errors import HostError

_LOGS = {
    "apache2": ("/var/log/apache2/*access*log",),
    "httpd": ("/var/log/httpd/*access*log", "/var/log/apache2/*access*log"),
    "nginx": ("/var/log/nginx/*access*log",),
    "lighttpd": ("/var/log/lighttpd/*access*log",),
    "java": ("/var/log/tomcat*/*access*", "/var/lib/tomcat*/logs/*access*", "/opt/*tomcat*/logs/*access*"),
}
"""By the name of the executable."""

_REQUEST = re.compile(r'"GET (/\S*) HTTP/[0-9.]+" (\d{3}) ')
_LINES = 5000
_MOST = 15
_SECRET_QUERY = re.compile(r"[?&][^=]*(?:pass|secret|token|key|auth|sess|sid)[^=]*=", re.IGNORECASE)


def logged_paths(subject: Subject) -> tuple[str, ...]:
    """Paths that were asked for with success, the most frequent first; empty when there is no log to be read."""
    names = {process.executable.rpartition("/")[2] for process in subject.plan.processes}
    patterns = [pattern for name, logs in _LOGS.items() if name in names for pattern in logs]
    if not patterns or not subject.live.reachable:
        return ()
    # The patterns are our own constants; the newest logs of each are enough.
    command = f'for log in $(ls -t {" ".join(patterns)} 2>/dev/null | head -n 4); do tail -n {_LINES} "$log"; done'
    try:
        text = subject.live.run(f"sh -c {shlex.quote(command)}", limit=8 << 20).stdout
    except HostError:
        return ()
    return paths_in(text.decode("utf-8", "replace"))


def paths_in(log: str) -> tuple[str, ...]:
    """The paths of a log in the common or combined form. Of those that differ in numbers only, one is taken."""
    asked: Counter[str] = Counter()
    for line in log.splitlines():
        found = _REQUEST.search(line)
        if found is None or USER_AGENT in line:
            continue
        path, status = found[1], int(found[2])
        if 200 <= status < 400 and is_safe(path) and not _SECRET_QUERY.search(path):
            asked[path] += 1
    chosen: dict[str, str] = {}
    for path, _ in sorted(asked.items(), key=lambda item: (-item[1], item[0])):
        chosen.setdefault(re.sub(r"\d+", "9", re.sub(r"[0-9a-fA-F]{16,}", "H", path)), path)
    return tuple(chosen.values())[:_MOST]
