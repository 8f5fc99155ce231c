"""Evidence says its claim in words that people read, and the line as the host sent it says the same."""

from __future__ import annotations

import ipaddress
import re
import struct

import pytest

from assess.assessor import assess_estate
from assess.configuration_text.ip_addresses import endpoint
from assess.model import Evidence
from assess.rules import RULES
from inventory.recording import SectionRecording
from inventory.store.quoted_lines import QuotedLines
from reports.view.findings import evidence_rows
from tests.support.estate_recordings import recorded_host, recorded_result
from tests.support.judging import TARGET
from tests.support.snapshots import TAKEN

HOSTS = ("web01", "db01", "app01", "vm01", "app01-odd")
HEX = re.compile(r"\b((?:[0-9A-F]{8}){1,4}):([0-9A-F]{4})\b")


def section(host: str, name: str) -> SectionRecording | None:
    recording = recorded_result(host).recording
    assert recording is not None
    return next((each for each in recording.sections if each.section == name), None)


@pytest.fixture(scope="module")
def evidence() -> list[Evidence]:
    assessment = assess_estate(
        [recorded_host(host) for host in HOSTS], (TARGET,), TAKEN, "hosts.ini", rules=RULES, quote=QuotedLines(section)
    )
    found = [each for finding in assessment.findings for each in finding.evidence]
    assert len(found) > 100
    return found


def endpoints(line: str) -> set[str]:
    """The addresses of a line of /proc/net, which has each word of them in the byte order of the host."""
    found = set()
    for words, port in HEX.findall(line):
        packed = b"".join(struct.pack("<I", int(words[at : at + 8], 16)) for at in range(0, len(words), 8))
        found.add(endpoint(str(ipaddress.ip_address(packed)), int(port, 16)))
    return found


def test_a_socket_is_shown_with_the_address_that_its_line_has(evidence: list[Evidence]) -> None:
    seen = 0
    for each in evidence:
        if each.origin and each.origin.section == "sockets" and each.origin.part in ("tcp", "tcp6", "udp", "udp6"):
            assert any(at in each.fact for at in endpoints(each.text)), each
            assert re.search(r"listens on|bound to|connection to|connected to", each.fact), each
            seen += 1
    assert seen > 10


def test_no_fact_is_the_line_itself_in_the_form_of_the_kernel(evidence: list[Evidence]) -> None:
    for each in evidence:
        assert not HEX.search(each.fact), each
        assert not each.fact.startswith("/proc/"), each


def test_a_place_that_names_a_value_says_which(evidence: list[Evidence]) -> None:
    ports = [each for each in evidence if "has the port" in each.fact]
    assert ports
    for each in ports:
        assert each.fact.rpartition(" ")[2] in each.text


def test_rows_have_the_words_first_and_the_line_second(evidence: list[Evidence]) -> None:
    for row, each in zip(evidence_rows(evidence), evidence, strict=True):
        assert (row[0], row[-1]) == (each.fact, each.text)
