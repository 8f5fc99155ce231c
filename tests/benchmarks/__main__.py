"""``python -m tests.benchmarks [NAME ...] [OPTION ...]``: run benchmarks and print their tables.

Options are for the benchmarks that were named; ``secrets --help`` tells those of one.
"""

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
    "many": "tests.benchmarks.bench_many",
    "secrets": "tests.benchmarks.bench_secrets",
}


def main() -> None:
    """Run those that were named, or all."""
    words = sys.argv[1:]
    options = next((index for index, word in enumerate(words) if word.startswith("-")), len(words))
    names = words[:options] or list(BENCHMARKS)
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        raise SystemExit(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    sys.argv[1:] = words[options:]
    for name in names:
        importlib.import_module(BENCHMARKS[name]).main()


if __name__ == "__main__":
    main()
