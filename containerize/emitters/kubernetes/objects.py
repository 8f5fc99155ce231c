"""Names, labels and quoting that all Kubernetes objects of a workload share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from containerize.emitters.host_names import label, unique_labels
from containerize.plan.model import ImagePlan


@dataclass(frozen=True)
class ObjectNames:
    """``base`` is the workload's; ``files`` and ``environment`` those of the Secrets that the site makes, ``settings``
    that of the ConfigMap it may make. ``volumes`` are claims by path, ``keys`` keys of the Secret by path.
    """

    base: str
    name: str
    volumes: Mapping[str, str]
    keys: Mapping[str, str]

    @property
    def files(self) -> str:
        """The Secret with the files that hold secrets."""
        return f"{self.base}-files"

    @property
    def environment(self) -> str:
        """The Secret with the variables that hold secrets."""
        return f"{self.base}-environment"

    @property
    def settings(self) -> str:
        """The ConfigMap with variables that a site sets."""
        return f"{self.base}-settings"

    def selector(self, component: str) -> dict[str, str]:
        """The labels that tell its pods from all others."""
        return {"app.kubernetes.io/instance": self.base, "app.kubernetes.io/component": component}

    def labels(self, component: str) -> dict[str, str]:
        """Kubernetes' recommended labels."""
        return {"app.kubernetes.io/name": self.name, **self.selector(component)}


def instance_of(workload: str) -> str:
    """The name of a workload's objects, by which others select its pods."""
    # Room for what is appended; a CronJob's name has 52 characters at most.
    return label(workload, 40)


def names_of(plan: ImagePlan) -> ObjectNames:
    """The names of one workload."""
    base = instance_of(plan.workload)
    return ObjectNames(
        base,
        label(plan.workload.partition("/")[2]),
        unique_labels(base, [volume.path for volume in plan.volumes]),
        unique_labels("f", [secret.path for secret in plan.secrets]),
    )


def named(version: str, kind: str, name: str, names: ObjectNames, spec: Mapping[str, Any]) -> dict[str, Any]:
    """An object with labels."""
    metadata = {
        "name": name,
        "labels": {"app.kubernetes.io/name": names.name, "app.kubernetes.io/instance": names.base},
    }
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": dict(spec)}


def literal(text: str) -> str:
    """Text for a command, argument or variable, in which Kubernetes expands ``$(NAME)`` and takes ``$$`` for ``$``."""
    return text.replace("$", "$$")
