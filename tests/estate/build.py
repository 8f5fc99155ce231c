"""Builds hosts into the cache: one base for each Debian suite, and on it the packages and files of each recipe."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.estate import apt_mirror, client_key, disk_image
from tests.estate.errors import EstateError
from tests.estate.places import BASE, cache
from tests.estate.recipe import Base, Recipe, base_of, host_key

Say = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A host in the cache; nothing writes to it any more."""

    folder: Path

    @property
    def root(self) -> Path:
        """Root file system of a host that is started in namespaces."""
        return self.folder / "root"

    @property
    def ssh_host_keys(self) -> list[str]:
        """Public keys of the host's sshd: type and key, without comments."""
        lines = (self.folder / "ssh_host_keys").read_text("ascii").splitlines()
        return [" ".join(line.split()[:2]) for line in lines]


def built(recipe: Recipe) -> Built | None:
    """The host as it lies in the cache, when it is there and made from the recipe as it is now."""
    folder = _folder(recipe)
    return Built(folder) if folder.is_dir() else None


def build(recipe: Recipe, say: Say) -> Built:
    """The built host, from the cache where possible."""
    found = built(recipe)
    if found:
        return found
    _require("mmdebstrap", "tar", "ssh-keygen", *(("mke2fs",) if recipe.machine == "qemu" else ()))
    with _lock(recipe.built_from):
        found = built(recipe)  # someone else may have built it while we waited
        if found:
            return found
        base = _base(base_of(recipe), say)
        folder = _folder(recipe)
        building = _empty(cache() / "building" / recipe.built_from)
        say(f"{recipe.built_from}: installing its packages and files (log: {building}.log)")
        _host_tree(recipe, base, building / "root", building.with_suffix(".log"))
        keys = sorted((building / "root/etc/ssh").glob("ssh_host_*_key.pub"))
        (building / "ssh_host_keys").write_text("".join(key.read_text("ascii") for key in keys), "ascii")
        if recipe.machine == "qemu":
            say(f"{recipe.built_from}: making its disk image")
            disk_image.make(building, recipe.disk_mb, client_key.public())
        folder.parent.mkdir(parents=True, exist_ok=True)
        building.rename(folder)
        return Built(folder)


def forget_older(recipe: Recipe) -> None:
    """Remove what was built from earlier versions of a recipe; only when no host of it runs."""
    with _lock(recipe.built_from):
        keep = _folder(recipe)
        for folder in keep.parent.glob(f"{recipe.built_from}-*"):
            if folder != keep and folder.name.rpartition("-")[0] == recipe.built_from:
                shutil.rmtree(folder)


def _folder(recipe: Recipe) -> Path:
    # A virtual machine's disk holds the client's key, since nobody can add it while the machine is off.
    also = [client_key.public().encode()] if recipe.machine == "qemu" else []
    return cache() / "built" / f"{recipe.built_from}-{host_key(recipe, *also)}"


def _base(base: Base, say: Say) -> Path:
    archive = cache() / "base" / f"{base.suite}-{base.init}-{base.key}.tar"
    with _lock(f"base-{base.suite}-{base.init}"):
        if archive.exists():
            return archive
        building = _empty(cache() / "building" / f"base-{base.suite}-{base.init}")
        mirror = apt_mirror.find()
        say(f"base {base.suite} with {base.init}: building it from {mirror} (log: {building}.log)")
        packages = _package_cache(base.suite)
        _run(
            [
                "mmdebstrap",
                "--mode=root",
                "--variant=apt",
                # A host is built on this later and needs the package lists; the downloads are kept for the next build.
                "--skip=cleanup/apt/lists,essential/unlink",
                # Releases that moved to long-term support carry dates of long ago.
                "--aptopt=Acquire::Check-Valid-Until false",
                "--aptopt=Acquire::Languages none",
                f"--setup-hook={_link_packages(packages, into_root=True)}",
                f"--customize-hook={_link_packages(packages, into_root=False)}",
                f"--include={','.join(base.packages)}",
                base.suite,
                str(building / "base.tar"),
                mirror,
            ],
            building.with_suffix(".log"),
        )
        archive.parent.mkdir(parents=True, exist_ok=True)
        for older in archive.parent.glob(f"{base.suite}-{base.init}-*.tar"):
            older.unlink()
        (building / "base.tar").rename(archive)
        shutil.rmtree(building)
        return archive


