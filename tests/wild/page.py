"""The page of the documents with the results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tests.wild.places import MEASURED, SERVICES
from tests.wild.results import Result, read
from tests.wild.service_file import load_all

MARK = "<!-- Made by docs/generate.py from tests/wild/measured.jsonl; see tests/wild/README.md. -->"

_HEAD = """\
# Services in the wild

Real services, set up as an administrator would: each on its own Debian host, scanned, built, piloted, and then started
with the emitted compose file and nothing but the printed steps. *Works* means that a real client got the same content
from the image as from the server: a login, a row, a delivered mail, a resolved name. Nothing is tuned for a service.
[How it is measured](../../tests/wild/README.md).
"""


def wild_page() -> str:
    """The whole page, as markdown."""
    results = sorted(read(MEASURED), key=lambda each: each.case)
    measured = [each for each in results if each.outcome != "not measured"]
    parts = [MARK, "", _HEAD, *_summary(measured), "", *_table(measured)]
    failing = [each for each in measured if each.outcome == "fails"]
    if failing:
        parts += ["", "## Why the others fail", "", *_reasons(failing)]
    rest = [each for each in results if each.outcome == "not measured"]
    if rest:
        parts += [
            "",
            "## Not measured",
            "",
            "The legacy host itself failed its check, so nothing is known of the image.",
            "",
        ]
        parts += _reasons(rest)
    return "\n".join(parts) + "\n"


def _summary(measured: Sequence[Result]) -> Iterable[str]:
    works = [each for each in measured if each.outcome == "works"]
    services = len({each.service for each in measured})
    every = len({case.name for case in load_all(SERVICES)})
    yield f"{services} of {every} services measured, {len(measured)} images: {len(works)} work."
    yield f"Versions of the product: {', '.join(sorted({each.commit for each in measured})) or 'none'}."
    yield ""
    yield "| forecast before the start | works | fails |"
    yield "| --- | --- | --- |"
    for forecast in ("works", "fails", "unknown"):
        counts = Counter(each.outcome for each in measured if each.forecast == forecast)
        yield f"| {forecast} | {counts['works']} | {counts['fails']} |"
    yield ""
    yield "| pilot | works | fails |"
    yield "| --- | --- | --- |"
    for pilot in sorted({each.pilot for each in measured if each.pilot}):
        counts = Counter(each.outcome for each in measured if each.pilot == pilot)
        yield f"| {pilot} | {counts['works']} | {counts['fails']} |"
    yield ""
    for title, name in (("release", "release"), ("init", "init")):
        yield f"| {title} | images | work |"
        yield "| --- | --- | --- |"
        for value in sorted({getattr(each, name) for each in measured}):
            chosen = [each for each in measured if getattr(each, name) == value]
            yield f"| {value} | {len(chosen)} | {sum(each.outcome == 'works' for each in chosen)} |"
        yield ""


def _table(measured: Iterable[Result]) -> Iterable[str]:
    yield "| service | release | init | works | size | build | pilot | forecast |"
    yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
    for each in measured:
        size = f"{each.image_bytes / 1e6:.0f} MB" if each.image_bytes else "–"
        seconds = f"{each.build_seconds:.0f} s" if each.build_seconds else "–"
        works = "yes" if each.outcome == "works" else "**no**"
        yield (
            f"| {_cell(each.summary)} (`{each.service}`) | {each.release} | {each.init} | {works} | {size} | {seconds} "
            f"| {each.pilot or '–'} | {each.forecast} |"
        )


def _reasons(results: Iterable[Result]) -> Iterable[str]:
    for each in results:
        expected = f" Expected: {_cell(each.expected)}." if each.expected else ""
        yield f"- `{each.case}`: {_code(each.reason)}.{expected}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _code(text: str) -> str:
    words = " ".join(text.split()).replace("`", "'")
    return f"`{words[:240]}`"
