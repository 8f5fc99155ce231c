"""The conversion of engine files to containers. Fields that are missing or in another form are left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from inventory.formats.procfs.process_files import whole_lines
from inventory.model.containers import Container, ContainerMount, PublishedPort
from inventory.observation import Origin
from inventory.recording import SectionRecording

Files = Mapping[str, tuple[str, Origin]]
_PORT = re.compile(r"(\d{1,5})(?:/(tcp|udp|sctp))?")
# What an engine itself mounts into every container: host name, resolver, shared memory.
_OF_ENGINE = re.compile(r"/overlay-containers/[0-9a-f]+/userdata/|/var/lib/docker/containers/|/sandboxes/[0-9a-f]+/")
_PLACES = (
    ("/var/lib/lxd/", "lxd"),
    ("/var/snap/lxd/", "lxd"),
    ("/var/lib/incus/", "incus"),
    ("/var/lib/machines/", "nspawn"),
)


def described(files: Files) -> tuple[Container, ...]:
    """Containers of docker, podman, CRI-O and containerd. One that two files describe comes once."""
    found: dict[str, Container] = {}
    pids = {
        path.split("/")[-3]: text.strip() for path, (text, _) in files.items() if path.endswith("/userdata/pidfile")
    }
    for path, (text, origin) in files.items():
        value = _json(text)
        pieces = path.split("/")
        if path.endswith("/config.v2.json") and isinstance(value, dict):
            host = _json(files.get(path.replace("config.v2.json", "hostconfig.json"), ("{}", origin))[0])
            container = _docker(value, host if isinstance(host, dict) else {}, pieces[-2], origin)
            found[container.id] = container
        elif path.endswith("/containers.json") and isinstance(value, list):
            for each in value:
                if isinstance(each, dict) and (container := _stored(each, pids, origin)).id:
                    found.setdefault(container.id, container)
    for path, (text, origin) in files.items():
        value = _json(text)
        if not (path.endswith("/config.json") and isinstance(value, dict)):
            continue
        pieces = path.split("/")
        if "io.containerd.runtime.v2.task" in pieces:
            if pieces[-2] not in found and pieces[-3] != "moby":
                found[pieces[-2]] = _oci(value, "containerd", pieces[-2], origin)
        elif len(pieces) > 3 and pieces[-2] == "userdata" and (known := found.get(pieces[-3])):
            found[pieces[-3]] = _with_spec(known, value)
    return tuple(found.values())


def named(recording: SectionRecording, machines: Files) -> Iterator[Container]:
    """LXC containers and machines of libvirt by their configuration, those of LXD, Incus and nspawn by directory."""
    for path, (text, origin) in machines.items():
        pieces = path.split("/")
        if path.startswith("/var/lib/lxc/") and pieces[-1] == "config":
            values = [tuple(word.strip() for word in line.split("=", 1)) for line in text.split("\n") if "=" in line]
            mounts = [ContainerMount(words[0], "/" + words[1].lstrip("/"), "ro" in words[3].split(","))
                      for key, value in values if key == "lxc.mount.entry" and len(words := value.split()) >= 4
                      and words[0].startswith("/")]  # fmt: skip
            link = next((value for key, value in values if re.fullmatch(r"lxc\.net(?:work|\.\d+)\.link", key)), "")
            yield _container("lxc", "", pieces[-2], origin, network=link, mounts=tuple(mounts))
        elif path.startswith("/etc/libvirt/") and (match := re.search(r"<name>([^<]+)</name>", text)):
            kind = re.search(r"<domain[^<>]* type=['\"](\w+)", text)
            bridge = re.search(r"<source (?:bridge|network)=['\"]([^'\"]+)", text)
            memory = re.search(r"<memory(?: unit=['\"]KiB['\"])?>(\d{1,12})</memory>", text)
            if kind is None:
                continue
            sources = re.findall(r"<source (?:file|dev|dir)=['\"]([^'\"]+)['\"]", text)
            yield _container(
                "libvirt", "", match[1], origin, network=bridge[1] if bridge else "",
                memory_bytes=int(memory[1]) * 1024 if memory else 0,
                mounts=tuple(ContainerMount(source, "", False) for source in sources),
            )  # fmt: skip
    part = recording.part("names")
    seen = {path.split("/")[-2] for path in machines if path.startswith("/var/lib/lxc/")}
    for number, line in enumerate(whole_lines(part) if part else (), 1):
        path = line.decode("utf-8", "surrogateescape")
        engine = next((engine for place, engine in _PLACES if path.startswith(place)), None)
        name = path.rpartition("/")[2]
        if engine and name and name not in seen and not name.startswith("."):
            yield _container(engine, "", name.removesuffix(".raw"), Origin("containers", "names", number))


def _docker(value: dict[str, Any], host: dict[str, Any], directory: str, origin: Origin) -> Container:
    state = _dict(value, "State")
    settings = _dict(value, "NetworkSettings")
    configured = _dict(value, "Config")
    running, paused = state.get("Running") is True, state.get("Paused") is True
    mounts = [
        ContainerMount(
            _text(each, "Name") or _text(each, "Source"), _text(each, "Destination"), each.get("RW") is False
        )
        for each in _dict(value, "MountPoints").values()
        if isinstance(each, dict)
    ]
    ports = _ports(_dict(settings, "Ports")) or _ports(_dict(host, "PortBindings"))
    return _container(
        "docker",
        _text(value, "ID") or directory,
        _text(value, "Name").removeprefix("/"),
        origin,
        image=_text(configured, "Image"),
        state="paused" if paused else "running" if running else "exited",
        pid=_number(state, "Pid"),
        network=_text(host, "NetworkMode"),
        privileged=host.get("Privileged") is True,
        memory_bytes=_number(host, "Memory"),
        ports=ports,
        mounts=tuple(mounts),
        labels=_labels(_dict(configured, "Labels")),
    )


def _stored(value: dict[str, Any], pids: Mapping[str, str], origin: Origin) -> Container:
    """An entry of containers/storage: podman's, CRI-O's or Buildah's."""
    metadata = _json(_text(value, "metadata"))
    metadata = metadata if isinstance(metadata, dict) else {}
    names = value.get("names")
    name = _text(metadata, "name") or next((each for each in names or () if isinstance(each, str)), "") if isinstance(
        names, list) else _text(metadata, "name")  # fmt: skip
    ident = _text(value, "id")
    pid = pids.get(ident, "")
    number = int(pid) if re.fullmatch(r"\d{1,10}", pid) else 0
    return _container("podman", ident, name, origin, image=_text(metadata, "image-name"), pid=number)


