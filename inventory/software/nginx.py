"""The configuration of nginx: https://nginx.org/en/docs/dirindex.html.

Closing braces are seldom among the lines that a host sends, so a server ends where the next server or upstream begins;
locations belong to the server they follow. Files of ``snippets`` directories are in force only where they are included.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from inventory.model.configuration import ConfigLine
from inventory.software.configuration_files import in_order, quoted_words
from inventory.software.site_drafts import Draft, Server, UpstreamDraft

_STATEMENT = re.compile(r"""(?P<text>(?:[^;{}"'$#]|\$\{\w*\}|\$|"[^"]*"?|'[^']*'?|(?<=\S)\#)+)(?P<end>[;{}]?)""")
_PASSES = frozenset(f"{kind}_pass" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"))


def read(files: Mapping[str, list[ConfigLine]]) -> Server:
    """All sites and upstreams of some files."""
    server = Server()
    for path, lines in in_order(files):
        if "/snippets/" in path:
            continue
        draft: Draft = server.common
        group: UpstreamDraft | None = None
        for line in lines:
            for words, block in _statements(line.text):
                name = words[0].lower()
                if block and name == "server" and len(words) == 1:
                    draft, group = server.begin(line), None
                elif block and name == "upstream" and len(words) > 1:
                    draft, group = server.common, server.upstream(words[1], line)
                elif group is not None and name == "server" and len(words) > 1:
                    group.servers.append(" ".join(words[1:]))
                elif not block and len(words) > 1:
                    _take(server, draft, line, name, words[1:])
                    if name == "include" and "snippets/" in words[1]:
                        _include(server, draft, files, words[1])
    return server


def _include(server: Server, draft: Draft, files: Mapping[str, list[ConfigLine]], name: str) -> None:
    """A snippet's settings, where they are included."""
    for path, lines in in_order(files):
        if path.endswith(f"/{name.lstrip('/')}"):
            for line in lines:
                for words, block in _statements(line.text):
                    if not block and len(words) > 1:
                        _take(server, draft, line, words[0].lower(), words[1:])


def _statements(text: str) -> Iterator[tuple[list[str], bool]]:
    """The directives of a line, as words, and whether each opens a block."""
    for match in _STATEMENT.finditer(text):
        if words := quoted_words(match["text"]):
            yield words, match["end"] == "{"


def _take(server: Server, draft: Draft, line: ConfigLine, name: str, values: list[str]) -> None:
    if name == "server_name":
        draft.names += values
    elif name == "listen":
        draft.listens.append(" ".join(values))
    elif name in ("root", "alias"):
        draft.roots += values[:1]
    elif name in _PASSES:
        draft.targets += values[:1]
    elif name in ("ssl_certificate", "ssl_client_certificate", "ssl_trusted_certificate"):
        draft.certificates += values[:1]
    elif name == "ssl_certificate_key":
        draft.keys += values[:1]
    elif name == "include":
        server.includes += values[:1]
    else:
        return
    draft.note(line, name, " ".join(values))
