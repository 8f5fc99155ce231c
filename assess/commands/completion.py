"""``assess completion``, and the values that a shell completes: hosts, workloads and rules."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem, get_completion_class

from assess.commands.command import command

_VARIABLE = "_ASSESS_COMPLETE"
"""The environment variable with which click asks for completions; it follows from the name of the program."""


@command(
    example="""
    assess completion bash > ~/.local/share/bash-completion/completions/assess
    assess completion zsh > ~/.zfunc/_assess
    assess completion fish > ~/.config/fish/completions/assess.fish
    """
)
@click.argument("shell", type=click.Choice(("bash", "zsh", "fish")))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell, for commands, options, hosts, workloads and rules."""
    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(f"this version of click has no completion for {shell}")
    click.echo(found(ctx.find_root().command, {}, "assess", _VARIABLE).source())


def complete_rule(_ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete names and ids of rules."""
    from assess.rules import RULES

    return _items(typed, (text for rule in RULES for text in ((rule.name, rule.id) if typed else (rule.name,))))


def complete_host(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete hosts of the last scan."""
    return _items(typed, _stored(ctx)[0])


def complete_workload(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete workloads of the last scan."""
    return _items(typed, _stored(ctx)[1])


def complete_host_or_workload(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete hosts of the last scan, and workloads once a host is typed."""
    hosts, workloads = _stored(ctx)
    return [*_items(typed, hosts), *_items(typed, workloads)]


def complete_application(ctx: click.Context, _parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete names of workloads: applications are called like their members."""
    return _items(typed, dict.fromkeys(each.partition("/")[2] for each in _stored(ctx)[1]))


def complete_any(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[CompletionItem]:
    """Complete hosts, workloads and rules."""
    hosts, workloads = _stored(ctx)
    return [*_items(typed, hosts), *_items(typed, workloads), *complete_rule(ctx, parameter, typed)]


def _items(typed: str, texts: Iterable[str]) -> list[CompletionItem]:
    # A host chose its name; a shell gets only names without signs that mean something to it.
    return [CompletionItem(text) for text in texts if text.startswith(typed) and _harmless(text)]


def _harmless(text: str) -> bool:
    return all(sign.isalnum() or sign in "-_./:@" for sign in text)


def _stored(ctx: click.Context) -> tuple[list[str], list[str]]:
    """Return the hosts and the workloads that the last scan was judged to have; nothing where that cannot be read."""
    from assess.commands.settings import stored_settings
    from inventory.errors import BrownfieldError
    from inventory.store.earlier_results import EarlierResults
    from inventory.store.workspace import Workspace

    given = stored_settings(ctx)
    try:
        with Workspace.open(given.workspace).store(given.database) as store:
            scan = store.latest()
            judged = None if scan is None else EarlierResults(store).judgement(scan)
            if scan is None or judged is None:
                return list(scan.hosts) if scan else [], []
            return list(scan.hosts), [name for _, each in judged.of_hosts() for name in each["workloads"]]
    except (BrownfieldError, KeyError, OSError):
        return [], []
