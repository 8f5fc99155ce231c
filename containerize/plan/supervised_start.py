"""The start of a container: the service itself, or the supervisor where the service needs it.

It is in an image where a service leaves the foreground, gets its sockets passed, needs commands before or after its
start, or ignores SIGTERM as process 1, and where several services come together: only what cannot live apart does (PHP
behind a Unix socket), and what brownfield.yaml says is one workload.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from containerize.plan.container_start import Starting
from containerize.plan.model import Start
from containerize.supervisor.image_paths import PROGRAM, SETTINGS
from containerize.supervisor.service_spec import SupervisedService, SupervisorSpec


def container_start(starts: Sequence[Starting], *, available: bool) -> tuple[Starting, SupervisorSpec | None]:
    """(the start of the container, the services of the supervisor or None). The first start is the main service's.
    ``available``: whether there is a supervisor for the image's processor; without one it is used where a service
    cannot do without.
    """
    main = starts[0]
    reasons = list(main.needed or (main.helped if available else ()))
    if len(starts) == 1 and not reasons:
        return main, None
    services = _named_apart([_service(each, main.start) for each in starts])
    # The service of the image starts last: it uses the others.
    spec = SupervisorSpec(tuple(reversed(services)))
    as_root = len(starts) > 1 or main.as_root or main.start.user == "0:0"
    if len(starts) > 1:
        names = ", ".join(each.start.arguments[0] for each in starts)
        reasons.insert(0, f"starts {names} together, in one container")
    start = replace(
        main.start,
        arguments=(PROGRAM, SETTINGS),
        command=main.service.start[-1].argv,
        secret_environment=tuple(sorted({name for each in starts for name in each.start.secret_environment})),
        user="0:0" if as_root else main.start.user,
        working_directory="/",
        stop_signal="SIGTERM",
        init=False,
        reason=f"{main.start.reason}; the supervisor runs it because it {'; it '.join(reasons)}"
        if len(starts) == 1
        else "; it ".join(reasons),
        groups=() if as_root else main.start.groups,
    )
    notes = tuple(dict.fromkeys(note for each in starts for note in each.notes))
    combined = replace(main, start=start, shm_bytes=max(each.shm_bytes for each in starts), notes=notes)
    return combined, spec


def _service(starting: Starting, container: Start) -> SupervisedService:
    """A service with the variables in which it differs from the container."""
    own, shared = dict(starting.start.environment), dict(container.environment)
    return replace(
        starting.service,
        environment=tuple(sorted((name, value) for name, value in own.items() if shared.get(name) != value)),
        unset=tuple(sorted(shared.keys() - own.keys())),
    )


def _named_apart(services: Sequence[SupervisedService]) -> list[SupervisedService]:
    seen: dict[str, int] = {}
    found = []
    for each in services:
        count = seen[each.name] = seen.get(each.name, 0) + 1
        found.append(replace(each, name=f"{each.name}-{count}") if count > 1 else each)
    return found
