"""Reading rpm's answer: one of rpm 4.20 (25 packages of ``tests/estate/roots/rpm02``), one of rpm 4.16, rows as others
print them, and what a hostile host may send.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from containerize.checksums import algorithm_of
from containerize.host.installed_packages import PackageDatabase
from containerize.host.rpm_database import INSTALLED, NO_WAY, PARTS, package_rows, read
from tests.support.package_databases import answer

MD5 = "0123456789abcdef0123456789abcdef"
SHA256 = MD5 * 2


def lines(*rows: str, end: str = "E0") -> PackageDatabase:
    return read({INSTALLED: "\n".join((*rows, end, "")).encode()})


def package(name: str, epoch: str = "(none)", architecture: str = "x86_64", version: str = "1-2.el6") -> str:
    return f"P\t{name}\t{epoch}\t{version}\t{architecture}\t{name}-1-2.el6.src.rpm\t1300000000\t1200000000\t99\tMaker"


def test_a_package_has_its_files_settings_and_dependencies() -> None:
    found = lines(
        package("httpd", "2"),
        f"F0\t0\t{MD5}\t/usr/sbin/httpd",
        f"F17\t0\t{MD5}\t/etc/httpd/httpd.conf",
        "F0\t0\t\t/etc/httpd",
        "F64\t0\t\t/var/log/httpd/access.log",
        f"F0\t4\t{MD5}\t/usr/lib/libshared.so",
        f"F2\t2\t{MD5}\t/usr/share/doc/httpd/README",
        "F0\t0\t\t/srv/with\ttab",
        "D64\t/bin/sh",
        "D16777226\trpmlib(CompressedFileNames)",
        "D524288\tsuggested",
        "D0\thttpd",
        "D0\tlibc.so.6()(64bit)",
        "D0\t(mailcap or mime-support)",
        "Vwebserver",
        "Vhttpd",
        package("bash"),
        f"F0\t0\t{SHA256}\t/usr/bin/bash",
        "F0\t0\t\t/usr/bin/sh",
        package("gpg-pubkey"),
        "F0\t0\t\t/etc/nobody",
    )
    assert (found.manager, found.native_architecture, found.trouble) == ("rpm", "x86_64", "")
    httpd = found.packages["httpd"]
    assert (httpd.version, httpd.essential) == ("2:1-2.el6", False)
    assert httpd.files == (
        "/usr/sbin/httpd", "/etc/httpd/httpd.conf", "/etc/httpd", "/var/log/httpd/access.log", "/srv/with\ttab",
    )  # fmt: skip
    assert httpd.checksums == {"/usr/sbin/httpd": MD5, "/etc/httpd/httpd.conf": MD5}
    assert httpd.conffiles == {"/etc/httpd/httpd.conf"}
    assert httpd.not_brought == {"/var/log/httpd/access.log"}
    assert [[name for name, _ in group] for group in httpd.depends] == [
        ["/bin/sh"], ["libc.so.6()(64bit)"], ["mailcap", "mime-support"],
    ]  # fmt: skip
    # /bin/sh was asked for, and the package has it below the /usr that /bin leads to.
    assert found.meets(httpd.depends[0], "x86_64") == ("bash",)
    assert found.packages["bash"].essential
    assert sorted(found.packages) == ["bash", "httpd"]


def test_two_architectures_and_two_versions_of_one_package_are_told_apart() -> None:
    found = lines(
        package("glibc", architecture="i686"), "Vlibc.so.6",
        package("glibc"), "Vlibc.so.6()(64bit)",
        package("kernel"), package("kernel", version="2-1.el6"), package("kernel", version="3-1.el6"),
        package("tzdata", architecture="noarch"),
    )  # fmt: skip
    assert sorted(found.packages) == [
        "glibc", "glibc:x86_64", "kernel", "kernel:x86_64", "kernel:x86_64:3-1.el6", "tzdata",
    ]  # fmt: skip
    assert found.find("glibc") == "glibc:x86_64"
    assert found.find("glibc", "i686") == "glibc"
    assert found.find("tzdata", "i686") == "tzdata"


def test_an_answer_that_was_cut_short_says_so() -> None:
    assert "some packages may be missing" in lines(package("bash"), end="E1").trouble
    assert "some packages may be missing" in lines(package("bash"), end="").trouble
    # A SQLite database whose -shm file is gone cannot be opened by who may not write.
    assert lines(end="E1").trouble == "rpm could not read its database (rpm -qa ends with status 1)"


def test_what_is_no_status_is_not_repeated() -> None:
    for end in ("E" + "9" * 1000, "E\u0663"):
        assert lines(end=end).trouble == "rpm could not read its database (rpm -qa ends with no status)"


def test_a_vendor_with_a_tab_in_its_name_has_packages() -> None:
    row = f"{package('web')}\tand Sons"
    assert lines(row, "F0\t0\t\t/usr/bin/web").packages["web"].files == ("/usr/bin/web",)
    assert [each[8] for each in package_rows(row.encode())] == ["Maker and Sons"]


def test_a_host_whose_rpm_would_write_is_not_asked() -> None:
    found = lines(end="E126")
    assert (found.manager, found.packages, found.trouble) == ("", {}, NO_WAY)


def test_a_host_without_rpm_has_no_packages_and_no_trouble() -> None:
    assert read({}) == PackageDatabase("", {})
    assert read({INSTALLED: b""}).trouble == ""


def test_a_host_without_rpm_answers_nothing(tmp_path: Path) -> None:
    """The shell text itself: harmless where there is no rpm."""
    (tmp_path / "id").write_text("#!/bin/sh\necho 0\n")
    (tmp_path / "id").chmod(0o755)
    script = PARTS[INSTALLED].replace("/usr/bin/rpm", "/nowhere/rpm").replace("/bin/rpm", "/nowhere/rpm")
    done = subprocess.run(["sh", "-c", script], capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})
    assert (done.stdout, done.stderr) == (b"", b"")


def test_every_package_and_file_of_a_real_database_is_read() -> None:
    raw = answer("rpm-4.20")
    found = read({INSTALLED: raw})
    assert (len(found.packages), found.native_architecture, found.trouble) == (25, "x86_64", "")
    paths = re.findall(rb"^F\d+\t0\t\w*\t(/.+)$", raw, re.MULTILINE)
    assert sum(len(each.files) for each in found.packages.values()) == len(paths) > 2000
    checksums = [digest for each in found.packages.values() for digest in each.checksums.values()]
    assert {algorithm_of(digest) for digest in checksums} == {"sha256"}
    assert len(checksums) == len(re.findall(rb"^F\d+\t0\t\w+\t/", raw, re.MULTILINE)) > 1000


def test_libraries_and_files_lead_to_the_packages_that_have_them() -> None:
    found = read({INSTALLED: answer("rpm-4.20")})
    lighttpd = found.packages["lighttpd"]
    met = {name: found.meets(group, "x86_64") for group in lighttpd.depends for name, _ in group}
    assert met["libpcre2-8.so.0()(64bit)"] == ("libpcre2-8-0",)
    assert met["libc.so.6()(64bit)"] == ("glibc",)
    assert met["/usr/bin/perl"] == ("perl-base",)
    assert met["/bin/sh"] == ("dash",)
    assert not any(name.startswith(("rpmlib(", "config(lighttpd)")) for name in met)
    assert {"/etc/lighttpd/lighttpd.conf"} <= lighttpd.conffiles


def test_the_answer_of_an_rpm_with_berkeley_db_is_read() -> None:
    found = read({INSTALLED: answer("rpm-4.16")})
    (web,) = found.packages.values()
    assert (web.name, web.version, web.architecture, found.trouble) == ("web", "4:1.2-3.el8", "x86_64", "")
    assert {path: algorithm_of(digest) for path, digest in web.checksums.items()} == {
        "/etc/web.conf": "md5", "/usr/sbin/webd": "md5",
    }  # fmt: skip
    assert (web.conffiles, web.not_brought) == ({"/etc/web.conf"}, {"/var/log/web.log"})
    assert [name for name, _ in web.depends[0]] == ["bash", "dash"]


def test_rows_for_the_list_of_an_image() -> None:
    rows = {row[0]: row for row in package_rows(answer("rpm-4.20"))}
    assert len(rows) == 25
    name, epoch, version, architecture, source, _, _, size, vendor = rows["zlib1g"]
    assert (name, epoch, architecture, source, vendor) == ("zlib1g", "1", "x86_64", "debian-13-1.src.rpm", "")
    assert version.startswith("1.3.dfsg")
    assert int(size) > 100_000


@given(st.binary())
def test_anything_can_be_read(data: bytes) -> None:
    read({INSTALLED: data})
    list(package_rows(data))


_FIELD = st.one_of(
    st.sampled_from(["0", "1", "64", "-1", MD5, SHA256, "(none)", "/etc/x", "/usr/bin/y/", "("]), st.text()
)
_ROW = st.tuples(st.sampled_from("PFDVEX"), st.lists(_FIELD, max_size=10)).map(lambda row: row[0] + "\t".join(row[1]))


@given(st.lists(st.one_of(_ROW, st.just(package("a")), st.just(package("b", "0", "i686"))), max_size=30))
def test_every_path_is_absolute_and_every_checksum_known(rows: list[str]) -> None:
    text = "\n".join(rows).encode("utf-8", "surrogateescape")
    for each in read({INSTALLED: text}).packages.values():
        assert all(path.startswith("/") and path != "/" for path in each.files)
        assert each.checksums.keys() | each.conffiles | each.not_brought <= set(each.files)
        assert all(algorithm_of(digest) for digest in each.checksums.values())
