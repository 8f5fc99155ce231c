"""The structure of the code: small top levels, imports in one direction, and one name for one thing.

An owner turns a package on by adding it to CHECKED.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import networkx
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("inventory", "assess", "containerize", "reports")
CHECKED = ("inventory", "assess", "containerize", "reports")

MOST_AT_THE_TOP = 14

SHARED_MODULE_NAMES = {
    "commands": "each layer brings the commands that it adds to the command line",
    "kernel": "a folder of assess.rules: rules are grouped by the part of a host that they concern",
    "network": "a folder of assess.rules",
    "windows": "a folder of assess.rules; the facts and the sections of Windows",
    "executables": "what several rules of assess ask of the section",
    "errors": "the errors of one folder",
    "host": "inventory.host is a host of the inventory file, containerize.host the folder of what a build asks of one",
    "model": "the typed data of one folder",
    "registry_settings": "the section of Windows, and the rule about its facts",
}
"""Names that several modules may have, with the reason."""

SHARED_CLASS_NAMES: dict[str, str] = {}
"""Names that several classes may have, with the reason."""

_FACTS = ("inventory.model.", "inventory.sections.", "inventory.links.")
_QUESTION = re.compile(r"(?:What|How|Which|Where|Who|Whose|When|Whether|Why)\b")


@cache
def modules(package: str) -> dict[str, Path]:
    """The modules of a package by their dotted name."""
    found = {}
    for path in sorted((ROOT / package).rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    assert len(found) > 10, package
    return found


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_bytes())


def imported(path: Path, known: frozenset[str]) -> Iterator[str]:
    """The modules that a module imports anywhere: at the top, in functions, and for types only."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names if each.name in known)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            for each in node.names:
                full = f"{node.module}.{each.name}"
                if full in known or node.module in known:
                    yield full if full in known else str(node.module)


def thing(module: str) -> str:
    """The purpose behind the name of a module: the same for a section, its Windows variant, and the facts of both."""
    name = module.rsplit(".", 1)[-1]
    return f"facts {name}" if module.startswith(_FACTS) else module


@pytest.mark.parametrize("package", CHECKED)
def test_the_top_of_a_package_is_small(package: str) -> None:
    top = sorted(path.stem for path in (ROOT / package).glob("*.py") if path.name != "__init__.py")
    assert len(top) <= MOST_AT_THE_TOP, top


@pytest.mark.parametrize("package", CHECKED)
def test_no_import_cycles(package: str) -> None:
    known = frozenset(name for each in PACKAGES for name in modules(each))
    graph = networkx.DiGraph()
    for name, path in modules(package).items():
        graph.add_edges_from((name, other) for other in imported(path, known) if other != name)
    cycles = [sorted(each) for each in networkx.strongly_connected_components(graph) if len(each) > 1]
    assert graph.number_of_edges() > len(modules(package))
    assert not cycles


@pytest.mark.parametrize("package", CHECKED)
def test_a_module_name_stands_for_one_thing(package: str) -> None:
    by_name = defaultdict(set)
    for each in PACKAGES:
        for name in modules(each):
            parent, _, last = name.rpartition(".")
            if not parent.endswith(".commands"):  # a command's module has the name of the command
                by_name[last].add(name)
    twice = {
        name: sorted(of_name)
        for name, of_name in by_name.items()
        if name not in SHARED_MODULE_NAMES
        and len({thing(each) for each in of_name}) > 1
        and any(each.split(".")[0] == package for each in of_name)
    }
    assert not twice


@pytest.mark.parametrize("package", CHECKED)
def test_a_class_name_stands_for_one_thing(package: str) -> None:
    by_name = defaultdict(list)
    for each in PACKAGES:
        for name, path in modules(each).items():
            for node in tree(path).body:
                if isinstance(node, ast.ClassDef):
                    by_name[node.name].append(name)
    twice = {
        name: of_name
        for name, of_name in by_name.items()
        if name not in SHARED_CLASS_NAMES and len(of_name) > 1 and any(m.split(".")[0] == package for m in of_name)
    }
    assert not twice


@pytest.mark.parametrize("package", CHECKED)
def test_each_module_says_what_it_is_for(package: str) -> None:
    wrong = {}
    for name, path in modules(package).items():
        sentence = (ast.get_docstring(tree(path)) or "").split("\n\n")[0]
        if _QUESTION.match(sentence) or not sentence.endswith((".", ":", "::")) or len(sentence.split()) < 4:
            wrong[name] = sentence
    assert not wrong
