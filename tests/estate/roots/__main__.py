"""``python -m tests.estate.roots NAME [TREE]``: boot, print the path of a hosts.ini, stay until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from pathlib import Path

from tests.estate.roots.host import running


def main() -> None:
    """Until a signal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("tree", type=Path, nargs="?", help="unpacked root file system, for a recipe without tree.sh")
    parser.add_argument("--user", default="shop", help="the ordinary user that the recipe adds")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="roots-") as folder,
        running(arguments.name, arguments.tree, Path(folder), arguments.user) as host,
    ):
        hosts = Path(folder) / "hosts.ini"
        hosts.write_text(host.inventory())
        over = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: over.set())
        print(hosts, flush=True)
        over.wait()


if __name__ == "__main__":
    main()
