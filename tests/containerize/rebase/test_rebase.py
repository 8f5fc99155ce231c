"""Newer packages in an image: made by dpkg-deb, unpacked by dpkg, and what must not change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import zstandard

from containerize.content_store import ContentStore
from containerize.image.image_packages import image_packages
from containerize.image.layers import split_into_layers
from containerize.plan.model import ImagePlan, PlannedFile, SecretMount
from containerize.rebase.errors import RebaseError
from containerize.rebase.overlay_store import OverlayStore
from containerize.rebase.rebased_plan import RebasedPlan, rebase_plan
from containerize.rebase.root_files import open_root
from tests.containerize.rebase.roots import Package, make_root, plan_of

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        os.geteuid() != 0 or not all(map(shutil.which, ("dpkg-deb", "dpkg", "cc"))), reason="needs root, dpkg and cc"
    ),
]

OLD, NEW = "1.0-1", "1.0-1+deb12u1"


@pytest.fixture(scope="module")
def libraries(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Shared libraries by their soname, and a program that needs the last."""
    folder = tmp_path_factory.mktemp("libraries")
    (folder / "x.c").write_text("int demo(void) { return 1; }\n")
    made = {}
    for soname in ("libdemo.so.1", "libdemo.so.2", "libother.so.1"):
        out = folder / soname
        subprocess.run(["cc", "-shared", "-fPIC", f"-Wl,-soname,{soname}", "-o", out, folder / "x.c"], check=True)
        made[soname] = out.read_bytes()
    (folder / "m.c").write_text("int demo(void); int main(void) { return demo(); }\n")
    for name, library in (("program", "libdemo.so.1"), ("needy", "libother.so.1")):
        subprocess.run(["cc", "-o", folder / name, folder / "m.c", folder / library], check=True)
        made[name] = (folder / name).read_bytes()
    return made


def library(version: str, content: bytes, name: str = "libdemo.so.1") -> Package:
    files: dict[str, bytes | str] = {
        f"/usr/lib/{name}.{version[0]}": content,
        f"/usr/lib/{name}": f"{name}.{version[0]}",
    }
    return Package("libdemo1", version, files | {"/usr/share/doc/libdemo1/copyright": version.encode()})


def program(version: str, content: bytes, **more: bytes) -> Package:
    files = {
        "/usr/bin/demo": content,
        "/etc/demo.conf": b"[demo]\nport=1\n",
        "/etc/demo.d/extra": b"extra",
        "/usr/share/demo/page.html": version.encode(),
    }
    files |= {f"/usr/share/demo/{name}": each for name, each in more.items()}
    return Package("demo", version, files, {"Depends": "libdemo1 (>= 1.0)"}, ["/etc/demo.conf", "/etc/demo.d/extra"])


def rebased(plan: ImagePlan, root: Path | str, store: ContentStore) -> RebasedPlan:
    with open_root(str(root)) as opened:
        return rebase_plan(plan, opened, store)


def rows(plan: ImagePlan) -> dict[str, PlannedFile]:
    return {file.path: file for file in plan.files}


@pytest.fixture
def plan(tmp_path: Path, store: ContentStore, libraries: dict[str, bytes]) -> ImagePlan:
    packages = [library(OLD, libraries["libdemo.so.1"]), program(OLD, libraries["program"], gone=b"x")]
    own = {"opt/app/run": b"the application", "etc/demo.d/mine": b"mine", "usr/share/demo/upload": b"an upload"}
    root = make_root(tmp_path / "old", packages, own)
    (root / "etc/demo.conf").write_text("[demo]\nport=8080\n")
    return plan_of(root, store)


@pytest.fixture
def newer(tmp_path: Path, libraries: dict[str, bytes]) -> Path:
    changed = program(NEW, libraries["program"] + b"\n", fresh=b"new")
    changed = Package(changed.name, changed.version, {**changed.files, "/etc/demo.conf": b"[demo]\nport=2\n"},
                      changed.fields, changed.conffiles)  # fmt: skip
    return make_root(tmp_path / "new", [library(NEW, libraries["libdemo.so.1"] + b"\n"), changed])


