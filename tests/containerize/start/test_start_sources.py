"""Units, and the files that they name, as a build reads them on the host."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from assess.workloads import find_workloads
from containerize.start.start_sources import read_sources
from inventory.host import Host
from inventory.model.services import Service
from inventory.observation import Origin
from inventory.transports.local import LocalTransport
from tests.support.snapshots import HostBuilder

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
