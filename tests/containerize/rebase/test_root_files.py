"""Root file systems as they are given: tars with odd members, layers that hide what is below, layouts."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.rebase.errors import RebaseError
from containerize.rebase.root_files import RootFiles, open_root
from tests.containerize.runtimes.small_image import write_layout
from tests.containerize.sandbox.attacks import ATTACKS, Attack

Members = list[tuple[str, bytes, str]]
"""Name, type, and content or target of each."""


def make_tar(path: Path, members: Members) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, kind, content in members:
            info = tarfile.TarInfo(name)
            info.type, info.uid, info.gid, info.mode = kind, 0, 0, 0o644
            if kind == tarfile.REGTYPE:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content.encode()))
            else:
                info.linkname = content
                tar.addfile(info)
    return path


def listing(root: RootFiles) -> dict[str, str]:
    return {path: entry.kind for path in root.tree.paths() if (entry := root.tree.get(path))}


@pytest.mark.parametrize("name", ["../outside", "a/../../b"])
def test_names_that_leave_the_root_are_refused(name: str, tmp_path: Path) -> None:
    tar = make_tar(tmp_path / "a.tar", [(name, tarfile.REGTYPE, "x")])
    with pytest.raises(RebaseError, match="leaves the directory"), open_root(str(tar)):
        pass


@pytest.mark.parametrize(
    "attack", [each for each in ATTACKS if each.refused_layer], ids=lambda each: each.build.__name__
)
def test_a_hostile_tar_is_one_sentence(attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(attack.build(tmp_path / "canary"))
    with pytest.raises(RebaseError) as refusal, open_root(str(tmp_path / "a.tar")):
        pass
    assert len(str(refusal.value)) < 600


def test_links_that_leave_the_root_lead_nowhere(tmp_path: Path) -> None:
    members: Members = [
        ("/etc/passwd", tarfile.REGTYPE, "own"),
        ("etc/shadow", tarfile.SYMTYPE, "../../../../../../etc/shadow"),
        ("etc/hard", tarfile.LNKTYPE, "not/there"),
        ("etc/loop", tarfile.SYMTYPE, "loop"), ("dev/null", tarfile.CHRTYPE, ""),
    ]  # fmt: skip
    with open_root(str(make_tar(tmp_path / "a.tar", members))) as root:
        assert listing(root) == {
            "/etc": "d", "/etc/passwd": "f", "/etc/shadow": "l", "/etc/loop": "l", "/dev": "d", "/dev/null": "c",
        }  # fmt: skip
        assert root.read("/etc/passwd") == b"own"
        assert root.read("/etc/shadow") == root.read("/etc/loop") == root.read("/dev/null") == b""


def test_a_directory_is_read_without_following_what_leaves_it(tmp_path: Path) -> None:
    (tmp_path / "root/etc").mkdir(parents=True)
    (tmp_path / "secret").write_text("of this machine")
    (tmp_path / "root/etc/link").symlink_to(tmp_path / "secret")
    (tmp_path / "root/etc/up").symlink_to("../../secret")
    (tmp_path / "root/secret").write_text("of the tree")
    with open_root(str(tmp_path / "root")) as root:
        assert root.read("/etc/link") == b""
        assert root.read("/etc/up") == b"of the tree"
        with pytest.raises(OSError):
            list(root.chunks("/etc/up"))


def test_an_upper_layer_hides_what_is_below(tmp_path: Path) -> None:
    layout = write_layout(tmp_path / "layout", {"etc/greeting": b"hello\n"}, runs=False)
    with open_root(str(layout)) as root:
        assert root.read("/etc/greeting") == b"hello\n"
        assert "/etc/removed" not in root.tree and "/etc/passwd" in root.tree
        assert not [path for path in root.tree.paths() if "/.wh." in path]


def test_an_archive_of_an_image_without_layers_is_refused(tmp_path: Path) -> None:
    for content in ("[]", "{", '[{"Layers": 1}]', '[{"Layers": ["missing"]}]'):
        path = make_tar(tmp_path / "a.tar", [("manifest.json", tarfile.REGTYPE, content)])
        with pytest.raises(RebaseError), open_root(str(path)):
            pass


@given(st.binary(max_size=2000))
def test_any_bytes_are_a_tar_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a.tar"
    for magic in (b"", b"\x1f\x8b\x08", b"\xfd7zXZ\0", b"BZh9", b"\x28\xb5\x2f\xfd"):
        path.write_bytes(magic + content)
        try:
            with open_root(str(path)) as root:
                assert len(root.tree) >= 0
        except RebaseError:
            pass
