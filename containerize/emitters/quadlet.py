"""Quadlet units: the image as a systemd service, run by rootless Podman.

What comes from the host is written as words in systemd's quotes (systemd.syntax(7), "Quoting"), with ``%`` and ``$``
doubled, because Quadlet hands its words on to ``ExecStart=``, where systemd expands both (systemd.service(5), "Command
lines"). Only keys that Quadlet unquotes get such words: ``Mount=``, ``Secret=``, ``PodmanArgs=`` and their like
(podman-systemd.unit(5)).
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from assess.configuration_text.ip_addresses import is_address
from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.decisions import KINDS, Decision, allowed_of, denied_of, told
from containerize.emitters.emission import Emission, Emitter, comment
from containerize.emitters.host_names import host_aliases, is_host_name, label, published, unique_labels
from containerize.emitters.own_identity import other_names
from containerize.emitters.seccomp_profile import PROFILE, wants_profile
from containerize.emitters.service_group import ServiceGroup
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import NOT_PILOTED
from containerize.grants.grant_names import is_device_path
from containerize.plan.shared_directories import SharedDirectory

_FOLDER = PurePosixPath("quadlet")
_DEFAULT_SHM = 64 << 20
_IN_MEMORY = ("/run/", "/tmp/", "/var/tmp/", "/var/run/")  # noqa: S108 - the container's


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``quadlet/NAME.container``, a ``.volume`` for each directory of data, and ``NAME.network``; with neighbours the
    same for each of them, in one pod, so that 127.0.0.1 leads from each to all of them.
    """
    group = ServiceGroup.of(emission)
    plan = emission.plan
    name = label(plan.workload, 40)
    head = _written(emission)
    files = {f"{name}.network": [*head, "[Network]", f"NetworkName={name}"]}
    for each in group.members:
        files |= _files(group, each, name)
    for directory in group.empty_directories:
        volume = _socket_volume(name, directory)
        files[f"{volume}.volume"] = [
            *head,
            f"# {comment(directory.path)}: holds {comment(', '.join(directory.sockets))}",
            "[Volume]",
            f"VolumeName={volume}",
            "Type=tmpfs",
            "Device=tmpfs",
            f"Options=uid={directory.uid},gid={directory.gid},mode={directory.mode:o}",
        ]
    if group.several:
        files[f"{name}.pod"] = [*head, "[Pod]", f"PodName={name}-pod", *_pod(group, name)]
    return {_FOLDER / path: "\n".join(lines) + "\n" for path, lines in files.items()}


def _written(emission: Emission) -> list[str]:
    return [f"# Written by assess build: {comment(emission.plan.workload)}, lifted from {comment(emission.plan.host)}."]


