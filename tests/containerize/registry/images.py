"""A workspace with one built image of three layers, whose content no compressor makes smaller."""

from __future__ import annotations

import random
from pathlib import Path

from containerize.builder import Places, finish
from containerize.plan import BuiltImage
from tests.containerize.plans import directory, make_plan, planned

SIZE = 3 << 20


def workspace_with_image(path: Path, seed: str = "one", workload: str = "web01/apache2") -> BuiltImage:
    """Build it. The base layer is the same for every seed."""
    places = Places(path / "content", path / "builds" / workload)
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
