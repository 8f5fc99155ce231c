"""Options that commands of several packages share."""

from __future__ import annotations

from pathlib import Path

import click

workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path, readable=False),
    metavar="DIR",
    help="Folder of the assessment [default: $ASSESS_WORKSPACE, else ./assessment].",
)

database_option = click.option(
    "--database",
    metavar="URL",
    help="SQLAlchemy URL of the database [default: assessment.db in the workspace].",
)


def _known_priorities(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """Told as wrong usage before anything is done."""
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
    help="What comes first: some of security, cost, performance, scalability, as security,cost "
    "[default: priorities of brownfield.yaml].",
)

target_option = click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="NAME",
    help="Judge on this container host: a profile of assess targets, a scanned host of container_hosts, or local; "
    "repeatable [default: container_hosts of the inventory, else local].",
)

scan_option = click.option(
    "--scan", type=click.IntRange(min=1), metavar="N", help="Of this scan [default: the last; assess scans lists them]."
)
