"""A small plan for tests, with its content in a store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from containerize.content_store import ContentStore
from containerize.plan.model import (
    ExpectedProcess,
    ImagePlan,
    ImagePort,
    LayerName,
    LeftOut,
    PlannedFile,
    RunDirectory,
    SecretMount,
    Start,
    Volume,
)


def planned(
    store: ContentStore, path: str, content: bytes = b"", *, layer: LayerName = "application", mode: int = 0o644
) -> PlannedFile:
    """A file whose content is in the store."""
    digest = store.put(content)
    return PlannedFile(path, "file", mode, 0, 0, 1_700_000_000, len(content), digest, "", layer, f"needed for {path}")


def directory(path: str, layer: LayerName = "base") -> PlannedFile:
    """A directory."""
    return PlannedFile(path, "directory", 0o755, 0, 0, 0, 0, "", "", layer, "is above a file")


def link(path: str, target: str, layer: LayerName = "base") -> PlannedFile:
    """A symbolic link."""
    return PlannedFile(path, "symlink", 0o777, 0, 0, 0, 0, "", target, layer, "leads to a file")


def make_plan(files: Sequence[PlannedFile], **changes: object) -> ImagePlan:
    """A plan of these files that uses every part a plan has."""
    plan = ImagePlan(
        workload="web01/apache2",
        host="web01",
        image="localhost/brownfield/web01/apache2:lift",
        architecture="x86_64",
        distribution="Debian GNU/Linux 12 (bookworm)",
        start=Start(
            ("/usr/sbin/apache2", "-D", "FOREGROUND"),
            (("LANG", "de_DE.UTF-8"),),
            (),
            "0:0",
            "/",
            "SIGWINCH",
            False,
            "x",
        ),
        files=tuple(files),
        volumes=(Volume("/var/lib/app", 33, 33, 0o750, "copy", "holds uploads"),),
        secrets=(SecretMount("/etc/app/app.ini", 0, 33, 0o640, "line 13: value of password"),),
        run_directories=(RunDirectory("/run/apache2", 0, 0, 0o755, "is APACHE_RUN_DIR"),),
        ports=(ImagePort("tcp", 80, "0.0.0.0", True, "apache2"), ImagePort("tcp", 9000, "127.0.0.1", False, "php")),
        processes=(ExpectedProcess("/usr/sbin/apache2", "root", 1),),
        unix_sockets=(),
        companions=(),
        hostname="web01",
        host_aliases=(("db01", "10.77.0.12"),),
        peers=(("db01", 3306, "db01/mariadb"),),
        capabilities=(),
        devices=(),
        limits=(("nofile", 1024, 4096),),
        shm_bytes=64 << 20,
        left_out=(LeftOut("/usr/share/doc", "documentation"),),
        notes=("something to know",),
    )
    return replace(plan, **changes)  # type: ignore[arg-type]
