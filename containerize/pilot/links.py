"""Which pages to ask for: links of the live pages, of the same site, that are safe to follow.

A GET should change nothing, and does in old applications. So whatever sounds like an action or carries a session is
left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from containerize.pilot.compare.node import Node

_UNSAFE = re.compile(
    r"log-?(?:out|off)|sign-?(?:out|off)|delete|remove|(?:^|[^a-z])(?:del|rm)(?:[^a-z]|$)|drop|purge|unsub|confirm"
    r"|activat|cancel|approve|reject|vote|add|buy|check-?out|cart|basket|pay|order(?:ing)?[/_-]?(?:now|new)|send|mail|export"
    r"|backup|cron|(?:^|[^a-z])run(?:[^a-z]|$)|exec|import|reset|install|update|create|insert|edit|save|submit|upload"
    r"|subscribe|register|restart|shutdown|reboot|visit|click|track|redirect|token|key=|sid=|sess|auth",
    re.IGNORECASE,
)
_LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "frame": "src"}
_LONGEST = 500

ALWAYS = ("/robots.txt", "/favicon.ico", "/brownfield-pilot-asks-for-no-such-page")
"""Asked of every site. The last one shows how it says that there is nothing."""


def is_safe(path: str) -> bool:
    """Whether a path with its query may be asked for."""
    return len(path) <= _LONGEST and path.isprintable() and " " not in path and not _UNSAFE.search(path)


def links_of(page: Node, path: str, host: str) -> Iterator[str]:
    """The safe paths of the same site that a page links to, in its order."""
    base = f"http://{host}{path}"
    for node in _all(page):
        attribute = _LINKS.get(node.label)
        if attribute and (target := dict(node.attributes).get(attribute)):
            found = same_site(target, base, host)
            if found and is_safe(found):
                yield found


def same_site(target: str, base: str, host: str) -> str | None:
    """The path of a link when it stays on this site. None for others, and for what is no web address."""
    try:
        parts = urlsplit(urljoin(base, target.strip()))
    except ValueError:
        return None
    if (
        parts.scheme not in ("http", "https")
        or parts.netloc.partition(":")[0].lower() != host.partition(":")[0].lower()
    ):
        return None
    path = parts.path or "/"
    return f"{path}?{parts.query}" if parts.query else path


def _all(node: Node) -> Iterator[Node]:
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        todo.extend(reversed(current.children))
