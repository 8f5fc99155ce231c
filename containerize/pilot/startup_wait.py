"""Wait until a copy is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from containerize.plan.model import ImagePlan, ImagePort
from containerize.runtimes.runtime import ContainerState, Runtime

START_SECONDS = 90.0
"""How long a service may take until its ports are there. A Java application on a slow machine takes a minute."""

SETTLE_SECONDS = 2.0
"""A service without ports is taken to be up when it ran for this long."""

ListenerRow = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class StartupState:
    """``missing`` are the planned ports that nothing listens on; ``state`` as it was at the end of the wait."""

    state: ContainerState
    missing: tuple[ImagePort, ...]
    seconds: float


def is_open(port: ImagePort, listeners: tuple[ListenerRow, ...]) -> bool:
    """Whether something listens on a planned port, at whatever address."""
    return any(protocol.startswith(port.protocol) and number == port.port for protocol, _, number in listeners)


def wait_until_up(
    runtime: Runtime,
    container: str,
    plan: ImagePlan,
    *,
    seconds: float,
    sleep: Callable[[float], None] = time.sleep,
) -> StartupState:
    """Wait until every port listens or the container ended, at most ``seconds``."""
    began = time.monotonic()
    while True:
        state = runtime.state(container)
        listeners = runtime.listeners(container) if state.running else ()
        missing = tuple(port for port in plan.ports if not is_open(port, listeners))
        passed = time.monotonic() - began
        settled = bool(plan.ports) or passed >= SETTLE_SECONDS
        if not state.running or (not missing and settled) or passed > seconds:
            return StartupState(state, missing, passed)
        sleep(0.2)
