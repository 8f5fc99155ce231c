"""Command line: ``python -m tests.wild``."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.wild import groups, install, results, trees
from tests.wild.errors import WildError
from tests.wild.measure import measure
from tests.wild.places import MEASURED, SERVICES
from tests.wild.product import Product, find
from tests.wild.results import Result
from tests.wild.room import Room, open_room
from tests.wild.service_file import Case, load_all


def main(argv: Sequence[str] | None = None) -> int:
    """0 done; 1 a service that is listed as working fails, or, without a list, any; 2 usage; 3 nothing was measured."""
    arguments = _parser().parse_args(argv)
    try:
        return _main(arguments)
    except WildError as error:
        _say(f"wild: {error}")
        return 3
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./test wild",
        description="Set up real services, build their images and ask these with real clients. Needs root.",
    )
    parser.add_argument("services", nargs="*", metavar="SERVICE", help="NAME or NAME@RELEASE; default: all")
    parser.add_argument("--list", action="store_true", help="print the groups and what is known of each service")
    parser.add_argument("--group", type=int, metavar="K", help="only group K, of those that --list prints")
    parser.add_argument("--sample", type=int, metavar="N", help="N services drawn by lot")
    parser.add_argument("--seed", type=int, help="draw the same sample again")
    parser.add_argument("--minutes", type=float, metavar="M", help="begin no further service after M minutes")
    parser.add_argument("--folder", "--services", type=Path, default=SERVICES, help="another folder of service files")
    parser.add_argument("--python", default=sys.executable, help="a Python that imports the product to measure")
    parser.add_argument("--no-pilot", action="store_true", help="leave the pilots out")
    parser.add_argument("--again", action="store_true", help="measure again what was measured with this commit")
    parser.add_argument("--legacy-only", action="store_true", help="only set up the hosts and check these")
    parser.add_argument("--record", action="store_true", help="copy the last results into the repository's table")
    return parser


def _main(arguments: argparse.Namespace) -> int:
    folder = arguments.folder.resolve()
    cases = load_all(folder, arguments.services)
    stored = results.path_of(folder)
    known = results.latest(results.read(MEASURED)) if folder == SERVICES else {}
    if arguments.list:
        return _list(cases, results.latest(results.read(stored)))
    if arguments.record:
        return _record(cases, results.latest(results.read(stored)))
    if os.geteuid() != 0:
        raise WildError("root is needed, for namespaces and a container engine")
    if arguments.group is not None:
        every = groups.groups(cases, results.latest(results.read(stored)))
        if not 1 <= arguments.group <= len(every):
            raise WildError(f"there are {len(every)} groups")
        cases = every[arguments.group - 1]
    if arguments.sample is not None:
        seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
        cases = groups.sample(cases, arguments.sample, seed)
        _say(f"sample of {len(cases)} services; draw it again with --sample {arguments.sample} --seed {seed}")
    product = find(arguments.python)
    if not arguments.again:
        done = {
            (result.case, result.key)
            for result in results.read(stored)
            if result.commit == product.commit and result.outcome != "not measured"
        }
        skipped = [case for case in cases if (case.id, case.key) in done]
        cases = [case for case in cases if case not in skipped]
        if skipped:
            _say(f"{len(skipped)} measured before with {product.commit}; --again measures them again")
    made = _measure_all(cases, product, arguments, stored)
    return _report(made, known)


def _measure_all(cases: Sequence[Case], product: Product, arguments: argparse.Namespace, stored: Path) -> list[Result]:
    made: list[Result] = []
    begun = time.monotonic()
    with open_room() as room, _installed(cases) as installed:
        for number, (case, ready) in enumerate(installed, 1):
            if arguments.minutes and time.monotonic() - begun > arguments.minutes * 60:
                _say(f"{arguments.minutes:.0f} minutes are over; {len(cases) - number + 1} services were not begun")
                break
            _say(f"[{number}/{len(cases)}] {case.id} ({case.service.init})")
            result = _one(room, product, case, ready, arguments)
            made.append(result)
            if not arguments.legacy_only:
                results.append(stored, result)
            _say(f"  {_line(result)}")
    return made


def _one(room: Room, product: Product, case: Case, ready: Future[None], arguments: argparse.Namespace) -> Result:
    try:
        ready.result()
    except WildError as error:
        return Result(
            service=case.name,
            release=case.release,
            init=case.service.init,
            summary=case.service.summary,
            commit=product.commit,
            key=case.key,
            outcome="not measured",
            reason=str(error),
        )
    return measure(
        room,
        product,
        case,
        pilot=not arguments.no_pilot,
        legacy_only=arguments.legacy_only,
        say=lambda line: _say(f"  {line}"),
    )


@contextmanager
def _installed(cases: Sequence[Case]) -> Iterator[Iterator[tuple[Case, Future[None]]]]:
    """Install one case ahead of the one that is measured."""

    def prepare(case: Case) -> None:
        trees.client_base()
        if case.service.client:
            install.install_client(case)
        install.install(case)

    def pairs(pool: ThreadPoolExecutor) -> Iterator[tuple[Case, Future[None]]]:
        ahead: list[tuple[Case, Future[None]]] = []
        for case in cases:
            ahead.append((case, pool.submit(prepare, case)))
            if len(ahead) > 1:
                yield ahead.pop(0)
        yield from ahead

    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            yield pairs(pool)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _line(result: Result) -> str:
    size = f", {result.image_bytes / 1e6:.0f} MB in {result.build_seconds:.0f} s" if result.image_bytes else ""
    pilot = f", pilot {result.pilot}" if result.pilot else ""
    reason = f": {result.reason}" if result.reason else ""
    return f"{result.case} {result.outcome}{size}{pilot}{reason}"


def _list(cases: Sequence[Case], known: dict[str, Result]) -> int:
    for number, group in enumerate(groups.groups(cases, known), 1):
        _print(f"group {number}")
        for case in group:
            result = known.get(case.id)
            _print(f"  {case.id:32} {case.service.init:10} {_line(result) if result else 'not measured yet'}")
    return 0


def _record(cases: Sequence[Case], known: dict[str, Result]) -> int:
    lines = b""
    for case in sorted(cases, key=lambda each: each.id):
        if case.id in known:
            lines += results.encoded(known[case.id])
    MEASURED.write_bytes(lines)
    _say("now run docs/generate.py")
    return 0


def _report(made: Sequence[Result], known: dict[str, Result]) -> int:
    if not made:
        _say("nothing to measure")
        return 0
    counted = [result for result in made if result.outcome != "not measured"]
    works = [result for result in counted if result.outcome == "works"]
    _say(f"{len(works)} of {len(counted)} images work; {len(made) - len(counted)} were not measured")
    for result in made:
        if result.outcome != "works":
            _say(f"  {_line(result)}")
    broken = [result for result in counted if result.outcome == "fails" and _is_new(result, known)]
    if broken:
        _say(f"listed as working and failing now: {', '.join(result.case for result in broken)}")
    return 1 if broken else 0 if counted else 3


def _is_new(result: Result, known: dict[str, Result]) -> bool:
    """Whether a failure is one that the repository's table does not know."""
    listed = known.get(result.case)
    return listed is not None and listed.outcome == "works"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
