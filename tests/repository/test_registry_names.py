"""Names of registries stand in one data table; everything else uses a configured mirror or a placeholder."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from containerize.data_tables import data_table

ROOT = Path(__file__).parents[2]
TABLE = "containerize/data/registries.toml"

_RESERVED = re.compile(r"(?:.*\.)?(?:example|test|invalid|localhost|lan|corp|local|example\.(?:com|net|org))")
_ENDING = re.compile(r"\.(?:com|dev|io|net|org)(?![\w-]|\.\w)")
_BEFORE = re.compile(r"(?<![\w.@-])[a-z0-9-]+(?:\.[a-z0-9-]+)*\Z")
_FIRST_LABEL = re.compile(
    r"(?:apt|archives?|cdn|deb|dl|download|files|ftp|index|mirrors?|npm|packages|ppa|pypi|registry|repos?|rpm|security|vault"
    r"|yum)(?:-[a-z0-9]+)?"
)
_TOOL = re.compile(r"cpan|crates|maven|npm\w*|nuget|packagist|pypi|\w*gems|python\w+ed")
_SOURCE = re.compile(
    r"(?:^|[\s:\"'])(?:deb(?:-src)?\s(?:\[[^]]*\]\s*)?|(?:baseurl|mirrorlist|metalink|index-url|registry)\s*=\s*|@\w+\s)"
    r"[a-z]+://(?:[^/@\s]*@)?([\w.-]+\.[a-z]+)(?=[/:\s]|$)"
)
"""A line of apt, yum, pip, npm or apk that says where packages come from."""


@cache
def files() -> tuple[tuple[str, str], ...]:
    """Every text file of the repository except the table: its path and its content."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("this is not a checkout of git")
    found = []
    for name in filter(None, listed.stdout.split("\0")):
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if name != TABLE and b"\0" not in content[:8192]:
            found.append((name, content.decode("utf-8", "replace")))
    return tuple(found)


def servers() -> list[str]:
    return [host for group in ("images", "packages") for host in data_table("registries")[group].values()]


def names(text: str, host: str) -> bool:
    """Whether a text names a host. A name of two parts may be a package's: it counts where only hosts stand."""
    if host not in text:
        return False
    name = re.escape(host)
    if host.count(".") > 1:
        return re.search(rf"(?<![\w.-]){name}(?![\w-]|\.\w)", text) is not None
    return re.search(rf"//{name}(?![\w.-])|[\"'\s=]{name}(?=/\w)", text) is not None


def suspicious(text: str) -> Iterator[str]:
    """Hosts that are registries of the public internet by what they are called or by where they stand."""
    for ending in _ENDING.finditer(text):
        before = _BEFORE.search(text[max(0, ending.start() - 100) : ending.start()])
        if before is not None:
            host, labels = before[0] + ending[0], before[0].split(".")
            by_name = (len(labels) > 1 and _FIRST_LABEL.fullmatch(labels[0])) or _TOOL.fullmatch(labels[-1])
            if by_name and not _RESERVED.fullmatch(host):
                yield host
    for line in text.splitlines():
        if "://" in line:
            yield from (match[1] for match in _SOURCE.finditer(line) if not _RESERVED.fullmatch(match[1]))


def test_only_the_table_names_its_servers() -> None:
    known = servers()
    assert len(files()) > 1000
    assert len(known) > 5
    assert [(path, host) for path, text in files() for host in known if names(text, host)] == []


def test_no_file_names_another_registry() -> None:
    assert [(path, host) for path, text in files() for host in suspicious(text)] == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("deb [arch=amd64] https://acme.ORG/debian bookworm main", ["acme.ORG"]),
        ("/etc/apt/sources.list:deb http://acme.ORG/debian bookworm main", ["acme.ORG"]),
        ("baseurl=http://user:word@acme.ORG/base/", ["acme.ORG"]),
        ("/etc/apk/repositories:4:@edge https://acme.ORG/v3.18/main", ["acme.ORG"]),
        ("registry=https://acme.ORG/", ["acme.ORG"]),
        ("see http://mirrors.acme.ORG/", ["mirrors.acme.ORG"]),
        ("FROM registry-2.acme.ORG/team/web", ["registry-2.acme.ORG"]),
        ("acmegems.ORG npmacme.ORG", ["acmegems.ORG", "npmacme.ORG"]),
        ("deb http://mirror.example/debian bookworm main", []),
        ("registry.example.ORG/team/web packages.corp.lan", []),
        ("the documentation at https://www.acme.ORG/packages", []),
        ("import archive.io as files", []),
    ],
)
def test_a_registry_is_seen_by_what_it_is_called_and_where_it_stands(text: str, found: list[str]) -> None:
    # Capitals, so that this file passes its own test.
    assert list(suspicious(text.replace(".ORG", ".org"))) == [host.replace(".ORG", ".org") for host in found]


def test_a_server_of_the_table_is_seen_where_a_host_stands() -> None:
    assert names('FROM "acme.test/library/web"', "acme.test")
    assert names("https://acme.test", "acme.test")
    assert not names("apt-get install acme.test", "acme.test")
    assert names("it is registry.acme.test.", "registry.acme.test")
