"""Run a pilot: start copies of several workloads on a private network, check them, and remove everything.

Whatever happens, everything that was made is removed: at the end, on an error, on Ctrl-C; and what a killed run left
behind, at the start of the next.
"""

from __future__ import annotations

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from containerize.grants.model import reported
from containerize.grants.needs import needs_of, network_needs
from containerize.pilot.account_names import account_names
from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.checks import CHECKS, Check
from containerize.pilot.disk_guard import DiskGuard
from containerize.pilot.mask import Mask
from containerize.pilot.pilot_addresses import (
    LOOPBACK,
    NOTHING_KNOWN,
    Attribution,
    addresses_at,
    legacy_addresses,
    names_of,
    pilot_network,
)
from containerize.pilot.piloted_workload import Candidate, Piloted
from containerize.pilot.reference_service import ReferenceService
from containerize.pilot.result import CheckVerdict, PilotResult, verdict_of
from containerize.pilot.scratch_directories import scratch_directories
from containerize.pilot.secret_files import read_secrets
from containerize.pilot.seeds import SEEDS
from containerize.pilot.seeds.seeding import Seeding
from containerize.pilot.start_order import dependencies, start_order
from containerize.pilot.startup_wait import START_SECONDS
from containerize.plan.model import ImagePlan
from containerize.plan.shared_directories import SharedDirectory, holders, shared_directories
from containerize.runtimes.pilot_owner import PilotId
from containerize.runtimes.runtime import ContainerSpec, NetworkSpec, Runtime, Tmpfs, VolumeMount
from inventory.errors import BrownfieldError, HostError
from inventory.host import Host
from inventory.transports.transport import Transport

_ATTEMPTS = 5
"""Another network of the engine may have the subnet that we chose; a new one is drawn then."""

Connect = Callable[[Host], AbstractContextManager[Transport]]


