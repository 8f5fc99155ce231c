"""The file that is printed allows what a scan needs, and nothing else: by its text, and by a real sudo."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from assess.cli import assess
from inventory.ansible.inventory_file import read_hosts
from inventory.depth import Depth
from inventory.host import Host
from inventory.limits import Limits
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.probe.privileges import (
    BUILD_AND_PILOT,
    ESCALATIONS,
    READING,
    BadUser,
    RootCommand,
    doas_conf,
    root_commands,
    sudoers,
)
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.section import Section, Variant
from inventory.sections import SECTIONS
from inventory.transports import ConnectOptions, connect
from tests.estate import Estate

DEPTHS = pytest.mark.parametrize("depth", list(Depth))


def _section(fragment: str) -> Section[str]:
    return Section("one", "one", (Variant(Platform.POSIX, fragment, lambda _: Found("")),))


def test_commands_are_read_as_the_shell_reads_them() -> None:
    fragment = r"""
if [ -d /x ]; then root a /bin/cat /x 2>/dev/null; fi
root b /usr/bin/find /proc -name fd -o '(' -name x ')' \
  -exec /bin/grep -aH '^(a|b)' '{}' +
[ -e /y ] && root c /sbin/y-save
if [ "$BF_DEPTH" = deep ]; then
  root d /bin/cat /deep
