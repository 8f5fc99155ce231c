"""``assess build``: turn workloads into images and deployable files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from assess.commands.shared_options import database_option, workspace_option
from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.commands.login_options import Fill, login_options
from containerize.runtimes import RUNTIMES

if TYPE_CHECKING:
    from containerize.emitters.emission import Emitter
    from containerize.plan.model import Level
    from inventory.store.workspace import Workspace

DONE, SOME_FAILED, NOTHING_DONE = 0, 1, 3

FORMS = "Containerfile, compose, stack, kubernetes, quadlet, haproxy, seccomp, sbom, reasons, decisions, readme"
"""Names of the emitters; here as well so that --help need not load them."""


@click.command()
@click.argument("workloads", nargs=-1, required=True, metavar="HOST/WORKLOAD...")
@workspace_option
@database_option
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, for machines.")
@click.option("--dry-run", is_flag=True, help="Ask the hosts and show the plan; write nothing.")
@click.option(
    "--mode",
    type=click.Choice(["lift", "rebuild"]),
    default="lift",
    show_default=True,
    help="Take the files from the host, or write a Containerfile that installs the same packages on a public base and"
    " adds what was changed.",
)
@click.option(
    "--base-image",
    metavar="IMAGE",
    help="With --mode rebuild: build upon this image [default: the distribution's own].",
)
@click.option(
    "--build-network", metavar="NAME", help="With --mode rebuild: the engine's network that packages come through."
)
@click.option(
    "--target", metavar="NAME", help="With --mode rebuild: the container host of Windows that an image is for."
)
@click.option(
    "--level",
    type=click.Choice(["complete", "lean", "observed"]),
    default="complete",
    show_default=True,
    help="How much is inside: all that the service may need; the same without what nothing reads at run time; or what"
    " a pilot of the image was seen to open.",
)
@click.option("--without", multiple=True, metavar="PATH", help="Leave this out, and say what asked for it.")
@click.option(
    "--runtime",
    type=click.Choice([backend.name for backend in RUNTIMES]),
    help="What runs the pilots of --level observed, or builds with --mode rebuild [default: the first that works].",
)
@click.option(
    "--emit",
    metavar="NAME[,NAME]",
    help=f"Write only these files beside the image [default: all that fit]: {FORMS}.",
)
@click.option("--why", "why", metavar="PATH", help="Say why a path is in the image that was built, or why it is not.")
@click.option("--bandwidth", type=click.IntRange(1), metavar="KB/S", help="Copy no faster than this from each host.")
@click.option("--accept-new-host-keys", is_flag=True, help="Trust hosts that are in no known_hosts file yet.")
@click.option("--legacy-crypto", is_flag=True, help="Allow the key exchanges and ciphers of servers from before 2014.")
@click.option("--vault-password-file", type=click.Path(path_type=Path), metavar="FILE", help="As ansible takes it.")
@click.option("--ask-vault-pass", is_flag=True, help="Ask for the vault password.")
@grant_options
@login_options
@click.pass_context
def build(
    ctx: click.Context,
    workloads: tuple[str, ...],
    workspace: Path | None,
    database: str | None,
    as_json: bool,
    dry_run: bool,
    mode: str,
    base_image: str | None,
    build_network: str | None,
    target: str | None,
    level: Level,
    without: tuple[str, ...],
    runtime: str | None,
    emit: str | None,
    why: str | None,
    bandwidth: int | None,
    accept_new_host_keys: bool,
    legacy_crypto: bool,
    vault_password_file: Path | None,
    ask_vault_pass: bool,
    asked: RequestedGrants,
    fill: Fill,
) -> None:
    """Turn workloads of the last scan into OCI images that Docker and Podman load.

    Takes from each host exactly the files that the running service needs, says why for every one, and writes beside the
    image a README and the files to run it: for Compose, Swarm, Kubernetes, Podman's Quadlet and HAProxy. A pattern
    such as 'web*/apache2' means all services it matches. Data directories become volumes; files that hold secrets stay
    on the host and are mounted when a container runs.
    With --level observed the image is piloted twice, as it is and with what it was seen to use, and the smaller one
    stays only when its pilot does as well.
    With --mode rebuild the files of packages are installed anew and only what differs is copied: a Containerfile as a
    person would have written it, in the folder rebuild. An engine that has its base image builds it at once.
    The files grant no device, no capability beyond the engine's defaults and nothing else that is out of the ordinary
    unless one of the --allow options names it. What is allowed is recorded with the build.

    Exit status: 0 done; 1 some workload could not be built; 2 wrong usage; 3 none could be built.
    """
    from containerize.commands.build_run import EstateBuilder
    from containerize.commands.build_table import watching
    from containerize.estate import load_estate
    from inventory.ansible.inventory_file import read_hosts
    from inventory.store.workspace import Workspace

    if mode == "rebuild" and (level != "complete" or dry_run):
        raise click.UsageError("--level and --dry-run belong to --mode lift")
    if mode == "lift" and (base_image or build_network or target):
        raise click.UsageError("--base-image, --build-network and --target belong to --mode rebuild")
    emitters = _emitters(emit)
    place = Workspace.open(workspace)
    with place.store(database) as store:
        estate = load_estate(store)
    if without and not all(path.startswith("/") for path in without):
        raise click.UsageError("--without takes absolute paths, such as /usr/share/fonts")
    wanted = [found for pattern in workloads for found in estate.find(pattern)]
    if why is not None:
        ctx.exit(_explain(place, [(each.host, each.name) for each in wanted], why, as_json))
    for each in wanted:
        if each.kind != "service":
            words = "is a host function: every container host has its own, so an image of it is seldom wanted"
            click.echo(f"assess: {each.id} {words}", err=True)
    hosts = estate.inventory_hosts(
        lambda path: fill(read_hosts(path, vault_password_file=vault_password_file, ask_vault_pass=ask_vault_pass))
    )
    connecting = place.connect_options(accept_new_host_keys=accept_new_host_keys, legacy_crypto=legacy_crypto)
    with watching() as watch:
        builder = EstateBuilder(
            estate, hosts, place, connecting, watch, (bandwidth or 0) * 1000, level, without, emitters,
            asked=asked, only=len(wanted) == 1,
        )  # fmt: skip
        if dry_run:
            outcome = builder.plan(wanted)
        elif mode == "rebuild":
            from containerize.commands.rebuild_run import rebuild

            with place.lock():
                outcome = rebuild(builder, wanted, runtime, base_image or "", build_network or "", target)
        else:
            with place.lock():
                outcome = builder.build(wanted)
                if level == "observed" and outcome.built:
                    from containerize.commands.traced_run import observe

                    observe(builder, outcome, runtime)
                    builder.describe(outcome)
    if as_json:
        import json

        from containerize.commands.build_json import build_document

        click.echo(json.dumps(build_document(outcome), indent=2))
    else:
        from containerize.commands.build_table import print_outcome

        print_outcome(outcome)
    succeeded = bool(outcome.built or outcome.planned)
    ctx.exit((SOME_FAILED if succeeded else NOTHING_DONE) if outcome.failed else DONE)


def _emitters(names: str | None) -> tuple[Emitter, ...]:
    """What ``--emit`` names; () when it was not given. Raises UsageError for a name that is none."""
    from containerize.emitters import emitters_named

    if names is None:
        return ()
    try:
        return emitters_named(name.strip() for name in names.split(","))
    except KeyError as error:
        raise click.UsageError(f"--emit knows no {error.args[0]!r}; it knows {FORMS}") from None


def _explain(place: Workspace, names: list[tuple[str, str]], path: str, as_json: bool) -> int:
    """Say why a path is in the images, or why it is not; 1 when it is in none of them."""
    import json

    from containerize.build.explain import explain
    from containerize.commands.build_table import printable
    from containerize.plan.plan_json import load_plan

    answers = [explain(load_plan(place.build(host, name)), path) for host, name in names]
    if as_json:
        from containerize.commands.build_json import reasons_document

        click.echo(json.dumps(reasons_document(answers), indent=2))
    else:
        for each in answers:
            where = "in the image" if each.inside else "not in the image"
            click.echo(printable(f"{each.workload}: {each.path} is {where}: {each.reason}"))
            for reason in each.also:
                click.echo(printable(f"  also: {reason}"))
    return DONE if any(each.inside for each in answers) else SOME_FAILED
