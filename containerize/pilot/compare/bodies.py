"""Response bodies as trees, by media type."""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from typing import Any

from containerize.pilot.compare.html_tree import html_tree
from containerize.pilot.compare.node import TreeNode
from inventory.cpu_limit import CpuLimitExceeded, limited
from inventory.formats.fact_json import json_text

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DEPTH = 150


def body_kind(content_type: str, body: bytes) -> str:
    """``html``, ``json``, ``xml``, ``text`` or ``binary``, by the type that was declared, else by what is there."""
    declared = content_type.partition(";")[0].strip().lower()
    head = body[:512].lstrip().lower()
    if "html" in declared or head.startswith((b"<!doctype html", b"<html")):
        return "html"
    if declared.endswith(("/json", "+json")):
        return "json"
    if declared.endswith(("/xml", "+xml")) or head.startswith(b"<?xml"):
        return "xml"
    if declared.startswith("text/") or declared.endswith(("javascript", "/x-www-form-urlencoded")):
        return "text"
    if declared and declared != "application/octet-stream":
        return "binary"
    return "binary" if b"\0" in body[:1024] or not _is_text(body) else "text"


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode(content_type: str, body: bytes) -> str:
    """The text of a body in its declared character set; UTF-8, then Latin-1, without one."""
    declared = _CHARSET.search(content_type)
    for name in ([declared.group(1)] if declared else []) + ["utf-8"]:
        try:
            text = body.decode(name)
            text.encode()  # UTF-7 and others may give half of a character
        except (LookupError, UnicodeError):
            continue
        return text
    return body.decode("latin-1")


def text_tree(kind: str, text: str) -> TreeNode:
    """The tree of a text body."""
    if kind in ("html", "xml"):
        # The standard library's parser takes the square of the length of a page that was made for it (CVE-2025-6069),
        # and asserts on some declarations. The lines of such a page are compared.
        with suppress(CpuLimitExceeded, AssertionError):
            return limited(html_tree, text, xml=kind == "xml")
    if kind == "json":
        try:
            return _json_node("", json.loads(text), 0)
        except (ValueError, RecursionError):
            pass  # declared and not kept: its lines are compared
    return TreeNode("#document", children=tuple(TreeNode("#line", text=line) for line in text.splitlines()))


def binary_tree(body: bytes) -> TreeNode:
    """The tree of anything else: its digest and length."""
    return TreeNode(
        "#document",
        children=(TreeNode("#binary", text=f"{len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()}"),),
    )


def _json_node(key: str, value: Any, depth: int) -> TreeNode:
    if depth > _DEPTH:
        return TreeNode("#json", key, json.dumps(value))
    if isinstance(value, dict):
        children = tuple(_json_node(json_text(name), value[name], depth + 1) for name in sorted(value))
        return TreeNode("{}", key, children=children)
    if isinstance(value, list):
        return TreeNode("[]", key, children=tuple(_json_node("", each, depth + 1) for each in value))
    # The type is part of what is compared: "1" is not 1.
    return TreeNode(f"#{type(value).__name__}", key, json_text(json.dumps(value, ensure_ascii=False)))
