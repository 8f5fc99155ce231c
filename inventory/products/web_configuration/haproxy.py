"""The configuration of HAProxy: https://docs.haproxy.org/ (sections global, defaults, frontend, listen, backend).

HAProxy includes nothing: it reads the files that its arguments name, and the *.cfg of directories among them.
"""

from __future__ import annotations

import re
from itertools import pairwise, takewhile

from inventory.model.configuration import ConfigLine
from inventory.products.detection.product_configuration import quoted_words
from inventory.products.web_configuration.included_files import Tree
from inventory.products.web_configuration.site_drafts import ServerDraft, SiteDraft, UpstreamDraft

_HOSTS = re.compile(r"\bhdr(?:_\w+)?\(host\)(?P<hosts>(?:\s+\S+)+)", re.IGNORECASE)
_OTHERS = frozenset(
    {"peers", "resolvers", "mailers", "userlist", "program", "http-errors", "fcgi-app", "cache", "ring", "log-forward"}
    | {"crt-store", "traces", "acme", "log-profile"}
)
"""Sections that pass no requests on."""


def read(tree: Tree) -> ServerDraft:
    """Frontends and listens as sites, backends and listens as upstreams."""
    server = ServerDraft()
    for path in tree.mains:
        tree.used.setdefault(path)
        draft: SiteDraft | None = server.common
        group: UpstreamDraft | None = None
        for line in tree.files.lines.get(path, ()):
            words = list(takewhile(lambda word: not word.startswith("#"), quoted_words(line.text)))
            if not words:
                continue
            name, values = words[0].lower(), words[1:]
            if name in ("frontend", "listen") and values:
                draft, group = server.begin(line), None
                draft.note(line, name, " ".join(values))
                draft.listens += values[1:2]  # the address behind the name, as it was written until 1.5
                if name == "listen":
                    group = server.upstream(values[0], line)
                    draft.targets.append(values[0])
            elif name == "backend" and values:
                draft, group = None, server.upstream(values[0], line)
            elif name in ("global", "defaults"):
                draft, group = server.common, None
            elif name in _OTHERS:
                draft, group = None, None
            elif name in ("server", "server-template") and group is not None and len(values) > 1:
                group.servers.append(" ".join(values))
            elif draft is not None:
                _take(draft, line, name, values)
    return server


def _take(draft: SiteDraft, line: ConfigLine, name: str, values: list[str]) -> None:
    if name == "bind" and values:
        draft.listens.append(values[0])
        draft.certificates += [after for word, after in pairwise(values) if word == "crt"]
    elif name in ("default_backend", "use_backend") and values:
        draft.targets.append(values[0])
    elif hosts := _HOSTS.search(line.text):
        draft.names += [word for word in hosts["hosts"].split() if not word.startswith(("-", "{", "}"))]
    else:
        return
    draft.note(line, name, " ".join(values))
