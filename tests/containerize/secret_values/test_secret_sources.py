"""Secrets are read again from the host when a container is started, and nowhere else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assess.model import Workload
from containerize.host.file_survey import NotRunning
from containerize.plan.container_start import hide_arguments, with_umask
from containerize.plan.model import SecretMount, Start
from containerize.secret_values.secret_sources import SecretTest, read_secret_environment, read_secret_file
from inventory.errors import HostError
from inventory.model.processes import Process
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import HERE, make_workload, systemd
from tests.containerize.plans import make_plan


def test_a_secret_file_is_read_byte_for_byte(here: Transport, tmp_path: Path) -> None:
    path = tmp_path / "it's $(secret)\n.ini"
    path.write_bytes(b"\0password=x\n\n")
    assert read_secret_file(here, SecretMount(str(path), 0, 0, 0o600, "x")) == b"\0password=x\n\n"
    path.unlink()
    with pytest.raises(HostError, match="cannot be read"):
        read_secret_file(here, SecretMount(str(path), 0, 0, 0o600, "x"))


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    environment = {"PATH": os.environ["PATH"], "API_TOKEN": "a8Fk2\nLq9"}
    command = [sys.executable, "-c", "import time; time.sleep(60)", "--password=hunter2"]
    process = subprocess.Popen(command, env=environment)
    yield process
    process.kill()
    process.wait()


def _workload(process: subprocess.Popen[bytes]) -> Workload:
    arguments = (sys.executable, "-c", "import time; time.sleep(60)", "--password=<redacted:00000000>")
    seen = Process(
        pid=process.pid, ppid=os.getpid(), name="python", state="S", kernel=False,
        executable=os.path.realpath(sys.executable), executable_deleted=False, working_directory="/", root="/",
        arguments=arguments, environment=(), uid=os.getuid(), gid=os.getgid(), effective_uid=os.geteuid(), groups=(),
        cgroups=(), start_seconds=0, cpu_seconds=0, rss_bytes=0, peak_rss_bytes=0, threads=1, nice=0,
        scheduling_policy=0, capabilities=0, seccomp=0, umask=18, limits=(), namespaces=(), session=0, tty=0,
        origin=HERE,
    )  # fmt: skip
    return replace(make_workload(), processes=(seen,), main_pid=process.pid)


def _plan(*names: str) -> Start:
    return Start(("x",), (), names, "0:0", "/", "SIGTERM", False, "x")


def test_variables_and_arguments_are_read_from_the_running_process(
    here: Transport, sleeper: subprocess.Popen[bytes]
) -> None:
    plan = make_plan([], start=_plan("API_TOKEN", "ASSESS_ARGUMENT_3"))
    values = read_secret_environment(here, plan, _workload(sleeper))
    assert values == {"API_TOKEN": "a8Fk2\nLq9", "ASSESS_ARGUMENT_3": "--password=hunter2"}


@pytest.mark.parametrize("umask", [0o022, 0o027])
def test_arguments_have_their_places_in_the_vector_of_the_manager(
    here: Transport, sleeper: subprocess.Popen[bytes], tmp_path: Path, umask: int
) -> None:
    vector = (sys.executable, "serve", "--port", "80", "--password=hunter3")
    (tmp_path / "app.service").write_text(f"[Service]\nExecStart={' '.join(vector)}\n")
    arguments, names = hide_arguments(vector, frozenset({4}))
    start = replace(_plan(*names), arguments=with_umask(arguments, umask) if umask != 0o022 else arguments)
    service = replace(systemd("app"), path=str(tmp_path / "app.service"))
    workload = replace(_workload(sleeper), service=service)
    values = read_secret_environment(here, make_plan([], start=start), workload)
    assert values == {"ASSESS_ARGUMENT_4": "--password=hunter3"}


def test_a_service_that_was_restarted_is_found_again(here: Transport, sleeper: subprocess.Popen[bytes]) -> None:
    """Its process id is another one by then, and belongs to somebody else or nobody."""
    workload = _workload(sleeper)
    moved = replace(workload, processes=(replace(workload.main, pid=2**22 - 1),), main_pid=2**22 - 1)
    assert read_secret_environment(here, make_plan([], start=_plan("API_TOKEN")), moved) == {"API_TOKEN": "a8Fk2\nLq9"}


def test_a_variable_that_is_gone_and_a_service_that_is_down_are_said(
    here: Transport, sleeper: subprocess.Popen[bytes]
) -> None:
    workload = _workload(sleeper)
    with pytest.raises(HostError, match="runs without OTHER now"):
        read_secret_environment(here, make_plan([], start=_plan("OTHER")), workload)
    sleeper.kill()
    sleeper.wait()
    with pytest.raises(NotRunning):
        read_secret_environment(here, make_plan([], start=_plan("API_TOKEN")), workload)


def test_secrets_are_told_from_settings() -> None:
    test = SecretTest()
    assert test.variable(b"DB_PASSWORD=correct horse")
    assert not test.variable(b"LANG=de_DE.UTF-8")
    assert test.arguments((b"x", b"-v", b"--password", b"hunter2", b"--url=http://u:pw1234@h/")) == {3, 4}
    assert test.arguments((b"java", b"-Xmx256m", b"-Dcatalina.base=/var/lib/tomcat9")) == frozenset()


@pytest.fixture
def combined(sleeper: subprocess.Popen[bytes]) -> Iterator[Workload]:
    """A workload of two parts, which have API_TOKEN with different values."""
    environment = {"PATH": os.environ["PATH"], "API_TOKEN": "of the other", "ITS_TOKEN": "Kq77"}
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "--other"], env=environment)
    parts = (_workload(sleeper), replace(_workload(other), name="helper"))
    yield replace(parts[0], processes=tuple(each.main for each in parts), parts=parts)
    other.kill()
    other.wait()


def test_variables_are_read_from_every_part_of_a_workload(here: Transport, combined: Workload) -> None:
    plan = make_plan([], start=_plan("ITS_TOKEN", "ASSESS_ARGUMENT_3"))
    with pytest.raises(HostError, match="ASSESS_ARGUMENT_3 has another value in web01/helper"):
        read_secret_environment(here, plan, combined)
    plan = make_plan([], start=_plan("ITS_TOKEN"))
    assert read_secret_environment(here, plan, combined) == {"ITS_TOKEN": "Kq77"}


def test_parts_with_different_values_of_a_variable_are_refused(here: Transport, combined: Workload) -> None:
    with pytest.raises(HostError, match="API_TOKEN has another value in web01/helper than in the other parts"):
        read_secret_environment(here, make_plan([], start=_plan("API_TOKEN")), combined)
