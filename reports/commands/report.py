"""``assess report``: write the HTML report of the last scan again."""

from __future__ import annotations

from pathlib import Path

import click

from assess.commands.command import command
from assess.commands.shared_options import prioritize_option, target_option
from assess.commands.workspace import open_store, open_workspace


@command(example="assess report -o report.html")
@click.option("-o", "--output", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="Write it there.")
@click.option("--json", "as_json", is_flag=True, help="Print the path as JSON.")
@prioritize_option
@target_option
def report(
    output: Path | None,
    as_json: bool,
    prioritize: str | None,
    targets: tuple[str, ...],
) -> None:
    """Write the HTML report of the last scan again, with the images and pilots made since, and print where it is."""
    import json

    from assess.pipeline import assess_scan
    from inventory.store.chosen_scan import latest_scan
    from reports.html.write_report import write_report

    place = open_workspace()
    with open_store(place) as store:
        assessment = assess_scan(store, latest_scan(store), prioritize=prioritize, targets=targets)
    written = write_report(assessment, place, output)
    click.echo(json.dumps({"report": str(written)}) if as_json else str(written))
