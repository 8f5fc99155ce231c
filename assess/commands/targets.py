"""``assess targets``: the named profiles of container hosts."""

from __future__ import annotations

import json
from typing import Any

import click

from assess.commands.command import command
from assess.targets.target_profiles import Profile, profiles


@command(example="assess targets")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")
def targets(as_json: bool) -> None:
    """List the profiles of container hosts that --target takes, beside the names of scanned ones."""
    if as_json:
        click.echo(json.dumps({"targets": [_row(each) for each in profiles()]}, indent=2))
        return
    width = max(len(each.target.name) for each in profiles())
    for each in profiles():
        target = each.target
        facts = target.os_build or f"kernel {target.kernel_release}"
        if target.cpu_level > 1:
            facts += f", x86-64-v{target.cpu_level}"
        if target.engine:
            facts += f", {target.engine} {target.engine_version}".rstrip()
        click.echo(f"{target.name:<{width}}  {each.what} ({facts})")


def _row(profile: Profile) -> dict[str, Any]:
    """Return a profile as JSON values; unknown ones are null."""
    target = profile.target
    return {
        "name": target.name,
        "what": profile.what,
        "system": target.system,
        "architecture": target.architecture,
        "kernel": None if target.system == "windows" else target.kernel_release,
        "os_build": target.os_build or None,
        "engine": target.engine or None,
        "engine_version": target.engine_version or None,
        "cgroup_version": target.cgroup_version or None,
        "cpu_level": target.cpu_level or None,
        "vsyscall": target.vsyscall or None,
        "ia32_emulation": target.ia32_emulation,
        "ephemeral_ports": list(target.ephemeral_ports) if target.ephemeral_ports else None,
        "node_ports": list(target.node_ports) if target.node_ports else None,
        "unprivileged_port_start": target.unprivileged_port_start,
        "rootless": target.rootless,
        "source": profile.source,
    }
