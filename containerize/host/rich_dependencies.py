"""Rich dependencies of rpm 4.13 and later, such as ``(nginx or httpd)``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from containerize.host.installed_packages import Alternative, Dependency

# A name may hold brackets in pairs: libc.so.6(GLIBC_2.4)(64bit), config(bash), perl(:MODULE_COMPAT_5.26.3)
_TOKEN = re.compile(r"(?P<open>\()|(?P<close>\))|(?P<word>(?:[^\s()]|\([^\s()]*\))+)")
_COMPARISON = frozenset({"<", "<=", "=", ">=", ">"})
_CONDITIONS = frozenset({"if", "unless", "without"})
_JOINING = frozenset({"and", "or", "with", "else"})


def rich_dependency(text: str) -> Iterator[Dependency]:
    """The alternatives of a dependency in parentheses.

    Names joined by ``or`` alone are alternatives. Of everything else each name counts for itself, but those behind
    ``if``, ``unless`` and ``without``, which are conditions: only what is installed comes, and that is what rpm found
    to fit.
    """
    names: list[str] = []
    joints: set[str] = set()
    skipping: list[bool] = [False]
    compares = False
    for match in _TOKEN.finditer(text):
        word = match["word"]
        if match["open"]:
            skipping.append(skipping[-1])
        elif match["close"]:
            if len(skipping) > 1:
                skipping.pop()
        elif word in _COMPARISON:
            compares = True
        elif compares:
            compares = False
        elif word in _CONDITIONS:
            joints.add(word)
            skipping[-1] = True
        elif word in _JOINING:
            joints.add(word)
            if word == "else":
                skipping[-1] = False
        elif not skipping[-1]:
            names.append(word)
    if joints == {"or"}:
        yield tuple(Alternative(name) for name in names)
    else:
        for name in names:
            yield (Alternative(name),)
