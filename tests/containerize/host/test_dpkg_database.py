"""dpkg's own files, as they stand on hosts."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from containerize.host.dpkg_database import dependencies, diversions, raw_stanzas, read, stanzas

STATUS = b"""Package: libc6
Status: install ok installed
Priority: optional
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Provides: libc6-2.36
Depends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~)
Conffiles:
 /etc/ld.so.conf.d/x86_64-linux-gnu.conf d4e7a7b88a71b5ffd9e2644e71a0cfab
Description: GNU C Library: Shared libraries
 Contains the standard libraries
 .
 more

Package: libc6
Status: install ok installed
Architecture: i386
Version: 2.36-9+deb12u10

Package: mawk
Status: install ok installed
Architecture: amd64
Version: 1.3.4
Provides: awk (= 1.0)
Pre-Depends: libc6 (>= 2.34)

Package: base-files
Essential: yes
Status: install ok installed
Architecture: amd64
Version: 12.4
Pre-Depends: awk
Conffiles:
 /etc/debian_version 9e2e0b9d7b9c6d9e2e0b9d7b9c6d9e2e
 /etc/old 9e2e0b9d7b9c6d9e2e0b9d7b9c6d9e2f obsolete
 /etc/new newconffile

Package: removed
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""

LISTS = b"""./libc6:amd64.list:/.
./libc6:amd64.list:/lib
./libc6:amd64.list:/lib/x86_64-linux-gnu/libc.so.6
./libc6:i386.list:/lib/i386-linux-gnu/libc.so.6
./mawk.list:/usr/bin/mawk
./mawk.list:/usr/share/a name:with.list:inside
"""

SUMS = b"./libc6:amd64.md5sums:0123456789abcdef0123456789abcdef  lib/x86_64-linux-gnu/libc.so.6\n"


def test_installed_packages_are_read_with_their_files() -> None:
    database = read({"dpkg.status": STATUS, "dpkg.lists": LISTS, "dpkg.md5sums": SUMS, "dpkg.architecture": b"amd64\n"})
    assert sorted(database.packages) == ["base-files", "libc6", "libc6:i386", "mawk"]
    libc = database.packages["libc6"]
    assert libc.files == ("/lib", "/lib/x86_64-linux-gnu/libc.so.6")
    assert libc.checksums["/lib/x86_64-linux-gnu/libc.so.6"] == "0123456789abcdef0123456789abcdef"
    assert libc.checksums["/etc/ld.so.conf.d/x86_64-linux-gnu.conf"] == "d4e7a7b88a71b5ffd9e2644e71a0cfab"
    assert libc.conffiles == {"/etc/ld.so.conf.d/x86_64-linux-gnu.conf"}
    assert database.packages["libc6:i386"].files == ("/lib/i386-linux-gnu/libc.so.6",)
    assert database.packages["mawk"].files[1] == "/usr/share/a name:with.list:inside"
    base = database.packages["base-files"]
    assert base.essential
    assert base.conffiles == {"/etc/debian_version", "/etc/old", "/etc/new"}
    assert "/etc/new" not in base.checksums


def test_what_is_no_checksum_is_none() -> None:
    """Of a length alone it would be computed with later."""
    sums = b"./libc6:amd64.md5sums:%s  lib/x86_64-linux-gnu/libc.so.6\n" % (b"z" * 32)
    conffile = STATUS.replace(b"d4e7a7b88a71b5ffd9e2644e71a0cfab", b"-" * 32)
    assert conffile != STATUS
    found = read({"dpkg.status": conffile, "dpkg.lists": LISTS, "dpkg.md5sums": sums, "dpkg.architecture": b"amd64\n"})
    assert found.packages["libc6"].files
    assert found.packages["libc6"].checksums == {}


def test_a_virtual_package_is_met_by_what_provides_it() -> None:
    database = read({"dpkg.status": STATUS, "dpkg.architecture": b"amd64\n"})
    (awk,) = database.packages["base-files"].depends
    assert database.meets(awk, "amd64") == ("mawk",)
    (libc,) = database.packages["mawk"].depends
    assert database.meets(libc, "amd64") == ("libc6",)
    assert database.meets(libc, "i386") == ("libc6:i386",)
    assert database.meets(dependencies("missing | mawk")[0], "amd64") == ("mawk",)
    assert database.meets(dependencies("missing")[0], "amd64") == ()


def test_dependencies_are_groups_of_alternatives() -> None:
    assert dependencies("default-mta | mail-transport-agent, perl:any (>= 5.28), libc6 (>= 2.34) [amd64]") == (
        (("default-mta", ""), ("mail-transport-agent", "")),
        (("perl", "any"),),
        (("libc6", ""),),
    )


def test_a_diverted_file_is_where_it_was_put() -> None:
    text = "/bin/sh\n/bin/sh.distrib\ndash\n/usr/bin/x\n/usr/bin/x.orig\n:\n"
    assert diversions(text) == {"/bin/sh": ("/bin/sh.distrib", "dash"), "/usr/bin/x": ("/usr/bin/x.orig", ":")}
    database = read({"dpkg.status": STATUS, "dpkg.diversions": b"/usr/bin/mawk\n/usr/bin/mawk.orig\nlibc6\n"})
    assert database.place("mawk", "/usr/bin/mawk") == "/usr/bin/mawk.orig"
    assert database.place("libc6", "/usr/bin/mawk") == "/usr/bin/mawk"


def test_stanzas_can_be_put_back_as_they_were() -> None:
    text = STATUS.decode()
    assert "\n".join(raw for _, _, raw in raw_stanzas(text)) == text


def test_a_host_without_dpkg_has_no_packages() -> None:
    assert read({}).packages == {}


@given(st.text())
def test_no_text_raises(text: str) -> None:
    data = text.encode("utf-8", "surrogateescape" if text.isprintable() else "replace")
    read({"dpkg.status": data, "dpkg.lists": data, "dpkg.md5sums": data, "dpkg.diversions": data})
    list(stanzas(text))
    dependencies(text)
