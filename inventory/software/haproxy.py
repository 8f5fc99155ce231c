"""The configuration of HAProxy: https://docs.haproxy.org/ (sections global, defaults, frontend, listen, backend)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from inventory.model.configuration import ConfigLine
from inventory.software.configuration_files import in_order, quoted_words
from inventory.software.site_drafts import Draft, Server, UpstreamDraft

_HOSTS = re.compile(r"\bhdr(?:_\w+)?\(host\)(?P<hosts>(?:\s+\S+)+)", re.IGNORECASE)


def read(files: Mapping[str, list[ConfigLine]]) -> Server:
    """Frontends and listens as sites, backends and listens as upstreams."""
    server = Server()
    for _, lines in in_order(files):
        draft: Draft = server.common
        group: UpstreamDraft | None = None
        for line in lines:
            words = quoted_words(line.text)
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
                draft, group = server.common, server.upstream(values[0], line)
            elif name in ("global", "defaults"):
                draft, group = server.common, None
            elif name == "server" and group is not None and len(values) > 1:
                group.servers.append(" ".join(values))
            else:
                _take(draft, line, name, values)
    return server


def _take(draft: Draft, line: ConfigLine, name: str, values: list[str]) -> None:
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
