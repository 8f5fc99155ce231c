"""The start of a container: the service itself, or the supervisor where the service needs it.

It is in an image where a service leaves the foreground, gets its sockets passed, needs commands before or after its
start, or ignores SIGTERM as process 1, and where several services come together: only what cannot live apart does (PHP
behind a Unix socket), and what brownfield.yaml says is one workload.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from containerize.plan.container_start import Starting
from containerize.plan.model import Start
from containerize.supervisor.image_paths import PROGRAM, SETTINGS
from containerize.supervisor.service_spec import SupervisedService, SupervisorSpec


def container_start(
    starts: Sequence[Starting], available: Callable[[], bool]
) -> tuple[Starting, SupervisorSpec | None]:
    """(the start of the container, the services of the supervisor or None). The first start is the main service's.
    ``available`` returns whether there is a supervisor for the image's processor. It is asked only where the service
    may also start without one.
    """
    main = starts[0]
    reasons = list(main.needed)
    if len(starts) == 1 and not reasons:
        if not main.helped:
            return main, None
        if not available():
            return _without_supervisor(main), None
    reasons = reasons or list(main.helped)
    as_root = len(starts) > 1 or main.as_root or main.start.user == "0:0"
    services = _named_apart([_service(each, main.start, as_root=as_root) for each in starts])
    # The service of the image starts last: it uses the others.
    spec = SupervisorSpec(tuple(reversed(services)))
    if len(starts) > 1:
        names = ", ".join(each.command[0] for each in starts)
        reasons.insert(0, f"starts {names} together, in one container")
    start = replace(
        main.start,
        arguments=(PROGRAM, SETTINGS),
        command=main.command,
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


def _without_supervisor(starting: Starting) -> Starting:
    if starting.service.kind != "forking":
        return starting
    note = (
        f"{starting.command[0]} may leave the foreground, which ends the container at once, and this installation has "
        "no supervisor that would follow it: install the wheel, or give the program's option for the foreground"
    )
    return replace(starting, notes=(*starting.notes, note))


def _service(starting: Starting, container: Start, *, as_root: bool) -> SupervisedService:
    """A service with the variables in which it differs from the container, and with what only root can give it where
    the supervisor is root.
    """
    service = starting.service
    if not as_root:
        service = replace(service, directories=(), ambient=(), bounding=None)
    own, shared = dict(starting.start.environment), dict(container.environment)
    return replace(
        service,
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
