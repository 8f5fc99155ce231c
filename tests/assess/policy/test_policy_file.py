"""The file that people write: what it may say, and that each fault is told with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.model import Severity
from assess.policy.model import Policy
from assess.policy.policy_file import PolicyError, parse_policy, policy_beside
from assess.policy.policy_schema import policy_schema

KNOWN = (("NET001", "shared-port"), ("SEC002", "secret-in-file"))

WHOLE = b"""\
version: 1
rules:
  - id: LOC001
    name: old-portal
    severity: major
    when:
      all:
        - process: {executable: "/opt/portal/*"}
        - none:
            - listener: {port: [8443, 443]}
    message: The old portal has no TLS.
    remedy: Put the proxy before it.
waivers:
  - rule: NET001
    workload: web*/apache2
    reason: They stand behind one balancer.
    until: 2027-03-31
workloads:
  - match: app01/java
    name: shop
    criticality: high
"""


def read(text: bytes) -> Policy:
    return parse_policy(text, "brownfield.yaml", KNOWN)


def test_everything_that_it_can_say() -> None:
    judgement = read(WHOLE)
    (rule,) = judgement.rules
    assert (rule.id, rule.severity, rule.line) == ("LOC001", Severity.MAJOR, 3)
    (waiver,) = judgement.waivers
    assert (waiver.until, waiver.line) == (date(2027, 3, 31), 14)
    (override,) = judgement.overrides
    assert (override.match, override.name, override.criticality) == ("app01/java", "shop", "high")


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(policy_schema())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "brownfield.yaml:1: it must begin with version: 1"),
        (b"rules: []", "brownfield.yaml:1: version is missing"),
        (b"version: 2", "brownfield.yaml:1: version: 2 is not one of 1"),
        (
            b"version: 1\nwaiver: []",
            "brownfield.yaml:2: waiver: unknown field; did you mean waivers?",
        ),
        (b"version: 1\nversion: 1", "brownfield.yaml:2: version is there twice"),
        (b"version: 1\nrules: [", "brownfield.yaml:2: "),
        (b"a: &x [1]\nb: *x", "brownfield.yaml:2: aliases are not used here"),
        (
            b"version: 1\nwaivers:\n  - rule: NET01\n    host: a\n    reason: b\n",
            "brownfield.yaml:3: there is no rule NET01; did you mean NET001?",
        ),
        (
            b"version: 1\nwaivers:\n  - rule: NET001\n    host: a\n    reason: b\n    until: 2027-02-30\n",
            "brownfield.yaml:6: waivers.0.until: 2027-02-30 is not a day, such as 2027-03-31",
        ),
        (
            WHOLE.replace(b"severity: major", b"severity: awful"),
            "brownfield.yaml:5: rules.0.severity: 'awful' is not one of blocker, major, minor, info",
        ),
        (
            WHOLE.replace(b"port: [", b"prot: ["),
            "brownfield.yaml:10: rules.0.when.all.1.none.0.listener.prot: unknown field; use port, address, protocol",
        ),
        (
            WHOLE.replace(b"[8443, 443]", b"[8443, {}]"),
            "brownfield.yaml:10: rules.0.when.all.1.none.0.listener.port: must",
        ),
        (
            WHOLE.replace(b"- none:", b"- no:"),
            "brownfield.yaml:10: rules.0.when.all.1.no: unknown kind of fact; use one of",
        ),
        (
            WHOLE.replace(b"- none:", b"- any: []\n          none:"),
            "brownfield.yaml:9: rules.0.when.all.1: a condition has",
        ),
        (
            WHOLE.replace(b"LOC001", b"NET001"),
            "brownfield.yaml:3: rules.0.id: Expected str matching regex '^LOC[0-9]{3}$'",
        ),
        (
            WHOLE.replace(b"name: shop", b"name: [shop]"),
            "brownfield.yaml:20: workloads.0.name: Expected str, got array",
        ),
        (
            WHOLE.replace(b"workload: web*/apache2", b""),
            "brownfield.yaml:14: the waiver of NET001 needs workload or host",
        ),
        (
            b"version: 1\npriorities: [cost, speed]",
            "brownfield.yaml:2: priorities.1: 'speed' is not one of security, cost",
        ),
        (b"version: 1\npriorities: [cost, cost]", "brownfield.yaml:2: priorities: cost is there twice"),
        (WHOLE.replace(b"old-portal", b"secret-in-file"), "brownfield.yaml:3: there is a rule secret-in-file already"),
    ],
)
def test_a_fault_is_told_with_its_line(text: bytes, sentence: str) -> None:
    with pytest.raises(PolicyError) as raised:
        read(text)
    assert str(raised.value).startswith(sentence)


def test_without_a_file_nothing_is_said(tmp_path: Path) -> None:
    assert policy_beside(tmp_path / "hosts.ini", KNOWN) == Policy()


@given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: WHOLE + text.encode())))
def test_no_file_raises_anything_else(content: bytes) -> None:
    try:
        read(content)
    except PolicyError as error:
        assert str(error).startswith("brownfield.yaml:")
