"""Every pattern of the four packages, and how it is applied.

Patterns that a module holds are found in its globals and in what its cached functions return, in whatever tables they
lie; those of calls within functions by the syntax tree, where the names of the function stand for a word.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import importlib
import inspect
import pkgutil
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = ("inventory", "assess", "containerize", "reports")
_CALLS = frozenset(["compile", "match", "search", "sub", "subn", "findall", "finditer", "split", "fullmatch"])
_METHODS = _CALLS - {"compile"}
_ANCHORED = frozenset(["match", "fullmatch"])
_WORD = "zq"


@dataclass(frozen=True)
class Use:
    """A pattern where it is applied; ``mode`` is search, match, fullmatch or scan (scan where it cannot be told)."""

    where: str
    pattern: re.Pattern[Any]
    mode: str


@dataclass(frozen=True)
class Unresolved:
    """A pattern that is put together of what only runs know."""

    where: str
    source: str


def modules() -> Iterator[ModuleType]:
    """All modules of the packages."""
    for package in PACKAGES:
        root = importlib.import_module(package)
        yield root
        for info in pkgutil.walk_packages(root.__path__, package + "."):
            if not info.name.endswith(("__main__", ".env")) and ".versions." not in info.name:
                yield importlib.import_module(info.name)


def collect(samples: Mapping[str, re.Pattern[Any]]) -> tuple[list[Use], list[Unresolved]]:
    """All uses; ``samples`` gives a pattern for the source of a call that cannot be resolved."""
    everything = list(modules())
    trees = {module.__name__: _tree(module) for module in everything}
    taking = _taking(trees.values())
    methods = {name: _methods([tree], taking) for name, tree in trees.items()}
    anywhere = _methods(trees.values(), taking)
    uses: dict[tuple[Any, int, str], Use] = {}
    unresolved: list[Unresolved] = []

    def add(where: str, pattern: re.Pattern[Any], modes: set[str]) -> None:
        for mode in modes:
            uses.setdefault((pattern.pattern, pattern.flags, mode), Use(where, pattern, mode))

    def _applied(name: str, module: str) -> set[str]:
        head, _, field = name.rpartition(".")
        if not head or field in ("items", "values"):
            table = name.partition(".")[0]
            called = (methods[module] if table.startswith("_") else anywhere).get(table, set())
            return (called if not head else called - {"elsewhere"}) or {"scan"}
        users = [each for each, tree in trees.items() if each == module or module in _imported(tree)]
        called = {method for each in users for method in methods[each].get(field, ())} - {"elsewhere"}
        return called or {"scan"}

    for module in everything:
        for name, pattern in _held(module):
            if not name.startswith("__"):
                add(f"{module.__name__}.{name}", pattern, _modes(_applied(name, module.__name__)))
    held = {(each.pattern.pattern, each.pattern.flags) for each in uses.values()}
    for module in everything:
        for name, call, target in _calls(trees[module.__name__]):
            where = f"{module.__name__}:{call.lineno}"
            source = ast.unparse(call.args[0])
            pattern = samples.get(source) or _resolved(call, module)
            if pattern is None:
                unresolved.append(Unresolved(where, source))
                continue
            if name == "compile" and (pattern.pattern, pattern.flags) in held:
                continue
            modes = _modes(_applied(target, module.__name__)) if name == "compile" else _modes({name})
            add(where, pattern, modes)
    return list(uses.values()), unresolved


def _tree(module: ModuleType) -> ast.Module:
    path = Path(str(module.__file__))
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def _imported(tree: ast.Module) -> set[str]:
    return {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}


def _modes(methods: set[str]) -> set[str]:
    return {method if method in (*_ANCHORED, "search") else "scan" for method in methods}


def _methods(trees: Any, taking: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """By the last name of what holds a pattern: the methods that are called on it, and where it goes elsewhere."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        known: set[int] = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (name := _last(node.value)):
                if node.attr in _METHODS:
                    found[name].add(node.attr)
                if node.attr in _METHODS or node.attr in ("pattern", "flags", "groupindex", "groups"):
                    known.add(id(node.value))
            elif isinstance(node, ast.Call) and (called := _last(node.func)) in taking:
                for argument in node.args:
                    for each in _choices(argument):
                        known.add(id(each))
                        found[_last(each)] |= taking[called]
        for alias, each in _aliases(tree):
            known.add(id(each))
            found[_last(each)] |= found[alias] - {"elsewhere"}
        for node in ast.walk(tree):
            name = _last(node)
            if name and id(node) not in known and isinstance(getattr(node, "ctx", None), ast.Load):
                found[name].add("elsewhere")
    return found