def test_packages_are_replaced_and_the_application_is_not(plan: ImagePlan, newer: Path, store: ContentStore) -> None:
    done = rebased(plan, newer, store)
    assert [(each.name, each.old, each.new) for each in done.updates] == [("demo", OLD, NEW), ("libdemo1", OLD, NEW)]
    old, new = rows(plan), rows(done.plan)
    assert store.read(new["/usr/bin/demo"].digest).endswith(b"\n")
    assert new["/usr/bin/demo"].layer == "packages" and new["/usr/bin/demo"].package == "demo"
    assert done.added == ("/usr/share/demo/fresh",) and done.removed == ("/usr/share/demo/gone",)
    assert new["/usr/share/demo/fresh"].package == "demo"
    layers = [
        {each.name: each for each in split_into_layers(each.files) if not each.package} for each in (plan, done.plan)
    ]
    assert layers[0]["application"] == layers[1]["application"]
    assert layers[0]["records"] != layers[1]["records"]
    assert old["/etc/demo.conf"] == new["/etc/demo.conf"]
    assert dict(done.stays)["/etc/demo.conf"].startswith("is a setting; the newer version brings another one")
    assert {each.version for each in image_packages(done.plan, store)} == {NEW}
    assert "/usr/share/demo/fresh" in store.read(new["/var/lib/dpkg/info/demo.list"].digest).decode()
    # As dpkg itself sees the result.
    assert rebased(done.plan, newer, store).updates == ()


def test_the_same_tree_in_every_form_gives_the_same_image(
    plan: ImagePlan, newer: Path, store: ContentStore, tmp_path: Path
) -> None:
    wanted = rebased(plan, newer, store).plan.files
    tar = tmp_path / "new.tar"
    subprocess.run(["tar", "-C", str(newer), "-cf", str(tar), "."], check=True)
    forms = [tar]
    for suffix, pack in ((".gz", "gzip"), (".xz", "xz"), (".bz2", "bzip2")):
        if shutil.which(pack):
            with (tmp_path / f"new.tar{suffix}").open("wb") as out:
                subprocess.run([pack, "-c", str(tar)], check=True, stdout=out)
            forms.append(tmp_path / f"new.tar{suffix}")
    (tmp_path / "new.tar.zst").write_bytes(zstandard.compress(tar.read_bytes()))
    for form in (*forms, tmp_path / "new.tar.zst"):
        assert rebased(plan, form, store).plan.files == wanted, form


def test_what_was_changed_on_the_host_or_holds_a_secret_stays(
    plan: ImagePlan, newer: Path, store: ContentStore, libraries: dict[str, bytes]
) -> None:
    changed = tuple(
        PlannedFile(**{**{name: getattr(each, name) for name in each.__slots__}, "layer": "application", "package": ""})
        if each.path == "/usr/share/demo/page.html"
        else each
        for each in plan.files
    )
    secret = SecretMount("/usr/share/demo/fresh", 0, 0, 0o600, "line 1")
    from dataclasses import replace

    done = rebased(replace(plan, files=changed, secrets=(secret,)), newer, store)
    stays = dict(done.stays)
    assert stays["/usr/share/demo/page.html"] == "was changed on the host, and stays as it is there"
    assert stays["/usr/share/demo/fresh"] == "holds a secret, which is mounted at run time"
    assert "/usr/share/demo/fresh" not in rows(done.plan)


def test_owner_and_mode_stay_as_on_the_host(plan: ImagePlan, newer: Path, store: ContentStore) -> None:
    from dataclasses import replace

    capability = (("security.capability", b"cap"),)
    files = tuple(
        replace(each, mode=0o4750, gid=33, xattrs=capability) if each.path == "/usr/bin/demo" else each
        for each in plan.files
    )
    row = rows(rebased(replace(plan, files=files), newer, store).plan)["/usr/bin/demo"]
    assert (row.mode, row.gid, row.xattrs) == (0o4750, 33, capability)


def kept_because(plan: ImagePlan, tmp_path: Path, store: ContentStore, *packages: Package) -> dict[str, str]:
    done = rebased(plan, make_root(tmp_path / "new", packages), store)
    assert not {each.name for each in done.updates} & {each.name for each in done.kept}
    return {each.name: each.reason for each in done.kept}


def test_a_library_with_another_soname_stays(
    plan: ImagePlan, tmp_path: Path, store: ContentStore, libraries: dict[str, bytes]
) -> None:
    other = library(NEW, libraries["libdemo.so.2"])
    reasons = kept_because(plan, tmp_path, store, other, program(NEW, libraries["program"]))
    assert reasons == {
        "libdemo1": "the newer version has no libdemo.so.1 any more, which programs of the image may load"
    }


