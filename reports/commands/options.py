"""Options that these commands share."""

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

prioritize_option = click.option(
    "--prioritize",
    metavar="LIST",
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
