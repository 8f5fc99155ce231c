"""Quadlet units: the image as a systemd service, run by rootless Podman.

What comes from the host is written as words in systemd's quotes (systemd.syntax(7), "Quoting"), with ``%`` and ``$``
doubled, because Quadlet hands its words on to ``ExecStart=``, where systemd expands both (systemd.service(5), "Command
lines"). Only keys that Quadlet unquotes get such words: ``Mount=``, ``Secret=``, ``PodmanArgs=`` and their like
(podman-systemd.unit(5)).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from assess.configuration_text.ip_addresses import is_address
from containerize.emitters.container_sizes import sizes_of
from containerize.emitters.decisions import KINDS, Decision, allowed_of, denied_of, told
from containerize.emitters.emission import Emission, Emitter, comment
from containerize.emitters.health_check import health_of
from containerize.emitters.host_names import host_aliases, is_host_name, label, published, unique_labels
from containerize.emitters.seccomp_profile import PROFILE, wants_profile
from containerize.emitters.writable_directories import writable_directories
from containerize.emitters.yaml_remarks import NOT_PILOTED
from containerize.grants.grant_names import is_device_path

_FOLDER = PurePosixPath("quadlet")
_DEFAULT_SHM = 64 << 20
_IN_MEMORY = ("/run/", "/tmp/", "/var/tmp/", "/var/run/")  # noqa: S108 - the container's


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``quadlet/NAME.container``, a ``.volume`` for each directory of data, and ``NAME.network``."""
    plan = emission.plan
    name = label(plan.workload, 40)
    volumes = unique_labels(name, [volume.path for volume in plan.volumes])
    secrets = unique_labels(name, [secret.path for secret in plan.secrets])
    head = [f"# Written by assess build: {comment(plan.workload)}, lifted from {comment(plan.host)}."]
    container = [
        *head,
        *(f"# {comment(line)}" for line in _head(emission, name, secrets)),
        "",
        *_unit(emission),
        "",
        *_container(emission, name, volumes, secrets),
        "",
        "[Service]",
        "Restart=always",
        # Podman rejects --cpus where systemd does not delegate that controller to users (before version 252).
        f"CPUQuota={round(sizes_of(emission).cpus_limit * 100)}%",
        "",
        "[Install]",
        "WantedBy=default.target",
    ]
    files = {
        f"{name}.container": container,
        f"{name}.network": [*head, "[Network]", f"NetworkName={name}"],
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
    return {_FOLDER / path: "\n".join(lines) + "\n" for path, lines in files.items()}


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


def _unit(emission: Emission) -> Iterator[str]:
    description = comment(f"{emission.plan.workload}, lifted from {emission.plan.host}")
    yield "[Unit]"
    # A backslash at the end would join the next line to this one.
    yield f"Description={description.replace('%', '%%').rstrip(chr(92))}"


def _container(emission: Emission, name: str, volumes: Mapping[str, str], secrets: Mapping[str, str]) -> Iterator[str]:
    plan, start = emission.plan, emission.plan.start
    yield "[Container]"
    yield f"ContainerName={name}"
    yield f"Image={plan.image}"
    yield f"Network={name}.network"
    if is_host_name(plan.hostname):
        yield f"HostName={plan.hostname}"
    yield f"StopSignal={''.join(char for char in start.stop_signal if char.isalnum() or char in '+-')}"
    if start.init:
        yield "# It does not end on SIGTERM as process 1, or leaves children behind."
        yield "RunInit=true"
    yield from (f"GroupAdd={group}" for group in start.groups)
    yield from (f"PublishPort={port}:{port}/{protocol}" for port, protocol in published(plan))
    for volume in plan.volumes:
        mount = fields("type=volume", f"source={volumes[volume.path]}.volume", f"destination={volume.path}")
        yield f"Mount={word(mount)}"
    for secret in plan.secrets:
        if "," not in secret.path:
            owner = f"uid={secret.uid},gid={secret.gid},mode={secret.mode:04o}"
            yield f"Secret={word(f'{secrets[secret.path]},type=mount,target={secret.path},{owner}')}"
    for variable in start.secret_environment:
        yield f"Secret={word(f'{_variable(name, variable)},type=env,target={variable}')}"
    for alias, address in host_aliases(plan):
        if is_host_name(alias) and is_address(address):
            yield f"AddHost={alias}:{address}"
    yield from _privileges(emission)
    yield from (f"Ulimit={limit}={soft}:{hard}" for limit, soft, hard in plan.limits)
    yield from _limits(emission)
    if plan.shm_bytes > _DEFAULT_SHM:
        yield f"ShmSize={plan.shm_bytes}"
    health = health_of(plan)
    if health is not None and health.command:
        # Of the table in health.py, so that nothing in it needs quoting.
        yield f"HealthCmd={' '.join(health.command)}"
        yield "HealthStartPeriod=5m"
        yield "HealthOnFailure=kill"


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
