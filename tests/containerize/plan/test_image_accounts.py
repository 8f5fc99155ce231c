"""Accounts come as they are, passwords never."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from containerize.plan.image_accounts import homes, numbers, shadow_without_passwords, without_passwords

PASSWD = b"""root:x:0:0:root:/root:/bin/bash
old:$1$abc$hash:100:100::/home/old:/bin/sh
locked:!:101:101::/nonexistent:/usr/sbin/nologin
nopass::102:102::/home/n:/bin/sh
+@netgroup::::::
"""


def test_hashes_of_old_hosts_are_replaced_and_all_else_is_kept() -> None:
    kept = without_passwords(PASSWD)
    assert b"$1$" not in kept
    assert kept == PASSWD.replace(b"$1$abc$hash", b"*")


def test_every_account_has_a_line_without_a_password() -> None:
    assert shadow_without_passwords(PASSWD) == b"root:*:::::::\nold:*:::::::\nlocked:*:::::::\nnopass:*:::::::\n"


def test_names_numbers_and_homes_are_read() -> None:
    assert numbers(PASSWD) == {"root": 0, "old": 100, "locked": 101, "nopass": 102}
    assert homes(PASSWD, {100})["/home/old"] == "old"


def test_only_homes_of_these_accounts_and_of_people_are_named() -> None:
    passwd = PASSWD + b"vpn:x:103:103::/var/lib/strongswan:/usr/sbin/nologin\nanna:x:1000:1000::/home/anna:/bin/sh\n"
    passwd += b"nobody:x:65534:65534::/nonexistent:/usr/sbin/nologin\n"
    assert homes(passwd, {100}) == {"/home/old": "old"}
    assert homes(passwd, {100}, people=True) == {"/home/old": "old", "/home/anna": "anna"}


@given(st.binary())
def test_no_bytes_raise(content: bytes) -> None:
    without_passwords(content)
    shadow_without_passwords(content)
    numbers(content)
    homes(content, {0})
