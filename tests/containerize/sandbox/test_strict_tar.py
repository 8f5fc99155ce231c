"""What an engine gets of a host's archive: written here, with what the unpacker would have taken."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from containerize.runtimes.runtime import RuntimeFailed
from containerize.sandbox.launch import SandboxLimits
from containerize.sandbox.strict_tar import StrictTar
from inventory.errors import BrownfieldError

from .attacks import ATTACKS, Attack, archive, member

PLENTY = SandboxLimits(1 << 30)


def rewritten(data: bytes, limits: SandboxLimits = PLENTY) -> tuple[dict[str, tarfile.TarInfo], dict[str, int]]:
    strict = StrictTar(io.BytesIO(data), limits)
    with tarfile.open(fileobj=io.BytesIO(b"".join(strict)), errors="surrogateescape") as tar:
        return {each.name: each for each in tar}, dict(strict.left_out)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.build.__name__)
def test_a_hostile_archive_is_one_sentence_or_harmless(attack: Attack, tmp_path: Path) -> None:
    data = attack.build(tmp_path / "canary")
    if attack.refused:
        with pytest.raises(BrownfieldError):
            rewritten(data)
    else:
        found, _ = rewritten(data)
        assert all(0 <= each.mtime < 2**33 for each in found.values())


def test_what_is_taken_keeps_owner_mode_time_and_content() -> None:
    attribute = {"SCHILY.xattr.user.note": "kept", "SCHILY.xattr.trusted.x": "not"}
    data = archive(
        member("", kind=tarfile.DIRTYPE, uid=33, gid=34, mode=0o2750),
        member("d", kind=tarfile.DIRTYPE, uid=5, gid=6, mode=0o1777),
        member("d/caf\udce9", b"x" * 3000, uid=70_000, gid=2**32 - 2, mode=0o4640, mtime=7, pax_headers=attribute),
        member("d/link", kind=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("d/hard", kind=tarfile.LNKTYPE, linkname="d/caf\udce9"),
        member("d/fifo", kind=tarfile.FIFOTYPE, mode=0o622),
    )
    found, left_out = rewritten(data)
    assert left_out == {"privilege": 1, "attribute": 1}
    assert list(found) == [".", "d", "d/caf\udce9", "d/link", "d/hard", "d/fifo"]
    file = found["d/caf\udce9"]
    assert (file.uid, file.gid, file.mode, file.mtime, file.size) == (70_000, 2**32 - 2, 0o640, 7, 3000)
    assert file.pax_headers["SCHILY.xattr.user.note"] == "kept"
    assert (found["."].uid, found["."].mode, found["d"].mode) == (33, 0o2750, 0o1777)
    assert (found["d/link"].linkname, found["d/hard"].linkname) == ("/etc/passwd", "d/caf\udce9")
    assert found["d/fifo"].isfifo()


@pytest.mark.parametrize(
    ("name", "target", "taken"),
    [
        ("a", "../x", False),
        ("d/a", "../x", True),
        ("d/a", "../../x", False),
        ("a", "/../x", True),
        ("d/a", "b/../..", True),
    ],
)
def test_a_link_that_climbs_out_does_not_cost_the_whole_copy(name: str, target: str, taken: bool) -> None:
    link = member(name, kind=tarfile.SYMTYPE, linkname=target)
    found, left_out = rewritten(archive(link, member("next", b"x")))
    assert list(found) == ([name, "next"] if taken else ["next"])
    assert left_out == ({} if taken else {"climbing": 1})


def test_more_than_the_limit_is_refused_before_it_is_sent() -> None:
    sent: list[bytes] = []
    strict = StrictTar(
        io.BytesIO(archive(member("a", b"x" * 10_000), member("b", b"y" * 90_000))), SandboxLimits(50_000)
    )
    with pytest.raises(RuntimeFailed, match=r"and the limit is 0\.1 MB"):
        sent.extend(strict)
    assert sum(len(each) for each in sent) < 20_000
