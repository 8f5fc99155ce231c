"""The containers of one host that run together: an image and the neighbours that it uses there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from containerize.emitters.emission import Emission, unique_slugs
from containerize.emitters.health_check import health_of
from containerize.pilot.start_order import dependencies, start_order
from containerize.plan.model import ImagePlan
from containerize.plan.shared_directories import SharedDirectory, holders, shared_directories
from inventory.store.workspace import safe_name

_SHELLS = ("/bin/sh", "/usr/bin/sh")
_SLEEPS = ("/bin/sleep", "/usr/bin/sleep")

_TEST = 'for each; do [ -S "$each" ] || exit 1; done'


@dataclass(frozen=True)
class ServiceGroup:
    """``members`` are in the order of their start; ``main`` is the image whose files are written."""

    main: Emission
    members: tuple[Emission, ...]

    @classmethod
    def of(cls, emission: Emission) -> ServiceGroup:
        """The group of an image: itself alone where it has no neighbour that was built."""
        every = {each.plan.workload: each for each in (emission, *emission.neighbours)}
        ordered = start_order([each.plan for each in every.values()])
        return cls(emission, tuple(every[plan.workload] for plan in ordered))

    @property
    def several(self) -> bool:
        """Whether there are neighbours."""
        return len(self.members) > 1

    @cached_property
    def services(self) -> Mapping[str, str]:
        """Names of services by workload, all different."""
        ids = [each.plan.workload for each in self.members]
        names = unique_slugs(name.partition("/")[2] for name in ids)
        return {workload: names[workload.partition("/")[2]] for workload in ids}

    def folder(self, emission: Emission) -> str:
        """The folder of a build, seen from that of the main one."""
        if emission.plan.workload == self.main.plan.workload:
            return "."
        return f"../{safe_name(emission.plan.workload.partition('/')[2])}"

    @cached_property
    def shared(self) -> Mapping[str, tuple[SharedDirectory, ...]]:
        """By workload: the directories of sockets that its container shares."""
        return shared_directories([each.plan for each in self.members])

    def shared_of(self, emission: Emission) -> tuple[SharedDirectory, ...]:
        """Those of one member that are not its own data."""
        own = {volume.path for volume in emission.plan.volumes}
        return tuple(each for each in self.shared.get(emission.plan.workload, ()) if each.path not in own)

    @cached_property
    def empty_directories(self) -> tuple[SharedDirectory, ...]:
        """The directories of sockets that are not data of a member, in the order of their paths."""
        data = {volume.path for each in self.members for volume in each.plan.volumes}
        found = {each.path: each for directories in self.shared.values() for each in directories}
        return tuple(found[path] for path in sorted(found) if path not in data)

    def needs(self, emission: Emission) -> tuple[Emission, ...]:
        """The members that it uses and that start before it."""
        owners = holders([each.plan for each in self.members])
        used = {owners[name].workload for name in dependencies(emission.plan) if name in owners}
        before = self.members[: self.members.index(emission)]
        return tuple(each for each in before if each.plan.workload in used)

    def health_command(self, emission: Emission) -> tuple[str, ...]:
        """A command that ends with 0 when the service can be used: the product's, else a look at the sockets at which
        others ask; () where the image has no program for it.
        """
        health = health_of(emission.plan)
        if health is not None and health.command:
            return health.command
        asked = {
            peer.path
            for each in self.members
            for peer in each.plan.socket_peers
            if peer.workload in (emission.plan.workload, *emission.plan.companions)
        }
        shell = _program(emission.plan, _SHELLS)
        return (shell, "-c", _TEST, "sh", *sorted(asked)) if self.several and asked and shell else ()

    @cached_property
    def sleeper(self) -> tuple[Emission, str] | None:
        """The image with a program that waits, and the path of it; None where no image has one."""
        for each in (self.main, *self.members):
            if path := _program(each.plan, _SLEEPS):
                return each, path
        return None


def apart_notes(plan: ImagePlan, form: str) -> list[str]:
    """Sentences for a form of deployment that runs each image by itself."""
    same = [name for name in dependencies(plan) if name.partition("/")[0] == plan.host]
    peers: dict[str, list[str]] = {}
    for peer in plan.socket_peers:
        peers.setdefault(peer.workload, []).append(peer.path)
    notes = [f"It needs {name} at {', '.join(paths)}. {form}" for name, paths in peers.items()]
    rest = [name for name in same if name not in peers]
    return notes + [f"It reaches {name} at an address of the host. {form}" for name in rest]


def _program(plan: ImagePlan, paths: Iterable[str]) -> str:
    inside = {file.path for file in plan.files}
    return next((path for path in paths if path in inside), "")
