"""A stack file for Docker Swarm (``docker stack deploy``).

The form is version 3 of Compose files, which Swarm kept: no project name, no ``group_add``, and ``devices``,
``shm_size`` and ``security_opt`` are passed over (https://docs.docker.com/reference/cli/docker/stack/deploy/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.decisions import DecisionKind, allowed_of, brief, denied_of, told
from containerize.emitters.emission import Emission, Emitter, compose_scalar, slug
from containerize.emitters.health_check import health_of
from containerize.emitters.host_names import host_aliases, label, published, unique_labels
from containerize.emitters.own_identity import other_names
from containerize.emitters.service_group import apart_notes
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import keys, listed, read_only, settings
from containerize.emitters.yaml_text import without_variables, yaml_text
from containerize.plan.model import ImagePlan

_DEFAULT_SHM = 64 << 20


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``stack.yaml``. Image, secrets and variables have to be there first; the head says how."""
    plan = emission.plan
    volumes = unique_labels("data", [volume.path for volume in plan.volumes])
    secrets = unique_labels(label(plan.workload, 40), [secret.path for secret in plan.secrets])
    document: dict[str, Any] = {
        "services": {label(slug(plan.workload.partition("/")[2])): _service(emission, volumes, secrets)}
    }
    if volumes:
        document["volumes"] = {name: {} for name in volumes.values()}
    if secrets:
        document["secrets"] = {name: {"external": True} for name in secrets.values()}
    return {PurePosixPath("stack.yaml"): yaml_text(document, head=_head(emission, secrets))}


def _service(emission: Emission, volumes: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
    plan, start = emission.plan, emission.plan.start
    # What comes from the host holds no variables; ours are added after that.
    service: dict[str, Any] = without_variables(
        {
            "hostname": plan.hostname,
            "networks": {"default": {"aliases": names}} if (names := other_names(plan)) else {},
            "stop_signal": start.stop_signal,
            **({"init": True} if start.init else {}),
            "volumes": [
                {"type": "volume", "source": volumes[volume.path], "target": volume.path} for volume in plan.volumes
            ],
            "secrets": [
                {
                    "source": secrets[secret.path],
                    "target": secret.path,
                    "uid": str(secret.uid),
                    "gid": str(secret.gid),
                    "mode": secret.mode,
                }
                for secret in plan.secrets
            ],
            "extra_hosts": [f"{name}:{address}" for name, address in host_aliases(plan) if ":" not in name],
            **listed(emission, "cap_add", "capability", lambda each: each.name),
            "ulimits": {name: {"soft": soft, "hard": hard} for name, soft, hard in plan.limits},
            **keys(settings(emission, "sysctls", compose_scalar)),
            **read_only(emission, "read_only"),
            "healthcheck": _healthcheck(plan),
        }
    )
    if plan.shm_bytes > _DEFAULT_SHM:
        shm = {"type": "tmpfs", "target": "/dev/shm", "tmpfs": {"size": plan.shm_bytes}}  # noqa: S108 - the container's
        service["volumes"].append(shm)
    for each in writable_directories(emission):
        service["volumes"].append({"type": "tmpfs", "target": each.path.replace("$", "$$")})
    service["ports"] = [
        {"target": port, "published": port, "protocol": protocol, "mode": "ingress"}
        for port, protocol in published(plan)
    ]
    service["environment"] = {name: f"${{{name}:?}}" for name in start.secret_environment}
    service["deploy"] = _deploy(emission)
    service = {key: value for key, value in service.items() if value not in ([], {})}
    return {"image": f"${{IMAGE:-{plan.image}}}", **service}


def _healthcheck(plan: ImagePlan) -> dict[str, Any]:
    """Only where the image has a program that asks: Swarm runs it within the container."""
    health = health_of(plan)
    if health is None or not health.command:
        return {}
    test = ["CMD", *health.command]
    return {"test": test, "interval": "10s", "timeout": "10s", "retries": 6, "start_period": "5m"}


def _deploy(emission: Emission) -> dict[str, Any]:
    sizes = sizes_of(emission)
    # A volume is on one node, and two tasks on it at once would spoil what is in it.
    order = "stop-first" if emission.plan.volumes else "start-first"
    deploy: dict[str, Any] = {
        "replicas": 1,
        "update_config": {"order": order, "failure_action": "rollback"},
        "rollback_config": {"order": order},
        "restart_policy": {"condition": "any"},
    }
    limits = {"memory": str(sizes.memory_limit), "cpus": f"{sizes.cpus_limit:.2f}", "pids": sizes.pids_limit}
    reserved = {"memory": str(sizes.memory_request)}
    if sizes.cpus is not None:
        reserved["cpus"] = f"{sizes.cpus:.2f}"
    deploy["resources"] = {"limits": limits, "reservations": reserved}
    return deploy


def _head(emission: Emission, secrets: Mapping[str, str]) -> Iterator[str]:
    plan = emission.plan
    yield f"Written by assess build: {plan.workload}, lifted from {plan.host}."
    image = f"registry.example/NAME@{emission.built.digest}"
    yield "Put the image into a registry that all nodes reach (assess push), and name it by its digest:"
    yield f"  IMAGE={image} docker stack deploy -c stack.yaml {label(plan.workload)}"
    for secret in plan.secrets:
        yield f"Make this secret first, from a copy of {secret.path}: docker secret create {secrets[secret.path]} FILE"
    for name in plan.start.secret_environment:
        yield f"Set {name} where you deploy; Swarm keeps it in the service, where its managers can read it."
    if plan.volumes:
        yield "The volumes are local to a node: seed them where the task runs, or name a driver that all nodes share."
    yield from apart_notes(plan, "Swarm shares neither sockets nor 127.0.0.1 between services: use compose.yaml.")
    yield from _unsaid(emission)
    yield from sizes_of(emission).basis


def _unsaid(emission: Emission) -> Iterator[str]:
    """Needs that no stack file can express."""
    plan = emission.plan
    yield 'A stack file cannot set no-new-privileges: set "no-new-privileges": true in daemon.json of the nodes.'
    if plan.start.groups:
        groups = ", ".join(str(group) for group in plan.start.groups)
        yield f"Groups {groups} cannot be set here: docker service update --group-add ID after the first deploy."
    kinds: tuple[DecisionKind, ...] = (
        "privilege-gain", "device", "host-network", "system-calls", "huge-pages", "real-time",
    )  # fmt: skip
    for kind in kinds:
        found = (*allowed_of(emission, kind), *denied_of(emission, kind))
        yield from told(found, plan.workload)
        if found and kind != "privilege-gain":
            yield f"Swarm cannot give a service {', '.join(brief(each.name) for each in found)}."


EMITTER = Emitter("stack", "runs the image on a Docker Swarm", emit, ("stack.yaml",))
