"""Neighbours of one host that run together, in the files of Compose and Quadlet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from containerize.emitters import compose, quadlet, readme, swarm_stack
from containerize.emitters.emission import Emission
from containerize.emitters.kubernetes import manifests
from containerize.emitters.service_group import ServiceGroup
from containerize.plan.model import (
    ExpectedProcess,
    ImagePort,
    PlannedFile,
    RunDirectory,
    SecretMount,
    SocketPeer,
    Volume,
)
from tests.containerize.emitters import tools
from tests.containerize.emitters.cases import FILE, SHIPPED, emission, emitted
from tests.containerize.plans import make_plan

SOCKET = SocketPeer("/run/db/db.sock", "web01/db", "/run/db", 106, 107, 0o750, "/etc/app.conf names it")


def program(path: str) -> PlannedFile:
    return replace(SHIPPED, path=path)


def database(*files: str, **changes: Any) -> Emission:
    plan = make_plan(
        [program(path) for path in files],
        workload="web01/db",
        image="localhost/brownfield/web01/db:lift",
        ports=(ImagePort("tcp", 3306, "127.0.0.1", False, "db"),),
        processes=(ExpectedProcess("/usr/sbin/db", "db", 1),),
        peers=(),
        volumes=(Volume("/var/lib/db", 106, 107, 0o750, "copy", "holds the data"),),
        secrets=(SecretMount("/etc/app/app.ini", 106, 107, 0o640, "value of password"),),
        run_directories=(RunDirectory("/run/db", 106, 107, 0o750, "holds the socket"),),
        notes=(),
    )
    return emission(replace(plan, **changes))


def client(*neighbours: Emission, **changes: Any) -> Emission:
    plan = make_plan([FILE, program("/usr/bin/sleep")], socket_peers=(SOCKET,), peers=())
    return replace(emission(replace(plan, **changes)), neighbours=neighbours)


def composed(given: Emission) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(emitted(compose.EMITTER, given)["compose.yaml"])
    return document


def test_both_services_have_the_directory_of_the_socket_in_memory() -> None:
    document = composed(client(database()))
    shared = {"type": "volume", "source": "run-db", "target": "/run/db", "volume": {"nocopy": True}}

    assert shared in document["services"]["apache2"]["volumes"]
    assert shared in document["services"]["db"]["volumes"]
    assert document["volumes"]["run-db"] == {
        "driver": "local",
        "driver_opts": {"type": "tmpfs", "device": "tmpfs", "o": "uid=106,gid=107,mode=750"},
    }
    assert "tmpfs" not in document["services"]["db"], "nothing hides the volume"


def test_the_services_share_a_network_that_belongs_to_neither() -> None:
    services = composed(client(database()))["services"]

    assert list(services) == ["network", "db", "apache2"]
    assert services["network"]["entrypoint"] == ["/usr/bin/sleep"]
    assert services["network"]["ports"] == ["80:80/tcp"]
    assert services["network"]["hostname"] == "web01"
    for name in ("db", "apache2"):
        assert services[name]["network_mode"] == "service:network"
        assert not {"ports", "hostname", "extra_hosts", "networks"} & set(services[name])


def test_without_a_program_that_waits_the_network_belongs_to_the_first() -> None:
    given = client(database(), files=(FILE,))
    services = composed(given)["services"]

    assert list(services) == ["db", "apache2"]
    assert services["apache2"]["network_mode"] == "service:db"
    assert (services["db"]["hostname"], services["db"]["ports"]) == ("web01", ["80:80/tcp"])


def test_the_client_waits_until_the_socket_is_there() -> None:
    services = composed(client(database("/bin/sh")))["services"]

    assert services["apache2"]["depends_on"]["db"] == {"condition": "service_healthy"}
    assert services["db"]["healthcheck"]["test"][-1] == "/run/db/db.sock"
    without = composed(client(database()))["services"]
    assert without["apache2"]["depends_on"]["db"] == {"condition": "service_started"}


def test_a_socket_in_the_data_of_its_owner_shares_that_data() -> None:
    inside = replace(SOCKET, path="/var/lib/db/db.sock", directory="/var/lib/db")
    document = composed(client(database(), socket_peers=(inside,)))
    sources = {name: [each["source"] for each in document["services"][name]["volumes"]] for name in ("db", "apache2")}

    assert sources == {"db": ["var-lib-db"], "apache2": ["var-lib-app", "var-lib-db"]}
    assert document["volumes"]["var-lib-db"] == {}


def test_a_neighbour_on_loopback_shares_the_network_and_no_directory() -> None:
    document = composed(client(database(), socket_peers=(), peers=(("127.0.0.1", 3306, "web01/db"),)))

    assert document["services"]["apache2"]["network_mode"] == document["services"]["db"]["network_mode"]
    assert set(document["volumes"]) == {"var-lib-app", "var-lib-db"}


def test_secrets_of_a_neighbour_are_in_its_own_folder() -> None:
    document = composed(client(database()))

    assert {name: each["file"] for name, each in document["secrets"].items()} == {
        "etc-app-app-ini": "./secrets/etc-app-app-ini",
        "db-etc-app-app-ini": "../db/secrets/etc-app-app-ini",
    }


def test_a_neighbour_that_was_not_built_is_named() -> None:
    given = replace(client(), missing=("web01/db",))

    assert "# It uses web01/db, which is missing here" in emitted(compose.EMITTER, given)["compose.yaml"]
    page = emitted(readme.EMITTER, given)["README.md"]
    assert "`assess build web01/db web01/apache2`" in page
    assert "uses the socket `/run/db/db.sock` of `web01/db`" in page


def test_the_page_names_the_neighbour_and_its_image() -> None:
    page = emitted(readme.EMITTER, client(database()))["README.md"]

    assert "needs `web01/db` next to it, in a container that has the same volume at `/run/db`" in page
    assert "tar -C ../db/image -cf - . | docker load" in page


def test_units_of_neighbours_are_in_one_pod() -> None:
    files = emitted(quadlet.EMITTER, client(database("/bin/sh")))
    name = "quadlet/web01-apache2"

    assert "PublishPort=80:80/tcp" in files[f"{name}.pod"]
    for each in (f"{name}.container", "quadlet/web01-db.container"):
        lines = files[each].split("\n")
        assert "Pod=web01-apache2.pod" in lines
        assert not [line for line in lines if line.startswith(("PublishPort=", "Network=", "HostName=", "AddHost="))]
        assert 'Mount="type=volume,source=web01-apache2-sockets-run-db.volume,destination=/run/db"' in lines
    assert "Options=uid=106,gid=107,mode=750" in files[f"{name}-sockets-run-db.volume"]
    assert "Requires=web01-db.service" in files[f"{name}.container"]
    assert "Notify=healthy" in files["quadlet/web01-db.container"]


def test_what_kubernetes_and_swarm_cannot_do_is_said() -> None:
    given = client(database())

    assert "It needs web01/db at /run/db/db.sock." in emitted(swarm_stack.EMITTER, given)["stack.yaml"]
    assert "emptyDir" in emitted(manifests.EMITTER, given)["kubernetes/base/workload.yaml"]


def test_neighbours_start_in_order_whoever_they_use() -> None:
    mail = replace(
        database(), plan=replace(database().plan, workload="web01/mail", peers=(("localhost", 3306, "web01/db"),))
    )
    given = client(mail, database(), peers=(("localhost", 25, "web01/mail"),), socket_peers=())
    group = ServiceGroup.of(given)

    assert [each.plan.workload for each in group.members] == ["web01/db", "web01/mail", "web01/apache2"]
    assert [each.plan.workload for each in group.needs(group.members[-1])] == ["web01/mail"]


def test_podman_understands_the_units_of_neighbours(tmp_path: Path) -> None:
    files = emitted(quadlet.EMITTER, client(database("/bin/sh")))
    for path, text in files.items():
        (tmp_path / Path(path).name).write_text(text)
    made = tools.quadlet(tmp_path)

    assert len(made) == len(files)
    (command,) = (text for name, text in made.items() if name == "web01-db.service")
    assert '--health-cmd "[\\"/bin/sh\\", \\"-c\\"' in command
    assert "--pod-id-file" in command
    assert any("--opt o=uid=106,gid=107,mode=750" in text for text in made.values())


@pytest.mark.engine
def test_docker_accepts_the_file(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text(emitted(compose.EMITTER, client(database("/bin/sh")))["compose.yaml"])

    assert set(tools.compose_config(tmp_path / "compose.yaml")["services"]) == {"network", "db", "apache2"}
