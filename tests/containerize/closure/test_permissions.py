"""Who may read and who may change a file, told from a listing."""

from __future__ import annotations

from containerize.closure.permissions import ANYBODY, GroupMembers, Permissions, RunningAccount
from containerize.host.access_lists import read_access_lists
from containerize.host.file_tree import FileEntry, HostTree

PASSWD = (
    b"root:x:0:0::/root:/bin/sh\nwww:x:33:33::/:/bin/sh\nbob:x:1000:1000::/home/bob:/bin/sh\neve:x:1001:1001::/:/x\n"
)
GROUP = b"root:x:0:\nwww:x:33:bob\nbob:x:1000:\neve:x:1001:\n"
GROUPS = GroupMembers(PASSWD, GROUP)
WWW, BOB, EVE, ROOT = (RunningAccount(uid, GROUPS.of(uid)) for uid in (33, 1000, 1001, 0))


def _host(**entries: tuple[str, int, int, int]) -> HostTree:
    rows = {"/": FileEntry("d", 0o755, 0, 0, 0, 0, 0, "", "")}
    for name, (kind, mode, uid, gid) in entries.items():
        rows["/" + name.replace("_", "/")] = FileEntry(kind, mode, uid, gid, 1, 0, 0, "", "")
    return HostTree(rows)


def test_reading_takes_the_right_on_every_directory() -> None:
    tree = _host(
        a=("d", 0o755, 0, 0), a_b=("d", 0o700, 1000, 1000), a_b_f=("f", 0o644, 1000, 1000), g=("f", 0o640, 0, 33)
    )
    seen = Permissions(tree, GROUPS)
    assert [seen.can_read(who, "/a/b/f") for who in (BOB, EVE, WWW, ROOT)] == [True, False, False, True]
    assert [seen.can_read(who, "/g") for who in (BOB, EVE, WWW, ROOT)] == [True, False, True, True]
    assert not seen.can_read(RunningAccount(1000, frozenset()), "/g")


def test_an_owner_without_the_right_has_it_not_by_the_others() -> None:
    seen = Permissions(_host(f=("f", 0o044, 1000, 1000)), GROUPS)
    assert not seen.can_read(BOB, "/f")
    assert seen.can_read(EVE, "/f")


def test_access_lists_count() -> None:
    tree = _host(f=("f", 0o640, 0, 0), g=("f", 0o660, 0, 0))
    answer = b"# file: /f\nuser::rw-\nuser:1001:r--\ngroup::---\nmask::r--\nother::---\n\n"
    answer += b"# file: /g\nuser::rw-\nuser:1001:rw-\ngroup::---\nmask::rw-\nother::---\n\n"
    seen = Permissions(tree, GROUPS, dict(read_access_lists(answer)))
    assert seen.can_read(EVE, "/f")
    assert not seen.can_read(BOB, "/f")
    assert seen.writers("/f") == frozenset()
    assert seen.writers("/g") == {1001}


def test_writers_are_those_of_the_file_and_of_the_directories_above() -> None:
    tree = _host(
        etc=("d", 0o755, 0, 0), etc_f=("f", 0o644, 0, 0), etc_g=("f", 0o664, 0, 33), etc_o=("f", 0o646, 0, 0),
        srv=("d", 0o755, 1000, 1000), srv_f=("f", 0o644, 0, 0), tmp=("d", 0o1777, 0, 0), tmp_f=("f", 0o600, 1001, 0),
        tmp_d=("d", 0o755, 0, 0), tmp_d_f=("f", 0o644, 0, 0),
    )  # fmt: skip
    seen = Permissions(tree, GROUPS)
    assert seen.writers("/etc/f") == frozenset()
    assert seen.writers("/etc/g") == {33, 1000}
    assert ANYBODY in seen.writers("/etc/o")
    assert seen.writers("/srv/f") == {1000}
    assert seen.writers("/tmp/f") == {1001}
    assert seen.writers("/tmp/d/f") == frozenset()
