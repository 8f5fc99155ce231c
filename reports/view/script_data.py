"""The data that the script reads: columns of numbers into one dictionary of strings, and details in chunks.

Columns instead of objects keep a page of 10,000 workloads and 100,000 findings at a few megabytes and quick to open.
Details are only read when somebody looks at one, so they come in blocks of their own. The shape is private to
``reports/static/script``; the format for other programs is the export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from reports.view.blocks import Block, Cell
from reports.view.details import Detail
from reports.view.findings import Key
from reports.view.labels import BUILT, CHECKS, NOT_BUILT, SEVERITIES, STATUSES, VERDICTS, Label
from reports.view.page import ReportPage
from reports.view.visible_text import LONGEST, shown
from reports.view.workloads import HOST_FUNCTION

Json = dict[str, object]

CHUNK = 250
"""Details in one chunk: parsing one takes a few milliseconds."""

ROW_TEXT = 600
"""Characters of one string of a table; details have more (:data:`reports.view.visible_text.LONGEST`)."""

VERDICT_WORDS = (*VERDICTS.values(), HOST_FUNCTION)
SEVERITY_WORDS = tuple(SEVERITIES.values())
STATUS_WORDS = tuple(STATUSES.values())
PROOF_WORDS = (*CHECKS.values(), BUILT, NOT_BUILT)
KINDS = {"mono": 1, "number": 2, "link": 3, "word": 4}


class _Strings:
    """Every string once. What a host sent is made visible here, so that no column can forget to."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        self.values: list[str] = []

    def add(self, text: str) -> int:
        place = self._places.get(text)
        if place is None:
            place = self._places[text] = len(self.values)
            self.values.append(shown(text, ROW_TEXT))
        return place

    def column(self, texts: Iterable[str]) -> list[int]:
        return [self.add(text) for text in texts]


def _places(words: tuple[Label, ...]) -> dict[str, int]:
    return {word.key: place for place, word in enumerate(words)}


def index(page: ReportPage) -> Json:
    """The tables. Columns of one table have the same length; ``strings`` holds what their numbers mean."""
    strings = _Strings()
    workloads, findings, ports, hosts = page.workloads.rows, page.findings.rows, page.ports.rows, page.hosts.rows
    verdict, severity = _places(VERDICT_WORDS), _places(SEVERITY_WORDS)
    proof, status = _places(PROOF_WORDS), _places(STATUS_WORDS)
    workload_place = {row.id: place for place, row in enumerate(workloads)}
    tables: Json = {
        "workloads": {
            "id": strings.column(row.id for row in workloads),
            "name": strings.column(row.name for row in workloads),
            "host": strings.column(row.host for row in workloads),
            "href": strings.column(row.href for row in workloads),
            "verdict": [verdict[row.verdict.key] for row in workloads],
            "score": [row.score for row in workloads],
            "confidence": [round(row.confidence * 100) for row in workloads],
            "confidence_text": strings.column(row.confidence_text for row in workloads),
            "reason": strings.column(row.reason for row in workloads),
            "weight": [_weight(row.blocker, row.major, row.minor, row.info) for row in workloads],
            "found": strings.column(row.found for row in workloads),
            "proof": [proof[row.proof.key] for row in workloads],
            "proof_note": strings.column(row.proof_note for row in workloads),
        },
        "findings": {
            "workload": [workload_place.get(row.workload, -1) for row in findings],
            "host": strings.column(row.host for row in findings),
            "rule": strings.column(row.rule for row in findings),
            "name": strings.column(row.name for row in findings),
            "severity": [severity[row.severity.key] for row in findings],
            "target": strings.column(row.target for row in findings),
            "message": strings.column(row.message for row in findings),
            "remedy": strings.column(row.remedy for row in findings),
        },
        "ports": {
            "port": [row.port for row in ports],
            "protocol": strings.column(row.protocol for row in ports),
            "address": strings.column(row.address for row in ports),
            "reach": strings.column(row.reach for row in ports),
            "workload": strings.column(row.workload for row in ports),
            "linked": [workload_place.get(row.workload, -1) for row in ports],
            "host": strings.column(row.host for row in ports),
            "process": strings.column(row.process for row in ports),
            "set_in": strings.column(row.set_in for row in ports),
            "clients": strings.column(", ".join(row.clients) for row in ports),
            "wanted": [row.wanted for row in ports],
            "planned": strings.column(row.planned for row in ports),
        },
        "hosts": {
            "name": strings.column(row.name for row in hosts),
            "href": strings.column(row.href for row in hosts),
            "address": strings.column(row.address for row in hosts),
            "status": [status[row.status.key] for row in hosts],
            "reason": strings.column(row.reason for row in hosts),
            "system": strings.column(row.system for row in hosts),
            "kernel": strings.column(row.kernel for row in hosts),
            "machine": strings.column(row.machine for row in hosts),
            "services": [-1 if row.services is None else row.services for row in hosts],
            "judged": strings.column(row.judged for row in hosts),
        },
    }
    return {
        **tables,
        "strings": strings.values,
        "words": {
            "verdict": _words(VERDICT_WORDS),
            "severity": _words(SEVERITY_WORDS),
            "status": _words(STATUS_WORDS),
            "proof": _words(PROOF_WORDS),
        },
        "chunk": CHUNK,
    }


def chunks(page: ReportPage) -> Iterator[list[Json]]:
    """All details, :data:`CHUNK` in each list, in the order of ``page.details``."""
    places = {row.key: place for place, row in enumerate(page.findings.rows)}
    details = page.details()
    while chunk := [_detail(detail, places) for detail in islice(details, CHUNK)]:
        yield chunk


def _weight(blocker: int, major: int, minor: int, info: int) -> int:
    """One number to sort by: a blocker outweighs any number of anything else that a workload has in practice."""
    return blocker * 1_000_000 + major * 10_000 + minor * 100 + info


def _words(words: tuple[Label, ...]) -> list[list[str]]:
    return [[word.key, word.label, word.meaning] for word in words]


def _detail(detail: Detail, places: dict[Key, int]) -> Json:
    return {
        "facts": [[name, shown(value, LONGEST)] for name, value in detail.facts],
        "lead": [shown(sentence, LONGEST) for sentence in detail.lead],
        "findings": [
            [places[row.key], [[shown(each.fact), shown(each.origin), shown(each.text)] for each in row.evidence]]
            for row in detail.findings
        ],
        "blocks": [_block(block) for block in detail.blocks],
    }


def _block(block: Block) -> list[object]:
    return [
        block.kind,
        block.title,
        block.note,
        list(block.head),
        [[_cell(cell) for cell in row] for row in block.rows],
    ]


def _cell(cell: Cell) -> object:
    text = shown(cell.text)
    return text if cell.kind == "text" else [KINDS[cell.kind], text, cell.extra]
