"""Measure many cases: one after the other, the next being installed meanwhile, results stored as they come."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.wild import install, results, trees
from tests.wild.errors import WildError
from tests.wild.measure import Settings, measure
from tests.wild.product import Product
from tests.wild.results import Result
from tests.wild.sandbox import Sandbox, open_sandbox
from tests.wild.service_file import Case


@dataclass(frozen=True)
class Run:
    """The settings of one run."""

    product: Product
    stored: Path
    pilot: bool
    legacy_only: bool
    minutes: float | None
    """No case is begun once they are over."""
    listed: Mapping[str, Result]
    """The repository's table: a case that it lists as working is tried a second time before it counts as failing."""
    say: Callable[[str], None]

    def measure(self, cases: Sequence[Case]) -> list[Result]:
        """Measure the cases and return their results."""
        if not cases:
            return []
        ends = time.monotonic() + self.minutes * 60 if self.minutes else None
        with open_sandbox() as sandbox:
            made = self._each(sandbox, cases, ends)
            broken = {result.case for result in made.values() if is_regression(result, self.listed)}
            if broken:
                self.say("once more: services that are listed as working")
                made |= self._each(sandbox, [case for case in cases if case.id in broken], ends)
        return list(made.values())

    def _each(self, sandbox: Sandbox, cases: Sequence[Case], ends: float | None) -> dict[str, Result]:
        made: dict[str, Result] = {}
        settings = Settings(self.pilot, self.legacy_only, ends, say=lambda line: self.say(f"  {line}"))
        with _installed(cases) as installed:
            for number, (case, ready) in enumerate(installed, 1):
                if ends is not None and time.monotonic() > ends:
                    self.say(f"the time is over; {len(cases) - number + 1} services were not begun")
                    break
                self.say(f"[{number}/{len(cases)}] {case.id} ({case.service.init})")
                result = self._one(sandbox, case, ready, settings)
                made[case.id] = result
                if not self.legacy_only:
                    results.append(self.stored, result)
                self.say(f"  {result.line()}")
        return made

    def _one(self, sandbox: Sandbox, case: Case, ready: Future[None], settings: Settings) -> Result:
        try:
            ready.result()
        except WildError as error:
            return Result(
                service=case.name,
                release=case.release,
                init=case.service.init,
                summary=case.service.summary,
                commit=self.product.commit,
                key=case.key,
                outcome="not measured",
                reason=str(error),
            )
        return measure(sandbox, self.product, case, settings)


def is_regression(result: Result, listed: Mapping[str, Result]) -> bool:
    """Whether a service fails that the repository's table lists as working."""
    known = listed.get(result.case)
    return result.outcome == "fails" and known is not None and known.outcome == "works"


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