def _with_spec(container: Container, spec: dict[str, Any]) -> Container:
    from dataclasses import replace

    more = _oci(spec, container.engine, container.id, container.origin)
    engine = "cri-o" if any(name.startswith("io.kubernetes.cri-o.") for name, _ in more.labels) else container.engine
    return replace(
        container,
        engine=engine,
        mounts=more.mounts,
        labels=more.labels,
        memory_bytes=more.memory_bytes,
        image=container.image or more.image,
        name=container.name or more.name,
    )


def _oci(spec: dict[str, Any], engine: str, ident: str, origin: Origin) -> Container:
    """The runtime specification of a container (OCI). Mounts of the host are those of type bind."""
    labels = _labels(_dict(spec, "annotations"))
    values = dict(labels)
    mounts: list[ContainerMount] = []
    listed = spec.get("mounts")
    for each in listed if isinstance(listed, list) else ():
        options = each.get("options") if isinstance(each, dict) else None
        options = options if isinstance(options, list) else []
        if not isinstance(each, dict) or _OF_ENGINE.search(_text(each, "source")):
            continue
        if _text(each, "type") == "bind" or "bind" in options or "rbind" in options:
            mounts.append(ContainerMount(_text(each, "source"), _text(each, "destination"), "ro" in options))
    return _container(
        engine,
        ident,
        next((text for name, text in labels if name.lower().endswith(("container-name", "containername"))), ""),
        origin,
        image=next((text for name, text in labels if name.lower().endswith(("image-name", "imagename"))), ""),
        state="running" if engine == "containerd" else "",
        mounts=tuple(mounts),
        memory_bytes=_number(_dict(_dict(_dict(spec, "linux"), "resources"), "memory"), "limit"),
        labels=tuple(values.items()),
    )


def _container(engine: str, ident: str, name: str, origin: Origin, **known: Any) -> Container:
    rest: dict[str, Any] = {
        "image": "", "state": "", "pid": 0, "network": "", "privileged": False, "memory_bytes": 0, "ports": (),
        "mounts": (), "labels": (),
    }  # fmt: skip
    return Container(engine=engine, id=ident, name=name, origin=origin, **(rest | known))


def _ports(bindings: dict[str, Any]) -> tuple[PublishedPort, ...]:
    """``{"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}``; without a port of the host it is not published."""
    ports: list[PublishedPort] = []
    for inner, outer in bindings.items():
        match = _PORT.fullmatch(inner)
        for each in outer if isinstance(outer, list) and match else ():
            port = _text(each, "HostPort") if isinstance(each, dict) else ""
            if match and re.fullmatch(r"\d{1,5}", port):
                address = _text(each, "HostIp")
                address = "" if address in ("0.0.0.0", "::") else address  # noqa: S104
                published = PublishedPort(match[2] or "tcp", address, int(port), int(match[1]))
                if published not in ports:
                    ports.append(published)
    return tuple(ports)


def _labels(values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in values.items() if isinstance(value, str))


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _dict(value: dict[str, Any], key: str) -> dict[str, Any]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}


def _text(value: Any, key: str) -> str:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, str) else ""


def _number(value: dict[str, Any], key: str) -> int:
    inner = value.get(key)
    return inner if isinstance(inner, int) and not isinstance(inner, bool) and inner > 0 else 0
