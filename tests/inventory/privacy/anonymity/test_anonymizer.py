"""Nothing that names people, hosts or networks is left, and parsers say the same of what is left."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.formats.fact_json import observation_json
from inventory.model.network import HostsEntry
from inventory.observation import Found
from inventory.privacy.anonymity.anonymizer import Anonymizer, PrivateNames
from inventory.privacy.anonymity.private_names import names_of
from inventory.store.snapshot_building import build_snapshot
from tests.support.estate_recordings import recorded_host, recorded_result
from tests.support.snapshots import HostBuilder, origin

KEY = b"k" * 32
HOSTS = ("web01", "db01", "app01", "vm01", "app01-odd")
ESTATE = ("web01", "db01", "app01", "vm01", "10.77.0.11")


def anonymizer(**names: Any) -> Anonymizer:
    return Anonymizer(PrivateNames(**names), KEY)


def for_host(host: str) -> Anonymizer:
    recording = recorded_result(host).recording
    assert recording is not None
    return Anonymizer(names_of(recorded_host(host), recording, ESTATE), KEY)


def renamed(value: Any, names: Anonymizer) -> Any:
    if isinstance(value, str):
        return names.text(value)
    if isinstance(value, list):
        return [renamed(each, names) for each in value]
    if isinstance(value, dict):
        return {name: renamed(each, names) for name, each in value.items()}
    return value


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from strings(each)


def without_made(observation: Any) -> Any:
    """Without words that a parser makes of several: networks of a route, and names of counters (``TcpExt.TW``)."""
    facts = observation["facts"]
    if isinstance(facts, dict):
        for route in facts.get("routes", ()):
            del route["destination"]
        if "pressure" in facts:
            del facts["network"]
    return observation


class TestHosts:
    @pytest.mark.parametrize("host", HOSTS)
    def test_parsers_say_the_same_but_for_the_names(self, host: str) -> None:
        result, names = recorded_result(host), for_host(host)
        assert result.recording is not None
        anonymous = names.recording(result.recording)
        snapshot = build_snapshot(replace(result, recording=anonymous), anonymous)
        for section, observation in recorded_host(host).observations.items():
            if isinstance(observation, Found):
                expected = renamed(without_made(observation_json(observation)), names)
                assert without_made(observation_json(snapshot.observation(section))) == expected, section

    @pytest.mark.parametrize("host", HOSTS)
    def test_no_name_and_no_address_is_left(self, host: str) -> None:
        result = recorded_result(host)
        assert result.recording is not None
        anonymous = for_host(host).recording(result.recording)
        text = b"\n".join(section.to_text() for section in anonymous.sections).decode("utf-8", "replace")
        for name in ("web01", "db01", "app01", "vm01", "legacy", "ops"):
            assert not re.search(rf"(?<![A-Za-z0-9_]){name}(?![A-Za-z0-9_])", text), name
        assert "10.77.0." not in text
        assert "0B004D0A" not in text, "10.77.0.11 as the kernel writes it"
        assert "52:54:0a:4d:" not in text, "the address of a network card"

    def test_nothing_that_came_outside_of_sections_goes_along(self) -> None:
        """A motd may say anything."""
        recording = recorded_result("web01").recording
        assert recording is not None
        assert for_host("web01").recording(replace(recording, outside=b"Call Jane at 555-0100")).outside == b""


def test_short_names_in_the_hosts_file_are_names_of_hosts() -> None:
    """They stand nowhere else that would give them away, and are in every second script."""
    host = HostBuilder()
    entries = (
        HostsEntry("10.1.2.3", ("db.acme.com", "crmdb"), origin("network")),
        HostsEntry("127.0.0.1", ("localhost", "loopback"), origin("network")),
    )
    host.overrides["network"] = Found(SimpleNamespace(hosts=entries))
    recording = recorded_result("web01").recording
    assert recording is not None
    names = Anonymizer(names_of(host.build(), recording), KEY)
    assert not {"crmdb", "db"} & {*names.text("ssh crmdb; ping db.acme.com").replace(";", "").replace(".", " ").split()}
    assert names.text("loopback") == "loopback"


class TestNames:
    def test_the_same_gets_the_same_and_others_get_others(self) -> None:
        names = anonymizer(hosts=("shop", "billing.acme.com"), users=("jdoe",))
        assert (
            names.text("jdoe@shop: ssh billing.acme.com; su - jdoe")
            == "user1@host1: ssh host2.domain1.example; su - user1"
        )
        assert names.text("shop") == "host1"
        assert names.text("workshop shops") == "workshop shops", "a part of a word is not the name"

    def test_a_name_that_a_program_has_stays_and_is_told(self) -> None:
        names = anonymizer(users=("java",), taken=frozenset({"java"}))
        assert names.text("/usr/bin/java -u java") == "/usr/bin/java -u java"
        assert names.kept == ["java"]

    def test_a_package_named_like_a_domain_stays(self) -> None:
        names = anonymizer(packages=frozenset({"docker.io"}))
        assert names.text("docker.io 20.10.24") == "docker.io 20.10.24"
        assert names.text("ssh docker.io.acme.com") == "ssh host1.host2.domain1.example"

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ("registry = shop.acme.io", "registry = host1.domain1.example"),
            ("mailto jane.doe@acme.com", "mailto mail1@example.net"),
            ("getty@tty1.service", "getty@tty1.service"),
            ("shop.acme.com www.acme.com acme.com", "host1.domain1.example www.domain1.example domain1.example"),
            ("https://www.gnu.org/software/", "https://www.gnu.org/software/"),
            ("/etc/rc.local index.php libssl.so.3", "/etc/rc.local index.php libssl.so.3"),
            ("/home/jdoe/plans/merger.doc", "/home/user1/path1/path2.doc"),
            ("/home/jdoe /home/jroe/x", "/home/user1 /home/user2/path1"),
            ("192.168.7.20 192.168.7.21 192.168.8.1", "10.0.1.20 10.0.1.21 10.0.2.1"),
            ("127.0.0.1 0.0.0.0 255.255.255.0 224.0.0.1", "127.0.0.1 0.0.0.0 255.255.255.0 224.0.0.1"),
            ("libfoo.so.1.2.3.4 v1.2.3.4-5", "libfoo.so.1.2.3.4 v1.2.3.4-5"),
            ("root:x:0:0::/root 12:34:56", "root:x:0:0::/root 12:34:56"),
            ("::1 :: ff02::1", "::1 :: ff02::1"),
            ("00:00:00:00:00:00", "00:00:00:00:00:00"),
            ("<redacted:1f2e3d4c>", "<redacted:1f2e3d4c>"),
        ],
    )
    def test_what_is_replaced_and_what_is_not(self, given: str, expected: str) -> None:
        assert anonymizer().text(given) == expected

    def test_an_address_is_the_same_however_it_is_written(self) -> None:
        names = anonymizer()
        plain = names.text("192.168.7.20")
        assert plain == "10.0.1.20"
        kernel = names.text("0: 1407A8C0:0016 0907A8C0:D431 01")
        assert kernel == "0: 1401000A:0016 0901000A:D431 01"
        mapped = names.text("0000000000000000FFFF00001407A8C0:0050")
        assert mapped == "0000000000000000FFFF00001401000A:0050"

    def test_hosts_of_one_network_stay_in_one(self) -> None:
        names = anonymizer()
        first, second = (names.text(f"2001:db9:1:2::{end}") for end in ("5", "6"))
        assert first.rsplit("::", 1)[0] == second.rsplit("::", 1)[0]
        assert not first.startswith("2001:db9")
        assert names.text("eth0\t0007A8C0\t00000000\t0001").startswith("eth0\t0001000A\t00000000\t")

    def test_identities_of_machines_and_cards_are_made_up(self) -> None:
        names = anonymizer()
        for secret in ("3f2504e04f8911d39a0c0305e82c3301", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "52:54:00:ab:cd:ef"):
            made = names.text(secret)
            assert made != secret
            assert len(made) == len(secret)
            assert names.text(f"x {secret} y") == f"x {made} y"

    def test_what_was_counted(self) -> None:
        names = anonymizer(users=("jdoe",))
        names.text("jdoe 192.168.7.20 192.168.7.21 a@acme.com")
        assert {kind: names.counts[kind] for kind in ("user", "address", "mail")} == {
            "user": 1,
            "address": 2,
            "mail": 1,
        }

    @given(st.binary(max_size=300))
    def test_no_content_is_an_error_and_lines_stay_lines(self, content: bytes) -> None:
        made = anonymizer(hosts=("web01",), users=("jdoe",)).bytes_(content)
        assert made.count(b"\n") == content.count(b"\n")
        json.dumps(made.decode("utf-8", "backslashreplace"))
