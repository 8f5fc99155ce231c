"""Wrong inventories and wrong command lines."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.e2e.bad_input.command import ORDINARY_ROOT, told

pytestmark = pytest.mark.live

HERE = "here ansible_connection=local\n"


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("empty.ini", "", "empty.ini names no hosts; add a line such as 'web01 ansible_host="),
        ("hosts.ini", "# nobody yet\n\n", "hosts.ini names no hosts; add a line"),
        ("hosts.ini", "web01\n[web\nweb02\n", "hosts.ini:2: a section header has no closing bracket"),
        ("hosts.ini", 'web01\nweb02 ansible_port="22\n', "hosts.ini:2: "),
        ("hosts.yml", "- all: {\n", "hosts.yml:2: "),
        (
            "hosts.ini",
            "web01 ansible_port=ssh\n",
            "ansible_port of host web01 is 'ssh'; write a number from 1 to 65535",
        ),
        (
            "hosts.ini",
            "web01 ansible_ssh_private_key_file=/nowhere/key\n",
            "the key file /nowhere/key of host web01 does not exist; correct ansible_ssh_private_key_file",
        ),
        ("hosts.ini", "\x7fELF\x02\x01\x01\0\0[\x1b[31m\xff 'x\n", "hosts.ini"),
    ],
)
def test_an_inventory_that_cannot_be_used(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    (tmp_path / name).write_bytes(content.encode("latin-1"))
    done = told(tmp_path / "workspace", "scan", name)
    assert done.status == 3
    assert sentence in done.sentence
    assert not (tmp_path / "workspace").exists(), "a scan that could not begin leaves nothing"


def test_an_inventory_that_is_not_there_or_not_a_file(tmp_path: Path) -> None:
    done = told(tmp_path / "workspace", "scan", "nowhere.ini", "--json")
    assert done.status == 3
    assert done.sentence.startswith("there is no inventory at nowhere.ini; write one with a line such as")
    (tmp_path / "folder").mkdir()
    done = told(tmp_path / "workspace", "scan", "folder")
    assert (done.status, "cannot read" in done.sentence and "folder" in done.sentence) == (3, True)


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("setpriv") is None, reason="needs root and setpriv")
def test_an_inventory_that_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(HERE)
    (tmp_path / "hosts.ini").chmod(0)
    done = told(tmp_path / "workspace", "scan", "hosts.ini", within=ORDINARY_ROOT)
    assert (done.status, done.sentence) == (3, "hosts.ini cannot be read; check its owner and mode")


def test_a_limit_that_names_nobody(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(HERE)
    done = told(tmp_path / "workspace", "scan", "hosts.ini", "--limit", "web*", "--json")
    assert done.status == 3
    assert "matches --limit 'web*'; `ansible-inventory -i" in done.document["error"]
    done = told(tmp_path / "workspace", "scan", "hosts.ini", "--limit", "here,web01", "--dry-run")
    assert (done.status, done.sentence) == (
        0,
        "--limit: nothing is called web01, so that part of the pattern is ignored",
    )
    done = told(tmp_path / "workspace", "scan", "hosts.ini", "--limit", "~web(")
    assert (done.status, "~web(" in done.sentence) == (3, True)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("scn", "hosts.ini"), "there is no command 'scn'; did you mean scan?"),
        (("frobnicate",), "there is no command 'frobnicate'; there are scan, hosts"),
        (("scan",), "missing argument 'HOSTS.INI'"),
        (("scan", "hosts.ini", "--forks", "0"), "invalid value for '--forks': 0 is not in the range"),
        (("scan", "hosts.ini", "--jsn"), "no such option '--jsn'"),
        (("build", "--json"), "name the workloads (HOST/WORKLOAD, HOST, or a pattern such as 'web*/*')"),
        (("pilot", "web01/apache2", "--runtime", "lxc"), "invalid value for '--runtime': 'lxc' is not one of 'docker'"),
        (("export",), "choose a format: --json"),
        (("rules", "NET999"), "there is no rule 'NET999'"),
    ],
)
def test_a_wrong_command_line_is_another_status_and_shows_the_right_one(
    tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    done = told(tmp_path / "workspace", *arguments)
    assert done.status == 2
    assert done.sentence.startswith(sentence)
    assert "Usage: assess" in done.errors
    assert list(tmp_path.iterdir()) == []
