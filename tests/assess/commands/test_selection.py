"""Workloads are selected the same way everywhere: names, hosts, patterns, and what was judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import click
import pytest

from assess.commands.selection import ScannedWorkloads, Selection, WorkloadJudgement, WorkloadUnknown, say_selected


@dataclass(frozen=True)
class _Scanned:
    host: str
    name: str
    kind: str = "service"

    @property
    def id(self) -> str:
        return f"{self.host}/{self.name}"


_ALL = [
    _Scanned("web01", "apache2"),
    _Scanned("web01", "redis"),
    _Scanned("web01", "sshd", "host function"),
    _Scanned("web02", "apache2"),
    _Scanned("db01", "mariadb"),
    _Scanned("[::1]", "nginx"),
]
_HOSTS = ["web01", "web02", "db01", "[::1]", "off01"]
_JUDGED = {
    "web01/apache2": WorkloadJudgement("ready", "apache2", 2),
    "web01/redis": WorkloadJudgement("needs work", "redis", 1),
    "web02/apache2": WorkloadJudgement("ready", "apache2", 2),
    "db01/mariadb": WorkloadJudgement("stay", "mariadb", 0),
    "[::1]/nginx": WorkloadJudgement("unknown", "nginx", 1),
}


def _chosen(**given: object) -> list[str]:
    known = ScannedWorkloads(_HOSTS, _ALL, lambda host: "no route to host" if host == "off01" else "")
    judged: Mapping[str, WorkloadJudgement] = _JUDGED
    return Selection(**given).choose(known, lambda: judged)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"patterns": ("web01/apache2",)}, ["web01/apache2"]),
        ({"patterns": ("web01/sshd",)}, ["web01/sshd"]),
        ({"patterns": ("web01",)}, ["web01/apache2", "web01/redis"]),
        ({"patterns": ("web*",)}, ["web01/apache2", "web01/redis", "web02/apache2"]),
        ({"patterns": ("*/apache2", "web01/*")}, ["web01/apache2", "web02/apache2", "web01/redis"]),
        ({"patterns": ("[::1]",)}, ["[::1]/nginx"]),
        ({"ready": True}, ["web01/apache2", "web02/apache2"]),
        ({"ready": True, "verdicts": ("stay",)}, ["web01/apache2", "web02/apache2", "db01/mariadb"]),
        ({"verdicts": ("needs-work",)}, ["web01/redis"]),
        ({"patterns": ("web01",), "ready": True}, ["web01/apache2"]),
        ({"applications": ("apache2",), "waves": (2,)}, ["web01/apache2", "web02/apache2"]),
        ({"waves": (1,)}, ["web01/redis", "[::1]/nginx"]),
        ({"every": True}, ["web01/apache2", "web01/redis", "web02/apache2", "db01/mariadb", "[::1]/nginx"]),
    ],
)
def test_names_hosts_patterns_and_filters_select(given: dict[str, object], expected: list[str]) -> None:
    assert _chosen(**given) == expected


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"patterns": ("web01/apache",)}, "no workload 'web01/apache' in the last scan; did you mean web01/apache2?"),
        ({"patterns": ("web03",)}, "no workload 'web03' in the last scan; did you mean web02, web01?"),
        ({"patterns": ("app*/*",)}, "no workload 'app*/*' in the last scan; its hosts are web01, web02, db01"),
        ({"patterns": ("off01",)}, "no workload 'off01' in the last scan, because off01 could not be read: no route"),
        ({"patterns": ("web01", "x/y")}, "no workload 'x/y' in the last scan"),
        ({"applications": ("apache",)}, "no application 'apache' in the last scan; did you mean apache2?"),
        ({"waves": (7,)}, "there is no wave 7; the plan has 2 waves"),
        ({"patterns": ("db01",), "ready": True}, "none of 1 workload matches --verdict ready"),
    ],
)
def test_what_does_not_match_is_named_with_a_suggestion(given: dict[str, object], sentence: str) -> None:
    with pytest.raises(WorkloadUnknown) as raised:
        _chosen(**given)
    assert sentence in str(raised.value)


def test_a_command_that_moves_workloads_selects_none_by_default() -> None:
    with pytest.raises(click.UsageError, match="select them with --ready"):
        _chosen()
    with pytest.raises(click.UsageError, match="--all selects every service"):
        _chosen(every=True, patterns=("web01",))


def test_only_names_are_what_a_person_thought_of_one_by_one() -> None:
    assert Selection(patterns=("web01/apache2", "db01/mariadb")).named
    assert not Selection(patterns=("web01",)).named
    assert not Selection(patterns=("web01/*",)).named
    assert not Selection(patterns=("web01/apache2",), ready=True).named


def test_several_workloads_are_printed_on_a_terminal_before_work_begins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    say_selected([f"web01/service{number}" for number in range(9)])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    say_selected(["web01/apache2"])
    assert capsys.readouterr().err == ""
    say_selected([f"web01/service{number}" for number in range(9)])
    told = capsys.readouterr().err
    assert told.startswith("assess: selected 9 workloads on 1 host: web01/service0, ")
    assert told.endswith("web01/service5 and 3 more\n")
