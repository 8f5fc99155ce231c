"""Command line: ``python -m tests.wild``."""

from __future__ import annotations

import argparse
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.wild import groups, results, trees
from tests.wild.errors import WildError
from tests.wild.places import MEASURED, SERVICES
from tests.wild.product import Product, find
from tests.wild.results import Result
from tests.wild.run import Run, is_regression
from tests.wild.service_file import Case, load_all


def main(argv: Sequence[str] | None = None) -> int:
    """0 done; 1 a service that is listed as working fails; 2 wrong usage; 3 nothing could be measured."""
    arguments = _parser().parse_args(argv)
    try:
        return _main(arguments)
    except WildError as error:
        _say(f"wild: {error}")
        return 3
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, such as head, has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


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
    parser.add_argument("--prepare", action="store_true", help="only make the base trees that the services need")
    parser.add_argument("--record", action="store_true", help="copy the last results into the repository's table")
    return parser


def _main(arguments: argparse.Namespace) -> int:
    folder = arguments.folder.resolve()
    cases = load_all(folder, arguments.services)
    stored = results.path_of(folder)
    listed = results.latest(results.read(MEASURED)) if folder == SERVICES else {}
    if arguments.list:
        return _list(groups.groups(cases, listed), results.latest(results.read(stored)))
    if arguments.record:
        return _record(cases, results.latest(results.read(stored)))
    if os.geteuid() != 0:
        raise WildError("root is needed, for namespaces and a container engine")
    cases = _selected(cases, listed, arguments)
    if arguments.prepare:
        for case in cases:
            trees.host_base(case.release, case.service.init)
        trees.client_base()
        return 0
    product = find(arguments.python)
    if not arguments.again:
        cases = _left(cases, product, stored, pilot=not arguments.no_pilot)
    how = Run(
        product,
        stored,
        pilot=not arguments.no_pilot,
        legacy_only=arguments.legacy_only,
        minutes=arguments.minutes,
        listed=listed,
        say=_say,
    )
    return _report(how.measure(cases), listed)


def _selected(cases: list[Case], listed: dict[str, Result], arguments: argparse.Namespace) -> list[Case]:
    if arguments.group is not None:
        # By the repository's table and not by stored results, so that a group stays the same while it is measured.
        every = groups.groups(cases, listed)
        if not 1 <= arguments.group <= len(every):
            raise WildError(f"there are {len(every)} groups")
        cases = every[arguments.group - 1]
    if arguments.sample is not None:
        seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
        cases = groups.sample(cases, arguments.sample, seed)
        _say(f"sample of {len(cases)} services; draw it again with --sample {arguments.sample} --seed {seed}")
    return cases


def _left(cases: list[Case], product: Product, stored: Path, *, pilot: bool) -> list[Case]:
    """The cases that were not measured with this commit and their present service file."""
    done = {
        (result.case, result.key)
        for result in results.read(stored)
        if result.commit == product.commit
        and result.outcome != "not measured"
        and (result.pilot or not pilot or not result.image_bytes)
    }
    left = [case for case in cases if (case.id, case.key) not in done]
    if len(left) < len(cases):
        _say(f"{len(cases) - len(left)} measured before with {product.commit}; --again measures them again")
    return left


def _list(planned: Sequence[Sequence[Case]], known: dict[str, Result]) -> int:
    for number, group in enumerate(planned, 1):
        _print(f"group {number}")
        for case in group:
            result = known.get(case.id)
            _print(f"  {case.id:32} {case.service.init:10} {result.line() if result else 'not measured yet'}")
    return 0


def _record(cases: Sequence[Case], known: dict[str, Result]) -> int:
    lines = b""
    for case in sorted(cases, key=lambda each: each.id):
        if case.id in known:
            lines += results.encoded(known[case.id])
    MEASURED.write_bytes(lines)
    _say("now run docs/generate.py")
    return 0


def _report(made: Sequence[Result], listed: dict[str, Result]) -> int:
    if not made:
        _say("nothing was measured")
        return 0
    counted = [result for result in made if result.outcome != "not measured"]
    works = [result for result in counted if result.outcome == "works"]
    _say(f"{len(works)} of {len(counted)} images work; {len(made) - len(counted)} were not measured")
    for result in made:
        if result.outcome != "works":
            _say(f"  {result.line()}")
    broken = [result.case for result in made if is_regression(result, listed)]
    if broken:
        _say(f"listed as working and failing now: {', '.join(broken)}")
    return 1 if broken else 0 if counted else 3


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
