"""No pattern of the product can be made slow by the text that it is applied to."""

from __future__ import annotations

import functools
import re

import pytest

from tests.linear.growth import growth_of
from tests.linear.patterns import PACKAGES, Unresolved, Use, collect

_SAMPLES = {
    # Alternatives of plain words, of which none can be read in two ways.
    r"'|'.join(map(re.escape, longest_first))": re.compile("one|two"),
    r"values.TOKEN.pattern + b'|' + b'|'.join((re.escape(value) for value in longest_first))": re.compile(
        rb"<redacted:[0-9a-f]{8}>|one|two"
    ),
}
"""For the source of a pattern that only runs know: one that is made in the same way."""
_HELD = {
    "'|'.join((fnmatch.translate(path) for path in row['paths']))",
    "'|'.join((f'{re.escape(_stem(path))}([^/]+)/' for path in row['paths'][:1]))",
    "'\\\\s*(?:' + '|'.join((f'({begins})' for _, begins in rows)) + ')'",
    # Of product files
    "table.usual",
    "table.sign",
    "table.main_class",
    "table.process",
    "table.version_in_path",
    "table.files or '(?!)'",
    "each.uses",
    "each.version",
    "daemon.title",
    "'|'.join(map(translate, programs)) or '(?!)'",
    "b'(?s:%s|%s|%s)' % (heading.pattern, total.pattern, _ENTRY.pattern)",
    "'|'.join(product.packages)",
    "shape.pattern",
    "b'(?<![\\\\w.-])(?:' + b'|'.join((re.escape(name) for name in sorted(TOOLS, reverse=True))) + b')(?![\\\\w-])'",
}
"""Sources of which the results are found in tables, or which join patterns that are found themselves."""


@functools.cache
def _collected() -> tuple[list[Use], list[Unresolved]]:
    return collect(_SAMPLES)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_pattern_is_linear(package: str) -> None:
    uses = [use for use in _collected()[0] if use.where.startswith(package)]
    slow = {f"{use.where} ({use.mode})": growth for use in uses if (growth := growth_of(use.pattern, use.mode))}
    assert not slow


def test_every_pattern_is_found() -> None:
    """What is put together in a new way needs a line in one of the tables above."""
    _, unresolved = _collected()
    unknown = {each.source for each in unresolved if not re.fullmatch(r"\w+\['\w+'\]", each.source)}
    assert unknown <= _HELD


def test_the_collection_has_patterns_of_all_kinds() -> None:
    found = {use.where for use in _collected()[0]}
    assert len(found) > 600
    assert {"inventory.probe.framing._WORDS", "containerize.closure.references.languages.items.files"} <= found


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"\s+$", "search"),
        (r"(a+)+b", "match"),
        (r"(a*)*b", "match"),
        (r"(?:ab|a|b)*x", "match"),
        (r"a*a*b", "match"),
        (r"foo.*bar", "search"),
        (r"\w+=", "search"),
        (r"\s*+x", "search"),
        (r"\w+(?:.*x)?", "scan"),
        (r"\bcookie:\s*(?:[^\s=;]+=[^']+)", "scan"),
        (r"[a-z]+:\s*(.*)", "fullmatch"),
        (r"(?P<source>.+?)\s+(?P<size>\d+)\s+(?P<target>/.*)", "fullmatch"),
    ],
)
def test_a_slow_pattern_is_recognised(pattern: str, mode: str) -> None:
    assert growth_of(re.compile(pattern), mode) is not None


@pytest.mark.parametrize(
    ("pattern", "mode"),
    [
        (r"#.*", "scan"),
        (r'"[^"]*"', "scan"),
        (r"(?<!\w)\w+=", "scan"),
        (r"\b\w+=", "scan"),
        (r"\s*+$", "match"),
        (r"(?<!\s)\s++x", "scan"),
        (r"(?m)^.*?foo", "search"),
        (r"(?s).*x", "match"),
        (r"(?:a*b)*c", "match"),
        (r"(\w+)\s*=\s*+(.*)", "match"),
        (r"\d+(?:\.\d+)*", "scan"),
    ],
)
def test_a_linear_pattern_is_recognised(pattern: str, mode: str) -> None:
    assert growth_of(re.compile(pattern), mode) is None
