"""Lines that were made to hang a scan, in places that a host, or any user of it, fills."""

from __future__ import annotations

from contextlib import suppress

import pytest

from assess.subjects.host_references import _PORT_SETTING
from containerize.closure.file_contents import understand
from containerize.closure.references import MAX_NAMES, NOTHING, find_references
from inventory import cpu_limit
from inventory.platforms import Platform
from inventory.probe.framing import MOST_PARTS, read_frames
from inventory.recording import Part
from inventory.section import ParseError
from inventory.sections import SECTIONS
from tests.support.recordings import answer, hosts_with, recorded

_BLANKS = b" " * 400_000
_LONG = 60_000

_LINES = {
    "swaps": ("mounts", "files", b"/proc/swaps:/dev/sda2" + _BLANKS + b"x\n"),
    "sizes of df": ("mounts", "sizes", b"/dev/sda1 " + b"1 " * (_LONG // 2) + b"x\n"),
    "blanks in the sizes of df": ("mounts", "sizes", b"/dev/sda1" + b" " * _LONG + b"x\n"),
    "exports": ("mounts", "files", b"/etc/exports:/srv " + b"(" * _LONG + b"\n"),
    "limits": ("processes", "limits", b"/proc/1/limits:Max x" + _BLANKS + b"\x0b\n"),
    "sysctl assignments": ("sysctls", "contents", b"/etc/sysctl.conf:" + b"\t" * _LONG + b"#\n"),
    "locale": ("system", "locale", b"/etc/default/locale:LANG=x" + b" " * _LONG + b"x\n"),
    "nsswitch": ("users", "settings", b"/etc/nsswitch.conf:passwd: " + b"[" * 400_000 + b"\n"),
    "drbd": ("storage", "devices", b"/etc/drbd.d/a.res:" + b" disk x" * 100_000 + b"\n"),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("what", _LINES)
def test_a_hostile_line_does_not_hang_its_parser(what: str) -> None:
    section, name, line = _LINES[what]
    variant = next(each for each in SECTIONS if each.name == section).variant(Platform.POSIX)
    assert variant is not None
    real = recorded(hosts_with(section)[-1], section)
    parts = tuple(Part(part.name, line if part.name == name else part.content) for part in real.parts)
    if name not in {part.name for part in parts}:
        parts = (*parts, Part(name, line))
    with suppress(ParseError):
        variant.parse(type(real)(section, parts))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "body",
    [b"x=y&", b"\n\t", b"env a=", b"exec.", b"capture0", b"!A=\"'", b"require\t\t\t\t", b"\nx=y", b"{a=\"'}"],
    ids=repr,
)
@pytest.mark.parametrize("name", ["run.sh", "run.py", "run.rb", "run.php"])
def test_a_hostile_script_does_not_hang_the_search_for_what_it_names(name: str, body: bytes) -> None:
    first = {"sh": b"#!/bin/sh\n", "py": b"#!/usr/bin/python3\n", "rb": b"#!/usr/bin/ruby\n", "php": b"<?php\n"}
    find_references(f"/opt/{name}", first[name.rpartition(".")[2]] + body * (256_000 // len(body)))


@pytest.mark.timeout(60)
def test_a_hostile_line_does_not_hang_the_search_for_ports() -> None:
    assert not list(_PORT_SETTING.finditer("port" * 100_000))


def test_what_a_shell_script_runs_is_still_found() -> None:
    script = b"""#!/bin/sh
NAME=value OTHER="a b;c" first --option
if second; then third & fi
X=$(fourth) ; env LANG=C fifth | sixth
\tA='q w' seventh
exec eighth
"""
    assert set(find_references("/opt/run.sh", script).programs) >= {
        *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
    }


def test_an_ordinary_swap_area_and_df_line_are_read() -> None:
    variant = next(each for each in SECTIONS if each.name == "mounts").variant(Platform.POSIX)
    assert variant is not None
    made = answer(
        "mounts",
        table=b"/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /my\\040disk ext4 rw 0 0\n",
        sizes=b"Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/a b  100  50 50 50% /my disk\n",
        files=b"/proc/swaps:Filename\tType\n/proc/swaps:/swap\\040file   file  2097148\t512\t-2\n",
    )
    found = variant.parse(made)
    assert found.value.mounts[1].size_bytes == 100 * 1024
    swap = found.value.swaps[0]
    assert (swap.path, swap.kind, swap.size_bytes, swap.priority) == ("/swap file", "file", 2097148 * 1024, -2)


def test_a_script_that_names_more_than_is_followed_says_so() -> None:
    insight = understand("/opt/run.sh", b"#!/bin/sh\n" + b"".join(b"cat /srv/%d\n" % n for n in range(MAX_NAMES + 5)))
    assert insight.mentions.cut
    assert insight.unread == f"names more than {MAX_NAMES} things; the others were not followed"
    assert not understand("/opt/run.sh", b"#!/bin/sh\ncat /srv/1\n").unread


@pytest.mark.timeout(60)
def test_a_script_whose_search_does_not_end_is_left_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_limit, "SECONDS", 0.05)
    insight = understand("/opt/run.sh", b"#!/bin/sh\n" + b"a=$(cat /srv/x); exec run 'y' " * 400_000)
    assert insight.mentions == NOTHING
    assert insight.unread == "was not searched for what it names: it took more than 0.05 s of CPU"


def test_parts_beyond_the_most_leave_their_section_unfinished() -> None:
    nonce = "0123456789abcdef"
    parts = "".join(f"\n{nonce} part a{n}\n\n{nonce} done 0\n" for n in range(MOST_PARTS + 1))
    answer = f"\n{nonce} hello 0 1\n\n{nonce} begin demo\n{parts}\n{nonce} end\n\n{nonce} over no\n\n{nonce} bye\n"
    section = read_frames(answer.encode(), b"", nonce).sections["demo"]
    assert len(section.parts) == MOST_PARTS
    assert section.unfinished
