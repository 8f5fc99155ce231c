"""Accounts, and never a hash."""

from __future__ import annotations

import grp
import pwd
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.users import Users
from inventory.observation import Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.users import SECTION, parse
from tests.support.live import ask, found
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


def test_without_passwd_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(answer("users", passwd=b""), Platform.POSIX), Unknown)


def test_what_is_no_account_is_an_error() -> None:
    for passwd in (b"a:b\n", b"a:x:one:1::/:/bin/sh\n", "a:x:\u0661:1::/:/bin/sh\n".encode()):
        with pytest.raises(ParseError, match="passwd:1"):
            parse(answer("users", passwd=passwd))


@given(
    st.sampled_from(["passwd", "group"]),
    st.one_of(st.binary(max_size=60), st.text("a:1x/+\n", max_size=40).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(answer("users", **{"passwd": b"a:x:1:1::/:/bin/sh\n", name: content}))
    except ParseError as error:
        assert str(error)
