"""``README.md`` in the folder of a build: contents, usage, missing input and gaps of an image."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from pathlib import PurePosixPath

from containerize.emitters.crontab import crontab_lines
from containerize.emitters.decisions import MOST, brief, decisions_of
from containerize.emitters.emission import Emission, Emitter
from containerize.emitters.host_names import label, published, unique_labels
from containerize.emitters.kubernetes.objects import names_of
from containerize.emitters.markdown_text import block, cell, code
from containerize.emitters.seccomp_profile import PROFILE, wants_profile
from containerize.emitters.service_group import ServiceGroup
from containerize.plan.model import ImagePlan, SocketPeer, Volume

_SHOWN = 40
"""Rows of a long list; the rest is in the file that is named."""

_SHOWS_NEEDS = frozenset({"processes", "sockets", "open_files", "sysctls"})
"""Sections of a scan that show what a workload needs of its container host."""

_SEEDS: Mapping[str, str] = {
    "copy": "a copy of the files; stop the service on the host first, or what it writes meanwhile is torn",
    "mariadb": "a dump (`mariadb-dump --all-databases --routines --events`), or the files while the server is stopped",
    "postgresql": "a dump (`pg_dumpall`) and `postgresql.auto.conf` of the data directory, which holds what "
    "`ALTER SYSTEM` set; or all files while the server is stopped, never those of one that runs",
    "redis": "the dump file after `redis-cli save`",
    "sqlite": "`sqlite3 FILE '.backup COPY'` for each database, and a copy of the rest",
    "empty": "nothing: the service fills it itself",
}


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``README.md``. Written last: it names what the other emitters wrote."""
    plan = emission.plan
    sections = [
        f"# {code(plan.workload)}",
        "\n".join(_what(emission)),
        "## Files here\n\n" + "\n".join(_files(emission)),
        "## Run it\n\n" + "\n\n".join(_run(emission)),
        *_jobs(emission),
        "## What you must supply\n\n" + "\n".join(_supply(emission)),
        "## Decisions for a person\n\n" + "\n".join(_decisions(emission)),
        "## What was left out\n\n" + "\n".join(_left_out(plan)),
        "## Observed and not observed\n\n" + "\n".join(_seen(emission)),
    ]
    return {PurePosixPath("README.md"): "\n\n".join(sections) + "\n"}


def _what(emission: Emission) -> Iterator[str]:
    plan, built = emission.plan, emission.built
    yield f"The service {code(plan.workload)} of the server {code(plan.host)} ({code(plan.distribution)}) as an image:"
    if plan.mode == "rebuild":
        yield f"{built.files:,} files, made by `rebuild/Containerfile`: the packages installed anew on a base, and"
        yield "what was changed on that server copied from it."
    else:
        yield f"the files that the running service needs, {built.files:,} of them, taken from that server as they are."
    yield ""
    yield f"- image: {code(plan.image)}, {built.size / 1e6:.1f} MB ({built.compressed_size / 1e6:.1f} MB compressed)"
    again = "" if plan.mode == "rebuild" else ", the same from the same files"
    yield f"- digest: {code(built.digest)}{again}"
    yield f"- starts: {code(shlex.join(plan.start.service))} as {code(plan.start.user)}: {code(plan.start.reason)}"
    for port, protocol in published(plan):
        yield f"- listens on {protocol} port {port}"
    inner = sorted({(each.port, each.protocol) for each in plan.ports if not each.published})
    for port, protocol in inner:
        yield f"- {protocol} port {port} was on the loopback address only and stays within the container"
    for companion in plan.companions:
        yield f"- {code(companion)} is in the same container: neither runs without the other"
    for owner, peers in groupby(sorted(plan.socket_peers, key=_owner), key=_owner):
        folders = ", ".join(dict.fromkeys(code(peer.directory) for peer in peers))
        yield f"- needs {code(owner)} next to it, in a container that has the same volume at {folders}"
    for note in plan.notes:
        yield f"- note: {code(note)}"


def _owner(peer: SocketPeer) -> str:
    return peer.workload


def _files(emission: Emission) -> Iterator[str]:
    yield "| file | what for |"
    yield "| --- | --- |"
    yield "| `image/` | the image, as an OCI layout |"
    yield "| `plan.json` | all of it for programs: each file with its reason, ports, volumes, secrets |"
    if emission.plan.mode == "rebuild":
        yield "| `rebuild/` | the Containerfile, and the files that it copies |"
    for emitter in emission.emitters:
        places = [f"{each}/" if "." not in each and each.islower() else each for each in emitter.places]
        yield f"| {', '.join(code(place) for place in places)} | {emitter.summary} |"
    yield ""
    yield "`assess build` rewrites all of these files: keep your changes (for example a Kustomize overlay) elsewhere."


