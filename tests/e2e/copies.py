"""Copies of services that run for the length of a block, and questions to them and to the live ones."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from containerize.estate import load_estate
from containerize.grants.model import NOTHING_ALLOWED, Allowed
from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.pilot_run import Pilot
from containerize.pilot.piloted_workload import Candidate, Piloted
from containerize.pilot.reference_service import Endpoint
from containerize.plan.plan_json import load_build, load_plan
from containerize.runtimes import choose
from containerize.runtimes.runtime import RuntimeUnavailable
from inventory.ansible.inventory_file import read_hosts
from inventory.store.workspace import Workspace
from inventory.transports import connect
from inventory.transports.transport import Duplex
from tests.e2e.traces import nothing_left_behind


@dataclass(frozen=True)
class Copies:
    """Running copies of several workloads, not checked yet."""

    pilot: Pilot
    piloted: Mapping[str, Piloted]

    def subject(self, workload: str) -> CheckSubject:
        """The copy of one workload."""
        each = self.piloted[workload]
        assert each.subject is not None, each.results
        return each.subject

    def run(self, workload: str, *arguments: str, user: str = "0:0") -> str:
        """What a command within a copy prints."""
        subject = self.subject(workload)
        done = subject.runtime.execute(subject.container, arguments, user=user)
        assert done.exit_code == 0, done
        return done.stdout.decode()

    def recreate(self, workload: str) -> None:
        """Throw a container away and make another from the same image, with the same volumes."""
        subject, spec = self.subject(workload), self.piloted[workload].spec
        assert spec is not None
        subject.runtime.stop(subject.container)
        subject.runtime.remove(subject.container)
        subject.container = subject.runtime.start(self.pilot.id, spec)


@contextmanager
def running_copies(
    workspace: Path, *workloads: str, runtime: str = "docker", allowed: Allowed = NOTHING_ALLOWED
) -> Iterator[Copies]:
    """Copies of workloads that were built, on a private network, with their data and their secrets."""
    try:
        chosen = choose(runtime)
    except RuntimeUnavailable as error:
        pytest.skip(str(error))
    place = Workspace.open(workspace)
    # Waits between questions spare a live server that other people use.
    pilot = Pilot(
        chosen,
        lambda host: connect(host, place.connect_options()),
        sleep=lambda seconds: time.sleep(min(seconds, 0.05)),
    )
    try:
        with nothing_left_behind() as ours:
            ours.append(os.getpid())
            started = [replace(each, allowed=allowed) for each in candidates(workspace, *workloads)]
            with pilot.running(started) as piloted:
                yield Copies(pilot, {each.plan.workload: each for each in piloted})
    finally:
        chosen.close()


def candidates(workspace: Path, *workloads: str) -> list[Candidate]:
    """What a pilot of these workloads starts with."""
    place = Workspace.open(workspace)
    found = []
    with place.store(None) as store:
        estate = load_estate(store)
        hosts = estate.inventory_hosts(read_hosts)
        for name in workloads:
            (workload,) = estate.find(name)
            folder = place.build(workload.host, workload.name)
            found.append(Candidate(load_plan(folder), load_build(folder), hosts[workload.host], workload))
    return found


def ask(connect_to: Callable[[], Duplex], path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    """Status and body of a page."""
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.0", "Host: shop.web01"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    connection = connect_to()
    try:
        connection.settimeout(30)
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        answer = b""
        while received := connection.recv(65536):
            answer += received
    finally:
        connection.close()
    head, _, content = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), content


def until(true: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until something is true; what an engine or a mail server does takes a moment."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.1)


HTTP = Endpoint("127.0.0.1", 80, inside=True)
