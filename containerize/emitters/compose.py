"""A Compose file that runs the image, with the neighbours that it uses on its host."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.emission import Emission, Emitter, compose_scalar, render, slug, to_json, unique_slugs
from containerize.emitters.host_names import host_aliases
from containerize.emitters.own_identity import domain_of, other_names, own_networks
from containerize.emitters.seccomp_profile import PROFILE
from containerize.emitters.service_group import ServiceGroup
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import keys, listed, on_privilege_gain, read_only, remarked, settings
from containerize.emitters.yaml_text import yaml_text
from containerize.grants.grant_names import is_device_path

_NETWORK = "network"


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``compose.yaml``. The images must be loaded first; the secrets are put into ``secrets/`` at deployment.

    Neighbours share one network, as they did on the server. It belongs to a container that only waits, so that each
    service can be started again without the others.
    """
    group = ServiceGroup.of(emission)
    plan = emission.plan
    data = {volume.path: volume for each in group.members for volume in each.plan.volumes}
    sockets = {each.path: each for each in group.empty_directories}
    volumes = unique_slugs(dict.fromkeys([*(volume.path for volume in plan.volumes), *sorted({*data, *sockets})]))
    secrets = _secret_names(group)
    holder = _holder(group)
    text = render(
        "compose.yaml.j2",
        plan=plan,
        project=slug(plan.workload),
        notes=[note for each in group.members for note in each.plan.notes],
        others=[each for each in group.members if each is not emission],
        missing=emission.missing,
        network=_network(group, holder),
        services=[_service(group, each, volumes, secrets, holder) for each in group.members],
        data=[volumes[path] for path in data],
        sockets=[(volumes[path], each) for path, each in sockets.items()],
        secrets=[
            (name, f"{group.folder(each)}/secrets/{file}", secret)
            for each in group.members
            for secret, name, file in secrets[each.plan.workload]
        ],
        own_networks=own_networks(each.plan for each in group.members),
        digest=emission.built.digest,
    )
    return {PurePosixPath("compose.yaml"): text}


def _secret_names(group: ServiceGroup) -> dict[str, list[tuple[Any, str, str]]]:
    """By workload: (secret, its name, the name of its file in the folder of its build)."""
    found: dict[str, list[tuple[Any, str, str]]] = {}
    for each in group.members:
        files = unique_slugs(secret.path for secret in each.plan.secrets)
        prefix = "" if each is group.main else f"{group.services[each.plan.workload]}-"
        found[each.plan.workload] = [
            (secret, prefix + files[secret.path], files[secret.path]) for secret in each.plan.secrets
        ]
    return found


def _holder(group: ServiceGroup) -> str:
    """The name of the service to which the network of a group belongs; "" for one that is alone."""
    if not group.several:
        return ""
    if group.sleeper is None:
        return group.services[group.members[0].plan.workload]
    taken = set(group.services.values())
    return _NETWORK if _NETWORK not in taken else f"{slug(group.main.plan.host)}-{_NETWORK}"


def _network(group: ServiceGroup, holder: str) -> dict[str, Any] | None:
    """The container that holds the network."""
    if not holder or group.sleeper is None:
        return None
    image, program = group.sleeper
    return {"name": holder, "image": image.plan.image, "program": program, **_identity(group.members, group.main)}


def _identity(members: tuple[Emission, ...], main: Emission) -> dict[str, Any]:
    """The network of a group: its name, its other names and its ports."""
    every = [port for each in members for port in each.plan.ports]
    return {
        "hostname": main.plan.hostname,
        "domain": domain_of(main.plan),
        "names": other_names(main.plan),
        "networks": own_networks(each.plan for each in members),
        "aliases": host_aliases(main.plan),
        "ports": sorted({(port.port, port.protocol) for port in every if port.published}),
        "inner": sorted({(port.port, port.protocol) for port in every if not port.published}),
    }


def _service(
    group: ServiceGroup,
    emission: Emission,
    volumes: Mapping[str, str],
    secrets: Mapping[str, list[tuple[Any, str, str]]],
    holder: str,
) -> dict[str, Any]:
    plan = emission.plan
    name = group.services[plan.workload]
    shared = group.shared_of(emission)
    own = {each.path for each in shared}
    identity = _identity((emission,), emission) if not holder else {}
    if holder == name:
        identity = _identity(group.members, group.main)
    needs = [(group.services[each.plan.workload], bool(group.health_command(each))) for each in group.needs(emission)]
    if holder and holder != name and holder not in {each for each, _ in needs}:
        needs.append((holder, False))
    return {
        "name": name,
        "plan": plan,
        "start": plan.start,
        "identity": identity,
        "network_of": holder if holder != name else "",
        "needs": needs,
        "volumes": [(volumes[volume.path], volume) for volume in plan.volumes],
        "shared": [(volumes[each.path], each) for each in shared],
        "secrets": secrets[plan.workload],
        "tmpfs": [
            f"{each.path}:uid={each.uid},gid={each.gid},mode={each.mode:o}"
            for each in writable_directories(emission) or plan.run_directories
            if each.path not in own
        ],
        "health": group.health_command(emission),
        "privileges": yaml_text(_privileges(emission)).splitlines(),
        "sizes": sizes_of(emission),
    }


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
