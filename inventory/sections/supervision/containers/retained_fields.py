"""The fields that are retained from the files in which engines describe containers. Everything else in them is dropped
unread: they hold the environment, and with it the secrets, of every container.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Text = Callable[[str], str]

# The keys that are retained, as a tree: True retains the value, "*" stands for any key.
_DOCKER: dict[str, Any] = {
    "ID": True,
    "Name": True,
    "State": {"Running": True, "Paused": True, "Restarting": True, "Pid": True},
    "Config": {"Image": True, "Labels": {"label": True}},
    "NetworkSettings": {"Ports": {"*": {"*": {"HostIp": True, "HostPort": True}}}},
    "MountPoints": {"*": {"Source": True, "Destination": True, "RW": True, "Name": True}},
}
_DOCKER_HOST: dict[str, Any] = {"NetworkMode": True, "Privileged": True, "Memory": True,
                                "PortBindings": {"*": {"*": {"HostIp": True, "HostPort": True}}}}  # fmt: skip
_STORAGE: dict[str, Any] = {"*": {"id": True, "names": {"*": True}, "metadata": True}}
_METADATA: dict[str, Any] = {"image-name": True, "name": True}
_OCI: dict[str, Any] = {
    "annotations": {"label": True},
    "mounts": {"*": {"source": True, "destination": True, "type": True, "options": {"*": True}}},
    "linux": {"cgroupsPath": True, "resources": {"memory": {"limit": True}}},
}
_LABELS = re.compile(
    r"com\.docker\.compose\.(?:project|service|project\.working_dir)|com\.docker\.(?:swarm|stack)\.[a-z.]+"
    r"|io\.kubernetes\.(?:pod|container|cri|cri-o)[\w.-]*\.?(?:name|namespace|Name|ContainerName|ImageName|Image"
    r"|container-name|image-name|sandbox-name|sandbox-namespace|container-type|KubeName|ContainerType)"
    r"|PODMAN_SYSTEMD_UNIT|io\.podman\.compose\.[a-z.]+|org\.opencontainers\.image\.(?:title|version|source)"
)
_LXC = re.compile(
    r"\s*lxc\.(?:utsname|uts\.name|rootfs|rootfs\.path|mount\.entry|start\.auto|arch|network\.(?:type|link|ipv4)"
    r"|net\.\d+\.(?:type|link|ipv4\.address)|cgroup2?\.memory\.\w+)\s*=.*"
)
_LIBVIRT = re.compile(r"\s*<(?:domain|name|uuid|memory|currentMemory|vcpu|os|source|interface|disk|filesystem)\b.*")
_NSPAWN = re.compile(r"\s*(?:\[\w+\]|(?:Boot|Port|Bind|BindReadOnly|Private|VirtualEthernet|Bridge|Hostname)\s*=.*)")


def keep(path: str, content: str, text: Text) -> str:
    """The parts of the file ``path`` that are retained, on as many lines or fewer. ``text`` hides other secrets."""
    name = path.rpartition("/")[2]
    if name == "config.v2.json":
        return _json(content, _DOCKER, text)
    if name == "hostconfig.json":
        return _json(content, _DOCKER_HOST, text)
    if name == "containers.json":
        return _json(content, _STORAGE, text)
    if name == "config.json":
        return _json(content, _OCI, text)
    if name == "pidfile":
        return content if re.fullmatch(r"\s*\d{1,10}\s*", content) else ""
    pattern = _LXC if path.startswith("/var/lib/lxc/") and name == "config" else None
    pattern = _LIBVIRT if path.startswith("/etc/libvirt/") and name.endswith(".xml") else pattern
    pattern = _NSPAWN if name.endswith(".nspawn") else pattern
    lines = [line for line in content.split("\n") if pattern is not None and pattern.fullmatch(line)]
    return text("\n".join(lines))


def _json(content: str, wanted: dict[str, Any], text: Text) -> str:
    """Compact JSON of the wanted parts; ``{}`` for text that is not JSON."""
    try:
        return json.dumps(_chosen(json.loads(content), wanted, text), separators=(",", ":"))
    except (ValueError, RecursionError):
        return "{}"


def _chosen(value: Any, wanted: Any, text: Text) -> Any:
    if wanted is True:
        return _plain(value, text)
    if isinstance(value, list):
        inner = wanted.get("*")
        return [] if inner is None else [_chosen(each, inner, text) for each in value]
    if not isinstance(value, dict):
        return None
    found: dict[str, Any] = {}
    for key, inside in value.items():
        if "label" in wanted:
            if _LABELS.fullmatch(key):
                found[key] = _plain(inside, text)
        elif key == "metadata" and wanted.get(key) is True:
            found[key] = _metadata(inside, text)
        elif (inner := wanted.get(key, wanted.get("*"))) is not None:
            found[text(key)] = _chosen(inside, inner, text)
    return found


def _metadata(value: Any, text: Text) -> str:
    """containers/storage keeps JSON of its user as a string."""
    return _json(value, _METADATA, text) if isinstance(value, str) else "{}"


def _plain(value: Any, text: Text) -> Any:
    if isinstance(value, str):
        return text(value)
    return value if isinstance(value, bool | int | float) else None
