"""Folders that are built in, exports that are read, and archives that become layouts."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from containerize.content_store import ContentStore
from containerize.image.secret_search import ImageSearch, SecretInImage
from containerize.image.write_image import layer_blobs
from containerize.rebuild.archive_import import import_archive
from containerize.rebuild.baseline import read_export
from containerize.rebuild.build_context import NAME, write_context, write_tar
from containerize.runtimes.image_layout import ImageLayout
from containerize.runtimes.runtime import RuntimeFailed
from containerize.secret_values.workload_secrets import WorkloadSecrets
from containerize.tar.writer import TarError
from inventory.errors import WorkspaceError
from inventory.privacy.secrets.known_secrets import KnownSecrets
from tests.containerize.plans import directory, make_plan, planned


def tar_of(*members: tuple[tarfile.TarInfo, bytes]) -> io.BytesIO:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT, errors="surrogateescape") as tar:
        for member, content in members:
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    archive.seek(0)
    return archive


def member(
    name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, link: str = "", uid: int = 0
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.uid = kind, mode, link, uid
    return info


def test_a_context_holds_plain_files_with_the_modes_of_the_host(tmp_path: Path, store: ContentStore) -> None:
    files = [
        planned(store, "/etc/app/a.conf", b"a", mode=0o600),
        planned(store, "/usr/bin/x\nRUN id", b"b", mode=0o4755),
    ]
    folder = tmp_path / "rebuild"
    write_context(folder, "FROM scratch\n", files, [directory("/etc/app")], store)

    assert (folder / NAME).read_text() == "FROM scratch\n"
    first, second = folder / "files/etc/app/a.conf", folder / "files/usr/bin/x\nRUN id"
    assert (first.read_bytes(), second.read_bytes()) == (b"a", b"b")
    assert first.stat().st_mode & 0o7777 == 0o600
    assert second.stat().st_mode & 0o7777 == 0o755  # special bits are for the image
    assert not [path for path in folder.rglob("*") if path.is_symlink()]
    sink = io.BytesIO()
    write_tar(folder, sink)
    sink.seek(0)
    with tarfile.open(fileobj=sink) as tar:
        assert {each.uid for each in tar} == {0}
        assert "./files/usr/bin/x\nRUN id" in tar.getnames()


def test_writing_again_leaves_nothing_of_the_first(tmp_path: Path, store: ContentStore) -> None:
    write_context(tmp_path / "rebuild", "FROM a\n", [planned(store, "/etc/old", b"a")], (), store)
    write_context(tmp_path / "rebuild", "FROM b\n", [planned(store, "/etc/new", b"b")], (), store)

    assert not (tmp_path / "rebuild/files/etc/old").exists()
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".rebuild")] == []


@pytest.mark.parametrize("path", ["/../../etc/cron.d/x", "/etc/../x", "etc/x", "//x"])
def test_a_path_that_leaves_the_folder_is_refused(tmp_path: Path, store: ContentStore, path: str) -> None:
    with pytest.raises(TarError):
        write_context(tmp_path / "rebuild", "FROM a\n", [planned(store, path, b"a")], (), store)
    assert list(tmp_path.glob("*rebuild*")) == []


def test_a_file_below_a_file_is_an_error_with_a_sentence(tmp_path: Path, store: ContentStore) -> None:
    files = [planned(store, "/a", b"a"), planned(store, "/a/b", b"b")]
    with pytest.raises(WorkspaceError):
        write_context(tmp_path / "rebuild", "FROM a\n", files, (), store)


def test_an_export_is_read_with_owners_links_and_second_names() -> None:
    found = read_export(
        tar_of(
            (member("./etc", tarfile.DIRTYPE, 0o755), b""),
            (member("etc/a", mode=0o4640, uid=33), b"content"),
            (member("etc/b", tarfile.LNKTYPE, link="etc/a"), b""),
            (member("etc/c", tarfile.SYMTYPE, link="../x"), b""),
            (member("dev/null", tarfile.CHRTYPE), b""),
            (member("run/pipe", tarfile.FIFOTYPE), b""),
        )
    )

    assert set(found) == {"/etc", "/etc/a", "/etc/b", "/etc/c", "/run/pipe"}
    assert found["/etc/a"] == found["/etc/b"]
    assert (found["/etc/a"].mode, found["/etc/a"].uid) == (0o4640, 33)
    assert found["/etc/a"].digest == hashlib.sha256(b"content").hexdigest()
    assert found["/etc/c"].link == "../x"
    assert found["/run/pipe"].kind == "o"


def saved(*layers: io.BytesIO) -> io.BytesIO:
    """As ``docker save`` writes it."""
    diff_ids = [f"sha256:{hashlib.sha256(layer.getvalue()).hexdigest()}" for layer in layers]
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": diff_ids}, "config": {}}
    names = [f"{number}/layer.tar" for number in range(len(layers))]
    listing = [{"Config": "config.json", "RepoTags": ["x:1"], "Layers": names}]
    return tar_of(
        (member("config.json"), json.dumps(config).encode()),
        *((member(name), layer.getvalue()) for name, layer in zip(names, layers, strict=True)),
        (member("manifest.json"), json.dumps(listing).encode()),
    )


def test_a_saved_image_becomes_a_layout_that_every_runtime_loads(tmp_path: Path) -> None:
    base = tar_of((member("etc", tarfile.DIRTYPE, 0o755), b""), (member("etc/a"), b"a" * 5000))
    changed = tar_of((member("etc/b"), b"b"), (member("etc/.wh.a"), b""))
    plan = make_plan(())
    built = import_archive(saved(base, changed), tmp_path / "image", plan, ["base"])

    layout = ImageLayout.open(tmp_path / "image")
    with layout.layer(layout.layers[0]) as tar:
        assert tar.read() == base.getvalue()
    assert [(each.name, each.entries) for each in layer_blobs(tmp_path / "image", built.digest)] == [
        ("base", 2),
        ("application", 1),
    ]
    assert (built.image, built.files) == (plan.image, 2)
    assert built.size == len(base.getvalue()) + len(changed.getvalue())
    assert layout.diff_ids() == tuple(
        f"sha256:{hashlib.sha256(each.getvalue()).hexdigest()}" for each in (base, changed)
    )


@pytest.mark.parametrize("content", [b"", b"no tar at all" * 100])
def test_what_is_no_image_is_an_error_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(RuntimeFailed, match="no image that can be read"):
        import_archive(io.BytesIO(content), tmp_path / "image", make_plan(()), [])
    assert list(tmp_path.iterdir()) == []


def test_a_rebuilt_image_with_a_secret_in_what_was_copied_is_refused(tmp_path: Path, store: ContentStore) -> None:
    search = ImageSearch(WorkloadSecrets(KnownSecrets([b"Tr0ub4dor&3-Kestrel"])))
    words, script = b"a Tr0ub4dor&3-Kestrel b", b"upload shop Tr0ub4dor&3-Kestrel"
    base = tar_of((member("usr/share/words"), words))
    plan = make_plan((), mode="rebuild")

    def check(folder: Path) -> None:
        search.check(plan, folder, store)

    import_archive(saved(base, tar_of((member("opt/a"), b"a"))), tmp_path / "image", plan, ["base"], check)
    with pytest.raises(SecretInImage, match=r"/opt/run\.sh holds"):
        import_archive(saved(base, tar_of((member("opt/run.sh"), script))), tmp_path / "image", plan, ["base"], check)
    assert [path.name for path in tmp_path.glob("*image*")] == ["image"]
