"""``assess push``: send a built image to a registry."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.commands.command import command
from assess.commands.completion import complete_workload
from assess.commands.console import make_console, note, progress_wanted
from assess.commands.workspace import open_store, open_workspace

if TYPE_CHECKING:
    from containerize.registry.credentials import Credentials
    from containerize.registry.image_reference import Reference
    from containerize.registry.push_image import PushProgress, PushResult
    from inventory.store.workspace import Workspace


@command(example="assess push web01/apache2 registry.example.org")
@click.argument("workload", metavar="HOST/WORKLOAD", shell_complete=complete_workload)
@click.argument("target", required=False, metavar="[REGISTRY[/REPOSITORY[:TAG]]]")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
@click.option("--dry-run", is_flag=True, help="Ask the registry what it lacks; send nothing.")
@click.option("--insecure", is_flag=True, help="Speak to the registry without TLS.")
@click.option(
    "--ca-file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="The authority that the registry's certificate is from, as PEM [default: those that this machine trusts].",
)
@click.option("--username", metavar="NAME", help="Log in as NAME [default: as docker login keeps it].")
@click.option("--password-stdin", is_flag=True, help="Read the password of --username from standard input.")
@click.option("--sbom/--no-sbom", default=True, show_default=True, help="Attach the bill of materials to the image.")
def push(
    workload: str,
    target: str | None,
    as_json: bool,
    dry_run: bool,
    insecure: bool,
    ca_file: Path | None,
    username: str | None,
    password_stdin: bool,
    sbom: bool,
) -> None:
    """Send the image of a workload to a registry, and print its name with its digest.

    The registry gets the bytes that were built, so the digest stays. Only what it lacks is sent; a push that was
    killed goes on with the first layer that is missing. Without REPOSITORY it is brownfield/HOST/WORKLOAD; without
    REGISTRY it goes where it was pushed before. Credentials are those of docker login. A registry is spoken to with
    TLS, unless it is on this machine or --insecure says so.

    Exit status: 0 done; 2 wrong usage; 3 nothing could be done.
    """
    from containerize.plan.plan_json import load_build
    from containerize.registry.client import RegistryClient
    from containerize.registry.push_image import push as push_layout
    from containerize.registry.push_records import PushRecord, pushes, remember, repositories_with
    from containerize.runtimes.image_layout import ImageLayout
    from inventory.errors import WorkspaceError

    place = open_workspace()
    folder = _folder(place, workload)
    built = load_build(folder)
    reference = _reference(target, built.image, tuple(each.reference for each in pushes(folder)))
    credentials = _credentials(reference, username, password_stdin)
    bill = folder / "sbom.cdx.json"
    layout = ImageLayout.open(Path(built.layout))
    mounts = repositories_with(place.path / "builds", reference)
    wanted = {layer.digest: mounts[layer.digest] for layer in layout.layers if layer.digest in mounts}
    client = RegistryClient(
        reference, credentials, insecure=insecure, ca_file=ca_file, pulls=tuple(sorted(set(wanted.values())))
    )
    try:
        with _watching() as watching:
            pushed = push_layout(
                layout,
                client,
                reference,
                sbom=bill if sbom and bill.is_file() else None,
                mounts=wanted,
                watching=watching,
                dry_run=dry_run,
            )
    except FileNotFoundError:
        raise WorkspaceError(f"{workload} was built anew while it was pushed; push it again") from None
    except KeyboardInterrupt as interruption:
        interruption.add_note("the registry stores complete blobs; run the same command to resume")
        raise
    finally:
        client.close()
    if not dry_run:
        layers = tuple(layer.digest for layer in layout.layers)
        remember(folder, PushRecord(reference, pushed.digest, layers, int(time.time())))
    _show(built.workload, pushed, as_json, dry_run)


def _folder(place: Workspace, workload: str) -> Path:
    """The folder of the build of one workload of the last scan. Raises UsageError and BrownfieldError."""
    from containerize.estate import load_estate

    host, slash, name = workload.partition("/")
    if not (host and slash and name):
        raise click.UsageError(f"{workload!r} is not a workload; write HOST/WORKLOAD, such as web01/apache2")
    with open_store(place) as store:
        found = load_estate(store).named(workload)
    if len(found) != 1:
        raise click.UsageError(f"{workload!r} means {len(found)} workloads; push them one by one")
    return place.build(found[0].host, found[0].name)


def _reference(target: str | None, image: str, before: tuple[Reference, ...]) -> Reference:
    from containerize.registry.image_reference import BadReference, parse_reference

    if target is None:
        if not before:
            raise click.UsageError(
                "name the destination: REGISTRY[/REPOSITORY[:TAG]], such as registry.example.org/team/web"
            )
        return before[-1]
    try:
        return parse_reference(target, image)
    except BadReference as error:
        raise click.UsageError(str(error)) from None


def _credentials(reference: Reference, username: str | None, password_stdin: bool) -> Credentials:
    from containerize.registry.credentials import Credentials, kept_credentials

    if bool(username) != password_stdin:
        raise click.UsageError("--username and --password-stdin belong together")
    if username is None:
        return kept_credentials(reference)
    password = sys.stdin.read().removesuffix("\n").removesuffix("\r")
    if not password:
        raise click.UsageError("--password-stdin read no password")
    return Credentials(username, password)


def _show(workload: str, pushed: PushResult, as_json: bool, dry_run: bool) -> None:
    if as_json:
        from assess.export.json_stream import document_text
        from containerize.commands.push_json import push_document

        click.echo(document_text(push_document(workload, pushed, dry_run=dry_run)))
        return
    from containerize.commands.build_table import human

    if dry_run:
        size = sum(blob.size for blob in pushed.missing)
        click.echo(
            f"{pushed.reference} would be sent {len(pushed.missing)} blobs, {human(size)};"
            f" it has {len(pushed.present)} of them already"
        )
        return
    size = sum(blob.size for blob in pushed.sent)
    click.echo(
        f"sent {len(pushed.sent)} blobs, {human(size)}; {len(pushed.mounted)} were in another repository,"
        f" {len(pushed.present)} were there already",
        err=True,
    )
    for remark in pushed.remarks:
        note(remark)
    click.echo(pushed.reference.at(pushed.digest))


@contextmanager
def _watching() -> Iterator[PushProgress]:
    """A bar of the bytes on standard error; nothing at all when that is no terminal."""
    from containerize.registry.push_image import PushProgress

    if not progress_wanted():
        yield PushProgress()
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TransferSpeedColumn

    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=make_console(stderr=True), transient=True) as bars:
        task = bars.add_task("", total=None)
        yield PushProgress(lambda total: bars.update(task, total=total), lambda size: bars.advance(task, size))
