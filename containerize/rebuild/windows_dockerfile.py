"""A Dockerfile for a Windows workload: base, IIS or service, and the steps that people must add.

Nothing is copied from a Windows host, so the lines that copy name folders which people fill. No test builds these
images: that needs a Windows host. Names and paths of the host are written only where they are plain; others are named
in comments.

Sources: Microsoft, "Windows container base images", "Lift and shift to Windows containers", "Appcmd.exe",
microsoft/IIS.ServiceMonitor (the image windows/servercore/iis has it); moby, "Dockerfile reference", escape directive.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from assess.knowledge.windows_catalogue import windows_images
from assess.model import Target, Workload
from assess.subjects.host_facts import HostFacts
from assess.subjects.windows_host import account_of, pool_of, sites_of
from assess.subjects.windows_images import ImageChoice, choose, components_of, need_of, target_build
from assess.workloads.published_ports import transport_of
from containerize.data_tables import data_table
from containerize.emitters.emission import to_json
from containerize.rebuild.base_images import how_to_pin
from containerize.rebuild.shell_words import remark
from inventory.errors import BrownfieldError

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]*", re.ASCII)
_PATH = re.compile(r"[A-Za-z]:(?:\\[A-Za-z0-9 ._()-]+)+", re.ASCII)
_APPCMD = r"%windir%\system32\inetsrv\appcmd.exe"


class NoWindowsImage(BrownfieldError):
    """No image runs on the target; the sentence says which build it has."""


@dataclass(frozen=True, slots=True)
class WindowsRecipe:
    """``image`` is the base; ``folders`` are those that people fill, by what they come from."""

    image: str
    text: str
    folders: tuple[tuple[str, str], ...]


def windows_dockerfile(workload: Workload, host: HostFacts, target: Target | None) -> WindowsRecipe:
    """The Dockerfile for a target, or for the newest release that has images when there is none. Raises
    NoWindowsImage.
    """
    build = target_build(target) if target is not None else None
    release = windows_images().releases[-1]
    need = need_of(host, workload)
    choice = choose(build or release.build, need)
    if choice is None:
        name = target.name if target is not None else "a container host"
        raise NoWindowsImage(f"there is no Windows image for build {build} of {name}; see docs/howto/windows.md")
    pool = pool_of(host, workload)
    registry = data_table("registries")["images"]["microsoft"]
    image = f"{registry}/{choice.image}"
    if pool is not None and not need.framework:
        image = f"{registry}/windows/servercore/iis:windowsservercore-{choice.release.tag}"
    body, folders = _iis(host, pool.name, pool.runtime, pool.bits32) if pool is not None else _program(workload)
    where = f"{target.name} (build {build})" if target is not None and build else f"no target, so for {release.name}"
    lines = [
        "# escape=`",
        remark("Written by assess rebuild. No test of this product builds an image for Windows:"),
        remark("read it, and build it on a Windows container host, in this folder:"),
        remark("  docker build -f Dockerfile ."),
        remark(f"{workload.id}, for {where}: {choice.isolation} isolation."),
        *(remark(line) for line in _warnings(workload, host, choice)),
        *(remark(f"Put {what} into the folder {name}.") for name, what in folders),
        remark(f"{need.family}: {need.why}."),
        remark("The base is not pinned: its registry decides what the name means. This prints it with its digest:"),
        remark(f"  {how_to_pin(image)}"),
        f"FROM {image}",
        "",
        *body,
    ]
    return WindowsRecipe(image, "\n".join(lines).rstrip("\n") + "\n", tuple(folders))


def _iis(host: HostFacts, pool: str, runtime: str, bits32: bool) -> tuple[list[str], list[tuple[str, str]]]:
    lines: list[str] = []
    folders: list[tuple[str, str]] = []
    if not _PLAIN.fullmatch(pool):
        return [remark(f"The application pool {pool} has a name that no line here can hold: make it yourself.")], []
    lines += [
        remark("The site that comes with the image goes, and the pool is made as it is on the host."),
        f'RUN {_APPCMD} delete site "Default Web Site"',
    ]
    if pool != "DefaultAppPool":
        lines.append(f'RUN {_APPCMD} add apppool /name:"{pool}"')
    version = runtime if _PLAIN.fullmatch(runtime) else ""
    settings = f'/managedRuntimeVersion:"{version}" /enable32BitAppOnWin64:{"true" if bits32 else "false"}'
    lines += [f'RUN {_APPCMD} set apppool "{pool}" {settings}', ""]
    ports: set[int] = set()
    for site in sites_of(host, pool):
        root = next((place for each in site.applications if each.path == "/" for _, place in each.directories), "")
        if not _PLAIN.fullmatch(site.name) or not _PATH.fullmatch(root):
            lines.append(
                remark(f"The site {site.name} at {root or 'no path'} cannot be written here: make it yourself.")
            )
            continue
        folder = f"site-{len(folders) + 1}"
        folders.append((folder, f"the content of {root} of {host.name}"))
        bindings = [
            f"{each.protocol}/*:{each.port}:{each.host if _PLAIN.fullmatch(each.host) else ''}"
            for each in site.bindings
            if each.port is not None and each.protocol in ("http", "https")
        ]
        ports |= {each.port for each in site.bindings if each.port is not None and each.protocol in ("http", "https")}
        lines += [
            remark(f"The site {site.name}."),
            f"COPY {to_json([f'{folder}/', root.replace(chr(92), '/') + '/'])}",
            f'RUN {_APPCMD} add site /name:"{site.name}" /bindings:"{",".join(bindings)}" /physicalPath:"{root}" && `',
            f'    {_APPCMD} set app "{site.name}/" /applicationPool:"{pool}"',
        ]
        lines += [
            remark(f"Its application {each.path} is made in the same way.")
            for each in site.applications
            if each.path != "/"
        ]
        if any(each.protocol == "https" for each in site.bindings):
            lines.append(remark("Its certificate is bound when the container starts: a key is not in an image."))
        lines.append("")
    lines += [f"EXPOSE {port}" for port in sorted(ports)]
    lines += [
        remark("ServiceMonitor stays in the foreground and ends when IIS does."),
        f"ENTRYPOINT {to_json([chr(92).join(('C:', 'ServiceMonitor.exe')), 'w3svc'])}",
    ]
    return lines, folders


def _program(workload: Workload) -> tuple[list[str], list[tuple[str, str]]]:
    lines: list[str] = []
    folders: list[tuple[str, str]] = []
    executable = workload.main.executable or ""
    home = executable.rpartition("\\")[0]
    if _PATH.fullmatch(executable) and not home.lower().startswith("c:\\windows"):
        folders.append(("program", f"the content of {home} of {workload.host}"))
        lines += [
            remark("The program, where the host has it."),
            f"COPY {to_json(['program/', home.replace(chr(92), '/') + '/'])}",
            "",
        ]
    elif not _PATH.fullmatch(executable):
        lines.append(remark(f"Copy the program {executable or '(path unknown)'} yourself."))
    ports = {(each.listener.port, transport_of(each.listener.protocol)) for each in workload.listeners}
    lines += [f"EXPOSE {port}/{protocol}" for port, protocol in sorted(ports)]
    arguments = [executable, *workload.main.arguments[1:]]
    told = [each for each in arguments if "<redacted" in each]
    if told or not executable:
        lines.append(remark("An argument holds a secret: the command is given when the container is started."))
        return lines, folders
    service = workload.service
    if service is not None and service.manager == "windows":
        lines += [
            remark(f"On the host the service manager starts it, as {service.name}. Here the program is to stay in the"),
            remark(
                "foreground: give it its switch for the console. Where it has none, create the service in the image"
            ),
            remark(f"(sc create) and start ServiceMonitor.exe {service.name}, which Microsoft publishes on its own."),
        ]
    lines.append(f"ENTRYPOINT {to_json(arguments)}")
    return lines, folders


def _warnings(workload: Workload, host: HostFacts, choice: ImageChoice) -> Iterator[str]:
    account = account_of(host, workload)
    if account is not None:
        yield f"It runs as {account[0]} on the host; in the container it is the image's account, or a gMSA."
    for component, evidence in components_of(host):
        yield f"The base has no {component.name} ({evidence.fact}); install it where this workload uses it."
    if choice.isolation != "process":
        yield "The target's kernel runs this image under Hyper-V alone."
    yield "Settings in the registry, certificates and fonts are not included; see docs/howto/windows.md."
