"""Virtual host names of a web server, from its configuration on the live host."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from containerize.host.regular_files import real_files
from containerize.pilot.check_subject import CheckSubject
from containerize.plan.model import ImagePlan
from inventory.errors import HostError

_FILES = re.compile(
    r"/etc/(?:apache2|httpd)/(?:sites-enabled|conf-enabled|conf\.d|vhosts\.d|conf)/[^/]+"
    r"|/etc/nginx/(?:sites-enabled|conf\.d)/[^/]+|/etc/nginx/nginx\.conf"
)
_APACHE = re.compile(r"^[ \t]*Server(?:Name|Alias)[ \t]+(.+)$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")

MOST = 6
"""More names are not asked for: they would be the same site, or hundreds of customers' sites."""


def virtual_hosts(subject: CheckSubject) -> tuple[str, ...]:
    """Host headers to ask with: the names of the configuration, then the host's own."""
    names: dict[str, None] = {}
    paths = configuration_files(subject.plan)[:200]
    if paths and subject.live.reachable:
        try:
            names_of_files = b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths)
            command = f"{real_files()} | xargs -0 cat 2>/dev/null"
            text = subject.live.run(command, names_of_files, limit=2 << 20).stdout.decode("utf-8", "replace")
        except HostError:
            text = ""
        names.update(dict.fromkeys(names_in(text)))
    if subject.plan.hostname:
        names[subject.plan.hostname] = None
    return tuple(names)[:MOST] or ("localhost",)


def configuration_files(plan: ImagePlan) -> list[str]:
    """Files of the plan with the configuration; of a link (sites-enabled) the file that it led to then."""
    by_path = {file.path: file for file in plan.files}
    found: set[str] = set()
    for path, file in by_path.items():
        if _FILES.fullmatch(path):
            target = path
            if file.kind == "symlink":
                target = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.link))
            if target in by_path and by_path[target].kind == "file":
                found.add(target)
    return sorted(found)


def names_in(configuration: str) -> list[str]:
    """The names of ServerName, ServerAlias and server_name; patterns and catch-alls are left out."""
    found = []
    for words in (*_APACHE.findall(configuration), *_server_names(configuration)):
        for word in words.split("#")[0].split():
            name = re.sub(r"^https?://|:\d+$", "", word.strip("\"'"))
            if _NAME.fullmatch(name) and name not in ("_", "localhost"):
                found.append(name.lower())
    return found


def _server_names(configuration: str) -> Iterator[str]:
    """The arguments of ``server_name`` in nginx's statements, each of which ends with a semicolon."""
    for statement in configuration.split(";")[:-1]:
        before, name, words = statement.rpartition("server_name")
        if name and words[:1].isspace() and before.rstrip(" \t")[-1:] in ("", "{", "\n"):
            yield words
