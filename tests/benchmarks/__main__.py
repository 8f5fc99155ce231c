"""``python -m tests.benchmarks [NAME ...]``: run benchmarks and print their tables."""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "scan": "tests.benchmarks.bench_scan",
    "probe": "tests.benchmarks.bench_probe",
    "report": "tests.benchmarks.bench_report",
    "store": "tests.benchmarks.bench_store",
    "assess": "tests.benchmarks.bench_assess",
    "build": "tests.benchmarks.bench_build",
    "images": "tests.benchmarks.bench_images",
}


def main() -> None:
    """Run those that were named, or all."""
    names = sys.argv[1:] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    for name in names:
        importlib.import_module(BENCHMARKS[name]).main()


if __name__ == "__main__":
    main()
