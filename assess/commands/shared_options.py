"""Options that commands of several packages share."""

from __future__ import annotations

import click


def _known_priorities(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Reject unknown priorities before anything is done."""
    from assess.policy.priorities import UnknownPriority, priorities_of

    try:
        priorities_of(value or "")
    except UnknownPriority as error:
        raise click.BadParameter(str(error)) from error
    return value


prioritize_option = click.option(
    "--prioritize",
    metavar="LIST",
    callback=_known_priorities,
    help="What matters most: security, cost, performance, scalability or several, as security,cost. "
    "[default: priorities of brownfield.yaml]",
)

target_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    help="Container host to judge for: a profile of assess targets, a scanned host of container_hosts, or local; "
    "repeatable. [default: container_hosts of the inventory, else local]",
)

scan_option = click.option(
    "--scan",
    type=click.IntRange(min=1),
    metavar="N",
    help="Number of the scan, see assess scans. [default: the last]",
)
