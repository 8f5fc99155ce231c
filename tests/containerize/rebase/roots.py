"""Root file systems with packages that dpkg-deb made here and dpkg unpacked, and plans of images of them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from containerize.content_store import ContentStore
from containerize.host import dpkg_database
from containerize.image.package_lists import STATUS
from containerize.image.package_records import is_written_by_tool
from containerize.plan.model import ImagePlan, LayerName, PlannedFile
from containerize.rebase.root_files import open_root
from tests.containerize.plans import make_plan

RELEASE = 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n'


@dataclass(frozen=True)
class Package:
    """A package to be made. ``fields`` are more of its control file, ``conffiles`` are among ``files``."""

    name: str
    version: str
    files: Mapping[str, bytes | str]
    """Bytes are a file, a string is a link's target."""
    fields: Mapping[str, str] = field(default_factory=dict)
    conffiles: Sequence[str] = ()


def make_root(path: Path, packages: Sequence[Package], more: Mapping[str, bytes] | None = None) -> Path:
    """Unpack packages into an empty root file system, and put ``more`` beside them."""
    admin = path / "var/lib/dpkg"
    for name in ("info", "updates"):
        (admin / name).mkdir(parents=True)
    (admin / "status").touch()
    (path / "etc").mkdir()
    (path / "etc/os-release").write_text(RELEASE)
    made = [str(_make(path.with_name(f"{path.name}-debs"), package)) for package in packages]
    if made:
        command = ["dpkg", f"--root={path}", "--force-depends", "--force-script-chrootless", "--install", *made]
        subprocess.run(command, check=True, capture_output=True)
    for name, content in (more or {}).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def _make(folder: Path, package: Package) -> Path:
    tree = folder / package.name
    (tree / "DEBIAN").mkdir(parents=True)
    control = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": "amd64",
        "Maintainer": "Tests <tests@example.org>",
        "Description": "made by a test",
        **package.fields,
    }
    (tree / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in control.items()))
    if package.conffiles:
        (tree / "DEBIAN/conffiles").write_text("".join(f"{path}\n" for path in package.conffiles))
    sums = []
    for name, content in package.files.items():
        place = tree / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            place.symlink_to(content)
        else:
            place.write_bytes(content)
            if name not in package.conffiles:
                sums.append(f"{_md5(place)}  {name.lstrip('/')}\n")
    (tree / "DEBIAN/md5sums").write_text("".join(sums))
    made = folder / f"{package.name}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-b", str(tree), str(made)], check=True, capture_output=True)
    shutil.rmtree(tree)
    return made


def _md5(path: Path) -> str:
    return subprocess.run(["md5sum", str(path)], check=True, capture_output=True, text=True).stdout.split()[0]


def plan_of(root: Path, content: ContentStore, *, without: Sequence[str] = (), **changes: object) -> ImagePlan:
    """A plan of an image of everything in a root file system, layers as a build cuts them. ``without`` stays out."""
    files = []
    with open_root(str(root)) as opened:
        owner = _owners(root)
        for path in opened.tree.paths():
            entry = opened.tree.get(path)
            if (
                entry is None
                or path in without
                or ("/dpkg/" in path and path.endswith(("lock", "-old", "lock-frontend")))
            ):
                continue
            kind = {"f": "file", "d": "directory", "l": "symlink"}[entry.kind]
            digest = content.put(opened.read(path)) if kind == "file" else ""
            package, shipped = owner.get(path, ("", ""))
            layer: LayerName = "packages" if package else "application"
            if package and shipped and kind == "file" and _md5(root / path.lstrip("/")) != shipped:
                package, layer = "", "application"
            if is_written_by_tool(path):
                layer = "records"
            files.append(
                PlannedFile(
                    path,
                    kind,
                    entry.mode,
                    0,
                    0,
                    entry.mtime if kind == "file" else 0,  # type: ignore[arg-type]
                    entry.size if kind == "file" else 0,
                    digest,
                    entry.link,
                    layer,
                    f"is part of {package or 'it'}",
                    package=package,
                )
            )
    return make_plan(sorted(files, key=lambda each: each.path), **changes)


def _owners(root: Path) -> dict[str, tuple[str, str]]:
    """Path to (package, md5)."""
    found: dict[str, tuple[str, str]] = {}
    for fields in dpkg_database.stanzas((root / STATUS.lstrip("/")).read_text()):
        info = root / "var/lib/dpkg/info"
        conffiles = dict(line.split()[:2] for line in fields.get("Conffiles", "").splitlines() if line.strip())
        sums = (info / f"{fields['Package']}.md5sums").read_text().splitlines()
        known = conffiles | {f"/{path}": digest for digest, path in (line.split(None, 1) for line in sums)}
        for line in (info / f"{fields['Package']}.list").read_text().splitlines():
            found[line] = (fields["Package"], known.get(line, ""))
    return found
