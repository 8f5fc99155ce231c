"""The server's own names and addresses in the files beside an image."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from assess.subjects.estate_facts import EstateFacts
from assess.subjects.host_facts import HostFacts
from assess.workloads import find_workloads
from containerize.emitters import compose, quadlet, swarm_stack
from containerize.emitters.kubernetes import manifests
from containerize.emitters.own_identity import domain_of, own_networks
from containerize.profile.expectations import own_addresses, own_names
from tests.containerize.emitters.cases import emission, emitted
from tests.containerize.plans import make_plan
from tests.support.snapshots import HostBuilder

NAMES = ("web01.example.org", "web01", "www.example.org")


def composed(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        emitted(compose.EMITTER, emission(make_plan([], **changes)))["compose.yaml"]
    )
    return document


def test_own_names_lead_to_the_container_itself() -> None:
    service = composed(own_names=NAMES)["services"]["apache2"]

    assert (service["hostname"], service["domainname"]) == ("web01", "example.org")
    assert service["networks"] == {"default": {"aliases": ["web01.example.org", "www.example.org"]}}
    assert service["extra_hosts"] == ["db01=10.77.0.12"], "no own name leads to loopback or to the server"


def test_a_complete_host_name_has_no_domain_added() -> None:
    assert domain_of(make_plan([], hostname="web01.example.org", own_names=NAMES)) == ""


def test_podman_swarm_and_kubernetes_get_the_other_names() -> None:
    given = emission(make_plan([], own_names=NAMES))
    pod = yaml.safe_load(emitted(manifests.EMITTER, given)["kubernetes/base/workload.yaml"])["spec"]["template"]["spec"]

    assert (
        "PodmanArgs=--network-alias=www.example.org"
        in emitted(quadlet.EMITTER, given)["quadlet/web01-apache2.container"]
    )
    (service,) = yaml.safe_load(emitted(swarm_stack.EMITTER, given)["stack.yaml"])["services"].values()
    assert "web01.example.org" in service["networks"]["default"]["aliases"]
    assert {"ip": "127.0.1.1", "hostnames": ["web01.example.org", "www.example.org"]} in pod["hostAliases"]


def test_an_address_that_settings_name_is_given_to_the_container() -> None:
    document = composed(own_addresses=("10.77.0.11",))

    assert document["services"]["apache2"]["networks"]["default"]["ipv4_address"] == "10.77.0.11"
    assert document["networks"]["default"]["ipam"]["config"] == [{"subnet": "10.77.0.8/29", "gateway": "10.77.0.9"}]


@pytest.mark.parametrize(
    ("addresses", "subnets"),
    [
        (("10.0.0.5",), ["10.0.0.4/30"]),
        (("10.0.0.8",), ["10.0.0.0/28"]),
        (("10.0.0.5", "192.168.3.2"), ["10.0.0.4/30", "192.168.3.0/30"]),
        (("10.0.0.5", "10.0.0.6"), ["10.0.0.4/30"]),
        (("2001:db8::5", "not an address"), []),
    ],
)
def test_networks_of_own_addresses_are_small_and_apart(addresses: tuple[str, ...], subnets: list[str]) -> None:
    assert [each.subnet for each in own_networks([make_plan([], own_addresses=addresses)])] == subnets


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("127.0.0.1 localhost\n127.0.1.1 web01.example.org web01\n", ("web01.example.org", "web01")),
        (
            "10.77.0.11\tweb01.example.org web01 www # the server\n10.77.0.12 db01\n",
            ("web01.example.org", "web01", "www"),
        ),
        ("127.0.0.1 localhost localhost.localdomain web01\n::1 ip6-localhost\n", ("web01",)),
        ("10.77.0.12 db01\n", ()),
    ],
)
def test_own_names_come_from_the_lines_of_the_host_itself(text: str, names: tuple[str, ...]) -> None:
    assert own_names(text, "web01", {"10.77.0.11"}) == names


def test_an_address_counts_where_a_setting_names_it_and_the_service_listens_there() -> None:
    built = HostBuilder("web01", "10.77.0.11")
    built.init()
    web = built.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf")
    built.listen(web, 80, address="10.77.0.11")
    built.config("/etc/nginx/nginx.conf", "  listen 10.77.0.11:80;")
    # This one binds each address that it finds, whatever it is.
    built.listen(built.process(60, "/usr/sbin/ntpd"), 123, address="10.77.0.11")
    snapshot = built.build()
    host = HostFacts(snapshot, find_workloads(snapshot))
    by_name = {each.name: each for each in host.workloads}

    known = EstateFacts((host,), (), 0.0).known

    addresses, (note,) = own_addresses([by_name["nginx"]], host, (), known)
    assert addresses == ("10.77.0.11",)
    assert note.startswith("it listens on 10.77.0.11, an address of the server: compose.yaml gives the container this")
    assert own_addresses([by_name["ntpd"]], host, (), known) == ((), ())


@pytest.mark.parametrize("proven", [True, False], ids=["the other's by the connection", "reported by both"])
def test_the_address_of_another_host_is_not_taken(*, proven: bool) -> None:
    """On the container host it would lead to this container, with the passwords that are meant for the other."""
    built = HostBuilder("web01", "10.77.0.11")
    built.init()
    web = built.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf")
    built.listen(web, 80, address="10.77.0.12")
    built.config("/etc/nginx/nginx.conf", "  listen 10.77.0.12:80;")
    snapshot = built.build()
    host = HostFacts(snapshot, find_workloads(snapshot))
    other = HostBuilder("db01", "10.77.0.12" if proven else "10.77.0.13")
    other.listen(other.process(50, "/usr/sbin/mariadbd"), 3306, address="10.77.0.12")
    estate = EstateFacts((host, HostFacts(other.build(), ())), (), 0.0)
    peers = (("10.77.0.12", 3306, "web01/db"),)

    addresses, (note,) = own_addresses(host.workloads, host, peers, estate.known)
    assert addresses == ()
    assert note.startswith("it listens on 10.77.0.12, which is not known to be this server's own")


def test_the_own_address_by_which_a_neighbour_is_reached_counts() -> None:
    built = HostBuilder("web01", "10.77.0.11")
    snapshot = built.build()
    host = HostFacts(snapshot, ())
    peers = (("10.77.0.11", 3306, "web01/db"), ("127.0.0.1", 25, "web01/mail"), ("10.77.0.12", 80, "db01/web"))

    assert own_addresses([], host, peers, EstateFacts((host,), (), 0.0).known) == (("10.77.0.11",), ())
