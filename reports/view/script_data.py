"""Data for the script: columns of numbers with one string table, and details in chunks.

Columns instead of objects keep a page of 10,000 workloads and 100,000 findings at a few megabytes and quick to open.
Details are only read when one is opened, so they come in separate blocks. The shape is private to
``reports/static/script``; the format for other programs is the export.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from reports.view.blocks import Block, Cell
from reports.view.details import Detail
from reports.view.findings import FindingRow, Key
from reports.view.hosts import HostRow
from reports.view.labels import BUILT, CHECKS, NOT_BUILT, SEVERITIES, STATUSES, VERDICTS, Label
from reports.view.page import ReportPage
from reports.view.ports import PortRow
from reports.view.visible_text import LONGEST, shown
from reports.view.workload_table import HOST_FUNCTION, WorkloadRow

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
    workloads = {row.id: place for place, row in enumerate(page.workloads.rows)}
    tables: Json = {
        "workloads": _workloads(page.workloads.rows, strings),
        "findings": _findings(page.findings.rows, strings, workloads),
        "ports": _ports(page.ports.rows, strings, workloads),
        "hosts": _hosts(page.hosts.rows, strings),
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


def _workloads(rows: Sequence[WorkloadRow], strings: _Strings) -> Json:
    verdict, proof = _places(VERDICT_WORDS), _places(PROOF_WORDS)
    return {
        "id": strings.column(row.id for row in rows),
        "name": strings.column(row.name for row in rows),
        "host": strings.column(row.host for row in rows),
        "href": strings.column(row.href for row in rows),
        "verdict": [verdict[row.verdict.key] for row in rows],
        "score": [row.score for row in rows],
        "confidence": [round(row.confidence * 100) for row in rows],
        "confidence_text": strings.column(row.confidence_text for row in rows),
        "reason": strings.column(row.reason for row in rows),
        "weight": [_weight(row.blocker, row.major, row.minor, row.info) for row in rows],
        "found": strings.column(row.found for row in rows),
        "proof": [proof[row.proof.key] for row in rows],
        "proof_note": strings.column(row.proof_note for row in rows),
    }


def _findings(rows: Sequence[FindingRow], strings: _Strings, workloads: Mapping[str, int]) -> Json:
    severity = _places(SEVERITY_WORDS)
    return {
        "workload": [workloads.get(row.workload, -1) for row in rows],
        "host": strings.column(row.host for row in rows),
        "rule": strings.column(row.rule for row in rows),
        "name": strings.column(row.name for row in rows),
        "severity": [severity[row.severity.key] for row in rows],
        "target": strings.column(row.target for row in rows),
        "message": strings.column(row.message for row in rows),
        "remedy": strings.column(row.remedy for row in rows),
    }


def _ports(rows: Sequence[PortRow], strings: _Strings, workloads: Mapping[str, int]) -> Json:
    return {
        "port": [row.port for row in rows],
        "protocol": strings.column(row.protocol for row in rows),
        "address": strings.column(row.address for row in rows),
        "reach": strings.column(row.reach for row in rows),
        "workload": strings.column(row.workload for row in rows),
        "linked": [workloads.get(row.workload, -1) for row in rows],
        "host": strings.column(row.host for row in rows),
        "process": strings.column(row.process for row in rows),
        "set_in": strings.column(row.set_in for row in rows),
        "clients": strings.column(", ".join(row.clients) for row in rows),
        "wanted": [row.wanted for row in rows],
        "planned": strings.column(row.planned for row in rows),
    }


def _hosts(rows: Sequence[HostRow], strings: _Strings) -> Json:
    status = _places(STATUS_WORDS)
    return {
        "name": strings.column(row.name for row in rows),
        "href": strings.column(row.href for row in rows),
        "address": strings.column(row.address for row in rows),
        "status": [status[row.status.key] for row in rows],
        "reason": strings.column(row.reason for row in rows),
        "system": strings.column(row.system for row in rows),
        "kernel": strings.column(row.kernel for row in rows),
        "machine": strings.column(row.machine for row in rows),
        "services": [-1 if row.services is None else row.services for row in rows],
        "judged": strings.column(row.judged for row in rows),
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
