"""Every family of rules on real hosts: what they do is found, with evidence that was read on them, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assess.rules import RULES
from inventory.platforms import Platform
from tests.e2e.command import assess
from tests.estate import Estate

from .case import WANTED, Shown
from .estate import CLEAN, ODD, OTHERS, VIRTUAL, odd_services, tidy_service
from .table import BROAD, MUST_BE_SHOWN, NOT_SHOWN, SHOWN

TARGETS = ("local", "debian-13", "kubernetes-6.1", "rootless-podman", "windows-2022")
# Debian 12 has only its extended support left, and nothing of Linux fits the target with Windows.
TRUE_OF_CLEAN = {("EOL001", CLEAN), ("PLT002", CLEAN)}

Document = dict[str, Any]


def test_each_rule_is_shown_by_a_host_or_it_is_said_why_not() -> None:
    about_unix = {rule.id for rule in RULES if rule.platform is not Platform.WINDOWS}
    shown = {each.rule for each in SHOWN}

    assert not shown & NOT_SHOWN.keys()
    assert shown | NOT_SHOWN.keys() == about_unix
    assert set(MUST_BE_SHOWN) <= {each.family for each in SHOWN}
    assert {each.wants for each in SHOWN} - {""} <= WANTED.keys()


@pytest.fixture(scope="module")
def with_vm() -> bool:
    return shutil.which("qemu-system-x86_64") is not None


@pytest.fixture(scope="module")
def estate(with_vm: bool) -> Iterator[Estate]:
    if os.geteuid() != 0:
        pytest.skip("the estate needs root")
    with Estate.running((ODD, CLEAN, *OTHERS, *((VIRTUAL,) if with_vm else ()))) as running:
        yield running


def scanned(workspace: Path, hosts: Path, *names: str, also: tuple[str, ...] = ()) -> Document:
    """The export of ``assess scan`` of some of the hosts, on all targets and those of ``also``."""
    targets = [word for name in (*TARGETS, *also) for word in ("--target", name)]
    # The virtual machine may be emulated, and this machine busy.
    patience = ("--section-timeout", "300", "--timeout", "500")
    done = assess(workspace, "scan", str(hosts), "--limit", ",".join(names), "--json", *patience, *targets)
    assert done.status == 0, done.errors
    return done.document


@pytest.fixture(scope="module")
def clean(estate: Estate, tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The clean host, before anything odd runs: keys and huge pages of one kernel are seen on all its hosts."""
    tidy_service(estate.host(CLEAN))
    return scanned(tmp_path_factory.mktemp("clean") / "workspace", estate.hosts_ini, CLEAN)


@pytest.fixture(scope="module")
def odd(
    clean: Document, estate: Estate, with_vm: bool, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Document]:
    """The odd hosts while their services run: as ``root`` sees them, and ``user``, who is an ordinary one.

    To root the clean host is a container host.
    """
    folder = tmp_path_factory.mktemp("odd")
    as_root, as_user = folder / "root.ini", folder / "user.ini"
    hosts = estate.hosts_ini.read_text()
    as_root.write_text(f"{hosts}\n[container_hosts]\n{CLEAN}\n")
    as_user.write_text(hosts.replace("ansible_user=root", "ansible_user=legacy"))
    with odd_services(estate, with_vm=with_vm):
        names = (ODD, CLEAN, *OTHERS, *((VIRTUAL,) if with_vm else ()))
        root = scanned(folder / "root", as_root, *names, also=(CLEAN,))
        return {"root": root, "user": scanned(folder / "user", as_user, ODD)}


def found(document: Document) -> dict[tuple[str, str], list[Document]]:
    """Findings by rule and host or workload."""
    by_subject: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for each in document["findings"]:
        by_subject[each["rule"], each["workload"] or each["host"]].append(each)
    return by_subject


def undetermined(document: Document) -> dict[tuple[str, str], Document]:
    """What could not be decided, by rule and host or workload."""
    return {(each["rule"], each["workload"] or each["host"]): each for each in document["undetermined"]}


@pytest.mark.estate
@pytest.mark.timeout(900)
class TestEstate:
    @pytest.mark.parametrize("case", SHOWN, ids=[f"{each.rule}-{each.subject.replace('/', '-')}" for each in SHOWN])
    def test_a_host_that_does_it_shows_it_with_evidence(self, odd: dict[str, Document], case: Shown) -> None:
        if case.wants:
            reason, there = WANTED[case.wants]
            if not there():
                pytest.skip(reason)
        findings = found(odd["root"])[case.rule, case.subject]

        assert findings, f"{case.subject} does not show {case.rule}"
        read = [evidence for each in findings for evidence in each["evidence"] if evidence["section"] is not None]
        texts = [text for evidence in read for text in (evidence["fact"], evidence["text"]) if text]
        assert any(re.search(case.evidence, text) for text in texts), texts

    def test_nobody_else_shows_it(self, odd: dict[str, Document]) -> None:
        told: dict[str, set[str]] = defaultdict(set)
        for case in SHOWN:
            told[case.rule].add(case.subject)
        more = {
            (rule, subject)
            for rule, subject in found(odd["root"])
            if rule not in BROAD and subject.partition("/")[0] == ODD and subject not in told[rule]
        }

        assert more == set()

    def test_a_clean_host_shows_none_of_it_and_nothing_is_left_open(self, clean: Document) -> None:
        (service,) = [each for each in clean["workloads"] if each["kind"] == "service"]

        assert service["id"] == f"{CLEAN}/tidy"
        assert found(clean).keys() == TRUE_OF_CLEAN
        assert not [each for each in undetermined(clean).values() if each["failed"]]

    def test_no_rule_fails_on_a_real_host_and_no_secret_is_shown(self, odd: dict[str, Document]) -> None:
        for document in odd.values():
            assert not [each for each in undetermined(document).values() if each["failed"]]
            assert "tr0ub4dor" not in str(document)
            assert "estate-portal-password" not in str(document)

    def test_an_ordinary_user_leaves_open_what_root_knows_and_contradicts_nothing(
        self, odd: dict[str, Document]
    ) -> None:
        """Only what the same workload or host shows to both; a service that the user cannot tell apart is another."""
        root, user = odd["root"], odd["user"]
        both = {ODD} | {each["id"] for each in root["workloads"]} & {each["id"] for each in user["workloads"]}
        by_root = {key for key in found(root) if key[1] in both and key[1].partition("/")[0] == ODD}
        by_user = {key for key in found(user) if key[1] in both}

        assert len(both) > 40
        assert by_user - by_root - undetermined(root).keys() == set()
        assert by_root - by_user - undetermined(user).keys() == set()
