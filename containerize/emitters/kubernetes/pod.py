"""The pod of a workload: container, mounts, secrets, security context, probes and sizes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assess.configuration_text.ip_addresses import is_address
from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.emission import Emission
from containerize.emitters.health_check import Health, health_of, may_be_dialled
from containerize.emitters.host_names import host_aliases, is_host_name, unique_labels
from containerize.emitters.kubernetes.objects import ObjectNames, literal
from containerize.emitters.kubernetes.security_context import (
    explained,
    huge_pages,
    kernel_settings,
    profile_path,
    security_context,
    sysctls_of,
    unsaid,
)
from containerize.emitters.own_identity import other_names
from containerize.emitters.seccomp_profile import PROFILE, wants_profile
from containerize.emitters.service_group import apart_notes
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import keys, remarked
from containerize.plan.model import ImagePlan, SecretMount, Volume
from containerize.runtimes.runtime import Tmpfs

_DEFAULT_SHM = 64 << 20
_PREPARE = (
    "set -e; while [ $# -gt 0 ]; do "
    'if [ -n "$1" ]; then cp "/secrets-given/$1" "$2"; fi; chown "$3" "$2"; chmod "$4" "$2"; shift 4; done'
)
"""Arguments in fours: key of the Secret or "", path, owner, mode."""

JOB_LIMIT = 512
"""MiB at the least for a scheduled job, whose own use was not measured."""

_ONE_POD = (
    "Only containers of one pod share sockets and 127.0.0.1: add the other container to this pod, and in "
    "both an emptyDir at the directory of each socket."
)

_PLACED = "/secrets-placed"
_GIVEN = "/secrets-given"


@dataclass(frozen=True)
class Pod:
    """The spec of a pod, and sentences of what it rests on and lacks."""

    spec: dict[str, Any]
    notes: tuple[str, ...]


def pod_of(emission: Emission, names: ObjectNames) -> Pod:
    """The pod of the service itself."""
    plan = emission.plan
    uid, _, gid = plan.start.user.partition(":")
    container = _container(emission, names, (int(uid), int(gid or 0)))
    container["securityContext"] = explained(emission, names, container["securityContext"])
    container["resources"]["limits"] |= keys(huge_pages(emission))
    health = health_of(plan)
    action = _action(health)
    if action:
        # Old services take their time to start; one that answers late is slow and not dead.
        container["startupProbe"] = {**action, "periodSeconds": 5, "failureThreshold": 60}
        container["readinessProbe"] = {**action, "periodSeconds": 10, "timeoutSeconds": 5}
        container["livenessProbe"] = {**action, "periodSeconds": 20, "timeoutSeconds": 10, "failureThreshold": 6}
    spec = _spec(emission, names, container)
    spec["securityContext"] |= keys(kernel_settings(emission))
    spec |= keys(remarked(emission, "host-network", "hostNetwork: true"))
    return Pod(spec, tuple(_notes(emission, names, health)))


def job_pod(emission: Emission, names: ObjectNames, command: str, user: tuple[int, int]) -> dict[str, Any]:
    """The pod of one of its scheduled jobs: the same image, data and secrets, another command."""
    # What the service holds of capabilities says nothing of its jobs.
    container = _container(emission, names, user)
    del container["ports"]
    container["command"] = ["/bin/sh", "-c", literal(command)]
    own = sizes_of(emission).memory_limit
    container["resources"] = {
        "requests": {"memory": "32Mi", "cpu": "10m"},
        "limits": {**container["resources"]["limits"], "memory": f"{max(JOB_LIMIT, own >> 20)}Mi"},
    }
    spec = _spec(emission, names, container)
    spec["restartPolicy"] = "Never"
    if emission.plan.volumes:
        # A claim that one node may mount: the job has to run on the service's node.
        term = {"labelSelector": {"matchLabels": names.selector("service")}, "topologyKey": "kubernetes.io/hostname"}
        spec["affinity"] = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    return spec


def _action(health: Health | None) -> dict[str, Any]:
    if health is None:
        return {}
    if health.command:
        return {"exec": {"command": list(health.command)}}
    return {"tcpSocket": {"port": health.port.port}} if health.port and may_be_dialled(health.port) else {}


def _container(emission: Emission, names: ObjectNames, user: tuple[int, int]) -> dict[str, Any]:
    plan, start = emission.plan, emission.plan.start
    container: dict[str, Any] = {
        "name": names.name,
        "image": plan.image,
        "imagePullPolicy": "IfNotPresent",
        "envFrom": [{"configMapRef": {"name": names.settings, "optional": True}}],
        "env": [
            {"name": name, "valueFrom": {"secretKeyRef": {"name": names.environment, "key": name}}}
            for name in start.secret_environment
        ],
        "ports": [
            {"name": f"{each.protocol}-{each.port}", "containerPort": each.port, "protocol": each.protocol.upper()}
            for each in {(port.port, port.protocol): port for port in plan.ports if port.published}.values()
        ],
        "volumeMounts": [
            *({"name": names.volumes[each.path], "mountPath": each.path} for each in plan.volumes if _can_mount(each)),
            *(
                {"name": "secrets-placed", "mountPath": each.path, "subPath": names.keys[each.path]}
                for each in plan.secrets
                if _can_mount(each)
            ),
            *([{"name": "shm", "mountPath": "/dev/shm"}] if plan.shm_bytes > _DEFAULT_SHM else []),  # noqa: S108
            *({"name": name, "mountPath": each.path} for name, each in _scratch(emission)),
        ],
        "securityContext": security_context(emission, user),
    }
    sizes = sizes_of(emission)
    requests = {"memory": f"{sizes.memory_request >> 20}Mi"}
    if sizes.cpus is not None:
        requests["cpu"] = f"{round(sizes.cpus * 1000)}m"
    limits = {"memory": f"{sizes.memory_limit >> 20}Mi", "cpu": f"{round(sizes.cpus_limit * 1000)}m"}
    container["resources"] = {"requests": requests, "limits": limits}
    return container


def _spec(emission: Emission, names: ObjectNames, container: dict[str, Any]) -> dict[str, Any]:
    plan, start = emission.plan, emission.plan.start
    context: dict[str, Any] = {
        "seccompProfile": {"type": "RuntimeDefault"},
        "supplementalGroups": list(start.groups),
        "sysctls": [{"name": name, "value": value} for name, value in sysctls_of(plan)],
    }
    preparing = _preparing(emission, names)
    spec: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "securityContext": _filled(context),
        **({"shareProcessNamespace": True} if start.init else {}),
        **({"hostname": host} if is_host_name(host := plan.hostname.partition(".")[0].lower()) else {}),
        "hostAliases": [{"ip": address, "hostnames": hosts} for address, hosts in _aliases(plan).items()],
        "initContainers": [preparing] if preparing else [],
        "containers": [_filled(container)],
        "volumes": list(_volumes(emission, names)),
    }
    return _filled(spec)


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value not in ([], {})}


def _aliases(plan: ImagePlan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    # A pod's address is not known before it runs; Debian gives its own name this one.
    own = [(name, "127.0.1.1") for name in other_names(plan)]
    for name, address in (*own, *host_aliases(plan)):
        if is_address(address) and is_host_name(name):
            found.setdefault(address, []).append(name.lower())
    return found


def _scratch(emission: Emission) -> list[tuple[str, Tmpfs]]:
    """Names of volumes in memory, and where they are mounted."""
    found = [each for each in writable_directories(emission) if _can_mount(each)]
    names = unique_labels("scratch", [each.path for each in found])
    return [(names[each.path], each) for each in found]


def _can_mount(place: Volume | SecretMount | Tmpfs) -> bool:
    """Kubernetes takes no colon in a path, and nothing but text."""
    return ":" not in place.path and place.path.isprintable()


def _volumes(emission: Emission, names: ObjectNames) -> Iterator[dict[str, Any]]:
    plan = emission.plan
    for volume in plan.volumes:
        if _can_mount(volume):
            name = names.volumes[volume.path]
            yield {"name": name, "persistentVolumeClaim": {"claimName": name}}
    if any(_can_mount(each) for each in plan.secrets):
        yield {"name": "secrets-given", "secret": {"secretName": names.files, "defaultMode": 0o400}}
        yield {"name": "secrets-placed", "emptyDir": {"medium": "Memory"}}
    if plan.shm_bytes > _DEFAULT_SHM:
        yield {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": str(plan.shm_bytes)}}
    for name, _ in _scratch(emission):
        yield {"name": name, "emptyDir": {"medium": "Memory"}}


def _preparing(emission: Emission, names: ObjectNames) -> dict[str, Any]:
    """Gives directories of data and files with secrets the owner and mode that they had, which no volume can say."""
    plan = emission.plan
    arguments: list[str] = []
    mounts: list[dict[str, Any]] = []
    for volume in plan.volumes:
        if _can_mount(volume):
            arguments += ["", literal(volume.path), f"{volume.uid}:{volume.gid}", f"{volume.mode:04o}"]
            mounts.append({"name": names.volumes[volume.path], "mountPath": volume.path})
    for name, each in _scratch(emission):
        arguments += ["", literal(each.path), f"{each.uid}:{each.gid}", f"{each.mode:04o}"]
        mounts.append({"name": name, "mountPath": each.path})
    for secret in plan.secrets:
        if _can_mount(secret):
            key = names.keys[secret.path]
            arguments += [key, f"{_PLACED}/{key}", f"{secret.uid}:{secret.gid}", f"{secret.mode:04o}"]
    if not arguments:
        return {}
    if any(_can_mount(each) for each in plan.secrets):
        mounts += [
            {"name": "secrets-given", "mountPath": _GIVEN, "readOnly": True},
            {"name": "secrets-placed", "mountPath": _PLACED},
        ]
    return {
        "name": "owners",
        "image": plan.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", literal(_PREPARE), "sh", *arguments],
        "securityContext": {
            "runAsUser": 0,
            "runAsGroup": 0,
            "runAsNonRoot": False,
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID"]},
        },
        "resources": {"requests": {"memory": "16Mi", "cpu": "10m"}, "limits": {"memory": "64Mi", "cpu": "1"}},
        "volumeMounts": mounts,
    }


def _notes(emission: Emission, names: ObjectNames, health: Health | None) -> Iterator[str]:
    plan, start = emission.plan, emission.plan.start
    sizes = sizes_of(emission)
    yield from apart_notes(plan, _ONE_POD)
    for name in other_names(plan):
        yield f"Kubernetes cannot name a pod's own address: {name} leads to 127.0.1.1, as on Debian."
    yield from sizes.basis
    yield f"Kubernetes limits processes on the node (podPidsLimit of the kubelet): {sizes.pids_limit} or more."
    if health is None:
        yield "No probes: it listens on no TCP port that others reach."
    elif not _action(health):
        yield "No probes: the server locks out silent clients, and the image has no client program."
    else:
        yield f"Probes: {health.basis}."
    for secret in plan.secrets:
        if _can_mount(secret):
            yield f"Secret {names.files}, key {names.keys[secret.path]}: a copy of {secret.path} ({secret.reason})."
        else:
            yield f"The path of the secret {secret.path} cannot be mounted by Kubernetes."
    for name in start.secret_environment:
        yield f"Secret {names.environment}, key {name}: the value that the service runs with."
    yield f"ConfigMap {names.settings} is optional: variables for this site. Those of the host are in the image."
    for volume in plan.volumes:
        if not _can_mount(volume):
            yield f"The path of the volume {volume.path} cannot be mounted by Kubernetes."
    if wants_profile(emission):
        yield f"Where seccompProfile is set, {PROFILE} must be on every node as"
        yield f"/var/lib/kubelet/seccomp/{profile_path(names)}."
    yield from unsaid(emission)
    for name, soft, hard in plan.limits:
        yield f"The limit {name} was {soft} (at most {hard}); Kubernetes cannot set it, the node's runtime does."
