"""An application of a million files: memory goes with the number of their names, and with nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = [pytest.mark.live, pytest.mark.timeout(3600)]

FILES = int(os.environ.get("MANY_FILES", "1000000"))

SOME, MORE = 20_000, 80_000

BYTES_A_FILE = 1600
"""Of memory: the path, what is known of it, its hash, whether it was examined and its row of the plan, in each of the
forms they go through. There were 1450 between SOME and MORE."""

_BUILD = """
import json, sys
from pathlib import Path
from containerize.closure.file_set import FileSet
from containerize.closure.package_ownership import PackageOwnership
from containerize.content_store import ContentStore
from containerize.transfer.host_file_reader import HostFileReader
from containerize.transfer.content_origins import Origins
from containerize.image.write_image import write_image
from containerize.plan.plan_json import save_plan
from containerize.plan.planned_files import planned_files
from containerize.host.file_listing import list_files
from containerize.host.installed_packages import NO_PACKAGES
from inventory.host import Host
from inventory.transports import connect
from tests.containerize.plans import make_plan

top, place = sys.argv[1], Path(sys.argv[2])
def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
before = peak()
with connect(Host("here", "127.0.0.1", connection="local")) as transport:
    tree = list_files(transport, {}, top=top)
    file_set = FileSet(tree, NO_PACKAGES, PackageOwnership(tree, NO_PACKAGES), {})
    file_set.whole(top, "is the application")
    reader = HostFileReader(transport, file_set, ContentStore(place / "content"), Origins(place / "content", "here"))
    reader.hash_all()
    reader.fetch_all()
files = planned_files(file_set, reader.hashes, outside=(), generated=(), run_directories=(), capabilities={})
plan = make_plan(files, volumes=())
built = write_image(plan, ContentStore(place / "content"), place / "layers", place / "image")
save_plan(place, plan)
print(json.dumps({"files": built.files, "missing": len(reader.missing), "grown": peak() - before}))
"""


@contextmanager
def application(files: int) -> Iterator[Path]:
    """Not below /tmp, of which no image has anything. One file in ten has a content of its own."""
    if not os.access("/opt", os.W_OK):
        pytest.skip("only root puts applications into /opt")
    with tempfile.TemporaryDirectory(dir="/opt", prefix="assess-test-") as place:
        top = Path(place) / "app"
        for number in range(files):
            if number % 1000 == 0:
                folder = top / f"{number // 1000:06}"
                folder.mkdir(parents=True)
            handle = os.open(f"{folder}/a-file-with-a-name-{number:07}", os.O_CREAT | os.O_WRONLY, 0o644)
            if number % 10 == 0:
                os.write(handle, b"%d\n" % number)
            os.close(handle)
        yield top


def grown(files: int, place: Path) -> int:
    """Bytes of memory that an image of so many files takes at its peak, beyond what the program has before."""
    with application(files) as top:
        command = [sys.executable, "-c", _BUILD, str(top), str(place)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    assert (told["files"], told["missing"]) == (files, 0)
    number: int = told["grown"]
    return number


def test_a_file_more_takes_little_memory(tmp_path: Path) -> None:
    """What buffers and libraries take is the same for both, and falls away."""
    some, more = grown(SOME, tmp_path / "some"), grown(MORE, tmp_path / "more")
    assert more - some < (MORE - SOME) * BYTES_A_FILE


@pytest.mark.slow
def test_memory_goes_with_the_number_of_names(tmp_path: Path) -> None:
    assert grown(FILES, tmp_path) < (100 << 20) + FILES * BYTES_A_FILE
