"""The configuration of nginx: https://nginx.org/en/docs/dirindex.html."""

from __future__ import annotations

from dataclasses import dataclass, field

from inventory.model.configuration import ConfigLine
from inventory.products.web_configuration.included_files import Opened, Tree, Walk
from inventory.products.web_configuration.nginx_statements import Statement, statements
from inventory.products.web_configuration.site_drafts import ServerDraft, SiteDraft, UpstreamDraft

_PASSES = frozenset(f"{kind}_pass" for kind in ("proxy", "fastcgi", "uwsgi", "scgi", "grpc", "memcached"))
_DATA = frozenset({"types", "map", "geo", "charset_map", "split_clients"})
"""Blocks of pairs, which are not directives."""


@dataclass
class _NginxBlock:
    """The target of the directives of a block; None where they are data."""

    draft: SiteDraft | None
    group: UpstreamDraft | None = None


@dataclass
class _NginxBlocks:
    """The blocks that are open in a file, outermost first. The first is that of the ``include``."""

    open: list[_NginxBlock] = field(default_factory=list)


def read(tree: Tree) -> ServerDraft:
    """All sites and upstreams."""
    server = ServerDraft()
    walk = Walk(tree, statements)
    for opened, statement in walk:
        blocks = _blocks(opened, server)
        inner = blocks.open[-1]
        if not statement.words:
            if opened.whole and len(blocks.open) > 1:
                blocks.open.pop()
        elif statement.ends == "{":
            _open(server, blocks, inner, statement, whole=opened.whole)
        elif statement.words[0] == "include" and len(statement.words) > 1:
            server.includes.append(statement.words[1])
            if inner.draft is not None:
                inner.draft.note(statement.line, "include", statement.words[1])
            opened.context = inner
            walk.include(statement.words[1])
            opened.context = blocks
        elif inner.group is not None and statement.words[0] == "server" and len(statement.words) > 1:
            inner.group.servers.append(" ".join(statement.words[1:]))
        elif inner.draft is not None and len(statement.words) > 1:
            _take(inner.draft, statement.line, statement.words[0].lower(), list(statement.words[1:]))
    return server


def _blocks(opened: Opened[Statement], server: ServerDraft) -> _NginxBlocks:
    """The open blocks of a file. nginx requires each block to end in the file in which it begins."""
    if not isinstance(opened.context, _NginxBlocks):
        outer = opened.context if isinstance(opened.context, _NginxBlock) else _NginxBlock(server.common)
        opened.context = _NginxBlocks([outer])
    return opened.context


def _open(server: ServerDraft, blocks: _NginxBlocks, inner: _NginxBlock, statement: Statement, *, whole: bool) -> None:
    name, values = statement.words[0].lower(), statement.words[1:]
    if name == "server" and not values and inner.draft is not None:
        block = _NginxBlock(server.begin(statement.line))
    elif name == "upstream" and values and inner.draft is not None:
        block = _NginxBlock(server.common, server.upstream(values[0], statement.line))
    elif not whole:
        return  # where closing braces are missing, a block ends where the next server or upstream begins
    elif name in _DATA:
        block = _NginxBlock(None)
    else:
        block = inner
    if whole:
        blocks.open.append(block)
    else:
        blocks.open[1:] = [block]


def _take(draft: SiteDraft, line: ConfigLine, name: str, values: list[str]) -> None:
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
    else:
        return
    draft.note(line, name, " ".join(values))
