"""A fact is found again in another look, and what is of the moment is no difference."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inventory.formats.fact_json import json_text, observation_json, to_json
from inventory.history.fact_keys import items
from inventory.history.fingerprint import compare_fingerprints, fingerprint_of
from inventory.history.snapshot_diff import FieldChange, compare
from inventory.model.kernel import KernelKey
from inventory.model.services import Service
from inventory.model.sysctls import Sysctl
from inventory.observation import Absent, Found, Gap, Unknown
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder, origin

HOSTS = ("web01", "db01", "app01", "vm01")


def built(**names: str) -> HostBuilder:
    host = HostBuilder(**names)
    init = host.init()
    daemon = host.process(200, "/usr/sbin/appd", "--port", "80", ppid=init.pid)
    host.listen(daemon, 80)
    host.package("openssl", "/usr/bin/openssl", version="3.0.1")
    host.job("/usr/bin/nightly")
    return host


def changes(old: Snapshot, new: Snapshot) -> list[str]:
    return sorted(f"{each.change} {each.section}: {each.kind} {each.key}".strip() for each in compare(old, new).facts)


class TestKeys:
    @pytest.mark.parametrize("host", HOSTS)
    def test_every_fact_of_a_host_has_its_own_name(self, host: str) -> None:
        assert any(isinstance(each, Found) for each in recorded_host(host).observations.values())
        for observation in recorded_host(host).observations.values():
            if isinstance(observation, Found):
                names = [item.name for item in items(observation.value)]
                assert len(names) == len(set(names))

    @pytest.mark.parametrize("host", HOSTS)
    def test_a_host_does_not_differ_from_itself(self, host: str) -> None:
        assert not compare(recorded_host(host), recorded_host(host))
        reading = fingerprint_of(recorded_host(host))
        assert not compare_fingerprints(host, reading, reading)

    def test_what_differs_from_look_to_look_is_no_difference(self) -> None:
        old, new = built(), built()
        new.processes[1] = replace(new.processes[1], pid=4711, cpu_seconds=99.0, rss_bytes=1, start_seconds=7.0)
        new.listeners[0] = replace(new.listeners[0], inode=77)
        new.packages[0] = replace(new.packages[0], origin=origin("packages", 900))
        assert changes(old.build(), new.build()) == []

    def test_keyrings_of_logins_and_containers_are_no_difference_and_others_are(self) -> None:
        def names(*keys: tuple[str, str]) -> list[str]:
            found = tuple(
                KernelKey(number, kind, text, 0, origin("kernel", number)) for number, (kind, text) in enumerate(keys)
            )
            return [item.name for item in items(found)]

        passing = [("keyring", f"_ses.{'0f' * 32}: empty"), ("keyring", "_uid_ses.1000: 1"), ("keyring", "_tid: 2")]
        passing.append(("user", "invocation_id: 16"))
        assert names(*passing, ("user", "_ses"), ("keyring", ".builtin_trusted_keys: 1")) == [
            "key user 0 _ses",
            "key keyring 0 .builtin_trusted_keys: 1",
        ]

    def test_words_of_systemd_about_the_running_process_are_no_difference(self) -> None:
        def unit(start: str, pid: str) -> Service:
            command = f"{{ path=/usr/sbin/appd ; argv[]=/usr/sbin/appd ; start_time=[{start}] ; pid={pid} }}"
            properties = (("ExecStart", command), ("MainPID", pid), ("NRestarts", pid), ("User", "app"))
            return Service("appd", "systemd", "", "", "active", True, (int(pid),), properties, "", origin("services"))

        old, new = built(), built()
        old.services.append(unit("Mon", "1"))
        new.services.append(unit("Tue", "2"))
        assert changes(old.build(), new.build()) == []
        new.services[0] = replace(new.services[0], properties=(("User", "root"),))
        assert changes(old.build(), new.build()) == ["changed services: service systemd appd"]

    def test_counters_among_the_settings_are_no_difference(self) -> None:
        def setting(name: str, value: str) -> Sysctl:
            return Sysctl(name, value, "", origin("sysctls"))

        def host(nr: str, swappiness: str) -> Snapshot:
            made = built()
            made.overrides["sysctls"] = Found((setting("fs.file-nr", nr), setting("vm.swappiness", swappiness)))
            return made.build()

        assert changes(host("1503 0 9", "60"), host("1663 0 9", "60")) == []
        assert changes(host("1503 0 9", "60"), host("1663 0 9", "10")) == ["changed sysctls: sysctl vm.swappiness"]

    def test_facts_that_share_a_key_are_counted(self) -> None:
        old, new = built(), built()
        new.process(300, "/usr/sbin/appd", "--port", "80", ppid=1)
        (change,) = changes(old.build(), new.build())
        assert change.startswith("added processes: process /usr/sbin/appd")
        assert change.endswith("#2")


class TestDifferences:
    def test_what_came_went_and_is_another(self) -> None:
        old, new = built(), built()
        old.user("gone", 1000)
        new.user("new", 1001)
        new.packages[0] = replace(new.packages[0], version="3.0.2")
        new.listen(new.processes[1], 8080)
        assert changes(old.build(), new.build()) == [
            "added sockets: listener tcp 0.0.0.0 8080",
            "added users: user new",
            "changed packages: package openssl amd64",
            "removed users: user gone",
        ]
        (package,) = (each for each in compare(old.build(), new.build()).facts if each.section == "packages")
        assert package.fields == (FieldChange("version", "3.0.1", "3.0.2"),)

    def test_the_port_of_a_client_is_no_difference(self) -> None:
        old, new = built(), built()
        for host, port in ((old, 40001), (new, 50002)):
            host.connect(host.processes[1], "10.0.0.9", 5432, local_port=port)
        assert changes(old.build(), new.build()) == []

    def test_a_section_that_could_not_be_read_has_no_facts_that_went(self) -> None:
        old, new = built(), built()
        new.unknown("users", "permission denied")
        difference = compare(old.build(), new.build())
        assert difference.facts == ()
        (section,) = difference.sections
        assert (section.section, section.old, section.new) == ("users", "found", "unknown")
        assert section.reason == "permission denied"

    def test_none_is_an_answer(self) -> None:
        old, new = built(), built()
        new.overrides["cron"] = Absent("there is no cron here")
        assert changes(old.build(), new.build()) == ["removed cron: cron job /etc/cron.d/test /usr/bin/nightly"]

    def test_readings_say_the_same_without_the_fields(self) -> None:
        old, new = built(), built()
        new.packages[0] = replace(new.packages[0], version="3.0.2")
        new.user("new", 1001)
        difference = compare_fingerprints("web01", fingerprint_of(old.build()), fingerprint_of(new.build()))
        assert [(each.change, each.key) for each in difference.facts] == [
            ("changed", "package openssl amd64"),
            ("added", "user new"),
        ]


class TestJson:
    @pytest.mark.parametrize("host", HOSTS)
    def test_all_facts_of_a_host_are_json(self, host: str) -> None:
        assert recorded_host(host).observations
        for observation in recorded_host(host).observations.values():
            document = observation_json(observation)
            assert json.loads(json.dumps(document)) == document
            assert (document["facts"] is None) == (document["status"] != "found")

    def test_bytes_that_are_no_text_stay_distinguishable(self) -> None:
        assert json_text("a\udcffb") == "a\\xffb"
        assert json_text("a\ud800\udcff\udfffb") == "a\\ud800\\xff\\udfffb"
        assert json.dumps(to_json(("\udcff", b"\xfe"))) == '["\\\\xff", "\\\\xfe"]'

    def test_an_observation_keeps_what_it_lacks(self) -> None:
        gaps = observation_json(Found((), (Gap("files of root", "no permission"),)))["gaps"]
        assert gaps == [{"what": "files of root", "reason": "no permission"}]
        assert observation_json(Unknown("no")) == {"status": "unknown", "reason": "no", "gaps": [], "facts": None}
        assert observation_json(Absent("none"))["status"] == "absent"

    def test_where_a_fact_was_read_is_one_word(self) -> None:
        assert to_json(origin("users", 3, "passwd")) == "users/passwd:3"
