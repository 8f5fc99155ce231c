"""Plans for tests: a workload of which only what matters is said."""

from __future__ import annotations

from containerize.plan.model import ImagePlan, Start


def make_plan(workload: str, hostname: str = "", arguments: tuple[str, ...] = ("/bin/sleep", "1000")) -> ImagePlan:
    """A plan without files, ports and data."""
    host = workload.partition("/")[0]
    return ImagePlan(
        workload=workload,
        host=host,
        image=f"localhost/brownfield/{workload}:lift",
        architecture="amd64",
        distribution="Debian 12",
        start=Start(arguments, (), (), "0:0", "/", "SIGTERM", False, "as it was seen"),
        files=(),
        volumes=(),
        secrets=(),
        run_directories=(),
        ports=(),
        processes=(),
        unix_sockets=(),
        companions=(),
        hostname=hostname or host,
        host_aliases=(),
        peers=(),
        capabilities=(),
        devices=(),
        limits=(),
        shm_bytes=64 << 20,
        left_out=(),
        notes=(),
    )
