"""What a plan claims is a need for a person to decide on, and only a grant of that person counts."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from containerize.commands.grant_options import RequestedGrants, grant_options
from containerize.grants.grant_names import OPTIONS, checked_name, danger_of, option_of
from containerize.grants.grants_json import NAME, add_grants, load_grants
from containerize.grants.model import NOTHING_ALLOWED, Grant, allowed, assigned, denied, reported, today
from containerize.grants.needs import ContainerNeed, needs_of, network_needs
from containerize.pilot.result import CheckVerdict, PilotResult
from containerize.pilot.result_json import load_pilot, save_pilot
from containerize.plan.model import PlannedFile
from inventory.errors import WorkspaceError
from tests.containerize.pilot.plans import make_plan

DAY = date(2026, 12, 1)
TUN = Grant("device", "/dev/net/tun", "ada", "the VPN is tested", DAY, date(2026, 12, 31))


def file(path: str, mode: int = 0o755, xattrs: tuple[tuple[str, bytes], ...] = ()) -> PlannedFile:
    return PlannedFile(path, "file", mode, 0, 0, 0, 1, "0" * 64, "", "application", "x", xattrs)


def test_what_a_plan_claims_is_needed_and_not_allowed() -> None:
    plan = replace(make_plan("vpn01/openvpn"), devices=("/dev/net/tun",), capabilities=("CAP_NET_ADMIN",))
    needs = needs_of(plan)
    assert [(need.kind, need.option) for need in needs] == [
        ("device", "--allow-device /dev/net/tun"),
        ("capability", "--allow-capability CAP_NET_ADMIN"),
    ]
    assert denied(needs, NOTHING_ALLOWED) == needs
    assert [need.kind for need in denied(needs, allowed([TUN], DAY))] == ["capability"]


def test_a_forged_device_or_capability_is_not_even_a_need() -> None:
    forged = ("/dev/sda\n/dev/null", "/dev/../etc/shadow", "/dev/x:/dev/sda:rwm", "/dev/a b", "/etc/shadow", "/dev/")
    plan = replace(make_plan("a/b"), devices=forged, capabilities=("CAP_ALL", "bit 63"))
    assert needs_of(plan) == ()


def test_programs_that_raise_privileges_are_one_need_and_those_for_logins_none() -> None:
    files = (
        file("/usr/sbin/exim4", 0o4755),
        file("/usr/sbin/postdrop", 0o2755),
        file("/usr/bin/mtr-packet", xattrs=(("security.capability", b"x"),)),
        file("/bin/su", 0o4755),
        file("/var/lib/locked", 0o2644),
    )
    (need,) = needs_of(replace(make_plan("mail01/exim4"), files=files))
    assert need.option == "--allow-privilege-gain"
    assert need.reason == "the image has /usr/bin/mtr-packet, /usr/sbin/exim4, /usr/sbin/postdrop"


def test_destinations_outside_of_the_pilot_are_needs() -> None:
    peers = (("db01", 3306, "db01/mariadb"), ("10.1.2.3", 389, ""), ("127.0.0.1", 25, "a/postfix"))
    plan = replace(make_plan("a/b"), peers=peers, host_aliases=(("db01", "10.77.0.12"),))
    assert [need.name for need in network_needs(plan)] == ["10.77.0.12:3306", "10.1.2.3:389"]
    assert [need.name for need in network_needs(plan, {"db01/mariadb"})] == ["10.1.2.3:389"]


@pytest.mark.parametrize(
    ("day", "holds"), [(DAY - timedelta(1), False), (DAY, True), (TUN.until, True), (TUN.until + timedelta(1), False)]
)
def test_a_grant_holds_from_its_day_to_its_last(day: date, holds: bool) -> None:
    assert (allowed([TUN], day).devices == ("/dev/net/tun",)) is holds


def test_grants_are_recorded_with_who_why_and_until_when(tmp_path: Path) -> None:
    assert load_grants(tmp_path) == ()
    add_grants(tmp_path, [TUN])
    later = Grant("device", "/dev/net/tun", "bob", "", DAY, date(2027, 1, 31))
    other = Grant("logged-paths", "access logs", "bob", "", DAY, DAY)
    assert add_grants(tmp_path, [later, other]) == load_grants(tmp_path) == (later, other)
    assert "allowed by bob on 2026-12-01 until 2027-01-31: no reason was given" in str(load_grants(tmp_path)[0])


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"schema":"brownfield.grants/9","grants":[]}',
        '{"schema":"brownfield.grants/1","grants":[{"kind":"device","name":"/dev/a:/dev/sda","by":"","reason":"",'
        '"granted":"2026-12-01","until":"2026-12-31"}]}',
    ],
)
def test_a_damaged_record_allows_nothing_and_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(WorkspaceError, match="is not a record of grants"):
        load_grants(tmp_path)


def test_each_of_several_workloads_gets_only_what_it_needs() -> None:
    needs = {"a/vpn": (ContainerNeed("device", "/dev/net/tun", "x"),), "a/web": ()}
    assert list(assigned([TUN], needs)) == [("a/vpn", TUN)]
    assert list(assigned([TUN], {"a/web": ()})) == [("a/web", TUN)], "a person may know more than the scan saw"
    with pytest.raises(ValueError, match="none of these workloads needs /dev/net/tun"):
        list(assigned([TUN], {"a/web": (), "a/db": ()}))


def test_a_host_that_claims_a_need_gets_nothing_dangerous_that_is_meant_for_another(tmp_path: Path) -> None:
    admin = Grant("capability", "CAP_SYS_ADMIN", "ada", "", today(), today())
    need = ContainerNeed("capability", "CAP_SYS_ADMIN", "x")
    assert list(assigned([admin], {"good/web": (need,)})) == [("good/web", admin)]
    with pytest.raises(ValueError, match="with the one workload that it is for"):
        list(assigned([admin], {"good/web": (), "evil/db": (need,)}))
    RequestedGrants((admin,)).record_built(tmp_path, (need,), only=False)
    assert load_grants(tmp_path) == ()
    RequestedGrants((admin,)).record_built(tmp_path, (need,), only=True)
    assert load_grants(tmp_path) == (admin,)


@pytest.mark.parametrize("name", ["/dev/sda1", "/dev/mem", "/dev/kmsg", "/dev/port", "/dev/mapper/root", "/dev/kvm"])
def test_a_dangerous_device_is_named_as_such(name: str) -> None:
    assert "the machine that it runs on" in danger_of("device", name) or "kernel's log" in danger_of("device", name)
    assert not danger_of("device", "/dev/net/tun")


@pytest.mark.parametrize(
    "name",
    ["SYS_MODULE", "SYS_RAWIO", "SYS_ADMIN", "SYS_PTRACE", "DAC_READ_SEARCH", "SYS_BOOT", "MAC_ADMIN", "BPF", "SYSLOG"],
)
def test_a_dangerous_capability_is_named_as_such(name: str) -> None:
    assert danger_of("capability", checked_name("capability", name.lower())).endswith(".")


@click.command()
@grant_options
def command(asked: RequestedGrants) -> None:
    for grant in asked.grants:
        click.echo(str(grant))


def test_the_options_say_what_they_grant_and_make_grants() -> None:
    runner = CliRunner()
    help_text = " ".join(runner.invoke(command, ["--help"]).output.split())
    for option in OPTIONS.values():
        assert option in help_text
    given = ["--allow-device", "/dev/net/tun", "--allow-capability", "net_admin", "--allow-network", "10.1.2.3:389"]
    given += ["--not-secret", "/opt/app/example.conf"]
    given += ["--allow-privilege-gain", "--allow-logged-paths", "--reason", "a test\x1b[31m", "--until", "2999-12-31"]
    lines = runner.invoke(command, given).output.splitlines()
    assert [line.split(", allowed by")[0] for line in lines] == [
        "device /dev/net/tun",
        "capability CAP_NET_ADMIN",
        "network 10.1.2.3:389",
        "not-secret /opt/app/example.conf",
        "privilege-gain setuid",
        "logged-paths access logs",
    ]
    assert all(line.endswith(f" on {today()} until 2999-12-31: a test [31m") for line in lines)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["--allow-device", "/etc/shadow"], "not the path of a device"),
        (["--allow-device", "/dev/null:/dev/sda"], "not the path of a device"),
        (["--allow-capability", "EVERYTHING"], "not a capability"),
        (["--allow-network", "0.0.0.0/0"], "not an IPv4 address and a port"),
        (["--allow-network", "127.0.0.1:25"], "is an address of the copy itself"),
        (["--allow-network", "10.1.2.3:99999"], "not an IPv4 address and a port"),
        (["--not-secret", "example.conf"], "not an absolute path"),
        (["--not-secret", "/opt/../etc/shadow"], "not an absolute path"),
        (["--allow-logged-paths", "--until", "2020-01-01"], "has passed"),
        (["--reason", "just so"], "belong to what is allowed"),
    ],
)
def test_what_cannot_be_allowed_is_wrong_usage(given: list[str], words: str) -> None:
    done = CliRunner().invoke(command, given)
    assert done.exit_code == 2
    assert words in " ".join(done.output.split())


def test_a_result_keeps_needs_grants_and_limits(tmp_path: Path) -> None:
    needs = reported([ContainerNeed("device", "/dev/net/tun", "was open on the host")], (TUN,))
    result = PilotResult("a/b", "oci", CheckVerdict.PASS, "i", "sha256:00", 1.0, 2.0, (), needs=needs, grants=(TUN,))
    save_pilot(tmp_path, result)
    assert load_pilot(tmp_path) == result


def test_what_was_declared_harmless_holds_for_later_builds_until_it_ends(tmp_path: Path) -> None:
    harmless = Grant("not-secret", "/opt/app/example.conf", "ada", "an example", today(), today())
    ended = Grant("not-secret", "/opt/app/old.conf", "ada", "", DAY - timedelta(days=9), DAY - timedelta(days=8))
    RequestedGrants((harmless, ended)).record_built(tmp_path, (), only=False)
    assert RequestedGrants().not_secret(tmp_path) == ("/opt/app/example.conf",)
    assert RequestedGrants(withdraw=True).not_secret(tmp_path) == ()
    assert (load_grants(tmp_path)[0].by, load_grants(tmp_path)[0].reason) == ("ada", "an example")


@pytest.mark.parametrize("name", ["$(id):443", "a b", "x;id", "`id`", "'", "one\ntwo"])
def test_the_option_that_is_shown_is_one_word_to_a_shell(name: str) -> None:
    """The destination of a peer may be a word of the host's /etc/hosts."""
    assert shlex.split(option_of("network", name))[1:] == [name]
