"""``assess why``: why a path is in an image, or why it is not."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.completion import complete_workload
from assess.commands.console import printable
from assess.commands.workspace import open_store, open_workspace

IN_AN_IMAGE, IN_NONE = 0, 1


@command(
    example="""
    assess why web01/apache2 /usr/lib/x86_64-linux-gnu/libssl.so.3
    assess why 'web*/apache2' /etc/ssl/private
    """
)
@click.argument("workload", metavar="HOST/WORKLOAD", shell_complete=complete_workload)
@click.argument("path")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
@click.pass_context
def why(ctx: click.Context, workload: str, path: str, as_json: bool) -> None:
    """Print why PATH is in the image of a workload, or why it is not.

    Exit status: 0 it is in an image; 1 it is in none; 2 wrong usage; 3 nothing was built.
    """
    from containerize.build.explain_path import explain
    from containerize.estate import load_estate
    from containerize.plan.plan_json import load_plan

    place = open_workspace()
    with open_store(place) as store:
        found = load_estate(store).named(workload)
    answers = [explain(load_plan(place.build(each.host, each.name)), path) for each in found]
    if as_json:
        from assess.export.json_stream import document_text
        from containerize.commands.build_json import BUILD_VERSION, Reasons

        click.echo(document_text(Reasons(BUILD_VERSION, answers)))
    else:
        for each in answers:
            where = "in the image" if each.inside else "not in the image"
            click.echo(printable(f"{each.workload}: {each.path} is {where}: {each.reason}"))
            for reason in each.also:
                click.echo(printable(f"  also: {reason}"))
    ctx.exit(IN_AN_IMAGE if any(each.inside for each in answers) else IN_NONE)
