"""The supervisor and its settings as files of an image."""

from __future__ import annotations

from containerize.content_store import ContentStore
from containerize.plan.model import PlannedFile
from containerize.plan.planned_files import GeneratedFile
from containerize.supervisor.image_paths import FOLDER, PROGRAM, SETTINGS
from containerize.supervisor.render_spec import render
from containerize.supervisor.service_spec import SupervisorSpec
from containerize.supervisor.supervisor_binary import SupervisorMissing, supervisor_binary
from inventory.errors import WorkspaceError

_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


def is_available(architecture: str) -> bool:
    """Whether there is a supervisor for the processor of a host (as uname says it)."""
    try:
        supervisor_binary(_ARCHITECTURES.get(architecture, architecture))
    except SupervisorMissing:
        return False
    return True


def supervisor_files(spec: SupervisorSpec, architecture: str, content: ContentStore) -> tuple[PlannedFile, ...]:
    """The files of the supervisor, whose content is then in the store. Raises SupervisorMissing where there is none
    for the processor, and SupervisorSpecInvalid for a service that it cannot run.
    """
    path = supervisor_binary(_ARCHITECTURES.get(architecture, architecture))
    try:
        binary = path.read_bytes()
    except OSError as error:
        raise WorkspaceError(f"the supervisor {path} cannot be read: {error.strerror}") from error
    names = ", ".join(service.name for service in spec.services)
    rows = (
        (PROGRAM, binary, 0o755, f"starts, watches and stops {names} as process 1"),
        (SETTINGS, render(spec), 0o644, f"sets how the supervisor runs {names}"),
    )
    folder = PlannedFile.directory(FOLDER, "holds the supervisor", "application", mode=0o755, uid=0, gid=0)
    files = [
        GeneratedFile(path, content.put(data), len(data), mode, 0, 0, 0, reason).planned()
        for path, data, mode, reason in rows
    ]
    return (folder, *files)
