"""Rules for pages that may be requested from the live server.

A GET should change nothing, and does in old applications; and the requests of a pilot come from the server itself,
where rules for local clients let them pass. So only these are requested: the front page, files that are served as they
are, and pages that other pages link to, unless the site asks robots to stay away, the path or its query suggests an
action, or the access log shows that only local programs use it. Whatever else the log names needs a person's consent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit
from urllib.robotparser import RobotFileParser

from containerize.pilot.web.http_exchange import USER_AGENT

_LONGEST = 500
_ROBOTS_LONGEST = 100_000
_AGENT = USER_AGENT.partition("/")[0]

_STATIC = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot|txt|webmanifest)$", re.IGNORECASE
)
_ACTION = re.compile(
    r"log-?(?:out|off|in)|sign-?(?:out|off|in|up)|delete|remove|destroy|wipe|erase|clear|clean|flush|purge|drop|trash"
    r"|(?:^|[^a-z])(?:del|rm|ack|bill|charge|pay|post|put|set|sync|kill|stop|start|run|do|go|test|fix|move|copy|send|sms)"
    r"(?:[^a-z]|$)"
    r"|unsub|subscri|confirm|activat|enable|disable|toggle|switch|fail-?over|promote|demote|cancel|approve|reject|accept"
    r"|vote|like|follow|add|buy|order|refund|invoice|check-?out|cart|basket|transfer|withdraw|deposit|book(?:ing)?[/_-]?now"
    r"|mail|notif|export|import|backup|restore|rollback|cron|batch|trigger|exec|launch|schedule|queue|retry|replay|process"
    r"|install|update|upgrade|migrat|deploy|create|insert|edit|save|submit|upload|write|rename|generate|rebuild|reindex"
    r"|register|restart|reload|reboot|shutdown|reset|lock|ban|block|assign|close|open(?:[^a-z]|$)|visit|click|track|redirect"
    r"|token|key=|sid=|sess|auth|callback|webhook|hook|ping(?:[^a-z]|$)|impersonat|sudo"
    r"|l(?:oe|ö)sch|speicher|senden|bestell|storn|abmeld|neustart|supprim|effac|envoy|annul|elimin|borrar|enviar|cancella",
    re.IGNORECASE,
)
"""Words of paths that do something. No list is complete: it is one of several reasons not to ask."""

# fmt: off
_READING = frozenset({
    "category", "date", "day", "dir", "filter", "format", "from", "lang", "language", "limit", "locale", "month",
    "offset", "order", "p", "page", "per_page", "pg", "q", "query", "rev", "search", "section", "size", "sort", "tab",
    "tag", "to", "v", "ver", "version", "week", "year",
})
# fmt: on
"""Names of query parameters that choose what is shown."""
_PLAIN_VALUE = re.compile(r"[\w.,:+-]{0,40}")


def is_static(path: str) -> bool:
    """Whether the path names a file that servers send as it is. A query on it only defeats caches."""
    return _STATIC.search(urlsplit(path).path) is not None


def is_safe(path: str) -> bool:
    """Whether neither the path nor its query suggests that the request does something."""
    if len(path) > _LONGEST or not path.isprintable() or " " in path or not path.startswith("/"):
        return False
    if is_static(path):
        return True
    parts = urlsplit(path)
    if _ACTION.search(parts.path):
        return False
    if not parts.query:
        return True
    pairs = parse_qsl(parts.query, keep_blank_values=True, max_num_fields=None)
    return bool(pairs) and all(
        name.lower() in _READING and _PLAIN_VALUE.fullmatch(value) and not _ACTION.search(value)
        for name, value in pairs
    )


@dataclass(frozen=True)
class CrawlPolicy:
    """The crawl rules of one site. ``robots`` is its robots.txt, "" without one; ``local_only`` are paths that, by the
    access log, only the server itself requested.
    """

    robots: str = ""
    local_only: frozenset[str] = frozenset()
    _parser: RobotFileParser = field(default_factory=RobotFileParser, repr=False)

    def __post_init__(self) -> None:
        self._parser.parse(self.robots[:_ROBOTS_LONGEST].splitlines())

    def allows(self, path: str) -> bool:
        """Whether a path that a page links to may be requested."""
        if not is_safe(path) or urlsplit(path).path in self.local_only:
            return False
        return not self.robots or self._parser.can_fetch(_AGENT, path)
