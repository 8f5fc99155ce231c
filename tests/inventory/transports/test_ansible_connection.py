"""Connection plugins of Ansible, through ansible-runner, with the same probe."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.ansible.inventory_file import read_hosts
from inventory.errors import BecomeRefused, HostError, HostUnreachable
from inventory.host import Host
from inventory.recording import Recording
from inventory.scan.collect_host import CollectionRequest, collect_host
from inventory.store.scan_records import Outcome
from inventory.transports import ConnectOptions, Interrupted, Transport, connect
from inventory.transports.ansible_connection import AnsibleTransport, connect_by_ansible
from inventory.transports.ansible_connection_inventory import inventory_of
from tests.inventory.sshd import Sshd
from tests.support import collections
from tests.support.private_directories import MARK, MEMORY, private_directories

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]

HERE = Host("here", "here", connection="local")
SHELL = {"ansible_become_flags": "-s /bin/sh"}
OURS = os.getpid()
"""Makes what is looked for on this machine different from what another run left."""

SECRET = f"pass {{{{ w0rd{OURS} }}}} ' \"\\"
STEADY = ("users", "cron")
"""Sections whose answer does not change from one moment to the next."""


@pytest.fixture
def here() -> Iterator[Transport]:
    """This machine, by Ansible's own ``local``."""
    with connect_by_ansible(HERE, ConnectOptions()) as transport:
        yield transport


@pytest.fixture(autouse=True)
def mark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MARK, uuid.uuid4().hex)


def _probed(host: Host) -> Recording:
    result = collect_host(host, CollectionRequest(ConnectOptions(), b"k" * 32)).result
    assert (result.outcome, result.reason) == (Outcome.ANSWERED, "")
    assert result.recording is not None
    assert result.recording.missing == {}
    return result.recording


class TestCommands:
    def test_every_byte_of_input_and_output_and_the_status(self, here: Transport) -> None:
        every = bytes(range(256)) * 20_000
        done = here.run("cat; echo oops >&2; exit 3", every)
        assert (done.exit_status, done.stdout, done.stderr, done.noise) == (3, every, b"oops\n", b"")

    def test_any_text_for_sh_arrives_as_it_is(self, here: Transport) -> None:
        words = "printf '%s' 'a`b`$(c)!\\n{{ d }}{% e %}\"' \"\n\""
        assert here.run(words).stdout == subprocess.run(["sh", "-c", words], capture_output=True, check=True).stdout

    def test_one_process_serves_all_commands(self, here: Transport) -> None:
        parents = {here.run("ps -o ppid= -p $PPID").stdout for _ in range(3)}
        assert len(parents) == 1

    def test_output_without_end_is_cut_off_on_the_host(self, here: Transport) -> None:
        done = here.run("yes", limit=1000)
        assert (done.exit_status, done.truncated, len(done.stdout)) == (-1, True, 1000)

    def test_a_command_over_its_time_is_ended_and_the_next_one_works(self, here: Transport) -> None:
        with pytest.raises(Interrupted, match="timed out after 1 s"):
            here.run(f"exec sleep 4711.{OURS}", timeout=1.0)
        assert here.run("echo again").stdout == b"again\n"
        assert subprocess.run(["pgrep", "-f", f"sleep 4711.{OURS}"], check=False).returncode == 1

    def test_a_stream_is_an_answer_in_memory(self, here: Transport) -> None:
        with here.stream("head -c 3000000 /dev/zero") as output:
            assert len(output.read()) == 3_000_000
        with pytest.raises(HostError, match="ended with status 2: no"), here.stream("echo no >&2; exit 2") as output:
            output.read()

    def test_ports_cannot_be_reached(self, here: Transport) -> None:
        with pytest.raises(HostError, match="cannot be reached through ansible_connection=local"):
            here.dial("127.0.0.1", 80)
        with pytest.raises(HostError, match="which only runs commands"):
            here.dial_unix("/run/s")