def _run(emission: Emission) -> Iterator[str]:
    plan = emission.plan
    written = {each.name for each in emission.emitters}
    group = ServiceGroup.of(emission)
    folders = [group.folder(each) for each in reversed(group.members)]
    loads = [f"tar -C {shlex.quote(str(PurePosixPath(each) / 'image'))} -cf - . | docker load" for each in folders]
    yield block([f"{loads[0]}   # or: podman load", *loads[1:]])
    for each in group.members:
        if each is not emission:
            place = code(f"{group.folder(each)}/README.md")
            yield f"The files here run {code(each.plan.workload)} with it; its needs are in {place}."
    for name in emission.missing:
        command = code(f"assess build {name} {plan.workload}")
        yield f"It uses {code(name)}, which no file here runs: {command} builds both."
    if "compose" in written:
        yield block(["docker compose up"])
    if "stack" in written:
        name = label(plan.workload)
        image = f"registry.example/NAME@{emission.built.digest}"
        yield block([f"IMAGE={image} docker stack deploy -c stack.yaml {name}"])
    if "quadlet" in written:
        name = label(plan.workload, 40)
        profile = f" {PROFILE}" if wants_profile(emission) else ""
        yield block(
            [
                f"mkdir -p ~/.config/containers/systemd && cp quadlet/*{profile} ~/.config/containers/systemd/",
                f"systemctl --user daemon-reload && systemctl --user start {name}.service",
            ]
        )
    if "kubernetes" in written:
        yield block(["kubectl apply -k kubernetes/overlays/site   # change newName there first"])
    if "haproxy" in written:
        yield "`haproxy/blue-green.cfg` switches users over, and back; its header explains how."
    yield (
        "Before you switch clients over: "
        + code(f"assess pilot {plan.workload}")
        + " compares it with the live service."
    )


def _jobs(emission: Emission) -> Iterator[str]:
    """A section where there are jobs that can be taken over."""
    lines = list(crontab_lines(emission))
    written = {each.name for each in emission.emitters}
    if not lines:
        return
    yield "## Its jobs"
    zone = emission.seen.timezone
    when = f"; times are those of {code(zone)}" if zone else ""
    yield f"The host started these jobs for the service, and a container has no cron{when}."
    if "kubernetes" in written:
        yield "On Kubernetes they are CronJobs, in `kubernetes/base/jobs.yaml`."
    if "compose" in written:
        yield "With Compose, add these lines to the crontab of the user that runs it:"
        yield block(lines)


def _supply(emission: Emission) -> Iterator[str]:
    plan = emission.plan
    names = names_of(plan)
    stack = unique_labels(label(plan.workload, 40), [secret.path for secret in plan.secrets])
    if not (plan.secrets or plan.start.secret_environment or plan.volumes):
        yield "Nothing: the service has no data, and no secret was found."
        return
    for secret in plan.secrets:
        owner = f"owner {secret.uid}:{secret.gid}, mode {secret.mode:o}"
        yield f"- secret file {code(secret.path)} ({code(secret.reason)}), {owner}. Its name for Swarm and Podman:"
        yield f"  {code(stack[secret.path])}; for Kubernetes: key {code(names.keys[secret.path])} of the Secret"
        yield f"  {code(names.files)}; for Compose: a file in `secrets/`, as `compose.yaml` names it."
    for name in plan.start.secret_environment:
        yield f"- secret variable {code(name)}: set it in the shell, or for Compose in `.env`; for Kubernetes it is a"
        yield f"  key of the Secret {code(names.environment)}; for Podman see the head of the `.container` file."
    for volume in plan.volumes:
        owner = f"owner {volume.uid}:{volume.gid}, mode {volume.mode:o}"
        yield f"- data {code(volume.path)} ({code(volume.reason)}), {owner}. Fill it with {_SEEDS[volume.seed]}."
    copied = [volume for volume in plan.volumes if volume.seed == "copy" and volume.path.isprintable()]
    if copied:
        yield ""
        yield "A copy, into a volume of Docker (the same with Podman), with numeric owners preserved:"
        yield ""
        yield block(_copies(emission, copied))


def _copies(emission: Emission, volumes: Iterable[Volume]) -> Iterator[str]:
    plan = emission.plan
    for volume in volumes:
        read = f"tar -C {shlex.quote(volume.path)} --numeric-owner -cf - ."
        # The program is the image's own, so it gets no network and gains nothing.
        denied = "--network none --security-opt no-new-privileges"
        run = f"docker run --rm -i -u 0:0 {denied} -v VOLUME:/to --entrypoint tar {plan.image}"
        write = f"{run} -C /to --numeric-owner -xpf -"
        yield f"ssh {shlex.quote(plan.host)} {shlex.quote(read)} | {write}"


