"""Containers that only hold a network open, on an engine with Docker's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from containerize.runtimes.engine_store import EngineStore, labels, refusals
from containerize.runtimes.interruption import uninterrupted
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import (
    ContainerSpec,
    RuntimeFailed,
)

if TYPE_CHECKING:
    pass


NO_NEW_PRIVILEGES = "no-new-privileges"
"""In the one form that every version of Docker and Podman takes."""

_HOLDER_MEMORY, _HOLDER_PIDS = 64 << 20, 16
"""It only sleeps. The engine's own start is counted with it."""

_WAITING = (
    ("/bin/sleep", "2147483647"),
    ("/bin/busybox", "sleep", "2147483647"),
    ("/usr/bin/busybox", "sleep", "2147483647"),
    ("/bin/sh", "-c", "while :; do read -r line || exit; done"),
)
"""Programs that wait until they are ended. The shell waits for its input, which stays open."""

_NOT_THERE = "executable file not found"
"""The words of crun before 0.15 when an image lacks a program. Later ones (``executable file `/bin/sleep` not found``)
and runc (``exec: "/bin/sleep": stat /bin/sleep: no such file or directory``) name it, and no other refusal does.
Podman's ``attempted to invoke a command that was not found`` says nothing: it goes behind whatever file is missing."""


class _ProgramNotThere(RuntimeFailed):
    """The image has no such program, or none that can be executed."""


class EngineHolder(EngineStore):
    """Adds :meth:`hold` to the store of an engine."""

    def hold(self, pilot: PilotId, spec: ContainerSpec, name: str) -> str:
        """Start a container that only waits, without a network, from the image of ``spec`` and with its name.

        An image of a host whose packages could not be read may have one of the programs and not the other. Raises
        RuntimeFailed when it has none of them, and at once when the engine rejects for another reason.
        """
        refused: RuntimeFailed | None = None
        for program, *arguments in _WAITING:
            try:
                return self._hold(pilot, spec, name, program, arguments)
            except _ProgramNotThere as error:
                refused = refused or error
        words = ", ".join(each[0] for each in _WAITING)
        raise RuntimeFailed(
            f"{spec.name} has no network: its image has none of {words} to hold it; use another --runtime ({refused})"
        )

    def _hold(self, pilot: PilotId, spec: ContainerSpec, name: str, program: str, arguments: list[str]) -> str:
        with refusals(f"{spec.name} could not be put on the pilot's network"), uninterrupted():
            identity = self.api.create_container(
                self._reference(pilot, spec.image),
                entrypoint=[program],
                command=arguments,
                name=f"{pilot.prefix}-{name}",
                hostname=spec.hostname or spec.name,
                user="0:0",
                labels=labels(pilot),
                host_config=self.api.create_host_config(
                    network_mode="none",
                    cap_drop=["ALL"],
                    security_opt=[NO_NEW_PRIVILEGES],
                    read_only=True,
                    mem_limit=_HOLDER_MEMORY,
                    pids_limit=_HOLDER_PIDS,
                ),
                stdin_open=True,
            )["Id"]
            try:
                with refusals(f"{spec.name} could not be put on the pilot's network"):
                    self.api.start(identity)
            except RuntimeFailed as error:
                self.api.remove_container(identity, force=True, v=True)
                if program in str(error) or _NOT_THERE in str(error):
                    raise _ProgramNotThere(str(error)) from None
                raise
        return str(identity)
