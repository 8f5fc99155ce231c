"""HTML and XML as a tree that is deterministic and stable around changes (not a browser's)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from containerize.pilot.compare.node import TreeNode

_VOID = frozenset(
    {
        "area",
        "base",
        "basefont",
        "br",
        "col",
        "command",
        "embed",
        "frame",
        "hr",
        "img",
        "input",
        "keygen",
        "link",
        "meta",
        "param",
        "source",
        "track",
        "wbr",
    }
)
_CLOSED_BY = {
    "li": {"li"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "option": {"option"},
    "p": {"p"},
    "div": {"p"},
    "table": {"p"},
    "ul": {"p"},
    "ol": {"p"},
    "form": {"p"},
}
"""A start tag closes these when they are open just above it; old pages leave end tags out."""

_DEPTH = 150
"""Deeper elements become siblings: a hostile page could nest a million of them."""

_SPACE = re.compile(r"\s+")


@dataclass
class _OpenElement:
    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: list[TreeNode] = field(default_factory=list)

    def close(self) -> TreeNode:
        values = dict(self.attributes)
        key = values.get("id") or values.get("name") or ""
        return TreeNode(self.tag, key, "", self.attributes, tuple(self.children))


class _Builder(HTMLParser):
    def __init__(self, xml: bool) -> None:
        super().__init__(convert_charrefs=True)
        self._xml = xml
        self._open = [_OpenElement("#document", ())]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        closed = () if self._xml else _CLOSED_BY.get(tag, ())
        while len(self._open) > 1 and self._open[-1].tag in closed:
            self._close()
        element = _OpenElement(tag, _attributes(attrs))
        if (tag in _VOID and not self._xml) or len(self._open) > _DEPTH:
            self._open[-1].children.append(element.close())
        else:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].children.append(_OpenElement(tag, _attributes(attrs)).close())

    def handle_endtag(self, tag: str) -> None:
        if any(element.tag == tag for element in self._open[1:]):
            while self._open[-1].tag != tag:
                self._close()
            self._close()

    def handle_data(self, data: str) -> None:
        text = _SPACE.sub(" ", data).strip()
        if text:
            self._open[-1].children.append(TreeNode("#text", text=text))

    def handle_comment(self, data: str) -> None:
        self._open[-1].children.append(TreeNode("#comment", text=_SPACE.sub(" ", data).strip()))

    def handle_decl(self, decl: str) -> None:
        self._open[-1].children.append(TreeNode("#declaration", text=_SPACE.sub(" ", decl).strip()))

    def _close(self) -> None:
        node = self._open.pop().close()
        self._open[-1].children.append(node)

    def finish(self) -> TreeNode:
        self.close()
        while len(self._open) > 1:
            self._close()
        return self._open[0].close()


def _attributes(attrs: list[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    """Sorted, each name once (the first counts, as in a browser); classes are a set."""
    found: dict[str, str] = {}
    for name, value in attrs:
        value = value or ""
        found.setdefault(name, " ".join(sorted(set(value.split()))) if name == "class" else value)
    return tuple(sorted(found.items()))


def html_tree(text: str, *, xml: bool = False) -> TreeNode:
    """The tree of a page. Any text gives one."""
    builder = _Builder(xml)
    builder.feed(text)
    return builder.finish()
