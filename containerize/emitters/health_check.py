"""A health check for the container: a program of the image that queries the service, else a connection to its port."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from containerize.plan.model import ImagePlan, ImagePort
from inventory.products.catalogue import products


@dataclass(frozen=True, slots=True)
class Health:
    """``command`` is run in the container and ends with 0 when all is well; () where the image has no such program and
    ``port`` is all there is. ``basis`` is a sentence.
    """

    command: tuple[str, ...]
    port: ImagePort | None
    basis: str


@cache
def _asking() -> tuple[tuple[frozenset[str], tuple[tuple[str, ...], ...]], ...]:
    """Names of processes, and the programs that ask them without a password, the first that the image has."""
    return tuple(
        (frozenset(product.programs_of(health)), health.commands)
        for product in products().values()
        if (health := product.health) is not None
    )


@cache
def _counting_lost_connections() -> frozenset[str]:
    """Names of processes that a connection without a login harms."""
    return frozenset(
        name
        for product in products().values()
        if (never := product.never) is not None and never.connect_silently
        for name in product.programs_of(never)
    )


def health_of(plan: ImagePlan) -> Health | None:
    """None when there is nothing to ask: no TCP port that others reach, and no program that asks."""
    port = next((each for each in plan.ports if each.published and each.protocol == "tcp"), None)
    names = {each.executable.rpartition("/")[2] for each in plan.processes}
    inside = {file.path for file in plan.files}
    for programs, commands in _asking():
        command = next((each for each in commands if programs & names and each[0] in inside), None)
        if command is not None:
            return Health(command, port, f"{' '.join(command)} asks the server itself")
    if port is None:
        return None
    return Health((), port, f"port {port.port} takes connections, where {port.process or 'it'} listened on the host")


def may_be_dialled(port: ImagePort) -> bool:
    """Whether a connection that says nothing does no harm."""
    return port.process not in _counting_lost_connections()
