"""YAML that readers of versions 1.1 and 1.2 parse alike (``yes``, ``1e3``).

Text is quoted unless it can be nothing else, without references from one place to another. PyYAML writes no comments:
those within a document are :class:`Remarks`, put in place of a marker once it is text.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from typing import Any

import yaml

from containerize.emitters.emission import comment

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "infinity"})


class Remarks:
    """Lines of a comment. It is an item of a list, or a key of a dict whose value is None."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        # Stands for them until the document is text. No host can know it.
        self.marker = f"remarks-{secrets.token_hex(16)}"


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        # Lists stand a step further in, as people write them.
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    # Half of a surrogate pair is how a byte looks that is not UTF-8; no YAML can hold one.
    value = value.encode("utf-8", "replace").decode("utf-8")
    plain = _PLAIN.fullmatch(value) and value.lower() not in _WORDS
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else '"')


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Remarks, lambda dumper, each: dumper.represent_scalar("tag:yaml.org,2002:str", each.marker))


def yaml_text(*documents: Any, head: Iterable[str] = ()) -> str:
    """Documents of dicts, lists, text, numbers and remarks, with a comment of a line for each of ``head``."""
    comments = "".join(f"# {comment(line)}\n" for line in head)
    parts = [
        # A long text stays on one line, so that a diff shows what changed.
        yaml.dump(each, Dumper=_Dumper, sort_keys=False, allow_unicode=False, width=1 << 30)
        for each in documents
    ]
    remarks = {each.marker: each for document in documents for each in _remarks(document)}

    def shown(match: re.Match[str]) -> str:
        found = remarks.get(match[2])
        return "".join(f"{match[1]}# {comment(line)}\n" for line in found.lines) if found else match[0]

    return comments + _MARKED.sub(shown, "---\n".join(parts))


_MARKED = re.compile(r"^( *)(?:- )?(remarks-[0-9a-f]{32})(?:: null)?\n", re.MULTILINE)


def _remarks(value: Any) -> Iterator[Remarks]:
    if isinstance(value, Remarks):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _remarks(key)
            yield from _remarks(each)
    elif isinstance(value, list):
        for each in value:
            yield from _remarks(each)


def without_variables(value: Any) -> Any:
    """The same with every dollar sign doubled: Compose and Swarm put variables in its place."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: without_variables(each) for key, each in value.items()}
    if isinstance(value, list):
        return [without_variables(each) for each in value]
    return value
