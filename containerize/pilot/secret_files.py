"""Secret files and variables, read again from the live host into memory only."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from assess.model import Workload
from containerize.pilot.mask import Mask
from containerize.pilot.reference_service import ReferenceService
from containerize.plan.model import ImagePlan
from containerize.runtimes.runtime import MemoryFile
from containerize.secret_values.secret_sources import read_secret_environment, read_secret_file

_VARIABLES = "/.pilot-environment"
"""Where the secret variables are, within the container."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SHELLS = ("/bin/sh", "/usr/bin/sh")


@dataclass(frozen=True)
class Secrets:
    """``files`` are mounted from memory; ``arguments`` start the service; ``environment`` has no secret in it unless
    ``exposed`` names one: an image without a shell can only be given them as the engine keeps them, on its disk.
    """

    files: tuple[MemoryFile, ...]
    arguments: tuple[str, ...]
    environment: tuple[tuple[str, str], ...] = field(repr=False)
    exposed: tuple[str, ...] = ()

    @property
    def contents(self) -> Mapping[str, bytes]:
        """Files by path."""
        return {each.path: each.content for each in self.files}


def read_secrets(plan: ImagePlan, workload: Workload | None, live: ReferenceService, mask: Mask) -> Secrets:
    """Read them; the mask learns to hide them. Raises HostError when the host does not give one."""
    files = []
    for mount in plan.secrets:
        content = read_secret_file(live.transport, mount)
        mask.learn_file(content)
        files.append(MemoryFile(mount.path, content, mount.uid, mount.gid, mount.mode))
    start = plan.start
    if not start.secret_environment or workload is None:
        return Secrets(tuple(files), start.arguments, start.environment)
    values = read_secret_environment(live.transport, plan, workload)
    for value in values.values():
        mask.learn_value(value)
    paths = {file.path for file in plan.files}
    if not any(shell in paths for shell in _SHELLS) or not all(_NAME.fullmatch(name) for name in values):
        return Secrets(tuple(files), start.arguments, (*start.environment, *values.items()), tuple(values))
    # An engine writes the environment of a container to its disk, so a shell sets it from memory and then becomes the
    # service: same process, same arguments.
    text = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())
    uid, _, gid = start.user.partition(":")
    files.append(MemoryFile(_VARIABLES, text.encode("utf-8", "surrogateescape"), int(uid), int(gid or 0), 0o400))
    arguments = ("/bin/sh", "-c", f'. {_VARIABLES} && exec "$@"', "sh", *start.arguments)
    return Secrets(tuple(files), arguments, start.environment)
