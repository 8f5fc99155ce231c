"""Command line of the estate."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence

from tests.estate import recipe
from tests.estate.errors import EstateError
from tests.estate.estate import Estate


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; 0 when it was done, 1 when it could not be, 2 for a wrong command line."""
    arguments = _parser().parse_args(argv)
    try:
        return _COMMANDS[arguments.command](arguments)
    except EstateError as error:
        _say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader, such as head, has seen enough. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="estate", description="Real legacy hosts on this machine, for demos, tests and benchmarks. Needs root."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build hosts into the cache without starting them")
    up = commands.add_parser("up", help="build and start hosts; does nothing for one that runs")
    up.add_argument("--clones", type=int, metavar="N", help="start N clones of each host instead of the host")
    down = commands.add_parser("down", help="stop hosts and remove all that they consisted of")
    for command in (build, up, down):
        command.add_argument("hosts", nargs="*", metavar="HOST", help="default: all, without clones")
    listing = commands.add_parser("list", help="all hosts, where they are reached and whether they run")
    listing.add_argument("--json", action="store_true", help="for machines")
    shell = commands.add_parser("shell", help="run a command, or a shell, as root on a host")
    shell.add_argument("host", metavar="HOST")
    shell.add_argument("argv", nargs=argparse.REMAINDER, metavar="-- CMD", help="default: a login shell")
    return parser


def _build(arguments: argparse.Namespace) -> int:
    Estate(_say).build(arguments.hosts or recipe.names())
    return 0


def _up(arguments: argparse.Namespace) -> int:
    names: list[str] = arguments.hosts or recipe.names()
    if arguments.clones is not None:
        names = [recipe.load(name).clone(number).name for name in names for number in range(1, arguments.clones + 1)]
    begun = time.monotonic()
    estate = Estate(_say)
    estate.up(names)
    _say(f"up after {time.monotonic() - begun:.1f} s: {', '.join(names)}")
    _print(str(estate.hosts_ini))
    return 0


def _down(arguments: argparse.Namespace) -> int:
    Estate(_say).down(arguments.hosts or None)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    running = {host.name: host for host in Estate().hosts()}
    names = sorted({*recipe.names(), *running})
    rows = []
    for host in map(recipe.load, names):
        found = running.get(host.name)
        rows.append(
            {
                "name": host.name,
                "running": found is not None,
                "pid": found.pid if found else None,
                "group": host.group,
                "machine": host.machine,
                "suite": host.suite,
                "init": host.init,
                "address": host.address,
                "loopback": host.loopback,
                "ports": {str(inside): outside for inside, outside in sorted(host.publish.items())},
                "description": host.description,
            }
        )
    if arguments.json:
        _print(json.dumps(rows, indent=2))
        return 0
    for row, host in zip(rows, map(recipe.load, names), strict=True):
        ports = " ".join(f"{inside}->{host.loopback}:{outside}" for inside, outside in sorted(host.publish.items()))
        _print(f"{host.name:12} {'runs' if row['running'] else '-':5} {host.suite:9} {ports}")
        _print(f"{'':12} {host.description}")
    return 0


def _shell(arguments: argparse.Namespace) -> int:
    command: list[str] = arguments.argv
    if command[:1] == ["--"]:
        command = command[1:]
    host = Estate().host(arguments.host)
    return subprocess.run(host.argv(*command), check=False, cwd="/").returncode


_COMMANDS = {"build": _build, "up": _up, "down": _down, "list": _list, "shell": _shell}


def _say(line: str) -> None:
    sys.stderr.write(f"{line}{os.linesep}")
    sys.stderr.flush()


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
