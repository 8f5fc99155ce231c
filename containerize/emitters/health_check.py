"""A health check for the container: a program of the image that queries the service, else a connection to its port."""

from __future__ import annotations

from dataclasses import dataclass

from containerize.plan.model import ImagePlan, ImagePort


@dataclass(frozen=True, slots=True)
class Health:
    """``command`` is run in the container and ends with 0 when all is well; () where the image has no such program and
    ``port`` is all there is. ``basis`` is a sentence.
    """

    command: tuple[str, ...]
    port: ImagePort | None
    basis: str


_ASKING: tuple[tuple[frozenset[str], tuple[tuple[str, ...], ...]], ...] = (
    # Ends with 0 when the server rejects the account, too: mariadb-admin(1).
    (
        frozenset({"mariadbd", "mysqld"}),
        (("/usr/bin/mariadb-admin", "ping"), ("/usr/bin/mysqladmin", "ping")),
    ),
    (frozenset({"postgres", "postmaster"}), (("/usr/bin/pg_isready", "-q"),)),
    (
        frozenset({"redis-server", "valkey-server"}),
        (("/usr/bin/redis-cli", "ping"), ("/usr/bin/valkey-cli", "ping")),
    ),
)
"""Names of processes, and the programs that ask them without a password, the first that the image has."""

_COUNTS_LOST_CONNECTIONS = frozenset({"mariadbd", "mysqld"})
"""After max_connect_errors connections without a login these reject all clients from that address."""


def health_of(plan: ImagePlan) -> Health | None:
    """None when there is nothing to ask: no TCP port that others reach, and no program that asks."""
    port = next((each for each in plan.ports if each.published and each.protocol == "tcp"), None)
    names = {each.executable.rpartition("/")[2] for each in plan.processes}
    inside = {file.path for file in plan.files}
    for programs, commands in _ASKING:
        command = next((each for each in commands if programs & names and each[0] in inside), None)
        if command is not None:
            return Health(command, port, f"{' '.join(command)} asks the server itself")
    if port is None:
        return None
    return Health((), port, f"port {port.port} takes connections, where {port.process or 'it'} listened on the host")


def may_be_dialled(port: ImagePort) -> bool:
    """Whether a connection that says nothing does no harm."""
    return port.process not in _COUNTS_LOST_CONNECTIONS
