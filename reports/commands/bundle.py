"""``assess bundle``: an anonymised recording of one host for a bug report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from assess.commands.command import command
from assess.commands.completion import complete_host
from assess.commands.shared_options import scan_option
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from inventory.recording import Recording


@command(example="assess bundle web01 -o web01.tar.gz")
@click.argument("host", shell_complete=complete_host)
@click.option("-o", "--output", type=click.Path(path_type=Path, readable=False), metavar="FILE", help="Write it there.")
@scan_option
@click.option("--dry-run", is_flag=True, help="Print what would be in it, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print what is in it as JSON.")
def bundle(
    host: str,
    output: Path | None,
    scan: int | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Write what HOST answered to one file for a bug report, and print what is in it.

    Names of hosts, users and domains, addresses, e-mail addresses and paths below homes are replaced, the same by the
    same. Secrets that this version recognises are replaced once more. docs/howto/workspace.md says what stays: read the
    file before you send it. Only you can read it (mode 0600).
    """
    import json
    from importlib.metadata import version

    from inventory.errors import WorkspaceError
    from inventory.privacy.anonymity.anonymizer import Anonymizer
    from inventory.privacy.anonymity.private_names import names_of
    from inventory.privacy.recording_bundle import SUFFIX, pack
    from inventory.privacy.recording_redaction import redact_recording
    from inventory.privacy.redaction import Redactor
    from inventory.store.chosen_scan import chosen_scan

    place = open_workspace()
    with open_store(place) as store:
        chosen = chosen_scan(store, scan)
        snapshot, recording = store.snapshot(chosen, host), store.recording(chosen, host)
        estate = [name for result in store.hosts(chosen) for name in (result.host, result.address)]
    if recording is None:
        raise WorkspaceError(f"{host} has not answered, so there is nothing to put into a bundle: {snapshot.reason}")
    recording = redact_recording(recording, Redactor(place.redaction_key()))
    anonymizer = Anonymizer(names_of(snapshot, recording, [*estate, snapshot.address]), place.redaction_key())
    anonymous = anonymizer.recording(recording)
    content = pack(anonymous, version("brownfield"))
    path = output or Path(f"{anonymous.host}{SUFFIX}")
    document = {
        "bundle": None if dry_run else str(path.absolute()),
        "bytes": len(content),
        "sections": [_section(anonymous, name) for name in (each.section for each in anonymous.sections)],
        "replaced": {kind: number for kind, number in anonymizer.counts.items() if not kind.startswith("network")},
        "kept": anonymizer.kept,
    }
    if not dry_run:
        try:
            _write(path, content)
        except OSError as error:
            words = f"the bundle cannot be written to {path}: {error.strerror}; choose another place with -o"
            raise WorkspaceError(words) from error
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        _print(document)


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, for its owner alone. Raises OSError."""
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


def _section(recording: Recording, name: str) -> dict[str, Any]:
    section = recording.section(name)
    parts = section.parts if section is not None else ()
    return {"section": name, "parts": [part.name for part in parts], "bytes": sum(len(part.content) for part in parts)}


_KINDS = {
    "host": ("name of a host", "names of hosts"),
    "user": ("name of a user or group", "names of users and groups"),
    "person": ("name in an account's comment", "names in accounts' comments"),
    "domain": ("domain", "domains"),
    "mail": ("e-mail address", "e-mail addresses"),
    "address": ("IP address", "IP addresses"),
    "card": ("hardware address", "hardware addresses"),
    "path": ("name below a home", "names below homes"),
}


def _print(document: dict[str, Any]) -> None:
    from rich.table import Table

    from reports.terminal.tables import results, safe
    from reports.view.labels import count

    table = Table(box=None, pad_edge=False, show_edge=False, header_style="dim")
    table.add_column("Section")
    table.add_column("Bytes", justify="right")
    table.add_column("Answers to", overflow="fold")
    for row in document["sections"]:
        table.add_row(safe(row["section"]), f"{row['bytes']:,}", safe(", ".join(row["parts"]), longest=600))
    results().print(table)
    replaced = [count(number, *_KINDS.get(kind, (kind, f"{kind}s"))) for kind, number in document["replaced"].items()]
    click.echo(f"\nReplaced: {', '.join(replaced) or 'nothing'}.")
    if document["kept"]:
        kept = ", ".join(document["kept"])
        click.echo(
            str(safe(f"Not replaced, because host programs or common words have the same name: {kept}.", longest=2000))
        )
    click.echo("Look into it before you send it: this cannot know every name that matters to you.")
    if document["bundle"] is not None:
        click.echo(f"\nBundle: {document['bundle']}")
