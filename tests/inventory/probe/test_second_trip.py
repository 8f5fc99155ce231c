"""What was cut off at the shared cap, with nobody on the host knowing, is asked for once more."""

from __future__ import annotations

import re
from dataclasses import replace

from inventory.errors import HostUnreachable
from inventory.observation import Absent
from inventory.platforms import Platform
from inventory.probe.execution import ProbeOptions, run_probe
from inventory.recording import Recording
from inventory.section import Section, Variant
from inventory.transports.transport import Completed
from tests.support.live import REDACTOR
from tests.support.this_machine import Here


def section(name: str) -> Section[None]:
    return Section(name, "", (Variant(Platform.POSIX, f"part said echo {name}", lambda _: Absent("not read")),))


SECTIONS = (section("first"), section("second"), section("third"))


class Cut(Here):
    """A host of whose first answer one section is lost. ``then``: whether it is still there afterwards."""

    def __init__(self, *, then: bool = True) -> None:
        super().__init__()
        self._then = then

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        if self.asked and not self._then:
            raise HostUnreachable("gone")
        done = super().run(command, stdin, timeout=timeout, limit=limit)
        if len(self.asked) > 1:
            return done
        said = re.sub(rb"\n\w+ begin second\n.*?(?=\n\w+ begin third\n)", b"", done.stdout, flags=re.DOTALL)
        return replace(done, stdout=said)


def probed(transport: Cut) -> Recording:
    return run_probe(transport, Platform.POSIX, REDACTOR, "h", lambda: 0.0, ProbeOptions(sections=SECTIONS))


def test_only_what_is_missing_is_asked_again() -> None:
    transport = Cut()
    recording = probed(transport)
    assert [each.section for each in recording.sections] == ["first", "second", "third"]
    assert recording.missing == {}
    assert len(transport.asked) == 2
    assert "bf_second" in transport.asked[1] and "bf_first" not in transport.asked[1]


def test_what_was_answered_counts_when_the_host_is_gone_then() -> None:
    recording = probed(Cut(then=False))
    assert [each.section for each in recording.sections] == ["first", "third"]
    assert recording.missing == {"second": "the host's answer ended before this section"}
