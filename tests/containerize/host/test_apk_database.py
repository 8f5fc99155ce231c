"""Reading apk's database: two of Alpine's own, and what a hostile host may send."""

from __future__ import annotations

import base64
import hashlib
import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from containerize.host.apk_database import checksum, is_protected, names, paragraphs, protection, read
from containerize.host.installed_packages import PackageDatabase
from tests.support.package_databases import answer

VERSIONS = ("3.12.12", "3.18.9")

PLAIN = b"""C:Q1zwvKMnYs1b6ZdPTBJ0Z7D5P3jyA=
P:web
V:1.2-r3
A:x86_64
D:so:libc.musl-x86_64.so.1 /bin/sh !oldweb musl>=1.2 cmd:web extra@testing=1.0
p:cmd:web=1.2-r3 so:libweb.so.1=1
F:
R:at-the-top
F:etc/web
M:0:0:750
R:web.conf
a:0:0:640
Z:Q1SLkS9hBidUbPwwrw+XR0Whv3ww8=
F:usr/bin
R:a name: with words
Z:Q1not/base64
R:web
Z:Q2NTd/tMnwsuzlsYUrwXpU1RAlFBfZ4M8mfbhDqG8Hhx0=

P:extra
V:1.0-r0
A:x86_64

V:of nothing
"""


def recorded(version: str) -> bytes:
    return answer(f"alpine-{version}")


def database(version: str) -> PackageDatabase:
    return read({"apk.installed": recorded(version), "apk.arch": b"x86_64\n"})


def test_a_package_has_its_files_settings_and_dependencies() -> None:
    read_database = read({"apk.installed": PLAIN})
    assert (read_database.manager, read_database.native_architecture) == ("apk", "x86_64")
    assert sorted(read_database.packages) == ["extra", "web"]
    web = read_database.packages["web"]
    assert (web.version, web.architecture) == ("1.2-r3", "x86_64")
    assert web.files == (
        "/at-the-top", "/etc/web", "/etc/web/web.conf", "/usr/bin", "/usr/bin/a name: with words", "/usr/bin/web",
    )  # fmt: skip
    assert sorted(web.checksums) == ["/etc/web/web.conf", "/usr/bin/web"]
    assert [len(each) for each in web.checksums.values()] == [40, 64]
    assert web.conffiles == {"/etc/web/web.conf"}
    # What it provides itself needs nobody, and what is to be absent is not needed.
    assert [group[0].name for group in web.depends] == ["so:libc.musl-x86_64.so.1", "/bin/sh", "musl", "extra"]
    assert web.provides == ("cmd:web", "so:libweb.so.1")


@pytest.mark.parametrize("version", VERSIONS)
def test_every_package_and_file_of_alpine_is_read(version: str) -> None:
    found, text = database(version), recorded(version).decode()
    assert len(found.packages) == len(re.findall("^P:", text, re.MULTILINE)) > 10
    files = [path for package in found.packages.values() for path in package.checksums]
    assert len(files) == len(re.findall("^Z:", text, re.MULTILINE)) > 100


@pytest.mark.parametrize("version", VERSIONS)
def test_what_alpine_s_packages_need_is_met(version: str) -> None:
    found = database(version)
    needs = [(group, each.architecture) for each in found.packages.values() for group in each.depends]
    assert len(needs) > 15
    assert not [group for group, architecture in needs if not found.meets(group, architecture)]
    busybox = found.packages["busybox"]
    assert busybox.essential
    assert found.meets(busybox.depends[0], "x86_64") == ("musl",)
    assert not found.packages["zlib"].essential


def test_the_checksum_is_that_of_the_content() -> None:
    digest = hashlib.sha1(b"content", usedforsecurity=False).digest()
    assert checksum("Q1" + base64.b64encode(digest).decode()) == digest.hex()
    assert checksum("Q2" + base64.b64encode(digest).decode()) == ""
    assert checksum("X1" + digest.hex()) == ""


def test_what_apk_keeps_when_somebody_changed_it() -> None:
    rules = ("+etc", "@etc/init.d", "!etc/apk", "# +usr", "-etc/os-release", "+var/lib/*/conf", "usr/local")
    kept = {
        path: is_protected(path, protection(rules))
        for path in ("/etc/motd", "/etc/init.d/web", "/etc/apk/world", "/etc/os-release", "/usr/bin/x", "/etcetera",
                     "/var/lib/web/conf/a/b", "/var/lib/web/data", "/usr/local/x")
    }  # fmt: skip
    assert [path for path, is_kept in kept.items() if is_kept] == [
        "/etc/motd", "/etc/apk/world", "/var/lib/web/conf/a/b", "/usr/local/x",
    ]  # fmt: skip


def test_rules_without_end_are_not_held_against_every_file() -> None:
    files = "".join(f"R:f{number}\nZ:Q1AAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" for number in range(3000))
    installed = f"P:web\nV:1\nF:etc/web\n{files}".encode()
    begun = time.process_time()
    found = read({"apk.installed": installed, "apk.protected": b"-etc/*/[a-c]*\n" * 20_000 + b"-etc/web/f1\n"})
    assert time.process_time() - begun < 10
    assert len(found.packages["web"].checksums) == 3000
    assert found.packages["web"].conffiles == found.packages["web"].checksums.keys() - {"/etc/web/f1"}


def test_names_lose_their_versions() -> None:
    assert list(names("a a>1 b=1-r0 c~1.2 d@edge e<2 !f so:x.so.1=1 py3.11:y")) == [
        "a", "a", "b", "c", "d", "e", "so:x.so.1", "py3.11:y",
    ]  # fmt: skip


def test_paragraphs_can_be_put_back_as_they_were() -> None:
    text = recorded("3.18.9").decode()
    assert "".join(f"{each}\n\n" for each in paragraphs(text)) == text


def test_a_host_without_apk_has_no_packages() -> None:
    assert read({}).manager == ""


@given(st.binary())
def test_anything_can_be_read(data: bytes) -> None:
    read({"apk.installed": data, "apk.arch": data, "apk.protected": data})


_LETTERS = st.sampled_from("CPVADpFRZaMro")
_LINES = st.tuples(_LETTERS, st.text(max_size=12)).map(lambda pair: f"{pair[0]}:{pair[1]}")


@given(st.lists(st.one_of(_LINES, st.just("")), max_size=40))
@example(recorded("3.18.9").decode("utf-8", "surrogateescape").splitlines())
def test_every_path_is_absolute_and_every_checksum_known(lines: list[str]) -> None:
    text = "\n".join(lines).encode("utf-8", "surrogateescape")
    for package in read({"apk.installed": text}).packages.values():
        assert all(path.startswith("/") for path in package.files)
        assert package.checksums.keys() <= set(package.files)
        assert {len(each) for each in package.checksums.values()} <= {40, 64}
