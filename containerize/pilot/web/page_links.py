"""Links of live pages that stay on their site."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from containerize.pilot.compare.node import TreeNode

_LINKS = {"a": "href", "area": "href", "link": "href", "img": "src", "script": "src", "iframe": "src", "frame": "src"}

ALWAYS = ("/robots.txt", "/favicon.ico", "/brownfield-pilot-asks-for-no-such-page")
"""Asked of every site. The last one shows how it says that there is nothing."""


def links_of(page: TreeNode, path: str, host: str) -> Iterator[str]:
    """The paths of the same site that a page links to, in its order; none where the page or the link says nofollow."""
    base = f"http://{host}{path}"
    nodes = list(_all(page))
    if any(_forbids(node) for node in nodes):
        return
    for node in nodes:
        attribute = _LINKS.get(node.label)
        attributes = dict(node.attributes)
        if attribute and (target := attributes.get(attribute)) and "nofollow" not in attributes.get("rel", "").lower():
            found = same_site(target, base, host)
            if found:
                yield found


def _forbids(node: TreeNode) -> bool:
    attributes = {name: value.lower() for name, value in node.attributes}
    content = attributes.get("content", "")
    return node.label == "meta" and attributes.get("name") == "robots" and ("nofollow" in content or "none" in content)


def same_site(target: str, base: str, host: str) -> str | None:
    """The path of a link when it stays on this site. None for others, and for what is not a web address."""
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


def _all(node: TreeNode) -> Iterator[TreeNode]:
    todo = [node]
    while todo:
        current = todo.pop()
        yield current
        todo.extend(reversed(current.children))
