"""What a service gets besides its command: account, limits, directories, descriptors, variables."""

from __future__ import annotations

import os
import stat
import time
from pathlib import Path

import pytest

from containerize.supervisor.service_spec import (
    ServiceCommand,
    ServiceDirectory,
    ServiceLimit,
    SupervisedService,
)
from tests.containerize.supervisor.supervised import daemon, shell, supervised

pytestmark = pytest.mark.live
root = pytest.mark.skipif(os.geteuid() != 0, reason="another account needs root")


@root
def test_the_account_and_what_is_as_root() -> None:
    service = SupervisedService(
        "a",
        (shell("echo $(id -u) $(id -g) $(id -G) $(umask) $(pwd)"),),
        pre=(shell("echo $(id -u) $(id -G)", as_root=True), shell("echo $(id -u)")),
        uid=1234,
        gid=2345,
        groups=(3456, 20),
        umask=0o027,
        working_directory="/usr",
    )
    with supervised(service) as running:
        assert running.wait() == 0
        lines = running.output.splitlines()
    assert lines[0].startswith("0 0")
    assert lines[1] == "1234"
    assert lines[2] == "1234 2345 2345 20 3456 0027 /usr" or lines[2] == "1234 2345 2345 3456 20 0027 /usr"


@root
def test_root_without_setuid_does_not_run_the_service_as_root() -> None:
    service = SupervisedService("a", (shell("echo ran"),), uid=1234, gid=1234)
    with supervised(service, before=("setpriv", "--bounding-set=-setuid,-setgid")) as running:
        assert running.wait() == 78
        assert "a: cannot " in running.output
        assert "ran" not in running.output.replace("ran as", "")


@root
def test_root_without_capabilities_runs_what_is_root_s() -> None:
    with supervised(SupervisedService("a", (shell("id -u"),)), before=("setpriv", "--bounding-set=-all")) as running:
        assert running.wait() == 0
        assert running.output.startswith("0\n")


