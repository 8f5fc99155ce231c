"""Units, scripts and entries are read again on the host, with the files that they name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from assess.workloads import find_workloads
from containerize.host.answer_parts import ask
from containerize.start import start_sources
from containerize.start.managed_start import ManagedStart
from containerize.start.start_sources import LARGEST_ENTRY, StartSources, read_sources
from inventory.host import Host
from inventory.model.services import Service, Services
from inventory.observation import Origin
from inventory.transports.local import LocalTransport
from inventory.transports.transport import Completed, Transport
from tests.containerize.closure.pretend_host import HERE, make_workload, systemd, sysv
from tests.support.snapshots import HostBuilder

_PASSWD = b"root:x:0:0::/root:/bin/sh\nshop:x:1000:1000::/srv/shop:/bin/sh\n"
_MEMBER = make_workload()

Reading = Callable[..., StartSources]


@pytest.fixture
def reading(here: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reading:
    """Read the start of a service on a host that has these files below /etc."""

    def below(transport: Transport, parts: Mapping[str, str]) -> dict[str, bytes]:
        return ask(transport, {name: text.replace("/etc/", f"{tmp_path}/etc/") for name, text in parts.items()})

    def read(service: Service, files: Mapping[str, str], services: Services | None = None) -> StartSources:
        for path, text in files.items():
            place = tmp_path / path.lstrip("/")
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
        member = replace(_MEMBER, service=service)
        return read_sources(here, [member], services, _PASSWD, lambda path: path.startswith("/usr"), "web01")

    monkeypatch.setattr(start_sources, "ask", below)
    return read


def _unit(**properties: str) -> Service:
    return replace(systemd("shop", **properties), path="/etc/systemd/system/shop.service")


def _start(sources: StartSources) -> ManagedStart:
    return sources.starts[_MEMBER.id]


def test_a_unit_with_its_drop_in_and_its_environment_file(reading: Reading) -> None:
    drop_in = "/etc/systemd/system/shop.service.d/local.conf"
    sources = reading(
        _unit(DropInPaths=drop_in),
        {
            "/etc/systemd/system/shop.service": "[Service]\nUser=shop\nWorkingDirectory=~\nExecStart=/usr/bin/shop\n"
            "EnvironmentFile=-/etc/default/%N\nEnvironmentFile=/etc/absent",
            drop_in: "[Service]\nExecStart=\nExecStart=/usr/bin/shop --port ${PORT}",
            "/etc/default/shop": "PORT=81\nDB_PASSWORD=vai3Ohph9uo\nLIKE=plain\n",
        },
    )
    start = _start(sources)
    assert (start.arguments, start.working_directory) == (("/usr/bin/shop", "--port", "81"), "/srv/shop")
    assert sources.variable_files == ("/etc/default/shop",)
    assert sources.secret[_MEMBER.id] == {"DB_PASSWORD"}
    assert "/etc/absent" in start.notes[0]
    assert "vai3Ohph9uo" not in repr(sources)


def test_a_unit_with_its_socket(reading: Reading) -> None:
    socket = replace(systemd("shop.socket", Triggers="shop.service"), path="/etc/systemd/system/shop.socket")
    files = {
        "/etc/systemd/system/shop.service": "[Service]\nExecStart=/usr/bin/shop",
        "/etc/systemd/system/shop.socket": "[Socket]\nListenStream=%t/shop/it.sock",
    }
    services = Services("systemd", (), (), triggers=(socket,))
    assert [each.address for each in _start(reading(_unit(), files, services)).sockets] == ["/run/shop/it.sock"]
    stopped = Services("systemd", (), (), triggers=(replace(socket, state="inactive"),))
    assert not _start(reading(_unit(), files, stopped)).sockets


@pytest.mark.parametrize(
    "service",
    [sysv("shop"), replace(systemd("shop", SourcePath="/etc/init.d/shop"), path="/run/generator/shop.service")],
)
def test_an_init_script_with_its_defaults(reading: Reading, service: Service) -> None:
    script = (
        "#!/bin/sh\n. /etc/default/shop\nexport MODE\n"
        "start-stop-daemon --start --chuid shop --pidfile /var/run/shop.pid --exec /usr/bin/shop -- -p $PORT\n"
    )
    start = _start(reading(service, {"/etc/init.d/shop": script, "/etc/default/shop": "PORT=81\nMODE=live\n"}))
    assert (start.kind, start.arguments, start.user) == ("forking", ("/usr/bin/shop", "-p", "81"), "shop")
    assert (start.environment, start.pid_file) == ({"MODE": "live"}, "/run/shop.pid")


def test_an_init_script_that_hides_its_command_is_run_itself(reading: Reading) -> None:
    start = _start(reading(sysv("shop"), {"/etc/init.d/shop": "#!/bin/sh\neval $(cat /x)\n"}))
    assert start.is_script


def test_an_entry_as_its_file_has_it(reading: Reading) -> None:
    path = "/etc/inetd.conf"
    entry = Service("tariff", "inetd", path, "", "", True, (), (("Command", "[redacted]"),), "", HERE)
    files = {path: "tariff stream tcp nowait shop /usr/bin/tariff tariff\n", "/etc/services": "tariff 7100/tcp\n"}
    start = _start(reading(entry, files))
    assert (start.arguments, start.user, start.sockets[0].address) == (("/usr/bin/tariff",), "shop", "7100")


def test_what_is_not_on_the_host_has_no_start(reading: Reading) -> None:
    assert not reading(_unit(), {}).starts
    assert not reading(sysv("shop"), {}).starts


UNIT = """[Service]
User=board
EnvironmentFile={folder}/board
EnvironmentFile=-{folder}/absent
ExecStart=/usr/bin/node server.js --name $BOARD_NAME
"""


def test_variables_come_from_the_file_that_the_unit_names_and_secrets_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "board").write_text("BOARD_NAME='pier nine'\nBOARD_TOKEN=4d1c0a9e77b24f6f8f6d\nPORT=3100\n")
    (tmp_path / "board.service").write_text(UNIT.format(folder=tmp_path))
    properties = (("Type", "simple"), ("EnvironmentFiles", str(tmp_path / "board")))
    service = Service(
        "board", "systemd", str(tmp_path / "board.service"), "", "active", True, (), properties, "", Origin("s", "u", 1)
    )
    host = HostBuilder("web01")
    host.listen(host.process(10, "/usr/bin/node"), 3100)
    member = replace(find_workloads(host.build())[0], service=service)

    transport = LocalTransport(Host("web01", "localhost", connection="local"))
    sources = read_sources(transport, [member], None, b"board:x:999:999::/srv/board:/bin/sh\n", lambda _path: True)

    start = sources.starts[member.id]
    assert start.notes == ()
    assert start.environment["PORT"] == "3100"
    assert start.start[0].arguments == ("/usr/bin/node", "server.js", "--name", "pier", "nine")
    assert sources.secret[member.id] == {"BOARD_TOKEN"}
    assert sources.variable_files == (str(tmp_path / "board"),)


def test_a_link_to_a_file_of_the_kernel_gives_no_variables(tmp_path: Path) -> None:
    """/proc/kmsg would wait for the next message, and any account may link its own file of variables to it."""
    (tmp_path / "link").symlink_to("/proc/self/environ")
    unit = tmp_path / "app.service"
    unit.write_text(f"[Service]\nExecStart=/opt/app\nEnvironmentFile={tmp_path}/link\n")
    workload = make_workload(service=replace(systemd("app"), path=str(unit)))

    found = read_sources(
        LocalTransport(Host("web01", "localhost", connection="local")), [workload], None, b"", lambda _path: True
    )
    assert not found.starts["web01/app"].environment
    assert [note for note in found.starts["web01/app"].notes if "/link, which could not be read on the host" in note]
    assert not found.variable_files


class _Answering:
    """A host on which each file has the same content."""

    user, privileged, peer, banner = "root", True, "", ""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def run(self, _command: str, stdin: bytes = b"", *, timeout: float = 0, limit: int = 0) -> Completed:
        nonce = stdin.partition(b"printf '\\n#")[2][:32]
        return Completed(0, b"\n#%s file0\n+\n%s\n#%s end\n" % (nonce, self.content, nonce), b"", False)


def test_a_long_path_before_each_line_of_a_long_entry_is_not_read() -> None:
    path = "/etc/" + "a" * 60_000
    service = replace(systemd("app"), manager="supervisor", path=path)
    transport = _Answering(b"[program:app]\ncommand=/opt/app\n" + b"\n" * (LARGEST_ENTRY // len(path)))
    assert not read_sources(transport, [make_workload(service=service)], None, b"", lambda _path: True).starts  # type: ignore[arg-type]
