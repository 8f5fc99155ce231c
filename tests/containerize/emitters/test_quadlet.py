"""Podman's generator makes of the units what the plan says, and systemd finds nothing in them to expand."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings

from containerize.emitters import quadlet
from containerize.emitters.emission import Emission
from containerize.emitters.quadlet import fields, word

from . import tools
from .cases import HOSTILE, emission, emitted, hostile_emission
from .texts import EXAMPLES, TEXTS

_ESCAPE = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_PLAIN = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "s": " "}


def split(line: str) -> list[str]:
    """The words of a line of ``ExecStart=`` as systemd reads them: systemd.syntax(7), then ``%%`` and ``$$``."""
    words, at = [], 0
    while at < len(line):
        if line[at] == " ":
            at += 1
            continue
        text, quote = "", ""
        while at < len(line) and (quote or line[at] != " "):
            char = line[at]
            if char == "\\":
                match = _ESCAPE.match(line, at)
                assert match is not None, line[at:]
                code = match[1] or match[2] or match[3]
                text += chr(int(code, 16)) if code else _PLAIN.get(match[4], match[4])
                at = match.end()
                continue
            if quote and char == quote:
                quote = ""
            elif not quote and char in "\"'":
                quote = char
            else:
                text += char
            at += 1
        assert not quote, line
        assert not re.search(r"(?<!%)(?:%%)*%(?!%)[a-zA-Z]", text) or "%E/" in text or "%t/" in text or "%N" in text, (
            text
        )
        words.append(text.replace("%%", "%").replace("$$", "$"))
    return words


def generate(given: Emission, folder: Path) -> dict[str, str]:
    for path in folder.glob("*"):
        path.unlink()
    for name, text in emitted(quadlet.EMITTER, given).items():
        (folder / Path(name).name).write_text(text, "utf-8")
    return tools.quadlet(folder)


def test_the_units_say_what_the_plan_says() -> None:
    files = emitted(quadlet.EMITTER, emission())
    assert set(files) == {
        "quadlet/web01-apache2.container",
        "quadlet/web01-apache2.network",
        "quadlet/web01-apache2-var-lib-app.volume",
    }
    lines = files["quadlet/web01-apache2.container"].split("\n")
    assert "PublishPort=80:80/tcp" in lines
    assert "# SeccompProfile=%E/containers/systemd/seccomp.json" in lines
    assert {f"PodmanArgs=--memory={496 << 20}", "PidsLimit=512", "CPUQuota=100%"} <= set(lines)
    # The unit's own group holds Podman, too.
    assert not [line for line in lines if line.startswith("MemoryMax")]


def test_no_text_of_a_host_adds_a_line() -> None:
    plain, hostile = (
        [line.partition("=")[0] for line in text.split("\n") if line and line[0] != "#"]
        for text in (
            next(text for path, text in emitted(quadlet.EMITTER, given).items() if path.endswith(".container"))
            for given in (hostile_emission("web"), hostile_emission())
        )
    )
    # A name that is none of a host is left out.
    assert [key for key in plain if key not in ("HostName", "AddHost")] == [key for key in hostile if key != "AddHost"]


@given(TEXTS)
@example(HOSTILE)
def test_a_word_is_one_line_and_means_the_text(text: str) -> None:
    written = word(text)
    assert len(written.splitlines()) == 1
    assert split(written) == [text]


@pytest.mark.parametrize("text", EXAMPLES)
def test_so_do_those_with_a_meaning_elsewhere(text: str) -> None:
    assert split(word(text)) == [text]


@given(TEXTS, TEXTS)
def test_fields_are_read_back_as_podman_reads_them(one: str, other: str) -> None:
    line = fields(f"a={one}", f"b={other}")
    assert list(csv.reader(io.StringIO(line, newline=""), strict=True)) == [[f"a={one}", f"b={other}"]]


@pytest.mark.live
def test_the_generator_accepts_them(tmp_path: Path) -> None:
    made = generate(emission(), tmp_path)
    assert set(made) == {
        "web01-apache2.service",
        "web01-apache2-network.service",
        "web01-apache2-var-lib-app-volume.service",
    }
    words = split(made["web01-apache2.service"])
    assert "type=volume,source=web01-apache2-var-lib-app,destination=/var/lib/app" in words
    assert "web01-apache2-etc-app-app-ini,type=mount,target=/etc/app/app.ini,uid=0,gid=33,mode=0640" in words
    assert words[-1] == "localhost/brownfield/web01/apache2:lift"


@pytest.mark.live
def test_the_generator_gives_a_read_only_root_and_memory_where_podman_puts_none(tmp_path: Path) -> None:
    given = emission()
    lock = replace(given.plan.run_directories[0], path="/var/lock/app")
    plan = replace(given.plan, run_directories=(*given.plan.run_directories, lock))
    words = split(generate(replace(given, plan=plan, read_only_root=True), tmp_path)["web01-apache2.service"])
    assert "--read-only" in words
    assert [each for each in words if "type=tmpfs" in each] == [
        "--mount=type=tmpfs,destination=/var/lock/app,tmpfs-mode=0755"
    ]


@pytest.mark.live
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(TEXTS.filter(lambda text: "\r" not in text))
@example(HOSTILE)
def test_the_generator_passes_on_what_the_host_sent(tmp_path: Path, text: str) -> None:
    given = hostile_emission(text)
    words = split(
        next(
            line for name, line in generate(given, tmp_path).items() if "-network" not in name and "-volume" not in name
        )
    )
    (mount,) = [each for each in words if each.startswith("type=volume")]
    assert mount.endswith(fields(f"destination=/data/{text}"))
    targets = [each for each in words if ",type=mount,target=" in each]
    if "," not in text:
        assert [each.partition(",target=")[2] for each in targets] == [f"/etc/{text},uid=0,gid=0,mode=0600"]
    else:
        assert not targets
