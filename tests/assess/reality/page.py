"""The page of the documents that shows the table of cases."""

from __future__ import annotations

from assess.rules import RULES

from .case import Case, Neighbour, Trial
from .machine import WANTED
from .table import REALITY

MARK = "<!-- Made by docs/generate.py from tests/assess/reality/table.py; edit that instead. -->"

_HEAD = """\
# Findings against reality

What a rule foretells is tried: a small program, in C or of busybox, is started in a container on Docker Engine with the
default seccomp profile and without any option but those shown. It must fail as the rule predicts, with the status and
message shown, and must work with the remedy. The tests `tests/assess/reality` do so each time that all tests run, with
the programs in the same directory; `…` is the image with these programs. *With* names a container that was started
before: the other end, or the holder of what the program needs.
"""
_FOOT = """\
`profile.json` is the default seccomp profile with the calls of io_uring, of keyrings and sockets of all families added.
Options in the third column stand for targets that give less than Docker does by default: other engines, older kernels,
restricted Kubernetes.
"""

_PLACES = {
    "neighbour": "NAME",
    "port": "8080",
    "other_port": "8081",
    "profile": "profile.json",
    "directory": "/srv/shared",
}


def reality_page() -> str:
    """The whole page, as markdown."""
    names = {rule.id: rule.name for rule in RULES}
    rows = [
        f"| [{case.rule}](rules/{names[case.rule]}.md) | {_tried(case)} | {_without(case)} | {_remedied(case)} |"
        for case in REALITY
    ]
    return "\n".join(
        [
            MARK,
            "",
            _HEAD,
            "| rule | what the program does | without the remedy | with it |",
            "| --- | --- | --- | --- |",
            *rows,
            "",
            _FOOT,
        ]
    )


def _tried(case: Case) -> str:
    return f"{case.tried}. Left out where {WANTED[case.wants][0]}." if case.wants else f"{case.tried}."


def _without(case: Case) -> str:
    seen = [f"status {case.without.status}"] if case.without.status is not None else []
    seen += [f"“{case.without.says}”"] if case.without.says else []
    seen += [case.seen] if case.seen else []
    return f"{_starts(case.without)}: {', '.join(seen)}"


def _remedied(case: Case) -> str:
    return _starts(case.remedied) + (f": {case.done}" if case.done else "")


def _starts(trial: Trial) -> str:
    """The command lines of a trial and of its neighbour."""
    neighbour = f", with {_start(trial.neighbour)}" if trial.neighbour else ""
    return _start(trial) + neighbour


def _start(started: Trial | Neighbour) -> str:
    words = ["docker run", started.options, "…", started.command]
    return f"`{' '.join(word for word in words if word).format_map(_PLACES)}`"