@root
def test_a_container_of_another_user_says_so() -> None:
    service = SupervisedService("a", (shell("id -u"),), uid=1234, gid=1234)
    with supervised(service, before=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")) as running:
        assert running.wait() == 0
        lines = running.output.splitlines()
    assert lines[0] == "brownfield: a: runs as 65534:65534, as which the container was started, not as 1234:1234"
    assert lines[1] == "65534"


@root
def test_ambient_and_bounding_capabilities() -> None:
    service = SupervisedService(
        "a",
        (shell("grep -E 'Cap(Eff|Bnd|Amb)' /proc/self/status"),),
        uid=1234,
        gid=1234,
        ambient=("CAP_NET_BIND_SERVICE",),
        bounding=("CAP_NET_BIND_SERVICE", "CAP_KILL"),
    )
    with supervised(service) as running:
        assert running.wait() == 0
        masks = {line.split()[0]: int(line.split()[1], 16) for line in running.output.splitlines() if line[:3] == "Cap"}
    assert masks == {"CapEff:": 1 << 10, "CapBnd:": 1 << 10 | 1 << 5, "CapAmb:": 1 << 10}


def test_limits_and_one_that_may_not_be_raised() -> None:
    service = SupervisedService(
        "a", (shell("ulimit -n; ulimit -c"),), limits=(ServiceLimit("nofile", 321, 654), ServiceLimit("CORE", 0, 0))
    )
    with supervised(service) as running:
        assert running.wait() == 0
        assert running.output.splitlines()[:2] == ["321", "0"]
    above = SupervisedService("a", (shell("ulimit -n"),), limits=(ServiceLimit("nofile", 500, None),))
    drop = ("setpriv", "--bounding-set=-sys_resource") if os.geteuid() == 0 else ()
    with supervised(above, before=(*drop, "prlimit", "--nofile=400:400")) as running:
        assert running.wait() == 0
        assert "400\n" in running.output
        assert "a: the limit nofile is 400 and not 500: the container may not raise it" in running.output


def test_only_the_standard_descriptors_are_open() -> None:
    with supervised(SupervisedService("a", (daemon("describe_descriptors"),))) as running:
        assert running.wait() == 0
        assert running.output.splitlines()[0] == "0 1 2"


def test_variables_and_secrets() -> None:
    services = [
        SupervisedService(
            name,
            (shell(f"echo {name} $PLAIN $SECRET_A $SECRET_B $OLD $NEW"),),
            kind="oneshot",
            secrets=secrets,
            unset=("OLD",),
            environment=(("NEW", "two words"),),
        )
        for name, secrets in (("a", ("SECRET_A",)), ("b", ("SECRET_B",)))
    ]
    with supervised(*services, PLAIN="p", SECRET_A="sa", SECRET_B="sb", OLD="old") as running:
        assert running.wait() == 0
        assert "a p sa two words\n" in running.output
        assert "b p sb two words\n" in running.output


def test_a_secret_that_was_not_given() -> None:
    with supervised(SupervisedService("a", (shell("exit 0"),), secrets=("TOKEN",))) as running:
        assert running.wait() == 78
        assert "a needs the variable TOKEN, which the container was not given" in running.output


@root
def test_directories_with_owner_and_mode(tmp_path: Path) -> None:
    old = tmp_path / "run"
    (old / "below").mkdir(parents=True)
    (old / "below/file").write_text("old")
    (old / "link").symlink_to("/etc")
    made = ServiceDirectory(str(tmp_path / "x/y"), 1234, 2345, 0o2750)
    emptied = ServiceDirectory(str(old), 0, 0, 0o755, emptied=True)
    with supervised(SupervisedService("a", (shell("exit 0"),), directories=(made, emptied))) as running:
        assert running.wait() == 0
    facts = (tmp_path / "x/y").stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (1234, 2345, 0o2750)
    assert (tmp_path / "x").stat().st_uid == 0
    assert list(old.iterdir()) == []
    assert Path("/etc/passwd").exists()


@root
def test_a_link_of_the_service_leads_nowhere(tmp_path: Path) -> None:
    """A service that replaces its directory by a link does not get what the link names."""
    target = tmp_path / "target"
    target.mkdir(mode=0o700)
    (target / "file").write_text("kept")
    own = tmp_path / "own"
    own.mkdir()
    os.chown(own, 1234, 1234)
    (own / "cache").symlink_to(target)
    os.chown(own / "cache", 1234, 1234, follow_symlinks=False)
    trusted = tmp_path / "trusted"
    trusted.symlink_to(target)
    directories = (
        ServiceDirectory(str(own / "cache"), 1234, 1234, 0o777, emptied=True),
        ServiceDirectory(str(trusted / "new"), 1234, 1234, 0o711),
    )
    with supervised(SupervisedService("a", (shell("exit 0"),), directories=directories)) as running:
        assert running.wait() == 0
        assert "a symbolic link that others than root could have made" in running.output
    assert (target / "file").read_text() == "kept"
    assert target.stat().st_uid == 0
    assert (target / "new").stat().st_uid == 1234


@root
def test_a_read_only_file_system_is_reported(tmp_path: Path) -> None:
    service = SupervisedService(
        "a", (shell("echo ran"),), directories=(ServiceDirectory("/sys/kernel/no/such", 1, 1, 0o755),)
    )
    with supervised(service) as running:
        assert running.wait() == 0
        assert "a: cannot make the directory /sys/kernel/no/such: " in running.output
        assert "ran\n" in running.output


def test_a_variable_main_process_and_a_name_of_its_own() -> None:
    command = ServiceCommand(("other name", "-c", "echo $0 $MAINPID"), program="/bin/sh")
    with supervised(SupervisedService("a", (command,))) as running:
        assert running.wait() == 0
        assert running.output.splitlines()[0] == "other name"


def test_a_script_whose_interpreter_is_missing(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    with supervised(SupervisedService("a", (ServiceCommand((str(script),)),))) as running:
        assert running.wait() == 127
        assert f"a: cannot run {script}: the loader or interpreter that it names is not in the image" in running.output


def test_an_idle_supervisor_takes_no_time() -> None:
    with supervised(SupervisedService("a", (daemon("forks"),), kind="forking")) as running:
        running.until("ready")
        time.sleep(0.5)

        def used() -> list[str]:
            """Times of the processor, and how often it was given away."""
            fields = Path(f"/proc/{running.pid}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{running.pid}/status").read_text().splitlines()
            return [*fields[11:13], *(line for line in status if line.startswith("voluntary"))]

        before = used()
        time.sleep(1.5)
        assert used() == before
        running.stop()