def _host_tree(recipe: Recipe, base: Path, root: Path, log: Path) -> None:
    packages = _package_cache(recipe.suite)
    install = [
        'cp /etc/resolv.conf /etc/hosts "$1"/etc/',
        _link_packages(packages, into_root=True),
        # A service that asks for a terminal, or a name of a package that no longer exists, must fail and not wait.
        'DEBIAN_FRONTEND=noninteractive chroot "$1" apt-get --quiet --yes --no-install-recommends install '
        + shlex.join(recipe.packages),
        _link_packages(packages, into_root=False),
        'rm -f "$1"/etc/resolv.conf "$1"/etc/hostname && echo "127.0.0.1 localhost" > "$1"/etc/hosts',
    ]
    finish = [
        'rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/* "$1"/provision.sh "$1"/etc/apt/apt.conf.d/99mmdebstrap',
        # A host does not show where its packages were fetched from when it was built.
        f'echo "deb {apt_mirror.PLACEHOLDER} {recipe.suite} main" > "$1"/etc/apt/sources.list',
    ]
    # Not mmdebstrap's own tar-in: it fails now and then, when tar is done before all padding was written to its pipe.
    hooks = [f'--setup-hook=tar -C "$1" --numeric-owner -xpf {shlex.quote(str(base))}']
    hooks += [f"--customize-hook={command}" for command in install]
    for folder in (BASE, BASE / recipe.init, recipe.folder):
        if (folder / "files").is_dir():
            # Owner root and the modes of a usual umask, however the checkout was made.
            copy = f"tar -C {shlex.quote(str(folder / 'files'))} --owner=0 --group=0 --mode=u+rw,go+r-w,a+X -c . "
            hooks.append(f'--customize-hook={copy}| tar -C "$1" --keep-directory-symlink --no-overwrite-dir -x')
        script = folder / "provision.sh"
        if script.exists():
            copy = f'cp {shlex.quote(str(script))} "$1"/provision.sh'
            hooks.append(f'--customize-hook={copy} && chroot "$1" sh -eu /provision.sh')
    hooks += [f"--customize-hook={command}" for command in finish]
    skip = "--skip=update,setup,cleanup,check/empty"
    _run(["mmdebstrap", "--mode=root", "--variant=custom", "--format=directory", skip, *hooks, "", str(root)], log)


def _link_packages(packages: Path, *, into_root: bool) -> str:
    """Shell that shares downloaded packages with the cache through hard links, which cost nothing and need no lock.

    Where mmdebstrap's temporary folder is on another file system than the cache, they are copied instead.
    """
    inside, outside = '"$1"/var/cache/apt/archives', shlex.quote(str(packages))
    source, target = (outside, inside) if into_root else (inside, outside)
    copy = """sh -c 'cp -lf "$@" 2>/dev/null || cp -f "$@"' copy"""
    return f"mkdir -p {target} && find {source} -maxdepth 1 -name '*.deb' -exec {copy} -t {target} {{}} +"


def _package_cache(suite: str) -> Path:
    folder = cache() / "packages" / suite
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _empty(folder: Path) -> Path:
    """A new folder, in the place of what a killed build left there."""
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    return folder


def _run(argv: Sequence[str], log: Path) -> None:
    with log.open("w") as output:
        # Umask and locale of the caller would otherwise end up in the host.
        environment = {key: value for key, value in os.environ.items() if not key.startswith("LC_") and key != "LANG"}
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
            umask=0o022,
            env=environment | {"LC_ALL": "C.UTF-8"},
        )
    if done.returncode:
        last = "\n".join(log.read_text("utf-8", "replace").splitlines()[-15:])
        raise EstateError(f"Building failed; the whole log is in {log}. It ends with:\n{last}")


@contextmanager
def _lock(name: str) -> Iterator[None]:
    path = cache() / "locks" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _require(*tools: str) -> None:
    missing = [tool for tool in tools if shutil.which(tool) is None]
    if missing:
        raise EstateError(
            f"To build hosts, {' and '.join(missing)} is needed; install it "
            "(on Debian: apt install mmdebstrap openssh-client e2fsprogs)."
        )