class TestNothingIsLeft:
    def test_the_directory_is_in_memory_and_goes_with_the_connection(self) -> None:
        before = private_directories()
        with connect_by_ansible(HERE, ConnectOptions()) as transport:
            (ours,) = private_directories() - before
            assert (MEMORY / ours).stat().st_mode & 0o777 == 0o700
            transport.run("echo the answer is 4711")
            held = [path for path in (MEMORY / ours).rglob("*") if path.is_file()]
            assert not [path for path in held if b"4711" in path.read_bytes()]
        assert private_directories() == before

    def test_passwords_are_in_no_argument_and_soon_in_no_file(self) -> None:
        before = private_directories()
        host = replace(HERE, password=SECRET, become_password=SECRET)
        with connect_by_ansible(host, ConnectOptions()) as transport:
            (ours,) = private_directories() - before
            held = [path for path in (MEMORY / ours).rglob("*") if path.is_file()]
            assert held
            assert not [path for path in held if b"w0rd" in path.read_bytes()]
            seen = transport.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'").stdout
            assert f"w0rd{OURS} }}}}".encode() not in seen
        assert "w0rd" not in repr(host)

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
    def test_whatever_ends_us_ends_the_command_and_removes_the_directory(self, number: int, tmp_path: Path) -> None:
        before = private_directories()
        script = (
            "from inventory.host import Host\n"
            "from inventory.transports import ConnectOptions\n"
            "from inventory.transports.ansible_connection import connect_by_ansible as connect_runner\n"
            "with connect_runner(Host('here', 'here', connection='local'), ConnectOptions()) as transport:\n"
            f"    transport.run('echo > {tmp_path}/begun; exec sleep 4712.{OURS}')\n"
        )
        process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL, start_new_session=True)
        _until(lambda: (tmp_path / "begun").exists())
        assert private_directories() - before
        process.send_signal(number)
        process.wait(30)
        _until(lambda: not private_directories() - before)
        _until(lambda: subprocess.run(["pgrep", "-f", f"sleep 4712.{OURS}"], check=False).returncode == 1)

    def test_ansibles_own_logs_and_callbacks_get_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        log, facts = tmp_path / "ansible.log", tmp_path / "facts"
        (tmp_path / "ansible.cfg").write_text(
            f"[defaults]\nlog_path={log}\nfact_caching=jsonfile\nfact_caching_connection={facts}\n"
            "bin_ansible_callbacks=true\ncallbacks_enabled=log_plays\nask_vault_pass=true\nverbosity=4\n"
        )
        monkeypatch.chdir(tmp_path)
        with connect_by_ansible(HERE, ConnectOptions()) as transport:
            transport.run("echo the answer is 4711")
        assert [path.name for path in tmp_path.iterdir()] == ["ansible.cfg"]

    def test_without_a_file_system_in_memory_nothing_is_begun(self, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("mounts")
        script = (
            "from inventory.host import Host\n"
            "from inventory.transports import ConnectOptions\n"
            "from inventory.transports.ansible_connection import connect_by_ansible as connect_runner\n"
            "with connect_runner(Host('here', 'here', connection='local'), ConnectOptions()): pass\n"
        )
        inside = f'mount --bind {tmp_path} /dev/shm && exec "$@"'
        command = ["unshare", "--mount", "env", "-u", "XDG_RUNTIME_DIR", "sh", "-c", inside, "sh", sys.executable]
        done = subprocess.run([*command, "-c", script], capture_output=True, text=True, check=False)
        assert "this needs a file system in memory, and there is none at /dev/shm" in done.stderr
        assert list(tmp_path.iterdir()) == []


def _until(true: object) -> None:
    deadline = time.monotonic() + 30
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestBecome:
    def test_another_user_by_ansibles_own_plugin(self) -> None:
        host = replace(HERE, become=True, become_user="nobody", become_method="su", variables=SHELL)
        if os.geteuid() != 0:
            pytest.skip("su without a password")
        with connect_by_ansible(host, ConnectOptions()) as transport:
            assert transport.user == "root"
            done = transport.run("id -un; cat", b"input")
            assert (done.stdout, done.stderr, done.noise) == (b"nobody\ninput", b"", b"")

    def test_a_refusal_is_one_sentence(self) -> None:
        host = replace(HERE, become=True, become_user="no-such-user", become_method="su")
        with (
            connect_by_ansible(host, ConnectOptions()) as transport,
            pytest.raises(BecomeRefused, match="no-such-user"),
        ):
            transport.run("true")

    def test_a_method_that_is_not_ours_goes_this_way(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """``dzdo`` is called as sudo is, and here it is sudo."""
        collections.use(monkeypatch)
        sudo = {"ansible_become_exe": "sudo"}
        host = replace(HERE, become=True, become_user="nobody", become_method="community.general.dzdo", variables=sudo)
        with connect(host) as transport:
            assert isinstance(transport, AnsibleTransport)
            assert transport.run("id -un; cat", b"input").stdout == b"nobody\ninput"

    def test_a_method_that_is_not_installed_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", "/nowhere")
        host = replace(HERE, become=True, become_user="nobody", become_method="some.where.magic")
        with (
            pytest.raises(HostError, match=r"no become plugin some\.where\.magic; install its collection"),
            connect(host),
        ):
            pass


class TestConnections:
    def test_one_that_is_not_installed_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANSIBLE_COLLECTIONS_PATH", "/nowhere")
        host = Host("box", "box", connection="some.where.magic")
        with (
            pytest.raises(HostError, match=r"no connection plugin some\.where\.magic; install its collection"),
            connect(host),
        ):
            pass

    def test_network_devices_are_told_apart(self) -> None:
        host = Host("switch", "switch", connection="ansible.netcommon.network_cli")
        with pytest.raises(HostError, match="switch is a network device"), connect(host):
            pass

    @pytest.mark.parametrize(("connection", "module"), [("winrm", "winrm"), ("psrp", "pypsrp")])
    def test_windows_without_its_module_says_what_to_install(
        self, connection: str, module: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(importlib.util, "find_spec", {}.get)
        host = Host("win01", "192.0.2.1", connection=connection)
        with pytest.raises(HostError, match=rf"module {module} .*pip install 'brownfield\[windows\]'"), connect(host):
            pass

    def test_ssh_by_ansible_gives_the_same_facts(self, sshd: Sshd) -> None:
        """With the host keys that we know, and none other."""
        with connect_by_ansible(sshd.host(), sshd.options()) as transport:
            assert transport.run("id -un; cat", b"input").stdout == sshd.user.encode() + b"\ninput"
            theirs = transport.run("cat /etc/passwd; uname -a").stdout
        with connect(sshd.host(), sshd.options()) as transport:
            assert transport.run("cat /etc/passwd; uname -a").stdout == theirs
        stranger = sshd.options(known_hosts=Path("/nowhere"))
        with pytest.raises(HostUnreachable, match=r"[Hh]ost key"), connect_by_ansible(sshd.host(), stranger):
            pass

    def test_chroot(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        if os.geteuid() != 0:
            pytest.skip("chroot needs root")
        collections.use(monkeypatch)
        inventory = tmp_path / "hosts.ini"
        inventory.write_text("root ansible_connection=community.general.chroot ansible_host=/\n")
        (host,) = read_hosts(inventory)
        with connect(host) as transport:
            assert isinstance(transport, AnsibleTransport)
            assert (transport.user, transport.privileged) == ("root", True)
        _alike(_probed(host), _probed(replace(HERE, name="root")))


def _alike(one: Recording, other: Recording) -> None:
    """The same questions were answered, and what does not change from moment to moment is the same."""
    assert [each.section for each in one.sections] == [each.section for each in other.sections]
    for name in STEADY:
        mine, theirs = (next(each for each in of.sections if each.section == name) for of in (one, other))
        assert mine.parts == theirs.parts


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root file system with busybox and nothing else, as an archive."""
    busybox = shutil.which("busybox")
    if busybox is None:
        pytest.skip("no busybox")
    root = tmp_path_factory.mktemp("root")
    for name in ("bin", "etc", "proc", "sys", "dev", "tmp", "var", "usr/bin"):
        (root / name).mkdir(parents=True)
    shutil.copy(busybox, root / "bin/busybox")
    listed = subprocess.run(["ldd", busybox], capture_output=True, text=True, check=False).stdout
    for library in {word for word in listed.split() if word.startswith("/")}:
        target = root / library[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, target)
    for applet in subprocess.run([busybox, "--list"], capture_output=True, text=True, check=True).stdout.split():
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/:/bin/sh\napp:x:1000:1000::/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\napp:x:1000:\n")
    archive = root.with_suffix(".tar")
    with tarfile.open(archive, "w") as tar:
        tar.add(root, ".")
    return archive


@pytest.mark.engine
@pytest.mark.parametrize(
    ("engine", "connection"),
    [
        ("docker", "community.docker.docker"),
        ("docker", "community.docker.docker_api"),
        ("docker", "docker"),
        ("podman", "containers.podman.podman"),
    ],
)
def test_containers(engine: str, connection: str, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(engine) is None or os.geteuid() != 0:
        pytest.skip(f"no {engine}, or not root")
    collections.use(monkeypatch)
    name = f"assess-test-{uuid.uuid4().hex[:8]}"
    options = ["--runtime", "runc"] if engine == "podman" and shutil.which("runc") else []

    def call(*words: str) -> None:
        done = subprocess.run([engine, *words], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()

    try:
        call("import", str(tree), f"localhost/{name}:1")
        call(*options, "run", "-d", "--name", name, "--network", "none", "--user", "app", f"localhost/{name}:1",
             "/bin/sleep", "600")  # fmt: skip
        host = Host(name, name, connection=connection)
        with connect(host) as transport:
            assert isinstance(transport, AnsibleTransport)
            assert (transport.user, transport.privileged) == ("app", False)
            every = bytes(range(256)) * (2000 if engine == "docker" else 200)
            done = transport.run("cat; echo oops >&2; exit 3", every)
            assert (done.exit_status, done.stdout, done.stderr) == (3, every, b"oops\n")
        recording = _probed(replace(host, user="root"))
        assert recording.privileged
        call("rm", "-f", name)
        with pytest.raises(HostError, match=name), connect(host):
            pass
    finally:
        subprocess.run([engine, "rm", "-f", name], capture_output=True, check=False)
        subprocess.run([engine, "rmi", "-f", f"localhost/{name}:1"], capture_output=True, check=False)


def test_no_value_of_the_inventory_is_a_template_again(tmp_path: Path) -> None:
    variables = {"ansible_docker_extra_args": "a\u2028b\U0001f600\x7f: [#", "ansible_list": ["{{ x }}", 1, True]}
    host = replace(HERE, become_password=SECRET, variables=variables)
    file = tmp_path / "inventory.yml"
    file.write_text(inventory_of(host, ConnectOptions()))
    (again,) = read_hosts(file)
    assert (again.name, again.become_password) == ("here", SECRET)


def test_all_variables_of_a_plugin_reach_it(tmp_path: Path) -> None:
    """Templated and decrypted here; of our own connections only what is read."""
    inventory = tmp_path / "hosts.ini"
    inventory.write_text(
        "box ansible_connection=community.docker.docker ansible_docker_extra_args='--tls {{ where }}' where=here\n"
        "web ansible_docker_extra_args='{{ nowhere }}'\n"
    )
    box, web = read_hosts(inventory)
    assert box.variables == {"ansible_docker_extra_args": "--tls here"}
    assert web.variables == {}