def _choices(node: ast.expr) -> Iterator[ast.expr]:
    """The names that an expression may be: ``a``, or ``a if … else b``."""
    if isinstance(node, ast.IfExp):
        yield from _choices(node.body)
        yield from _choices(node.orelse)
    elif isinstance(node, ast.Call) and not node.args and _last(node.func):
        yield node.func
    elif _last(node):
        yield node


def _aliases(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names under which a pattern, or those of a table, are used: by an assignment, or a loop over the table."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], (ast.Name, ast.Tuple))
        ):
            target, values = node.targets[0], list(_choices(node.value))
        elif isinstance(node, (ast.For, ast.comprehension)):
            target, values = node.target, list(_choices(node.iter))
        else:
            continue
        for each in values:
            yield from ((inner.id, each) for inner in ast.walk(target) if isinstance(inner, ast.Name))


def _taking(trees: Any) -> dict[str, set[str]]:
    """Functions that take patterns, and the methods that they call on them."""
    found: dict[str, set[str]] = defaultdict(set)
    for tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.FunctionDef):
                continue
            names = {
                each.arg for each in node.args.args if each.annotation and "re.Pattern" in ast.unparse(each.annotation)
            }
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and _last(inner.value) in names and inner.attr in _METHODS:
                    found[node.name].add(inner.attr)
    return found


def _last(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else ""


def _tables(module: ModuleType) -> dict[str, object]:
    """The globals of a module, and what its cached functions without arguments return."""
    found = {name: each for name, each in vars(module).items() if not isinstance(each, ModuleType)}
    for name, each in vars(module).items():
        own = isinstance(each, functools._lru_cache_wrapper) and each.__module__ == module.__name__
        if own and not inspect.signature(each).parameters:
            found[name] = each()
    return found


def _held(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """The patterns in a module's globals, by the path of names to them."""
    seen: set[int] = set()
    todo: list[tuple[str, object, int]] = [(name, each, 0) for name, each in _tables(module).items()]
    while todo:
        name, each, depth = todo.pop()
        if isinstance(each, re.Pattern):
            yield name, each
            continue
        if id(each) in seen or depth > 6 or isinstance(each, (str, bytes, int, float, type(None))):
            continue
        seen.add(id(each))
        if dataclasses.is_dataclass(each) and not isinstance(each, type):
            fields = dataclasses.fields(each)
            todo += [(f"{name}.{field.name}", getattr(each, field.name, None), depth + 1) for field in fields]
        elif isinstance(each, tuple) and hasattr(each, "_fields"):
            todo += [(f"{name}.{field}", getattr(each, field), depth + 1) for field in each._fields]
        elif isinstance(each, Mapping):
            todo += [(f"{name}.values", one, depth + 1) for one in (*each.values(), *each.keys())]
        elif isinstance(each, (tuple, list, set, frozenset)):
            todo += [(f"{name}.items", one, depth + 1) for one in each]


def _calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call, str]]:
    """Calls of ``re`` with what they are assigned to."""
    targets: dict[int, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            targets[id(node.value)] = _last(node.targets[0])
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            targets[id(node.value)] = _last(node.target)
        elif isinstance(node, ast.keyword) and node.arg:
            targets[id(node.value)] = node.arg
    for node in ast.walk(tree):
        function = getattr(node, "func", None)
        if (
            isinstance(node, ast.Call)
            and isinstance(function, ast.Attribute)
            and _last(function.value) == "re"
            and function.attr in _CALLS
        ):
            yield function.attr, node, targets.get(id(node), "")


def _resolved(call: ast.Call, module: ModuleType) -> re.Pattern[Any] | None:
    flags = 0
    expression = call.args[0]
    for keyword in call.keywords:
        if keyword.arg == "flags":
            flags = _value(keyword.value, module) or 0
    position = {
        "compile": 1,
        "match": 2,
        "search": 2,
        "fullmatch": 2,
        "findall": 2,
        "finditer": 2,
        "split": 3,
        "sub": 4,
    }
    at = position.get(getattr(call.func, "attr", ""), 9)
    if len(call.args) > at:
        flags = _value(call.args[at], module) or 0
    value = _value(expression, module)
    if isinstance(value, re.Pattern):
        return value
    if not isinstance(value, (str, bytes)):
        return None
    try:
        return re.compile(value, int(flags))
    except re.error:
        return None


def _value(expression: ast.expr, module: ModuleType) -> Any:
    """The value of an expression, with a word for each name that the module does not know; None: it has no value."""
    names = dict(vars(module))
    source = compile(ast.Expression(expression), "pattern", "eval")
    for stand_in in (_WORD, _WORD.encode(), 7):
        for name in source.co_names:
            if name not in vars(module) and name not in dir(__builtins__):
                names[name] = stand_in
        try:
            return eval(source, names)  # noqa: S307 - our own source
        except Exception:  # noqa: S112 - the next stand-in is tried
            continue
    return None
