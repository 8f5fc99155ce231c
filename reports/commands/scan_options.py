"""Options of ``assess scan``, collected into one object per group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
import cloup

from assess.commands.command import collect
from assess.commands.connection import connection_options
from assess.commands.shared_options import prioritize_option, target_option
from reports.commands.duration import Duration

if TYPE_CHECKING:
    from inventory.limits import Limits


@dataclass(frozen=True)
class Bounds:
    """Limits of one scan; see :class:`inventory.limits.Limits`. ``max_output`` is in MiB, times are in seconds."""

    forks: int
    timeout: float
    connect_timeout: float
    section_timeout: int | None
    max_output: int
    retries: int
    escalate: str | None

    def limits(self) -> Limits:
        """Return the limits of each host."""
        from inventory.limits import Limits
        from inventory.probe.privileges import ESCALATIONS

        escalation = ESCALATIONS[self.escalate] if self.escalate else ""
        return Limits(self.section_timeout, self.max_output << 20, self.retries, escalation)


@dataclass(frozen=True)
class Cluster:
    """The Dask cluster that scans, if any."""

    executor: str | None
    insecure_executor: bool


@dataclass(frozen=True)
class Judging:
    """Options for judging a scan."""

    targets: tuple[str, ...]
    prioritize: str | None


@dataclass(frozen=True)
class SamplingSettings:
    """Interval and duration of sampling processes and connections after a scan, in seconds; both None: no sampling."""

    every: float | None
    during: float | None


_DECORATORS: tuple[Callable[[Any], Any], ...] = (
    cloup.option_group("Judging", target_option, prioritize_option),
    cloup.option_group(
        "Sampling",
        cloup.option(
            "--every", type=Duration(), metavar="TIME", help="Sample processes and connections this often: 5m."
        ),
        cloup.option("--for", "during", type=Duration(), metavar="TIME", help="Duration of sampling. [default: 24h]"),
    ),
    cloup.option_group(
        "Limits",
        cloup.option("--forks", type=click.IntRange(1, 1000), default=32, show_default=True, help="Parallel hosts."),
        cloup.option(
            "--timeout",
            type=click.FloatRange(min=1),
            default=300.0,
            show_default=True,
            metavar="SECONDS",
            help="Maximum time for one host.",
        ),
        cloup.option(
            "--section-timeout",
            type=click.IntRange(1, 3600),
            metavar="SECONDS",
            help="Maximum time for one section. [default: 5 to 120, by section]",
        ),
        cloup.option(
            "--max-output",
            type=click.IntRange(1, 1024),
            default=32,
            show_default=True,
            metavar="MIB",
            help="Maximum size of one section's output.",
        ),
    ),
    connection_options(
        cloup.option(
            "--connect-timeout",
            type=click.FloatRange(min=0.1),
            default=10.0,
            show_default=True,
            metavar="SECONDS",
            help="Maximum time for each step of connecting.",
        ),
        cloup.option(
            "--retries",
            type=click.IntRange(0, 10),
            default=1,
            show_default=True,
            help="Retries of a failed connection, after 1, 2, 4 … seconds.",
        ),
        cloup.option(
            "--escalate",
            type=click.Choice(("sudo", "doas")),
            help="Without become: run each command that needs root through this program (see assess privileges).",
        ),
    ),
    cloup.option_group(
        "Cluster",
        cloup.option(
            "--executor",
            metavar="URL",
            help="Scan from the workers of a Dask cluster: dask://scheduler:8786, dasks:// with TLS.",
        ),
        cloup.option(
            "--insecure-executor",
            is_flag=True,
            help="Send host passwords and the redaction key to a Dask cluster without TLS.",
        ),
    ),
    collect("bounds", Bounds),
    collect("cluster", Cluster),
    collect("judging", Judging),
    collect("sampling", SamplingSettings),
)


def scan_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options; the command gets ``judging``, ``sampling``, ``bounds``, ``connection`` and ``cluster``."""
    for decorate in reversed(_DECORATORS):
        function = decorate(function)
    return function
