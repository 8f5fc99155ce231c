"""``assess privileges``: what an ordinary user must be allowed for a whole scan."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("inventory", required=False, type=click.Path(path_type=Path, readable=False), metavar="[HOSTS.INI]")
@click.option("--user", metavar="NAME", help="Who logs in. [default: the user of HOSTS.INI, else assess]")
@click.option(
    "--depth",
    type=click.Choice(("quick", "standard", "deep")),
    default="standard",
    show_default=True,
    help="For scans of this depth.",
)
@click.option("--for", "program", type=click.Choice(("sudo", "doas")), default="sudo", show_default=True, help="Form.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def privileges(inventory: Path | None, user: str | None, depth: str, program: str, as_json: bool) -> None:
    """Print the smallest sudoers file that lets an ordinary user see what only root may.

    It allows exactly the commands that a scan runs as root: absolute paths, fixed arguments, no wildcards. With it in
    place, `assess scan --escalate sudo` asks each of them through `sudo -n`. Without it the same scan says what it
    could not see.
    """
    import json

    from inventory.depth import Depth
    from inventory.errors import InventoryError
    from inventory.hosts import read_hosts
    from inventory.privileges import doas_conf, root_commands, sudoers
    from inventory.sections import SECTIONS

    users = [user] if user else []
    if inventory is not None and user is None:
        hosts = read_hosts(inventory)
        users = sorted({host.user for host in hosts if host.user and host.user != "root"})
        if not users:
            raise InventoryError(f"no host of {inventory} names a user other than root; name one with --user")
    commands = root_commands(SECTIONS, Depth(depth))
    write = sudoers if program == "sudo" else doas_conf
    texts = [write(commands, each) for each in users or ["assess"]]
    if as_json:
        rows = [{"command": list(command.words), "parts": list(command.parts)} for command in commands]
        document = {"users": users or ["assess"], "depth": depth, "commands": rows, program: "\n".join(texts)}
        click.echo(json.dumps(document, indent=2))
        return
    click.echo("\n".join(texts), nl=False)
