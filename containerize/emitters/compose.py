"""A compose file that runs the image: ports, volumes, secrets, run directories, names of other hosts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from containerize.emitters.emission import Emission, Emitter, render, slug, unique_slugs
from containerize.emitters.health import health_of
from containerize.emitters.names import host_aliases
from containerize.emitters.seccomp import PROFILE, wants_profile
from containerize.emitters.sizing import requests_and_limits


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``compose.yaml``. The image must be loaded first; the secrets are put into ``secrets/`` by whoever deploys it."""
    plan = emission.plan
    volumes = unique_slugs(volume.path for volume in plan.volumes)
    secrets = unique_slugs(secret.path for secret in plan.secrets)
    text = render(
        "compose.yaml.j2",
        plan=plan,
        start=plan.start,
        project=slug(plan.workload),
        service=slug(plan.workload.partition("/")[2]),
        volumes=[(volumes[volume.path], volume) for volume in plan.volumes],
        secrets=[(secrets[secret.path], secret) for secret in plan.secrets],
        tmpfs=[f"{each.path}:uid={each.uid},gid={each.gid},mode={each.mode:o}" for each in plan.run_directories],
        ports=sorted({(port.port, port.protocol) for port in plan.ports if port.published}),
        aliases=host_aliases(plan),
        health=health_of(plan),
        sysctls=emission.seen.sysctls,
        profile=PROFILE if wants_profile(emission) else "",
        sizes=requests_and_limits(emission.seen.use),
        inner=sorted({(port.port, port.protocol) for port in plan.ports if not port.published}),
    )
    return {PurePosixPath("compose.yaml"): text}


EMITTER = Emitter("compose", "runs the image with docker compose or podman compose", emit, ("compose.yaml",))
