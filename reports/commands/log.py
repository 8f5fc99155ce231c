"""``assess log``: commands that were run on hosts."""

from __future__ import annotations

import click

from assess.commands.command import command
from assess.commands.completion import complete_host
from assess.commands.workspace import open_workspace


@command(example="assess log web01")
@click.argument("host", required=False, shell_complete=complete_host)
@click.option("--script", metavar="SHA256", help="Print the standard input with this hash, and nothing else.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def log(host: str | None, script: str | None, as_json: bool) -> None:
    """Print what scans ran on hosts, or on HOST: when, as whom, which command, how it ended.

    Each command names the hash of its standard input; --script prints that. The number that marks a run stands in it
    as NONCE.
    """
    import json

    from inventory.formats.fact_json import json_text, moment
    from inventory.scan.command_log import CommandLog
    from reports.view.visible_text import shown

    kept = CommandLog(open_workspace().ran)
    if script is not None:
        click.echo(kept.script(script), nl=False)
        return
    deeds = list(kept.read(host))
    if as_json:
        rows = [
            {
                "host": json_text(deed.host),
                "when": moment(deed.when),
                "user": json_text(deed.user),
                "root": deed.root,
                "command": json_text(deed.command),
                "sha256": deed.sha256 or None,
                "exit_status": None if deed.exit_status < 0 else deed.exit_status,
                "received": deed.received,
                "seconds": round(deed.seconds, 3),
            }
            for deed in deeds
        ]
        click.echo(json.dumps({"ran": rows}, indent=2))
        return
    for deed in deeds:
        user = f"{deed.user} as root" if deed.root and deed.user != "root" else deed.user
        ended = f"status {deed.exit_status}" if deed.exit_status >= 0 else "did not end"
        stdin = f" <{deed.sha256[:12]}" if deed.sha256 else ""
        click.echo(
            shown(
                f"{moment(deed.when)}  {deed.host}  {user}  {ended}, {deed.received:,} bytes, {deed.seconds:.1f} s: "
                f"{deed.command}{stdin}"
            )
        )
