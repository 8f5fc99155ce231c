"""Accounts, and never a hash."""

from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.users import Users
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.operating_system.users import SECTION, parse
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded


def users(recording: SectionRecording) -> Users:
    value = found(SECTION, recording)
    assert isinstance(value, Users)
    return value


@pytest.mark.parametrize("host", ["web01", "app01-user", "vm01"])
def test_accounts_and_groups_of_a_host(host: str) -> None:
    value = users(recorded(host, "users"))
    web = next(user for user in value.users if user.name == "www-data")

    assert (web.uid, web.gid, web.home, web.shell) == (33, 33, "/var/www", "/usr/sbin/nologin")
    assert value.user(0) is not None
    group = value.group(0)
    assert group is not None
    assert group.name == "root"


def test_recorded_hosts_say_where_people_begin_and_hide_a_hash() -> None:
    vm, appliance = users(recorded("vm01-user", "users")), users(recorded("busy01-appliance", "users"))

    assert (vm.first_ordinary_uid, vm.sources, vm.group_sources) == (1000, ("files",), ("files",))
    assert "/bin/bash" in vm.shells
    assert [user.name for user in vm.users if vm.kind(user.uid) == "ordinary"] == ["legacy", "ops"]
    assert [user.name for user in appliance.users] == ["root", "admin"]
    assert appliance.sources == ()
    assert b"$1$" not in recorded("busy01-appliance", "users").to_text()


def test_members_and_comments_are_kept() -> None:
    value = users(answer("users", passwd=b"app:x:1:2:App, 3rd floor:/opt/app:\n", group=b"ops:x:5:a,b\nempty:x:6:\n"))

    assert (value.users[0].comment, value.users[0].shell) == ("App, 3rd floor", "")
    assert [group.members for group in value.groups] == [("a", "b"), ()]


def test_entries_of_nis_are_no_accounts() -> None:
    value = users(answer("users", passwd=b"a:x:1:1::/:/bin/sh\n+::::::\n-b::::::\n# c\n\n", group=b"+:::\n"))

    assert [user.name for user in value.users] == ["a"]


def test_no_hash_leaves_the_host(tmp_path: Path) -> None:
    """An old system without shadow files has them in the second field."""
    (tmp_path / "passwd").write_text("old:abJnggxhB/yWI:1:1::/:/bin/sh\nnone::2:2::/:/bin/sh\n")
    recording = ask(SECTION, change={"/etc/passwd": str(tmp_path / "passwd")})["users"]

    assert b"abJ" not in recording.to_text()
    assert [user.name for user in users(recording).users] == ["old", "none"]


def test_this_machine() -> None:
    value = users(ask(SECTION)["users"])

    assert {(user.name, user.uid) for user in value.users} <= {
        (entry.pw_name, entry.pw_uid) for entry in pwd.getpwall()
    }
    assert {(group.name, group.gid) for group in value.groups} <= {
        (each.gr_name, each.gr_gid) for each in grp.getgrall()
    }
    assert value.users
    for user in value.users:
        if os.getgrouplist(user.name, user.gid):
            ours = {group.gid for group in value.groups_of(user)} | {user.gid}
            assert ours <= set(os.getgrouplist(user.name, user.gid)), user.name


def test_without_passwd_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("users", passwd=b""), Platform.POSIX), Unknown)


def test_a_line_that_is_no_account_is_a_gap_and_hides_no_other() -> None:
    """These files are written by hand."""
    good = b"a:x:1:1::/:/bin/sh\n"
    for bad in (b"a:b\n", b"b:x:one:1::/:/bin/sh\n", "c:x:\u0661:1::/:/bin/sh\n".encode()):
        observation = parse(answer("users", passwd=bad + good))

        assert isinstance(observation, Found)
        assert [user.name for user in observation.value.users] == ["a"]
        assert [gap.what for gap in observation.gaps] == ["line 1 of /etc/passwd"]


SETTINGS = b"""/etc/login.defs:UID_MIN\t\t\t  500
/etc/nsswitch.conf:passwd:     files sss [NOTFOUND=return] ldap   # people
/etc/nsswitch.conf:group:      files
/etc/shells:/bin/sh
/etc/shells:/bin/bash
"""

PEOPLE = b"""root:x:0:0:root:/root:/bin/bash
apache:x:48:48::/var/www:/sbin/nologin
app:x:499:499::/opt/app:
ann:x:500:100:Ann:/home/ann:/bin/bash
nfsnobody:x:65534:65534::/var/lib/nfs:/sbin/nologin
"""

GROUPS = b"root:x:0:root\nusers:x:100:\nwheel:x:10:ann,root\ndocker:x:988:ann,app\nsmall:x:7\n"


def test_people_are_told_from_services_by_the_hosts_own_border() -> None:
    """EL6 begins at 500; without login.defs it is 1000."""
    value = users(answer("users", passwd=PEOPLE, group=GROUPS, settings=SETTINGS))
    without = users(answer("users", passwd=PEOPLE, group=GROUPS))

    assert [value.kind(user.uid) for user in value.users] == ["root", "system", "system", "ordinary", "system"]
    assert value.first_ordinary_uid == 500
    assert without.kind(500) == "system"
    assert (without.sources, without.shells) == ((), ())


def test_groups_of_a_user_are_the_primary_one_and_those_that_name_them() -> None:
    value = users(answer("users", passwd=PEOPLE, group=GROUPS, settings=SETTINGS))
    by_name = {user.name: user for user in value.users}

    assert [group.name for group in value.groups_of(by_name["ann"])] == ["users", "wheel", "docker"]
    assert [group.name for group in value.groups_of(by_name["app"])] == ["docker"]
    assert [group.name for group in value.groups_of(by_name["root"])] == ["root", "wheel"]


def test_who_may_log_in_is_said_by_the_shell() -> None:
    value = users(answer("users", passwd=PEOPLE, group=GROUPS, settings=SETTINGS))

    assert [user.name for user in value.users if user.logs_in] == ["root", "app", "ann"]
    assert value.shells == ("/bin/sh", "/bin/bash")


def test_accounts_of_a_directory_service_are_a_gap() -> None:
    """They are not asked for: that would open a connection."""
    raw = answer("users", passwd=PEOPLE, group=GROUPS, settings=SETTINGS)
    directory = parse(SECTION.redact(raw, REDACTOR))
    nis = parse(answer("users", passwd=PEOPLE + b"+::::::\n", group=GROUPS))
    files = parse(answer("users", passwd=PEOPLE, group=GROUPS, settings=b"/etc/nsswitch.conf:passwd: compat systemd\n"))

    assert isinstance(directory, Found)
    assert directory.value.sources == ("files", "sss", "ldap")
    assert [gap.reason for gap in directory.gaps] == ["the host also asks sss, ldap for accounts"]
    assert isinstance(nis, Found)
    assert [gap.reason for gap in nis.gaps] == ["/etc/passwd takes more accounts from NIS"]
    assert isinstance(files, Found)
    assert files.gaps == ()


@given(
    st.sampled_from(["passwd", "group", "settings"]),
    st.one_of(st.binary(max_size=60), st.text("a:1x/+\n", max_size=40).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(answer("users", **{"passwd": b"a:x:1:1::/:/bin/sh\n", name: content}))
    except ParseError as error:
        assert str(error)