class Pilot:
    """Runs one pilot on one runtime. ``step`` is told what happens now, for display."""

    def __init__(
        self,
        runtime: Runtime,
        connect: Connect,
        step: Callable[[str], None] = lambda _words: None,
        sleep: Callable[[float], None] = time.sleep,
        start_seconds: float = START_SECONDS,
        attribution: Attribution = NOTHING_KNOWN,
    ) -> None:
        self._runtime = runtime
        self._connect = connect
        self._step = step
        self._sleep = sleep
        self._start_seconds = start_seconds
        self._attribution = attribution
        self._network: NetworkSpec | None = None
        self._guard: DiskGuard | None = None
        self.id = PilotId.new()

    def run(self, candidates: Sequence[Candidate]) -> tuple[PilotResult, ...]:
        """Pilot these together; the results in their order. Raises RuntimeFailed when the engine gives up."""
        with self.running(candidates) as piloted:
            for each in piloted:
                self._check(each, ending=False)
            # Whoever asks others ends first, and comes back before these end.
            for each in reversed(piloted):
                self._check(each, ending=True)
            if self._guard is not None and self._guard.full:
                for each in piloted:
                    words = (
                        "less than the reserve was free, so the copies were stopped; a copy may have filled the disk"
                    )
                    each.note("disk", CheckVerdict.FAIL, "leaves free space on the disk of this machine", words)
        together = {each.plan.workload for each in candidates}
        found = {each.plan.workload: self._result(each, together) for each in piloted}
        return tuple(found[each.plan.workload] for each in candidates)

    @contextmanager
    def running(self, candidates: Sequence[Candidate]) -> Iterator[tuple[Piloted, ...]]:
        """The copies, started and not yet checked, for the length of the block; whom others need comes first."""
        by_id = {each.plan.workload: each for each in candidates}
        ordered = [by_id[plan.workload] for plan in start_order([each.plan for each in candidates])]
        self._step("removing what earlier pilots left")
        self._runtime.reap()
        with ExitStack() as stack:
            lives = self._connect_all(stack, ordered)
            stack.enter_context(self._removing())
            self._guard = stack.enter_context(
                DiskGuard(self._runtime.room, lambda container: self._runtime.stop(container, grace=1))
            )
            piloted = tuple(Piloted(each, lives[each.host.name], Mask()) for each in ordered)
            self._prepare(piloted)
            for each in piloted:
                self._note_missing_peers(each, piloted)
                self._start(each)
            yield piloted

    def _connect_all(self, stack: ExitStack, candidates: Sequence[Candidate]) -> dict[str, ReferenceService]:
        """A connection to each host. One that cannot be reached is known as such, and stops no other."""
        lives: dict[str, ReferenceService] = {}
        for each in candidates:
            if each.host.name not in lives:
                self._step(f"connecting to {each.host.name}")
                try:
                    transport = stack.enter_context(self._connect(each.host))
                except HostError as error:
                    lives[each.host.name] = ReferenceService(each.host, None, str(error))
                else:
                    lives[each.host.name] = ReferenceService(each.host, transport)
        return lives

    @contextmanager
    def _removing(self) -> Iterator[None]:
        """Remove everything at the end; an impatient second Ctrl-C does not interrupt that."""
        try:
            yield
        finally:
            with _undisturbed():
                self._step("removing everything")
                self._runtime.remove_pilot(self.id)

    # Before the first container

    def _prepare(self, piloted: Sequence[Piloted]) -> None:
        """Secrets, network, images, volumes. Who misses a secret is not started."""
        for each in piloted:
            self._read_secrets(each)
        plans = [each.plan for each in piloted]
        network = self._network = self._make_network(piloted)
        volumes: dict[tuple[str, str], str] = {}
        shared = shared_directories(plans)
        for each in piloted:
            if each.secrets is None:
                continue
            self._step(f"loading {each.plan.image}")
            try:
                self._runtime.load(self.id, Path(each.candidate.built.layout), each.plan.workload)
                mounts = self._make_volumes(each, volumes) | self._share(each, shared, volumes)
                each.spec = self._spec(each, network, plans, mounts)
            except BrownfieldError as error:
                each.note("starts", CheckVerdict.INCONCLUSIVE, "an image that can be loaded", str(error))

    def _read_secrets(self, each: Piloted) -> None:
        needs = [mount.path for mount in each.plan.secrets] + list(each.plan.start.secret_environment)
        try:
            if needs:
                self._step(f"reading the secrets of {each.plan.workload}")
            each.secrets = read_secrets(each.plan, each.candidate.workload, each.live, each.mask)
        except HostError as error:
            each.note("starts", CheckVerdict.INCONCLUSIVE, f"{', '.join(needs)} from the live host", str(error))

    def _make_network(self, piloted: Sequence[Piloted]) -> NetworkSpec:
        self._step("making the network")
        claimed: dict[str, tuple[str, ...]] = {}
        proven: dict[str, tuple[str, ...]] = {}
        for each in piloted:
            claimed[each.plan.host] = each.live.addresses
            proven[each.plan.host] = (each.candidate.host.address, each.live.peer)
        addresses, refused = legacy_addresses(claimed, proven, self._attribution)
        self._runtime.notes += refused
        for attempt in range(_ATTEMPTS):
            try:
                network = self._runtime.create_network(self.id, pilot_network(addresses))
                break
            except BrownfieldError:
                if attempt == _ATTEMPTS - 1:
                    raise
                self._runtime.remove_pilot(self.id)
        given = {address for node in network.nodes for address in node.legacy_addresses}
        for each in piloted:
            for name, _, workload in each.plan.peers:
                named_by_address = name.replace(".", "").isdigit() and workload.partition("/")[0] in addresses
                if named_by_address and name not in given and not name.startswith("127."):
                    words = f"the copy of {workload} does not have it: {'; '.join(self._runtime.notes) or 'no reason'}"
                    each.note("network", CheckVerdict.INCONCLUSIVE, f"{name} leads to {workload}", words)
        return network

    def _make_volumes(self, each: Piloted, volumes: dict[tuple[str, str], str]) -> dict[str, str]:
        """Volume names by path. Workloads of one host that share a directory share the volume."""
        names = {}
        for volume in each.plan.volumes:
            key = (each.plan.host, volume.path)
            if key not in volumes:
                volumes[key] = f"data-{hashlib.sha256(repr(key).encode()).hexdigest()[:12]}"
                self._runtime.create_volume(self.id, volumes[key], volume.uid, volume.gid, volume.mode)
                each.seeded[volume.path] = ""  # to be seeded by this one
            names[volume.path] = volumes[key]
        return names

    def _share(
        self, each: Piloted, shared: Mapping[str, Sequence[SharedDirectory]], volumes: dict[tuple[str, str], str]
    ) -> dict[str, str]:
        """Volume names by path of the directories with sockets of other workloads of the host, or for them. Data of one
        of them is the same volume.
        """
        names = {}
        for directory in shared.get(each.plan.workload, ()):
            key = (each.plan.host, directory.path)
            if key not in volumes:
                volumes[key] = f"sockets-{hashlib.sha256(repr(key).encode()).hexdigest()[:12]}"
                self._runtime.create_volume(self.id, volumes[key], directory.uid, directory.gid, directory.mode)
            names[directory.path] = volumes[key]
        return names

    def _spec(
        self, each: Piloted, network: NetworkSpec, plans: Sequence[ImagePlan], volumes: dict[str, str]
    ) -> ContainerSpec:
        plan, secrets = each.plan, each.secrets
        assert secrets is not None  # noqa: S101 - for the type checker
        return ContainerSpec(
            name="".join(char if char.isalnum() else "-" for char in plan.workload.lower()),
            image=plan.workload,
            arguments=secrets.arguments,
            environment=secrets.environment,
            user=plan.start.user,
            groups=plan.start.groups,
            working_directory=plan.start.working_directory or "/",
            hostname=plan.hostname,
            node=plan.host,
            hosts=names_of(plan, network, plans, self._attribution),
            tmpfs=[
                *(scratch_directories(plan) if each.candidate.read_only_root else ()),
                *(Tmpfs(at.path, at.uid, at.gid, at.mode) for at in plan.run_directories if at.path not in volumes),
            ],
            memory_files=secrets.files,
            volumes=[VolumeMount(name, path) for path, name in volumes.items()],
            capabilities=each.candidate.allowed.capabilities,
            devices=each.candidate.allowed.devices,
            limits=plan.limits,
            shm_bytes=plan.shm_bytes,
            init=plan.start.init,
            stop_signal=plan.start.stop_signal,
            memory_bytes=each.candidate.limits.memory_bytes,
            pids=each.candidate.limits.pids,
            cpus=each.candidate.limits.cpus,
            no_new_privileges=not each.candidate.allowed.privilege_gain,
            read_only_root=each.candidate.read_only_root,
            destinations=self._destinations(each, network),
        )

    def _destinations(self, each: Piloted, network: NetworkSpec) -> list[tuple[str, int]]:
        """The ways out that were allowed, without those to addresses that copies have."""
        copies = {address for node in network.nodes for address in node.legacy_addresses}
        wanted = each.candidate.allowed.destinations
        for address, port in wanted:
            if address in copies:
                words = f"a copy in this pilot has the address {address}, so the way out to it was not opened"
                each.note("network", CheckVerdict.INCONCLUSIVE, f"a way out to {address}:{port}", words)
        return [target for target in wanted if target[0] not in copies]

    # Container by container

    def _start(self, each: Piloted) -> None:
        if each.spec is None or not self._seed(each):
            return
        self._step(f"starting {each.plan.workload}")
        try:
            container = self._runtime.start(self.id, each.spec)
        except BrownfieldError as error:
            each.note("starts", CheckVerdict.FAIL, "starts", str(error))
            return
        if self._guard is not None:
            self._guard.watch(container)
        accounts = self._runtime.read_image(self.id, each.plan.workload, "/etc/passwd") or b""
        each.subject = CheckSubject(
            each.plan,
            self._runtime,
            container,
            each.live,
            each.mask,
            accounts=account_names(accounts),
            live_words=(*each.live.addresses, LOOPBACK),
            copy_words=addresses_at(self._network, each.plan.host) if self._network else (),
            seeded=each.seeded,
            missing=tuple(each.missing),
            sleep=self._sleep,
            start_seconds=self._start_seconds,
            logged_paths=each.candidate.allowed.logged_paths,
            limits=each.candidate.limits,
        )
        # Whoever depends on it is started when it is up, so its first check is made now.
        self._run_check(each, CHECKS[0])

    def _note_missing_peers(self, each: Piloted, piloted: Sequence[Piloted]) -> None:
        """Say whom it will miss: its answers are then another's fault."""
        of_plan = {other.plan.workload: other for other in piloted}
        together = {name: of_plan[plan.workload] for name, plan in holders([other.plan for other in piloted]).items()}
        for name in dependencies(each.plan):
            if name not in together:
                words = f"it is not in this pilot; run: assess pilot {each.plan.workload} {name}"
            elif together[name].subject is None:
                words = "its copy could not be started, see there"
            else:
                continue
            each.missing.append(name)
            each.note("peers", CheckVerdict.INCONCLUSIVE, f"{name} to talk to", words)

    def _seed(self, each: Piloted) -> bool:
        """Fill its volumes. Without its data a service is not started: what it does then says nothing."""
        assert each.spec is not None  # noqa: S101 - for the type checker
        names = {mount.path: mount.name for mount in each.spec.volumes}
        secrets = each.secrets.contents if each.secrets else {}
        for volume in each.plan.volumes:
            if volume.path not in each.seeded:
                continue
            self._step(f"copying {volume.path} of {each.plan.host}")
            seeding = Seeding(
                self.id,
                self._runtime,
                each.plan,
                volume,
                names[volume.path],
                each.spec,
                each.live,
                secrets,
                self._sleep,
            )
            try:
                each.seeded[volume.path] = SEEDS[volume.seed].seed(seeding)
            except (BrownfieldError, OSError) as error:
                each.note(f"data {volume.path}", CheckVerdict.INCONCLUSIVE, "a copy of the live data", str(error))
                return False
        return True

    def _check(self, each: Piloted, *, ending: bool) -> None:
        if each.subject is None:
            return
        if not ending and not self._runtime.state(each.subject.container).running:
            return  # the first check said so
        for check in CHECKS[1:]:
            if check.ending == ending:
                self._step(f"checking {each.plan.workload}: {check.name}")
                self._run_check(each, check)

    def _run_check(self, each: Piloted, check: Check) -> None:
        assert each.subject is not None  # noqa: S101 - for the type checker
        try:
            each.results += check.run(each.subject)
        except (BrownfieldError, OSError) as error:
            each.note(check.name, CheckVerdict.INCONCLUSIVE, "could be checked", str(error) or type(error).__name__)

    def _result(self, each: Piloted, together: Collection[str]) -> PilotResult:
        checks, grants = tuple(each.results), each.candidate.allowed.grants
        return PilotResult(
            each.plan.workload,
            self._runtime.name,
            verdict_of(checks),
            each.plan.image,
            each.candidate.built.digest,
            each.started,
            time.monotonic() - each.began,
            checks,
            needs=reported((*needs_of(each.plan), *network_needs(each.plan, together)), grants),
            grants=grants,
            limits=each.candidate.limits,
            read_only_root=each.candidate.read_only_root,
            notes=tuple(self._runtime.notes),
        )


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Signals wait. Only the main thread may say so; elsewhere nothing arrives."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, signal.SIG_IGN) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
