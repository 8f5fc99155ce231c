"""Plain English in everything a person reads: phrases that read as translated stay out of it.

Each pattern has its replacement. Checked are the text literals of the packages (messages, help, errors, evidence), rule
docstrings, help docstrings, page templates, data tables and documents. Shell fragments, regular expressions and
identifiers are not prose and left out. Decision records and older entries of the changelog are history and stay.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("inventory", "assess", "containerize", "reports")

PHRASES: dict[str, str] = {
    r"(?<!there )\b(?:is|are|was|were) no (?!longer\b|more than\b|[a-z]+er than\b)": "is not a …",
    r"\b(?:nobody|somebody|everybody|anybody)\b": "name the thing, or use the passive",
    r"\b(?:who|what|whoever) (?:shares?|runs?|holds?|asks?|wants?|owns?) (?=[^?]*$)": "name the thing",
    r"\b(?:says?|said)\b": "reports, documents, sets",
    r"\b(?:wants?|wanted)\b": "needs, uses, requires",
    r"\btells?\b|\btold\b": "reports, shows, states, advertises",
    r"(?<!onnection )(?<!onnection was )\brefus(?:es?|ed)\b(?! (?:the |its |a )?connections?)": "denies, rejects",
    r"\bof (?:its|their|his|your|our|one's) own\b": "its own, separate",
    r"\bof the same (?:server|host)\b": "on the same host",
    r"\b(?:jobs? of cron|of System V|of POSIX|of hardware|of moby|of runc|calls? of mount)\b": "cron job, hardware key",
    r"\b(?:a|the|last|first|one|each|every|this|earlier|no) looks?\b|\blooks (?:into|at)\b": "scan, sample; check",
    r"\bkept\b": "stored, preserved",
    r"\bnoted\b": "recorded",
    r"\bseen\b": "observed, read, found",
    r"\blet go\b|\b(?:go|goes|going|went) on\b": "release; continue, resume",
    r"\bst(?:ands?|ood) (?:in|on|at|behind|there|before|beside)\b": "is in, is on",
    r"\bl(?:ies|ay) (?:in|on|at|under|below|there|outside|beside)\b": "is in, is on",
    r"\b(?:beside|afar)\b": "next to, apart from; remotely",
    r"\bholes?\b": "vulnerability, gap",
    r"\bmend(?:s|ed|ing)?\b": "fix",
    r"\bmakers?\b": "vendor",
    r"\b(?:was|were) left\b(?! (?:out|empty|unchanged|alone|as))": "timed out; skipped; remains",
    r"\bfor want of\b|\bwhy not all\b|\bwhy then\b": "missing input; what is missing; why in this wave",
    r"\bpast its end\b|\bpast their end\b": "reached end of life",
    r"\bothers now\b|\bis another one\b|\bare other ones\b": "changed, differs",
    r"\b(?:takes?|brings?|comes?|bring|go(?:es)?) along\b": "includes, inherits, moves with",
    r"\bfor ever\b": "permanently, forever",
    r"\bwalks? through\b": "iterates over",
}
"""Patterns and what to write instead; all are matched without regard to case."""

_WORDS = re.compile(r"[A-Za-z][a-z']+")
_QUESTION_WORDS = re.compile(r"(?:What|How|Which|Where|Who|Whose)\b")
_SHELL = re.compile(
    r"\$\(|\$\{?[A-Za-z_]|; then|\bdone\b|&&|\|\||2>|\bprintf\b|\becho\b|\nwant '|\\[bdsSwW(\[]|\(\?[:P<!=]"
)


def is_prose(text: str) -> bool:
    """Whether a literal is a phrase for people: several words, and no shell or pattern."""
    return " " in text.strip() and len(_WORDS.findall(text)) >= 3 and not _SHELL.search(text)


def matches(text: str) -> Iterator[tuple[str, str]]:
    """Yield (matched words, replacement) of every phrase in ``text``."""
    plain = " ".join(text.split())
    for pattern, instead in PHRASES.items():
        for found in re.finditer(pattern, plain, re.IGNORECASE):
            yield plain[max(0, found.start() - 30) : found.end() + 30], instead


def literals(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the prose literals of a module with their lines; f-strings have … for values."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = _docstrings(tree) | _inside_patterns(tree)
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(each.value) if isinstance(each, ast.Constant) else "…" for each in node.values)
            skipped |= {id(each) for each in node.values if isinstance(each, ast.Constant)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if is_prose(text):
            yield node.lineno, text


def _docstrings(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            found |= {
                id(each.value) for each in body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
            }
    return found


def _inside_patterns(tree: ast.Module) -> set[int]:
    """Literals that are arguments of re.compile and the like."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "re":
                found |= {id(each) for argument in node.args for each in ast.walk(argument)}
    return found


