"""``assess privileges``: the privileges that a full scan needs."""

from __future__ import annotations

from pathlib import Path

import click

from assess.commands.command import command


@command(example="assess privileges hosts.ini --user assess")
@click.argument("inventory", required=False, type=click.Path(path_type=Path, readable=False), metavar="[HOSTS.INI]")
@click.option("--user", metavar="NAME", help="Who logs in. [default: the user of HOSTS.INI, else assess]")
@click.option(
    "--depth",
    type=click.Choice(("quick", "standard", "deep")),
    default="standard",
    show_default=True,
    help="For scans of this depth.",
)
@click.option("--for", "purposes", type=click.Choice(("scan", "build", "pilot")), multiple=True, help="[default: all]")
@click.option(
    "--form", type=click.Choice(("sudo", "doas")), default="sudo", show_default=True, help="For which program."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def privileges(
    inventory: Path | None, user: str | None, depth: str, purposes: tuple[str, ...], form: str, as_json: bool
) -> None:
    """Print the smallest sudoers file that lets an ordinary user see what only root may.

    It allows exactly the commands that a scan, a build and a pilot run as root: absolute paths, fixed arguments, no
    wildcards. What each line lets the account see stands above it. A scan runs its commands through `sudo -n` with
    --escalate sudo; without them it says what it could not see. A build and a pilot read everything through one
    command, as an account without rights: allow that to another account than the scan's. They use it where the host
    has ansible_become=true and assess_become_reader=true.
    """
    import json

    from inventory.ansible.inventory_file import read_hosts
    from inventory.depth import Depth
    from inventory.errors import InventoryError
    from inventory.probe.privileges import BUILD_AND_PILOT, PURPOSES, doas_conf, root_commands, sudoers
    from inventory.sections import SECTIONS

    users = [user] if user else []
    if inventory is not None and user is None:
        hosts = read_hosts(inventory)
        users = sorted({host.user for host in hosts if host.user and host.user != "root"})
        if not users:
            raise InventoryError(f"no host of {inventory} names a user other than root; name one with --user")
    wanted = purposes or PURPOSES
    scanning = root_commands(SECTIONS, Depth(depth)) if "scan" in wanted else ()
    reading = () if wanted == ("scan",) else (BUILD_AND_PILOT,)
    # By default the account that reads everything is another than the one that scans.
    accounts = dict.fromkeys(users, (*scanning, *reading)) or {
        **({"assess": scanning} if scanning else {}),
        **({"assess-build": reading} if reading else {}),
    }
    write = sudoers if form == "sudo" else doas_conf
    texts = [write(commands, account) for account, commands in accounts.items()]
    if as_json:
        rows = [
            {
                "account": account,
                "command": list(command.words),
                "parts": list(command.parts),
                "grants": command.grants,
            }
            for account, commands in accounts.items()
            for command in commands
        ]
        document = {
            "users": list(accounts),
            "depth": depth,
            "for": list(wanted),
            "commands": rows,
            form: "\n".join(texts),
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo("\n".join(texts), nl=False)
