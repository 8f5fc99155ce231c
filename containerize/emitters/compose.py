"""A Compose file that runs the image."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.emission import Emission, Emitter, compose_scalar, render, slug, to_json, unique_slugs
from containerize.emitters.health_check import health_of
from containerize.emitters.host_names import host_aliases
from containerize.emitters.seccomp_profile import PROFILE
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import keys, listed, on_privilege_gain, read_only, remarked, settings
from containerize.emitters.yaml_text import yaml_text
from containerize.grants.grant_names import is_device_path


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``compose.yaml``. The image must be loaded first; the secrets are put into ``secrets/`` at deployment."""
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
        tmpfs=[
            f"{each.path}:uid={each.uid},gid={each.gid},mode={each.mode:o}"
            for each in writable_directories(emission) or plan.run_directories
        ],
        ports=sorted({(port.port, port.protocol) for port in plan.ports if port.published}),
        aliases=host_aliases(plan),
        health=health_of(plan),
        privileges=yaml_text(_privileges(emission)).splitlines(),
        sizes=sizes_of(emission),
        digest=emission.built.digest,
        inner=sorted({(port.port, port.protocol) for port in plan.ports if not port.published}),
    )
    return {PurePosixPath("compose.yaml"): text}


def _privileges(emission: Emission) -> dict[Any, Any]:
    """The container's privileges: the engine's defaults and the grants."""
    priority = emission.seen.real_time_priority
    return {
        **keys(on_privilege_gain(emission, "Or remove no-new-privileges:true.")),
        **_security_options(emission),
        **listed(emission, "cap_add", "capability", lambda each: each.name),
        **listed(emission, "devices", "device", lambda each: _device(each.name)),
        **keys(settings(emission, "sysctls", compose_scalar)),
        **keys(remarked(emission, "host-network", "network_mode: host   # and remove ports")),
        **keys(remarked(emission, "huge-pages", "Reserve them on the container host: sysctl vm.nr_hugepages")),
        **keys(remarked(emission, "real-time", "Add to ulimits, and see CAP_SYS_NICE:", f"  rtprio: {priority}")),
        **read_only(emission, "read_only"),
    }


def _security_options(emission: Emission) -> dict[Any, Any]:
    profile = to_json(f"seccomp=./{PROFILE}")
    if emission.allowed.privilege_gain:
        return keys(remarked(emission, "system-calls", "security_opt:", f"  - {profile}"))
    return {"security_opt": ["no-new-privileges:true", *remarked(emission, "system-calls", f"- {profile}")]}


def _device(path: str) -> str:
    return f"{path}:{path}" if is_device_path(path) else ""


EMITTER = Emitter("compose", "runs the image with docker compose or podman compose", emit, ("compose.yaml",))