def _decisions(emission: Emission) -> Iterator[str]:
    """Denied needs, each with its evidence and the option that allows it; then the grants."""
    workload = emission.plan.workload
    every = decisions_of(emission)
    denied = sorted((each for each in every if each.grant is None), key=lambda each: not each.danger)
    yield "The files here grant no device, no capability beyond the engine's defaults, no namespace of the container"
    yield "host and no gain of privileges, unless a person allowed it."
    yield ""
    unread = [what for what, _ in emission.seen.unseen if what in _SHOWS_NEEDS]
    if not emission.seen.taken:
        yield "- No scan is known, so what it may need of the host's network and of kernel settings is unknown."
    elif unread:
        names = ", ".join(code(each) for each in unread)
        yield f"- The scan could not read {names}, so it may need more than is listed."
    elif not denied:
        yield "Nothing was observed that needs more."
    for each in denied[:MOST]:
        yield f"- {'**dangerous:** ' if each.danger else ''}{code(brief(each.name))}. {each.meaning}"
        yield f"  Observed: {code(brief(each.reason))}."
        if each.danger:
            yield f"  {code(brief(each.danger))}"
        if each.option:
            yield f"  Allow it with {code(f'assess build {workload} {each.option} --reason WHY --until DATE')}."
        else:
            yield "  No option allows it: uncomment its lines in a copy of the file."
    if len(denied) > MOST:
        yield f"- and {len(denied) - MOST:,} more, all in `decisions.json`"
    if emission.read_only_root:
        yield "- The root file system is read-only: a pilot passed with it."
    else:
        yield "- The root file system is writable: no pilot passed with a read-only one."
    if emission.grants:
        yield ""
        yield "| allowed | by | why | from | until | |"
        yield "| --- | --- | --- | --- | --- | --- |"
    for grant in emission.grants:
        ended = "in force" if grant in emission.allowed.grants else "**expired**"
        why = cell(grant.reason) if grant.reason else "no reason was given"
        what = cell(f"{grant.kind} {grant.name}")
        yield f"| {what} | {cell(grant.by)} | {why} | {grant.granted} | {grant.until} | {ended} |"


def _left_out(plan: ImagePlan) -> Iterator[str]:
    if not plan.left_out:
        yield "Nothing on purpose."
    for each in plan.left_out[:_SHOWN]:
        yield f"- {code(each.path)}: {code(each.reason)}"
    if len(plan.left_out) > _SHOWN:
        yield f"- and {len(plan.left_out) - _SHOWN:,} more, all in `files.json`"


def _seen(emission: Emission) -> Iterator[str]:
    plan, seen = emission.plan, emission.seen
    if not seen.taken:
        yield "No scan is known that this rests on."
        return
    yield f"Scanned on {datetime.fromtimestamp(seen.taken, UTC):%Y-%m-%d %H:%M} UTC; {seen.looks}."
    yield ""
    for client in seen.clients[:_SHOWN]:
        who = f", {code(client.workload)}" if client.workload else ""
        yield f"- client: {code(client.address)}{who} on {client.protocol} port {client.port}"
    if not seen.clients:
        yield "- no client was connected to it"
    for name, port, workload in plan.peers[:_SHOWN]:
        who = f", {code(workload)}" if workload else ""
        yield f"- connects to, or names: {code(name)} port {port}{who}"
    for peer in plan.socket_peers[:_SHOWN]:
        yield f"- uses the socket {code(peer.path)} of {code(peer.workload)} ({code(peer.reason)})"
    for job in seen.jobs:
        what = f"job of {code(job.place)} as {code(job.user)}, {code(job.schedule)}"
        yield f"- {what}: not taken over, {code(job.obstacle)}" if job.obstacle else f"- {what}: no container has cron"
    for name, value in seen.sysctls:
        yield f"- kernel setting {code(name)} = {code(value)} was changed on the host"
    for call in seen.system_calls:
        yield f"- system call {code(call.name)}: {code(call.reason)}"
    if wants_profile(emission):
        yield f"- `{PROFILE}` would allow them; no file here uses it"
    for what, why in seen.unseen:
        yield f"- not seen: {code(what)}: {code(why)}"
    if not emission.packages:
        yield "- the packages of the image could not be determined: `sbom.cdx.json` has files only"


EMITTER = Emitter("readme", "this page", emit, ("README.md",))