class _PageText(HTMLParser):
    """The text nodes of a page template, with the values and statements of Jinja removed."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[tuple[int, str]] = []

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.texts.append((self.getpos()[0], data))


def template_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the text nodes of a page template with their lines."""
    source = re.sub(r"\{[#%].*?[#%]\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    parser = _PageText()
    parser.feed(re.sub(r"\{\{.*?\}\}", "…", source, flags=re.DOTALL))
    yield from parser.texts


def table_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the phrases that a TOML table holds as values."""

    def values(node: Any) -> Iterator[str]:
        if isinstance(node, dict | list):
            for each in node.values() if isinstance(node, dict) else node:
                yield from values(each)
        elif isinstance(node, str):
            yield node

    for text in values(tomllib.loads(path.read_text(encoding="utf-8"))):
        if is_prose(text):
            yield 0, text


def document_texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the paragraphs of a document without code blocks and code spans."""
    whole, fences = path.read_text(encoding="utf-8"), re.compile(r"^```.*?^```[^\n]*$", re.DOTALL | re.MULTILINE)
    text = fences.sub(lambda block: "\n" * block[0].count("\n"), whole)
    yield from enumerate(re.sub(r"`[^`\n]*`", "…", text).splitlines(), 1)


def rule_texts() -> Iterator[tuple[str, str]]:
    """Yield the manual of each rule."""
    from assess.rules import RULES

    for each in RULES:
        for text in (each.summary, each.why, each.remedy, each.source):
            yield each.name, re.sub(r"`[^`]*`", "…", text)


def docstring_starts() -> Iterator[str]:
    """Yield the places of docstrings that begin with a question word."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                documented = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                if documented and _QUESTION_WORDS.match(ast.get_docstring(node) or ""):
                    yield f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


def phrases_of(files: Iterable[Path], texts: Callable[[Path], Iterator[tuple[int, str]]]) -> list[str]:
    """List the phrases in the texts of files as ``path:line: words (write: replacement)``."""
    return [
        f"{path.relative_to(ROOT)}:{line}: {words} (write: {instead})"
        for path in files
        for line, text in texts(path)
        for words, instead in matches(text)
    ]


def documents() -> list[Path]:
    """List the documents that are written by hand or generated, without decision records."""
    found = [*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
    return sorted(each for each in found if "decisions" not in each.parts and each.exists())


def test_page_templates() -> None:
    assert phrases_of(sorted((ROOT / "reports/templates").glob("*.j2")), template_texts) == []


def test_rule_manuals() -> None:
    found = [f"{name}: {words} (write: {instead})" for name, text in rule_texts() for words, instead in matches(text)]

    assert found == []


def test_no_rule_summary_begins_with_it() -> None:
    from assess.rules import RULES

    assert [each.name for each in RULES if re.match(r"(?:It|Its)\b", each.summary)] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_data_tables(package: str) -> None:
    assert phrases_of(sorted((ROOT / package).rglob("*.toml")), table_texts) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_messages_help_and_errors(package: str) -> None:
    found = phrases_of(sorted((ROOT / package).rglob("*.py")), literals)

    assert found == [], "\n".join(found)


def test_documents() -> None:
    found = phrases_of(documents(), document_texts)

    assert found == [], "\n".join(found)


def test_no_docstring_begins_with_a_question_word() -> None:
    found = list(docstring_starts())

    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        "web01 is no SSH server", "the host refused it even to root", "Nobody was seen there", "two jobs of cron",
        "a machine of its own", "the scan goes on where it stopped", "it took too long and was left",
    ],
)  # fmt: skip
def test_phrases_that_must_be_found(text: str) -> None:
    assert list(matches(text))


@pytest.mark.parametrize(
    "text",
    ["there is no rule web01", "it is no longer supported", "Connection refused by the host", "Its own separate port"],
)
def test_phrases_that_may_stay(text: str) -> None:
    assert not list(matches(text))
