"""Variables and arguments that hold secrets, and reading their values again when a container starts.

A plan names secrets and never holds them. Whoever starts a container (a pilot, a deployment) asks the host again; what
comes back stays in memory.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Container, Mapping, Sequence

from assess.model import Workload
from containerize.host.answer_parts import PREAMBLE
from containerize.host.file_survey import NotRunning, live_processes
from containerize.host.process_listing import LiveProcess
from containerize.host.regular_files import real_files
from containerize.plan.foreground_start import daemon_for, foreground
from containerize.plan.model import ImagePlan, SecretMount
from containerize.secret_values.workload_secrets import SHORTEST, WorkloadSecrets
from containerize.start.managed_start import ManagedStart
from containerize.start.start_sources import NO_SOURCES, read_sources
from inventory.errors import HostError
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.values import is_path, is_switch
from inventory.privacy.secrets.word_search import WordSearch
from inventory.transports.transport import Transport

ARGUMENT_VARIABLE = "ASSESS_ARGUMENT_{}"
"""Name of the variable that carries an argument which holds a secret; the number is its place in the vector."""

LIMIT = 128 << 20
"""The largest secret file that is read: archives are among them."""


class SecretTest:
    """Tells secrets in variables and arguments apart: by what the inventory's redaction would hide in them, and by what
    files of the workload showed to be secret.
    """

    def __init__(self, known: WorkloadSecrets | None = None) -> None:
        # The tokens are compared and thrown away, so any key will do.
        self._redactor = Redactor(secrets.token_bytes(32))
        self._known = known or WorkloadSecrets()

    def variable(self, entry: bytes) -> bool:
        """Whether ``NAME=value`` holds a secret, or comes from a file that holds one: such a file gives nothing."""
        name, _, value = entry.partition(b"=")
        if value in self._known.assigned.get(name, ()) or self._known.has(value):
            return True
        return self._redactor.environment(entry) != entry

    def filled_in(self, variables: Mapping[str, str], hidden: Container[str]) -> WordSearch | None:
        """The search for values of secret variables, which a command line may repeat: of ``hidden``, and of those whose
        value redaction hides. What merely comes from a file with secrets may be a port.
        """
        values = set()
        for name, text in variables.items():
            value = text.encode("utf-8", "surrogateescape")
            entry = name.encode("utf-8", "surrogateescape") + b"=" + value
            if len(value) < SHORTEST or is_switch(value) or is_path(value):
                continue
            if name in hidden or self._redactor.environment(entry) != entry:
                values.add(value)
        return WordSearch(values) if values else None

    def arguments(self, vector: Sequence[bytes], filled: WordSearch | None = None) -> frozenset[int]:
        """The places of arguments that hold a secret, of which ``filled`` may be a part."""
        hidden = self._redactor.arguments(b"\0".join(vector)).split(b"\0")
        if len(hidden) != len(vector):
            return frozenset(range(1, len(vector)))
        return frozenset(
            at
            for at, (new, old) in enumerate(zip(hidden, vector, strict=True))
            if new != old
            or (at and (self._known.has(old) or self._known.has(old.partition(b"=")[2])))
            or (at and filled is not None and filled.any_in(old))
        )


def read_secret_file(transport: Transport, secret: SecretMount) -> bytes:
    """The content of a file that was left out; raises HostError when the host does not give it."""
    name = secret.path.encode("utf-8", "surrogateescape") + b"\0"
    # Nothing comes of what is a link or a pipe by now: an empty file is told from that by its status.
    reading = '[ $# = 1 ] && exec cat "$1"'
    command = f"{PREAMBLE}{real_files()} | xargs -0 sh -c {shlex.quote(reading)} sh"
    done = transport.run(command, name, timeout=300, limit=LIMIT)
    if done.exit_status != 0 or done.truncated:
        raise HostError(f"{secret.path!r} cannot be read on the host any more, and the service needs it; build again")
    return done.stdout


def read_secret_environment(transport: Transport, plan: ImagePlan, workload: Workload) -> dict[str, str]:
    """The values of ``plan.start.secret_environment`` from the processes that run on the host now.

    Raises HostError when one does not run, none has one of them, or two parts of the workload have different values.
    """
    wanted = plan.start.secret_environment
    values: dict[str, str] = {}
    sources = read_sources(transport, workload.units, None, b"", lambda _path: True) if wanted else NO_SOURCES
    for unit in workload.units if wanted else ():
        running = live_processes(transport, unit)
        if not running:
            raise NotRunning(f"{unit.id} is not running, so the secrets in its environment cannot be read; start it")
        managed = sources.starts.get(unit.id)
        given = managed.environment if managed is not None else {}
        own = {**given, **_variables(running[0]), **_arguments(running[0], managed, plan)}
        found = {name: own[name] for name in wanted if name in own}
        if differing := [name for name in found if values.get(name, found[name]) != found[name]]:
            raise HostError(
                f"{', '.join(differing)} has another value in {unit.id} than in the other parts of {workload.id}; "
                "build them as separate workloads"
            )
        values |= found
    if missing := [name for name in wanted if name not in values]:
        raise HostError(f"{workload.id} runs without {', '.join(missing)} now; build again")
    return {name: values[name] for name in wanted}


def _variables(process: LiveProcess) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in process.environment:
        name, _, value = entry.partition(b"=")
        found[name.decode("utf-8", "surrogateescape")] = value.decode("utf-8", "surrogateescape")
    return found


def _arguments(process: LiveProcess, managed: ManagedStart | None, plan: ImagePlan) -> dict[str, str]:
    """Arguments by the variable that stands for their place, of the vector that the plan was made from: the manager's
    or the one seen. Only place 0, the program's name, may differ from the plan.
    """
    seen = tuple(argument.decode("utf-8", "surrogateescape") for argument in process.arguments)
    daemon = daemon_for(process.executable)
    vectors = [foreground(daemon, process.executable, seen) if daemon else seen]
    if managed is not None:
        vectors.append(foreground(daemon, process.executable, managed.arguments) if daemon else managed.arguments)
    shown = plan.start.service
    vector = next((each for each in vectors if _is_shown(each, shown)), vectors[0])
    return {ARGUMENT_VARIABLE.format(at): argument for at, argument in enumerate(vector)}


def _is_shown(vector: Sequence[str], shown: Sequence[str]) -> bool:
    """Whether a vector is the one at the end of a plan's, which has "" for each secret, and before it the shells that
    hand over secrets and set the umask.
    """
    if len(vector) > len(shown):
        return False
    own = shown[len(shown) - len(vector) :]
    return all(plain in ("", argument) for argument, plain in zip(vector[1:], own[1:], strict=True))
