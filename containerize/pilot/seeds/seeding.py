"""Input and output of every way of seeding a volume."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO, NamedTuple, Protocol

from containerize.pilot.reference_service import ReferenceService
from containerize.plan.model import ImagePlan, Volume
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, ExecResult, Runtime
from containerize.sandbox.admission import in_words
from inventory.errors import BrownfieldError

_STEP_SECONDS = 120.0
_HEADROOM = 1 << 30
_LOOK_EVERY = 64 << 20


@dataclass(frozen=True, slots=True)
class Measured:
    """Measurements of a database: ``counts`` by object (-1: present but not counted), and ``settings`` that affect its
    answers (version, character set, time zone).
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)


class CommandRunner(Protocol):
    """Runs a command in the running copy."""

    def __call__(self, arguments: Sequence[str], *, user: str = "0:0", stdin: bytes = b"") -> ExecResult:
        """See Runtime.execute."""
        ...


class SeedFailed(BrownfieldError):
    """The data could not be copied; the sentence says why, and what would help."""


@dataclass(frozen=True)
class Seeding:
    """One volume of one workload. ``spec`` is the container that will use it; ``secrets`` by path, in memory."""

    pilot: PilotId
    runtime: Runtime
    plan: ImagePlan
    volume: Volume
    name: str
    spec: ContainerSpec
    live: ReferenceService
    secrets: Mapping[str, bytes] = field(repr=False)
    sleep: Callable[[float], None] = time.sleep

    def has(self, path: str) -> bool:
        """Whether the image has a file."""
        return any(file.path == path for file in self.plan.files)

    def program(self, *names: str) -> str:
        """The path of the first of these programs that the image has; raises SeedFailed."""
        paths = {file.path for file in self.plan.files}
        for name in names:
            for place in ("/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin", "/usr/libexec"):
                if f"{place}/{name}" in paths:
                    return f"{place}/{name}"
        raise SeedFailed(f"the image of {self.plan.workload} has no {' or '.join(names)} to load its data with")

    def once(self, name: str, arguments: Sequence[str], *, user: str = "") -> bytes:
        """Run one command in a container of the image with the volume, to its end; its output. Raises SeedFailed."""
        name = f"{self.spec.name}-{name}"
        spec = replace(self.spec, name=name, arguments=arguments, node="", init=False, user=user or self.spec.user)
        container = self.runtime.start(self.pilot, spec)
        try:
            deadline = time.monotonic() + _STEP_SECONDS
            while (state := self.runtime.state(container)).running:
                if time.monotonic() > deadline:
                    raise SeedFailed(f"{arguments[0]} did not end within {_STEP_SECONDS:.0f} s")
                self.sleep(0.1)
            output = self.runtime.logs(container)
            if state.exit_code:
                raise SeedFailed(f"{arguments[0]} ended with status {state.exit_code}: {last_words(output)}")
            return output
        finally:
            self.runtime.remove(container)

    @contextmanager
    def server(self) -> Iterator[str]:
        """The service itself, for the time of loading its data."""
        container = self.runtime.start(self.pilot, replace(self.spec, name=f"{self.spec.name}-load"))
        try:
            yield container
            self.runtime.stop(container, grace=60)
        finally:
            self.runtime.remove(container)

    def wait_for(self, container: str, arguments: Sequence[str], user: str) -> None:
        """Wait until a command within the service succeeds. Raises SeedFailed."""
        deadline = time.monotonic() + _STEP_SECONDS
        while True:
            if not self.runtime.state(container).running:
                words = last_words(self.runtime.logs(container))
                raise SeedFailed(f"the service ended before its data was loaded: {words}")
            done = self.runtime.execute(container, arguments, user=user, timeout=20)
            if done.exit_code == 0:
                return
            if time.monotonic() > deadline:
                raise SeedFailed(f"the service takes no connection: {last_words(done.stderr)}")
            self.sleep(0.3)

    def most(self) -> int:
        """The most bytes that the volume may take: twice of what the host says it holds and a gigabyte, and not more
        than there is room for here. Raises SeedFailed when there is no room for what it says.
        """
        path = shlex.quote(self.volume.path)
        done = self.live.run(f"{{ du -skx -- {path}; du -skx --apparent-size -- {path}; }} 2>/dev/null", timeout=120)
        sizes = [line.split()[0] for line in done.stdout.splitlines() if line.split()]
        held = max((int(size) * 1024 for size in sizes if size.isdigit() and len(size) < 16), default=None)
        room = self.runtime.room()
        if held is not None and held > room:
            raise SeedFailed(
                f"{self.volume.path} of {self.plan.host} holds {in_words(held)}, and there is room for "
                f"{in_words(room)} here; make room or run the pilot on another machine"
            )
        return room if held is None else min(room, 2 * held + _HEADROOM)


@contextmanager
def read_strictly() -> Iterator[None]:
    """For answers of a database, which may be anything. Raises SeedFailed."""
    try:
        yield
    except ValueError:
        raise SeedFailed("the database answered with something else than what was asked for") from None


class Bounded:
    """Counts what passes, and raises SeedFailed for more than ``most`` bytes, or when this machine's disk is full."""

    def __init__(self, stream: BinaryIO, most: int, seeding: Seeding) -> None:
        self._stream, self._most, self._seeding = stream, most, seeding
        self._next_look = _LOOK_EVERY
        self.size = 0

    def read(self, size: int = -1, /) -> bytes:
        """See BinaryIO."""
        data = self._stream.read(size)
        self.size += len(data)
        if self.size > self._most:
            raise SeedFailed(
                f"{self._seeding.plan.host} sent more than {in_words(self._most)} for {self._seeding.volume.path}, "
                "much more than it holds; nothing was copied"
            )
        if self.size >= self._next_look:
            self._next_look = self.size + _LOOK_EVERY
            if not self._seeding.runtime.room():
                raise SeedFailed("there is no room left for a copy of the data here; make room and run the pilot again")
        return data


@dataclass(frozen=True, slots=True)
class Seeded:
    """``words`` say what was copied. ``before`` and ``after`` are what the live service held around the copy: the
    copy must lie between. ``measure`` finds the same out in a running container.
    """

    words: str
    before: Measured = field(default_factory=lambda: Measured())
    after: Measured = field(default_factory=lambda: Measured())
    measure: Callable[[CommandRunner], Measured] | None = None


class Seed(NamedTuple):
    """One way. It raises SeedFailed, HostError or RuntimeFailed."""

    name: str
    seed: Callable[[Seeding], Seeded]


def last_words(output: bytes) -> str:
    """The last line that says something."""
    lines = [line.strip() for line in output.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "no message"