def test_a_program_that_needs_what_is_not_there_stays(
    plan: ImagePlan, tmp_path: Path, store: ContentStore, libraries: dict[str, bytes]
) -> None:
    needy = program(NEW, libraries["needy"])
    reasons = kept_because(plan, tmp_path, store, library(NEW, libraries["libdemo.so.1"]), needy)
    assert reasons == {"demo": "/usr/bin/demo needs libother.so.1, which is not in the image"}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Depends": "libdemo1 (>= 2)"}, "the newer version needs libdemo1 (>= 2), and the image has not got that"),
        ({"Depends": "libnew3"}, "the newer version needs libnew3, and the image has not got that"),
        ({"Breaks": "libdemo1 (<< 2)"}, "the newer version does not go with libdemo1 (<< 2)"),
    ],
)
def test_a_package_that_does_not_fit_with_the_others_stays(
    fields: dict[str, str],
    reason: str,
    plan: ImagePlan,
    tmp_path: Path,
    store: ContentStore,
    libraries: dict[str, bytes],
) -> None:
    made = program(NEW, libraries["program"])
    reasons = kept_because(plan, tmp_path, store, Package("demo", NEW, made.files, fields, made.conffiles))
    assert reasons == {"demo": reason, "libdemo1": "is not there"}


def test_an_older_package_stays(
    plan: ImagePlan, tmp_path: Path, store: ContentStore, libraries: dict[str, bytes]
) -> None:
    reasons = kept_because(plan, tmp_path, store, library("1.0-0", libraries["libdemo.so.1"]))
    assert reasons == {"demo": "is not there", "libdemo1": "is older there"}


def test_a_tree_that_was_changed_or_is_not_whole_is_not_believed(
    plan: ImagePlan, newer: Path, store: ContentStore
) -> None:
    (newer / "usr/bin/demo").write_bytes(b"something else")
    (newer / "usr/lib/libdemo.so.1.1").unlink()
    (newer / "usr/share/doc/libdemo1/copyright").unlink()
    reasons = {each.name: each.reason for each in rebased(plan, newer, store).kept}
    assert reasons["demo"] == "/usr/bin/demo was changed in the newer root file system since its package was unpacked"
    assert (
        reasons["libdemo1"] == "/usr/lib/libdemo.so.1.1, which belongs to it, is missing in the newer root file system"
    )


def test_what_a_level_left_out_stays_out(
    tmp_path: Path, store: ContentStore, libraries: dict[str, bytes], newer: Path
) -> None:
    root = make_root(tmp_path / "old", [library(OLD, libraries["libdemo.so.1"]), program(OLD, libraries["program"])])
    plan = plan_of(root, store, without=["/usr/share/demo/page.html"], level="lean")
    done = rebased(plan, newer, store)
    assert done.added == ()
    assert not [path for path in rows(done.plan) if path.startswith("/usr/share/demo/")]


def test_another_release_is_refused(plan: ImagePlan, newer: Path, store: ContentStore, tmp_path: Path) -> None:
    (newer / "etc/os-release").write_text("ID=debian\nVERSION_ID=13\n")
    with pytest.raises(RebaseError, match="is debian 13 and the image is debian 12; another release is another build"):
        rebased(plan, newer, store)
    (tmp_path / "empty").mkdir()
    with pytest.raises(RebaseError, match="has no /var/lib/dpkg/status that lists packages"):
        rebased(plan, tmp_path / "empty", store)
    with pytest.raises(RebaseError, match="is not there"):
        rebased(plan, tmp_path / "nothing", store)
    (tmp_path / "bad.tar.gz").write_bytes(b"\x1f\x8b" + b"\0" * 100)
    with pytest.raises(RebaseError, match="cannot be read"):
        rebased(plan, tmp_path / "bad.tar.gz", store)


def test_looking_keeps_nothing(plan: ImagePlan, newer: Path, store: ContentStore, tmp_path: Path) -> None:
    before = sorted((tmp_path / "content").rglob("*"))
    overlay = OverlayStore(tmp_path / "aside", store)
    assert len(rebased(plan, newer, overlay).updates) == 2
    assert sorted((tmp_path / "content").rglob("*")) == before


@pytest.mark.engine
def test_an_image_of_docker_is_read_as_it_is_and_as_it_is_saved(
    plan: ImagePlan, newer: Path, store: ContentStore, tmp_path: Path
) -> None:
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True).returncode:
        pytest.skip("no docker")
    wanted = rebased(plan, newer, store).plan.files
    name, tar = "brownfield-test-rebase:newer", tmp_path / "new.tar"
    subprocess.run(["tar", "-C", str(newer), "-cf", str(tar), "."], check=True)
    subprocess.run(["docker", "import", str(tar), name], check=True, capture_output=True)
    try:
        assert rebased(plan, name, store).plan.files == wanted
        subprocess.run(["docker", "save", "-o", str(tmp_path / "saved.tar"), name], check=True)
        assert rebased(plan, tmp_path / "saved.tar", store).plan.files == wanted
    finally:
        subprocess.run(["docker", "image", "rm", "-f", name], capture_output=True)
    with pytest.raises(RebaseError, match="neither a file nor an image of Docker called"):
        rebased(plan, name, store)
