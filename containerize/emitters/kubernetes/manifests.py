"""Kubernetes manifests: a Kustomize base and two overlays, one per site and one with a network policy for observed
clients.

Objects and fields are those of apps/v1, batch/v1, networking.k8s.io/v1 and v1 as Kubernetes 1.28 and later have them
(https://kubernetes.io/docs/reference/kubernetes-api/).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from containerize.emitters.emission import Emission, Emitter
from containerize.emitters.kubernetes.jobs import cron_jobs, jobs_head
from containerize.emitters.kubernetes.network_policies import network_policy, observed_policy, policy_head, service
from containerize.emitters.kubernetes.objects import ObjectNames, named, names_of
from containerize.emitters.kubernetes.pod import Pod, pod_of
from containerize.emitters.yaml_text import yaml_text

_KUSTOMIZATION = {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
_GIBIBYTE = 1 << 30


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``kubernetes/base`` and ``kubernetes/overlays/site`` and ``…/observed-only``. Secrets are referred to by name."""
    plan, names = emission.plan, names_of(emission.plan)
    pod = pod_of(emission, names)
    head = (f"Written by assess build: {plan.workload}, lifted from {plan.host}.",)
    base: dict[str, str] = {
        "workload.yaml": yaml_text(_workload(emission, names, pod), head=(*head, *pod.notes)),
        "service.yaml": yaml_text(service(plan, names), head=head),
        "network-policy.yaml": yaml_text(network_policy(plan, names), head=(*head, *policy_head(emission))),
    }
    if plan.volumes:
        claims = [_claim(name, path, emission) for path, name in names.volumes.items()]
        base["claims.yaml"] = yaml_text(*claims, head=(*head, *_claims_head(emission)))
    if emission.seen.jobs:
        base["jobs.yaml"] = yaml_text(*cron_jobs(emission, names), head=(*head, *jobs_head(emission)))
    kept = [name for name, text in base.items() if any(line and line[0] != "#" for line in text.split("\n"))]
    base["kustomization.yaml"] = yaml_text({**_KUSTOMIZATION, "resources": sorted(kept)}, head=head)
    repository, _, tag = plan.image.rpartition(":")
    site = {
        **_KUSTOMIZATION,
        "resources": ["../../base"],
        "images": [{"name": repository, "newName": repository, "newTag": tag}],
    }
    observed = {
        **_KUSTOMIZATION,
        "resources": ["../site"],
        "patches": [{"path": "network-policy.yaml"}],
    }
    files = {
        **{f"base/{name}": text for name, text in base.items()},
        "overlays/site/kustomization.yaml": yaml_text(site, head=(*head, *_SITE_HEAD, *_pinning(emission))),
        "overlays/observed-only/kustomization.yaml": yaml_text(observed, head=(*head, *_OBSERVED_HEAD)),
        "overlays/observed-only/network-policy.yaml": yaml_text(
            observed_policy(emission, names), head=(*head, *policy_head(emission))
        ),
    }
    return {PurePosixPath("kubernetes", name): text for name, text in files.items()}


_SITE_HEAD = (
    "Copy this folder and change the copy: another build writes this one anew.",
    "newName: the name of the image in your registry. As it is here it must be on the node already.",
    "kubectl apply -k overlays/site",
)


def _pinning(emission: Emission) -> Iterator[str]:
    yield "Once it is in a registry (assess push), write its digest in place of newTag; it always means these bytes:"
    yield f"  digest: {emission.built.digest}"


_OBSERVED_HEAD = (
    "Only observed clients and destinations may connect. A client that was not connected during the scan is",
    "locked out: watch for a while (assess scan --every 5m --for 24h) and build again before you use it.",
)


def _workload(emission: Emission, names: ObjectNames, pod: Pod) -> dict[str, Any]:
    """A StatefulSet where there is data, so that never two pods write to it; else a Deployment."""
    template = {"metadata": {"labels": names.labels("service")}, "spec": pod.spec}
    common = {"replicas": 1, "selector": {"matchLabels": names.selector("service")}, "template": template}
    if emission.plan.volumes:
        return named("apps/v1", "StatefulSet", names.base, names, {"serviceName": names.base, **common})
    return named("apps/v1", "Deployment", names.base, names, common)


def _claim(name: str, path: str, emission: Emission) -> dict[str, Any]:
    spec = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": _storage(dict(emission.seen.directory_bytes).get(path))}},
    }
    return named("v1", "PersistentVolumeClaim", name, names_of(emission.plan), spec)


def _storage(size: int | None) -> str:
    """Twice what lies there today, in whole GiB."""
    return "1Gi" if size is None else f"{max(1, -(-2 * size // _GIBIBYTE))}Gi"


def _claims_head(emission: Emission) -> Iterator[str]:
    yield "Separate claims instead of StatefulSet templates: they can be filled before its first start."
    sizes = dict(emission.seen.directory_bytes)
    for volume in emission.plan.volumes:
        size = sizes.get(volume.path)
        basis = "its size is unknown" if size is None else f"twice the {size:,} bytes that were there at the scan"
        yield f"{volume.path} ({volume.reason}): {_storage(size)}, {basis}."


EMITTER = Emitter("kubernetes", "runs the image on Kubernetes, with Kustomize", emit, ("kubernetes",))
