"""The configuration of lighttpd: https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ConfigurationOptions.

A condition (``$HTTP["host"] == "x" {``) is a site; conditions on anything but host and socket belong to their
surroundings. Where only some lines of a file are there, a site ends with the next condition or the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inventory.model.configuration import ConfigLine
from inventory.products.web_configuration.included_files import Tree, Walk
from inventory.products.web_configuration.site_drafts import ServerDraft, SiteDraft

_CONDITION = re.compile(r'(?:else\s+)?\$(?P<kind>HTTP\["host"\]|SERVER\["socket"\])\s*[=!]?[=~]~?\s*"(?P<value>[^"]*)"')
_SETTING = re.compile(r"(?P<name>[a-z][a-z0-9.-]*)\s*\+?=[>\s]*(?P<value>.*)", re.IGNORECASE)
_INCLUDE = re.compile(r"include(?P<shell>_shell)?\s+(?P<value>.*)")
_CAT = re.compile(r"(?:/bin/)?cat\s+(?P<paths>\S.*)")
_SIGN = re.compile(r'"(?:[^"\\]|\\.)*+"?|#.*|(?P<sign>[(){}])')
_LONGEST = 1 << 16
_QUOTED = re.compile(r'"([^"]*)"')
_PEER = re.compile(r'"host"\s*=>\s*"(?P<host>[^"]*)"(?:\s*,\s*"port"\s*=>\s*"?(?P<port>\d+))?')
_SOCKET = re.compile(r'"socket"\s*=>\s*"(?P<path>[^"]*)"')


@dataclass(frozen=True, slots=True)
class _Statement:
    """A setting, or the text before a brace, which is ``ends`` then."""

    text: str
    ends: str
    line: ConfigLine


@dataclass
class _LighttpdBlocks:
    """The targets of the settings in the open blocks of a file, outermost first."""

    open: list[SiteDraft] = field(default_factory=list)


def read(tree: Tree) -> ServerDraft:
    """All sites."""
    server = ServerDraft()
    walk = Walk(tree, _statements)
    for opened, statement in walk:
        if not isinstance(opened.context, _LighttpdBlocks):
            opened.context = _LighttpdBlocks(
                [opened.context if isinstance(opened.context, SiteDraft) else server.common]
            )
        blocks = opened.context
        draft = blocks.open[-1]
        if statement.ends == "{":
            condition = _CONDITION.match(statement.text)
            if condition:
                draft = server.begin(statement.line)
                named = condition["kind"].startswith("HTTP")
                (draft.names if named else draft.listens).append(condition["value"])
                draft.note(statement.line, condition["kind"], condition["value"])
            if opened.whole:
                blocks.open.append(draft)
            elif condition:
                blocks.open[1:] = [draft]
            continue
        if include := _INCLUDE.match(statement.text):
            opened.context = draft
            _include(server, tree, walk, include)
            opened.context = blocks
        else:
            _take(server, draft, statement)
        if statement.ends and opened.whole and len(blocks.open) > 1:
            blocks.open.pop()
    return server


def _include(server: ServerDraft, tree: Tree, walk: Walk[_Statement], include: re.Match[str]) -> None:
    value = include["value"].strip()
    quoted = _QUOTED.fullmatch(value)
    patterns = [quoted[1]] if quoted else []
    if quoted and include["shell"]:
        program = quoted[1].split(" ", 1)[0].rpartition("/")[2]
        patterns = cat["paths"].split() if (cat := _CAT.fullmatch(quoted[1])) else []
        if program.startswith("include-conf-enabled"):  # Debian's
            patterns = ["conf-enabled/*.conf"]
        elif not patterns and not program.startswith(("create-mime", "use-ipv6")):
            tree.lacks(f"include_shell {value}", "the output of this program is not known")
    elif not quoted:
        tree.lacks(f"include {value}", "its path is an expression")
    server.includes += [quoted[1]] if quoted else [value]
    for pattern in reversed(patterns):
        walk.include(pattern)


def _statements(lines: Sequence[ConfigLine], whole: bool) -> Iterator[_Statement]:
    """Settings with their continuation lines: as long as a parenthesis is open."""
    first: ConfigLine | None = None
    text, depth = "", 0
    for line in lines:
        first = first or line
        at = 0
        for match in _SIGN.finditer(line.text):
            sign = match["sign"]
            if match[0].startswith("#"):
                text, at = text + line.text[at : match.start()], len(line.text)
            elif sign in ("(", ")"):
                depth += 1 if sign == "(" else -1
            elif sign and depth <= 0:
                yield _Statement((text + line.text[at : match.start()]).strip(), sign, first)
                text, at, first, depth = "", match.end(), line, 0
        text += line.text[at:] + " "
        if depth <= 0 or not whole or len(text) > _LONGEST:
            if text.strip():
                yield _Statement(text.strip(), "", first)
            text, depth, first = "", 0, None
    if text.strip() and first is not None:
        yield _Statement(text.strip(), "", first)


def _take(server: ServerDraft, draft: SiteDraft, statement: _Statement) -> None:
    before = len(draft.targets)
    draft.targets += [f"{peer['host']}:{peer['port']}" if peer["port"] else peer["host"] for peer in _peers(statement)]
    draft.targets += [match["path"] for match in _SOCKET.finditer(statement.text)]
    setting = _SETTING.match(statement.text)
    name, value = (setting["name"].lower(), setting["value"].strip()) if setting else ("", "")
    first = next(iter(_QUOTED.findall(value)), value)
    if name in ("server.port", "server.bind"):
        server.common.listens.append(first)
    elif name in ("server.document-root", "alias.url"):
        draft.roots += _QUOTED.findall(value)[-1:]
    elif name in ("ssl.pemfile", "ssl.ca-file"):
        draft.certificates.append(first)
    elif name == "ssl.privkey":
        draft.keys.append(first)
    elif len(draft.targets) == before:
        return
    draft.note(statement.line, name, value)


def _peers(statement: _Statement) -> list[re.Match[str]]:
    return list(_PEER.finditer(statement.text))
