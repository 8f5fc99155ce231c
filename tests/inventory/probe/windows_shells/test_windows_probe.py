"""Asking a Windows host: one round trip with PowerShell, a few without, and what becomes of broken ones."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import cast

import pytest

from inventory.errors import ProbeFailed
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.probe.windows_shells import powershell
from inventory.recording import Recording
from inventory.sections import SECTIONS
from inventory.transports import Completed, Interrupted, Transport
from tests.support.live import REDACTOR

CHOSEN = tuple(section for section in SECTIONS if section.name in ("domain", "sockets"))
NETSTAT = b"\r\n  TCP    0.0.0.0:135    0.0.0.0:0    ABH\x99REN    1024\r\n"


class Shell:
    """Stands in for a host that cannot be had here: ``answer`` gives what a command line and its input come to."""

    user, banner, privileged = "Administrator", "", False

    def __init__(self, answer: Callable[[str, bytes], bytes]) -> None:
        self.answer = answer
        self.commands: list[str] = []

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
        raise AssertionError("Windows has no /bin/sh")

    def run_verbatim(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
        self.commands.append(command)
        return Completed(0, self.answer(command, stdin), b"")


def ask(shell: Shell) -> Recording:
    return run_probe(
        cast(Transport, shell), Platform.WINDOWS, REDACTOR, "win01", lambda: 1.0, ProbeOptions(sections=CHOSEN)
    )


def framed(nonce: str, uid: int, netstat: bytes, *, code_page: str = "") -> bytes:
    def mark(words: str) -> bytes:
        return f"\r\n{nonce} {words}\r\n".encode()

    page = (
        mark("begin windows_code_page") + mark("part chcp") + f"Codepage: {code_page}.\r\n".encode() + mark("done 0")
        + mark("end") + mark("over no")
    )  # fmt: skip
    return (
        b"Microsoft Windows [Version 10.0]\r\n" + mark(f"hello {uid} 7") + (page if code_page else b"")
        + mark("begin sockets") + mark("part netstat") + netstat + mark("done 0") + mark("end") + mark("over no")
        + mark("begin domain") + mark("part computer") + b"Domain\tPartOfDomain\tDomainRole\r\nb%u00FCro\tTrue\t3\r\n"
        + mark("done 0") + mark("end") + mark("over no") + mark("bye")
    )  # fmt: skip


def nonce_in(text: str) -> str:
    match = re.search(r"[0-9a-f]{32}", text)
    assert match is not None
    return match[0]


def test_powershell_is_asked_in_one_round_trip() -> None:
    shell = Shell(lambda _, stdin: framed(nonce_in(stdin.decode()), 0, NETSTAT.replace(b"\x99", b"%u00D6")))
    recording = ask(shell)

    assert shell.commands == [powershell.COMMAND]
    assert (recording.platform, recording.privileged, recording.missing) == ("windows", True, {})
    domain = CHOSEN[1] if CHOSEN[1].name == "domain" else CHOSEN[0]
    observation = domain.observe(recording.section("domain"), Platform.WINDOWS)
    assert isinstance(observation, Found)
    assert (observation.value.name, observation.value.member, observation.value.role) == ("büro", True, 3)
    part = recording.section("sockets")
    assert part is not None
    assert "ABHÖREN" in part.parts[0].lines()[1]
    assert b"Microsoft Windows" in recording.outside


def test_without_powershell_cmd_is_asked_and_its_code_page_counts() -> None:
    def answer(command: str, stdin: bytes) -> bytes:
        if command == powershell.COMMAND:
            return b"'PowerShell' is not recognized as an internal or external command,\r\n"
        assert not stdin
        return framed(nonce_in(command), 1, NETSTAT, code_page="850")

    shell = Shell(answer)
    recording = ask(shell)

    assert len(shell.commands) == 2
    assert not recording.privileged
    part = recording.section("sockets")
    assert part is not None
    assert "ABHÖREN" in part.parts[0].lines()[1]
    assert [section.section for section in recording.sections if section.section.startswith("windows_code")] == []


def test_a_host_where_neither_runs_says_so() -> None:
    with pytest.raises(ProbeFailed, match="neither PowerShell nor cmd"):
        ask(Shell(lambda *_: b"This account may not\r\n"))


def test_what_came_before_the_connection_broke_is_kept() -> None:
    class Breaking(Shell):
        def run_verbatim(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
            whole = super().run_verbatim(command, stdin).stdout
            cut = whole[: whole.index(b"begin domain") - 40]
            raise Interrupted("the connection to win01 broke while a command ran", Completed(-1, cut, b""))

    recording = ask(Breaking(lambda _, stdin: framed(nonce_in(stdin.decode()), 0, NETSTAT)))

    assert [each.section for each in recording.sections] == ["sockets"]
    assert recording.missing == {"domain": "the connection to win01 broke while a command ran"}


def test_a_transport_that_has_one_way_to_run_is_asked_by_that() -> None:
    """Ansible's connection plugins hand a command line on as it is."""

    class Plain(Shell):
        run_verbatim = None  # type: ignore[assignment]

        def run(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
            return Completed(0, framed(nonce_in(stdin.decode()), 1, b""), b"", noise=b"banner")

    class OnlyRun:
        user, banner, privileged = "x", "", False
        run = Plain(lambda *_: b"").run

    recording = run_probe(
        cast(Transport, OnlyRun()), Platform.WINDOWS, REDACTOR, "w", lambda: 1.0, ProbeOptions(sections=CHOSEN)
    )
    assert recording.missing == {}


class Hanging(Shell):
    """PowerShell that hangs at some questions for good, and at others the first time."""

    def __init__(self, always: tuple[str, ...], once: tuple[str, ...]) -> None:
        super().__init__(lambda *_: b"")
        self.always, self.once = always, list(once)
        self.asked: list[list[str]] = []
        self.seconds: list[float] = []

    def run_verbatim(self, command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
        nonce = nonce_in(stdin.decode())
        names = [name for name in re.findall(r"begin (\w+)", stdin.decode()) if name in {"domain", "sockets", "iis"}]
        self.asked.append(names)
        self.seconds.append(timeout)
        said = f"\r\n{nonce} hello 0 7\r\n"
        for name in names:
            said += f"\r\n{nonce} begin {name}\r\n"
            if name in self.always or name in self.once:
                self.once = [each for each in self.once if each != name]
                raise Interrupted("it did not end and was left", Completed(-1, said.encode(), b""))
            said += f"\r\n{nonce} end\r\n\r\n{nonce} over no\r\n"
        return Completed(0, f"{said}\r\n{nonce} bye\r\n".encode(), b"")


THREE = tuple(section for section in SECTIONS if section.name in ("domain", "sockets", "iis"))


@pytest.mark.parametrize(
    ("always", "once", "trips", "unfinished"),
    [
        ((), (), 1, []),
        ((), (0,), 2, []),
        ((0,), (), 3, [0]),
        ((1,), (), 3, [1]),
        ((2,), (), 2, [2]),
        ((), (2,), 2, []),
        ((0, 1), (), 4, [0, 1]),
        ((0,), (1,), 3, [0]),
        ((0, 1, 2), (), 4, [0, 1, 2]),
    ],
)
def test_a_question_that_hangs_costs_none_of_the_others(
    always: tuple[int, ...], once: tuple[int, ...], trips: int, unfinished: list[int]
) -> None:
    names = [section.name for section in THREE]
    shell = Hanging(tuple(names[each] for each in always), tuple(names[each] for each in once))
    recording = run_probe(
        cast(Transport, shell), Platform.WINDOWS, REDACTOR, "w", lambda: 1.0, ProbeOptions(sections=THREE, timeout=300)
    )

    assert (len(shell.asked), recording.missing) == (trips, {}), shell.asked
    assert [each.section for each in recording.sections] == names
    assert [names.index(each.section) for each in recording.sections if each.unfinished] == unfinished
    assert all(140 < seconds <= 150 for seconds in shell.seconds), "each has half of what is left, and nothing took any"


def test_a_host_with_little_time_left_is_not_asked_again() -> None:
    shell = Hanging(("domain",), ())
    run_probe(
        cast(Transport, shell), Platform.WINDOWS, REDACTOR, "w", lambda: 1.0, ProbeOptions(sections=THREE, timeout=5)
    )
    assert len(shell.asked) == 1
