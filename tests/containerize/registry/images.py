"""A workspace with one built image of three layers, whose content no compressor makes smaller."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from containerize.build.builder import BuildFolders, finish
from containerize.plan.model import BuiltImage
from tests.containerize.plans import directory, make_plan, planned
from tests.support.estate_recordings import recorded_result
from tests.support.workspaces import workspace_of

SIZE = 3 << 20


def workspace_with_image(path: Path, seed: str = "one", workload: str = "web01/apache2") -> BuiltImage:
    """Build it beside a scan of web01 and web02. The base layer is the same for every seed."""
    for name, content in _scanned().items():
        path.mkdir(mode=0o700, exist_ok=True)
        (path / name).write_bytes(content)
    places = BuildFolders(path / "content", path / "builds" / workload)
    store = places.store
    files = [
        directory("/usr"),
        directory("/opt", "application"),
        planned(store, "/usr/base", random.Random("base").randbytes(SIZE), layer="base"),
        planned(store, "/usr/library", random.Random(f"library {seed}").randbytes(SIZE), layer="packages"),
        planned(store, "/opt/program", random.Random(f"program {seed}").randbytes(SIZE)),
    ]
    image = f"localhost/brownfield/{workload}:lift"
    built = finish(make_plan(files, workload=workload, image=image), places)
    (places.build / "sbom.cdx.json").write_text('{"bomFormat": "CycloneDX", "specVersion": "1.6"}\n')
    path.chmod(0o700)
    return built


@cache
def _scanned() -> dict[str, bytes]:
    """The files of a workspace with a scan of two alike hosts."""
    host = recorded_result("web01")
    with TemporaryDirectory() as folder:
        place = workspace_of(Path(folder) / "w", [host, replace(host, host="web02", address="127.0.77.21")])
        return {name: (place.path / name).read_bytes() for name in ("assessment.db", "policy", "redaction.key")}
