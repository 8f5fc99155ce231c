"""``assess export``: the whole assessment for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from assess.commands.command import command
from assess.commands.shared_options import prioritize_option, target_option
from assess.commands.workspace import open_store, open_workspace


@command(example="assess export --json -o assessment.json")
@click.option("--json", "as_json", is_flag=True, help="As JSON, in the documented schema. The only form so far.")
@click.option("-o", "--output", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="Write it there.")
@prioritize_option
@target_option
def export(
    as_json: bool,
    output: Path | None,
    prioritize: str | None,
    targets: tuple[str, ...],
) -> None:
    """Write the whole assessment of the last scan as JSON, to standard output or to a file."""
    import sys

    from assess.export.export_document import write_document
    from assess.pipeline import assess_scan
    from inventory.errors import WorkspaceError
    from inventory.store.chosen_scan import latest_scan

    if not as_json:
        raise click.UsageError("choose a format: --json")
    place = open_workspace()
    with open_store(place) as store:
        assessment = assess_scan(store, latest_scan(store), prioritize=prioritize, targets=targets)
    if output is None:
        write_document(assessment, sys.stdout.write)
        click.echo()
        return
    try:
        with output.open("w", encoding="utf-8") as file:
            write_document(assessment, file.write)
            file.write("\n")
    except OSError as error:
        words = f"the export cannot be written to {output}: {error.strerror}; choose another place with -o"
        raise WorkspaceError(words) from error