fi
"""
    assert [(each.words, each.parts) for each in root_commands([_section(fragment)], Depth.STANDARD)] == [
        (("/bin/cat", "/x"), ("one/a",)),
        (
            (*"/usr/bin/find /proc -name fd -o ( -name x ) -exec /bin/grep -aH ^(a|b) {} +".split(),),  # noqa: SIM905
            ("one/b",),
        ),
        (("/sbin/y-save",), ("one/c",)),
    ]
    assert ("/bin/cat", "/deep") in [each.words for each in root_commands([_section(fragment)], Depth.DEEP)]


@DEPTHS
def test_no_command_of_the_probe_is_forgotten(depth: Depth) -> None:
    """As many as a plain search for the word finds, at the greatest depth."""
    named = {
        (section.name, match)
        for section in SECTIONS
        if (variant := section.variant(Platform.POSIX)) is not None
        for match in re.findall(r"(?m)(?:^|[;&] *|then )\s*root ([\w-]+) /", variant.fragment)
    }
    parts = {tuple(part.split("/", 1)) for command in root_commands(SECTIONS, Depth.DEEP) for part in command.parts}
    assert parts == named
    less = {command.words for command in root_commands(SECTIONS, depth)}
    assert less <= {command.words for command in root_commands(SECTIONS, Depth.DEEP)}


@DEPTHS
def test_every_command_is_absolute_and_fixed(depth: Depth) -> None:
    for command in (*root_commands(SECTIONS, depth), BUILD_AND_PILOT):
        assert command.words[0].startswith("/")
        # the script of READER has variables of its own shell; for sudo they are letters
        free = command.words[:-1] if command is BUILD_AND_PILOT else command.words
        assert not any(re.search(r"[\s$`]", word) or not word for word in free), command
        assert not any(re.search(r"\s", word) for word in command.words), command
        for line in sudoers([command], "ops").splitlines():
            if line.startswith("ops "):
                assert re.search(r"(?<!\\)[*?\[\]!]", line) is None, "a wildcard would allow more"


def test_characters_that_mean_something_to_sudoers_are_escaped() -> None:
    odd = RootCommand(("/bin/x", "a,b:c=d", "*?[x]!", "\\", "#"), ("one/a",))
    text = sudoers([odd, RootCommand(("/y",), ("one/b",))], "o")
    assert r"o ALL=(root) NOPASSWD: /bin/x a\,b\:c\=d \*\?\[x\]\! \\ \#" in text
    assert 'o ALL=(root) NOPASSWD: /y ""' in text, "without arguments sudo would allow any"


@pytest.mark.parametrize("user", ["", "ALL", "all", "%wheel", "a b", "a,b", "#0", "+netgroup", "x\nroot ALL=(ALL) ALL"])
def test_a_name_that_means_more_than_a_user_is_refused(user: str) -> None:
    with pytest.raises(BadUser):
        sudoers([], user)


@DEPTHS
def test_the_programs_themselves_accept_the_files(tmp_path: Path, depth: Depth) -> None:
    commands = (*root_commands(SECTIONS, depth), BUILD_AND_PILOT)
    for checker, text in (
        (["visudo", "-c", "-f"], sudoers(commands, "ops")),
        (["doas", "-C"], doas_conf(commands, "ops")),
    ):
        if shutil.which(checker[0]) is None:
            continue
        file = tmp_path / checker[0]
        file.write_text(text)
        file.chmod(0o440)
        done = subprocess.run([*checker, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def _printed(*arguments: str) -> str:
    return CliRunner().invoke(assess, ["privileges", *arguments], catch_exceptions=False).output


def test_a_scan_and_a_build_are_told_apart_with_what_they_grant() -> None:
    every, scan, build = _printed(), _printed("--for", "scan"), _printed("--for", "build")
    assert "setpriv" not in scan
    assert every == f"{scan}\n{build}", "two accounts, so that the one that scans cannot read everything"
    assert {line.split()[0] for line in build.splitlines() if "NOPASSWD" in line} == {"assess-build"}
    told = " ".join(line.removeprefix("# ") for line in build.splitlines())
    assert READING in told
    document = json.loads(_printed("--json"))
    assert {row["account"] for row in document["commands"]} == {"assess", "assess-build"}
    assert all(row["grants"] for row in document["commands"])
    assert "setpriv" not in _printed("--for", "pilot", "--form", "doas")


@pytest.fixture(scope="module")
def looker() -> Iterator[Host]:
    """web01 with a user who may do nothing but what the file says."""
    with Estate.running(["web01"]) as estate:
        (root,) = read_hosts(Path(estate.hosts_ini), limit="web01")
        text = sudoers(root_commands(SECTIONS, Depth.STANDARD), "looker")
        make = """
            useradd -m looker
            install -d -m 0700 -o looker /home/looker/.ssh
            install -m 0600 -o looker ~root/.ssh/authorized_keys /home/looker/.ssh/authorized_keys
            cat >/etc/sudoers.d/looker && chmod 0440 /etc/sudoers.d/looker && visudo -c
        """
        with connect(root) as transport:
            done = transport.run(make, text.encode())
            assert done.exit_status == 0, done.stdout + done.stderr
        try:
            yield replace(root, user="looker")
        finally:
            with connect(root) as transport:
                transport.run("rm -f /etc/sudoers.d/looker; userdel -r looker")


@pytest.mark.estate
@pytest.mark.timeout(600)
@pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root")
class TestRealSudo:
    def test_a_scan_with_exactly_that_file_sees_what_root_sees(self, looker: Host) -> None:
        seen = {}
        for user, escalate in (("root", ""), ("looker", ESCALATIONS["sudo"]), ("looker", "")):
            question = CollectionRequest(ConnectOptions(), b"k" * 32, limits=Limits(escalate=escalate))
            result = collect_host(replace(looker, user=user), question).result
            assert result.recording is not None, result.reason
            for section in SECTIONS:
                observation = section.observe(result.recording.section(section.name), Platform.POSIX)
                seen[user, escalate, section.name] = observation
        for name in ("open_files", "processes", "libraries"):
            whole = seen["looker", "sudo -n", name]
            assert isinstance(whole, Found)
            assert not whole.gaps, (name, whole.gaps)
            less = seen["looker", "", name]
            assert isinstance(less, Found)
            assert less.gaps, "without the file something is missing, and that is said"
        pids = []
        for user, how in (("root", ""), ("looker", "sudo -n")):
            files = seen[user, how, "open_files"]
            assert isinstance(files, Found)
            pids.append({file.pid for file in files.value if "apache2" in file.target})
        assert pids[0]
        assert pids[0] == pids[1]

    @pytest.mark.parametrize(
        "command",
        [
            "/bin/cat /etc/shadow",
            "/bin/cat /proc/1/environ /etc/shadow",
            "/bin/sh -c id",
            "/usr/bin/find /proc -mindepth 2 -maxdepth 2 -name fd -exec /bin/sh -c id '{}' +",
            "/usr/bin/find /etc -mindepth 2 -maxdepth 2 -name fd -exec /bin/ls -ln /dev/null '{}' +",
            "/sbin/iptables-save -M /bin/sh",
        ],
    )
    def test_nothing_else_is_allowed(self, looker: Host, command: str) -> None:
        with connect(looker) as transport:
            assert transport.run("sudo -n /bin/cat /proc/1/environ").exit_status == 0
            done = transport.run(f"sudo -n {command}")
        assert done.exit_status != 0
        assert b"password" in done.stderr or b"not allowed" in done.stderr, done.stderr
