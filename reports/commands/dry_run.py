"""``assess scan --dry-run``: the exact commands that would run on each host."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from inventory.depth import Depth
from inventory.host import Host
from inventory.limits import Limits
from inventory.platforms import Platform
from inventory.probe.platform_detection import COMMAND as DETECTION
from inventory.probe.platform_detection import from_inventory
from inventory.probe.script import COMMAND, compose
from inventory.probe.windows_shells.windows_probe import windows_probe
from inventory.sections import SECTIONS
from reports.view.visible_text import shown

_NONCE = "NONCE"


def print_plan(hosts: Sequence[Host], depth: Depth, limits: Limits, as_json: bool) -> None:
    """Nothing is connected to, so of most hosts only the answer to the first command tells what would follow.

    The script is what is sent, but for a number that is drawn for each run and stands here as NONCE.
    """
    script = compose(
        SECTIONS, _NONCE, escalate=limits.escalate, depth=depth, most=limits.output, seconds=limits.section_seconds
    )
    windows = windows_probe((each for each in SECTIONS if depth.includes(each.depth)), _NONCE)
    if as_json:
        document = {
            "depth": str(depth),
            "hosts": [_row(host) for host in hosts],
            "first": DETECTION,
            "command": COMMAND,
            "standard_input": script,
            "windows": {
                "command": windows.command,
                "standard_input": windows.script,
                "without_powershell": windows.lines,
            },
        }
        click.echo(json.dumps(document, indent=2))
        return
    for host in hosts:
        user = f"{host.user}@" if host.user else ""
        port = f" port {host.port}" if host.port else ""
        become = f", as {host.become_user} through {host.become_method}" if host.become else ""
        platform = ", in words of Windows" if _is_windows(host) else ""
        click.echo(shown(f"{host.name}: {host.connection} {user}{host.address}{port}{become}{platform}"))
    if any(not _is_windows(host) for host in hosts):
        click.echo(
            f"\nIf neither the inventory nor the SSH server's banner identifies the system:\n\n{DETECTION}\n"
            f"\nThen each Linux host would run this (other hosts are not touched):\n\n{COMMAND}\n"
            f"\nwith this on its standard input:\n\n{script}"
        )
    if any(_is_windows(host) for host in hosts):
        click.echo("\nEach Windows host would run, by PowerShell where it has one:\n")
        click.echo(f"{windows.command}\n\nwith this on its standard input:\n\n{windows.script}\nelse by cmd.exe:\n")
        for line in windows.lines:
            click.echo(line)


def _is_windows(host: Host) -> bool:
    known = from_inventory(host)
    return known is not None and known.platform is Platform.WINDOWS


def _row(host: Host) -> dict[str, Any]:
    return {
        "name": host.name,
        "address": host.address,
        "connection": host.connection,
        "port": host.port,
        "user": host.user,
        "become": host.become_method if host.become else None,
        "platform": "windows" if _is_windows(host) else None,
    }
