"""Run targets by hand::

python -m tests.fuzz.run NAME SEED            one input, with the traceback of what it raises
python -m tests.fuzz.run --all FIRST COUNT    COUNT inputs for each target from the seed FIRST on; prints what fails
"""

from __future__ import annotations

import random
import sys
import time
import traceback

from tests.fuzz.targets import TARGETS


def failure(name: str, seed: int) -> str | None:
    """What the target raises for the input of this seed, as a traceback; None when it holds."""
    try:
        TARGETS[name](random.Random(f"{name} {seed}"))
    except Exception:
        return traceback.format_exc()
    return None


def main(arguments: list[str]) -> int:
    if arguments[0] != "--all":
        found = failure(arguments[0], int(arguments[1]))
        print(found or "holds")
        return int(found is not None)
    first, count = int(arguments[1]), int(arguments[2])
    total, seen = 0, set()
    for name in sorted(TARGETS):
        began = time.process_time()
        for number in range(first, first + count):
            total += 1
            found = failure(name, number)
            key = found and (name, found.split("\n")[-4:-1][-1][:60], found.split('File "')[-1].split("\n")[0])
            if found and key not in seen:
                seen.add(key)
                print(f"FAILS {name} {number}\n{''.join(found.splitlines(True)[-4:])}", flush=True)
        print(f"{name}: {count} inputs, {time.process_time() - began:.1f} s", flush=True)
    print(f"{total} inputs, {len(seen)} kinds of failure")
    return int(bool(seen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