def _files(group: ServiceGroup, emission: Emission, main: str) -> dict[str, list[str]]:
    """The unit of one container and those of its data. ``main`` is the name of the group's own image."""
    plan = emission.plan
    head = _written(emission)
    name = label(plan.workload, 40)
    volumes = unique_labels(name, [volume.path for volume in plan.volumes])
    secrets = unique_labels(name, [secret.path for secret in plan.secrets])
    container = [
        *head,
        *(f"# {comment(line)}" for line in _head(emission, name, secrets)),
        "",
        *_unit(group, emission),
        "",
        *_container(group, emission, name, volumes, secrets, main),
        "",
        "[Service]",
        "Restart=always",
        # Podman rejects --cpus where systemd does not delegate that controller to users (before version 252).
        f"CPUQuota={round(sizes_of(emission).cpus_limit * 100)}%",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    return {
        f"{name}.container": container,
        **{
            f"{volumes[volume.path]}.volume": [
                *head,
                f"# {comment(volume.path)}: {comment(volume.reason)}",
                "[Volume]",
                f"VolumeName={volumes[volume.path]}",
            ]
            for volume in plan.volumes
        },
    }


def _socket_volume(name: str, directory: SharedDirectory) -> str:
    return label(f"{name}-sockets-{directory.path}")


def _pod(group: ServiceGroup, name: str) -> Iterator[str]:
    """The lines for the network of a group."""
    plan = group.main.plan
    yield f"Network={name}.network"
    ports = sorted({port for each in group.members for port in published(each.plan)})
    yield from (f"PublishPort={port}:{port}/{protocol}" for port, protocol in ports)
    if is_host_name(plan.hostname):
        yield f"PodmanArgs=--hostname={plan.hostname}"
    yield from (f"PodmanArgs=--network-alias={each}" for each in other_names(plan))
    for alias, address in host_aliases(plan):
        if is_host_name(alias) and is_address(address):
            yield f"PodmanArgs=--add-host={alias}:{address}"


def word(text: str) -> str:
    """One word of a unit file: in double quotes, with C escapes, and nothing in it that systemd would expand."""
    escaped = "".join(_escape(char) for char in text.encode("utf-8", "replace").decode("utf-8"))
    return f'"{escaped}"'


def _escape(char: str) -> str:
    if char in "%$":
        return char * 2
    if char in '"\\':
        return f"\\{char}"
    if char == "\0":
        return "\N{REPLACEMENT CHARACTER}"  # no argument of a program can hold it
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x80 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def fields(*parts: str) -> str:
    """``type=volume,destination=/a`` as Podman reads it: values separated by commas (RFC 4180)."""
    line = io.StringIO()
    # Its line's end is also what makes it quote a field with one of these characters.
    csv.writer(line, lineterminator="\r\n").writerow(parts)
    return line.getvalue().removesuffix("\r\n")


def _unit(group: ServiceGroup, emission: Emission) -> Iterator[str]:
    description = comment(f"{emission.plan.workload}, lifted from {emission.plan.host}")
    yield "[Unit]"
    # A backslash at the end would join the next line to this one.
    yield f"Description={description.replace('%', '%%').rstrip(chr(92))}"
    if needed := " ".join(f"{label(each.plan.workload, 40)}.service" for each in group.needs(emission)):
        yield f"Requires={needed}"
        yield f"After={needed}"


def _container(
    group: ServiceGroup,
    emission: Emission,
    name: str,
    volumes: Mapping[str, str],
    secrets: Mapping[str, str],
    main: str,
) -> Iterator[str]:
    plan, start = emission.plan, emission.plan.start
    yield "[Container]"
    yield f"ContainerName={name}"
    yield f"Image={plan.image}"
    if group.several:
        yield f"Pod={main}.pod"
    else:
        yield f"Network={name}.network"
        if is_host_name(plan.hostname):
            yield f"HostName={plan.hostname}"
        yield from (f"PodmanArgs=--network-alias={each}" for each in other_names(plan))
        yield from (f"PublishPort={port}:{port}/{protocol}" for port, protocol in published(plan))
        for alias, address in host_aliases(plan):
            if is_host_name(alias) and is_address(address):
                yield f"AddHost={alias}:{address}"
    yield f"StopSignal={''.join(char for char in start.stop_signal if char.isalnum() or char in '+-')}"
    if start.init:
        yield "# It does not end on SIGTERM as process 1, or leaves children behind."
        yield "RunInit=true"
    yield from (f"GroupAdd={group}" for group in start.groups)
    for volume in plan.volumes:
        mount = fields("type=volume", f"source={volumes[volume.path]}.volume", f"destination={volume.path}")
        yield f"Mount={word(mount)}"
    for directory in group.shared_of(emission):
        source = f"source={_volume_of(group, directory, main)}.volume"
        yield f"Mount={word(fields('type=volume', source, f'destination={directory.path}'))}"
    for secret in plan.secrets:
        if "," not in secret.path:
            owner = f"uid={secret.uid},gid={secret.gid},mode={secret.mode:04o}"
            yield f"Secret={word(f'{secrets[secret.path]},type=mount,target={secret.path},{owner}')}"
    for variable in start.secret_environment:
        yield f"Secret={word(f'{_variable(name, variable)},type=env,target={variable}')}"
    yield from _privileges(emission)
    yield from (f"Ulimit={limit}={soft}:{hard}" for limit, soft, hard in plan.limits)
    yield from _limits(emission)
    if plan.shm_bytes > _DEFAULT_SHM:
        yield f"ShmSize={plan.shm_bytes}"
    if health := group.health_command(emission):
        yield f"HealthCmd={_health(health)}"
        yield "HealthStartPeriod=5m"
        yield "HealthOnFailure=kill"
        if any(emission in group.needs(each) for each in group.members):
            yield "# Those that need it wait until it can be used."
            yield "Notify=healthy"


def _health(command: tuple[str, ...]) -> str:
    """Words of a product file need no quoting; a look at sockets is a JSON array, which Podman takes as it is."""
    if all(each.isascii() and all(char.isalnum() or char in "/-_.=" for char in each) for each in command):
        return " ".join(command)
    return json.dumps(command).replace("%", "%%").replace("$", "$$")


def _volume_of(group: ServiceGroup, directory: SharedDirectory, main: str) -> str:
    """The volume of a directory with sockets: the data of a member, or one of the group's own."""
    for each in group.members:
        own = label(each.plan.workload, 40)
        volumes = unique_labels(own, [volume.path for volume in each.plan.volumes])
        if directory.path in volumes:
            return volumes[directory.path]
    return _socket_volume(main, directory)


def _privileges(emission: Emission) -> Iterator[str]:
    """The container's privileges: Podman's defaults and the grants."""
    if not emission.allowed.privilege_gain:
        yield "NoNewPrivileges=true"
    if emission.read_only_root:
        yield "# Podman puts memory over /run, /tmp and /var/tmp, with what the image has there."
        yield "ReadOnly=true"
    else:
        yield from (f"# {NOT_PILOTED}", "# ReadOnly=true")
    for place in writable_directories(emission):
        if not f"{place.path}/".startswith(_IN_MEMORY):
            mount = fields("type=tmpfs", f"destination={place.path}", f"tmpfs-mode={place.mode:04o}")
            yield f"PodmanArgs={word(f'--mount={mount}')}"
    for each in (found for kind in KINDS for found in (*allowed_of(emission, kind), *denied_of(emission, kind))):
        yield from (f"# {line}" for line in told([each], emission.plan.workload))
        line = _line(each)
        if line:
            yield line if each.grant is not None else f"# {line}"


def _line(decision: Decision) -> str:
    """The line that grants a need; "" where no line can."""
    # Quadlet splits Sysctl= and AddDevice= as well, but leaves escapes in them as they are.
    if decision.kind == "kernel-setting" and "=" not in decision.name:
        return ""
    if decision.kind == "device":
        return f"PodmanArgs={word(f'--device={decision.name}')}" if is_device_path(decision.name) else ""
    return {
        "capability": f"AddCapability={decision.name}",
        "privilege-gain": "" if decision.grant else "NoNewPrivileges=false",
        "host-network": "Network=host",
        "system-calls": f"SeccompProfile=%E/containers/systemd/{PROFILE}",
        "kernel-setting": f"PodmanArgs={word(f'--sysctl={decision.name}')}",
        "real-time": f"Ulimit=rtprio={decision.name.rpartition(' ')[2]}",
    }.get(decision.kind, "")


def _variable(name: str, variable: str) -> str:
    return label(f"{name}-{variable}")


def _limits(emission: Emission) -> Iterable[str]:
    """Limits of the container alone. ``MemoryMax=`` of the unit would count Podman itself and its network (65 MiB of
    a small service were measured), and kill them when memory runs out.
    """
    sizes = sizes_of(emission)
    return [f"PodmanArgs=--memory={sizes.memory_limit}", f"PidsLimit={sizes.pids_limit}"]


def _head(emission: Emission, name: str, secrets: Mapping[str, str]) -> Iterator[str]:
    plan = emission.plan
    yield "As the user of the service: put these files into ~/.config/containers/systemd, then"
    yield f"  systemctl --user daemon-reload && systemctl --user start {name}.service"
    yield "and once, as root, so that it runs without a login session: loginctl enable-linger USER"
    yield "Once it is in a registry (assess push), name it by its digest, which always means these bytes:"
    yield f"  Image=REGISTRY/NAME@{emission.built.digest}"
    yield "Quadlet waits for network-online.target: 90 s where nothing on the container host asks for that target."
    for secret in plan.secrets:
        if "," in secret.path:
            yield f"Podman takes no comma in the path of a secret: {secret.path} is missing here."
        else:
            yield f"First: podman secret create {secrets[secret.path]} FILE, a copy of {secret.path}"
    for variable in plan.start.secret_environment:
        yield f"First: podman secret create {_variable(name, variable)} FILE, with the value of {variable}"
    low = [port for port, _ in published(plan) if port < 1024]
    if low:
        yield f"Port {low[0]} needs root, or on the container host: sysctl net.ipv4.ip_unprivileged_port_start={low[0]}"
    if emission.allowed.devices or emission.allowed.capabilities:
        yield "Devices and capabilities are limited to those of the user."
    if wants_profile(emission):
        yield f"{PROFILE} must be next to these files where SeccompProfile= is set."
    if not is_host_name(plan.hostname):
        yield "The host's own name is none that an engine takes; the container has another."
    yield from sizes_of(emission).limited


EMITTER = Emitter("quadlet", "runs the image as a service of systemd, with Podman and without root", emit, ("quadlet",))
