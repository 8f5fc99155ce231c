"""The hosts do what their recipes say: services, users, oddities."""

from __future__ import annotations

import os
import subprocess
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest

from tests.estate import Estate, RunningHost

pytestmark = [
    pytest.mark.estate,
    pytest.mark.timeout(900),
    pytest.mark.skipif(os.geteuid() != 0, reason="the estate needs root"),
]


@pytest.fixture(scope="module")
def estate() -> Iterator[Estate]:
    with Estate.running(["web01", "db01", "app01"]) as estate:
        yield estate


@pytest.fixture(scope="module")
def web01(estate: Estate) -> RunningHost:
    return estate.host("web01")


@pytest.fixture(scope="module")
def app01(estate: Estate) -> RunningHost:
    return estate.host("app01")


def get(address: str, data: bytes | None = None, **headers: str) -> str:
    request = urllib.request.Request(address, data, headers)  # noqa: S310 - addresses come from recipes
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return str(answer.read(), "utf-8")


def ssh(host: RunningHost, user: str, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(host.ssh_argv(user, *command), capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["web01", "db01", "app01"])
def test_a_host_has_an_init_an_address_and_a_name_of_its_own(estate: Estate, name: str) -> None:
    host = estate.host(name)

    assert host.run("cat", "/proc/1/comm") == "init\n"
    assert host.run("hostname", "-f").strip() == f"{name}.estate.example"
    assert f" {host.recipe.address}/" in host.run("ip", "-4", "addr", "show", "eth0")


@pytest.mark.parametrize(("user", "sudo"), [("root", True), ("ops", True), ("legacy", False)])
def test_users_log_in_and_only_some_become_root(web01: RunningHost, user: str, sudo: bool) -> None:
    assert ssh(web01, user, "id", "-un").stdout.strip() == user
    assert (ssh(web01, user, "sudo", "-n", "true").returncode == 0) is sudo


def test_a_host_cannot_change_the_kernel_of_the_machine(web01: RunningHost) -> None:
    before = web01.run("cat", "/proc/sys/kernel/pid_max")
    web01.run("sysctl", "-q", "-w", "kernel.pid_max=1000", check=False)

    assert web01.run("cat", "/proc/sys/kernel/pid_max") == before


def test_listeners_show_their_processes(web01: RunningHost) -> None:
    listeners = web01.run("ss", "-ltnp")

    assert 'users:(("sshd"' in listeners
    assert '"apache2"' in listeners
    assert "127.0.0.1:25" in listeners


@pytest.mark.parametrize(
    ("host", "services"),
    [
        ("web01", ["apache2", "exim4", "cron", "rsyslog", "ssh"]),
        ("db01", ["mariadb", "cron", "rsyslog", "ssh"]),
        ("app01", ["inventory-app", "tomcat9", "label-printer", "cron", "rsyslog", "ssh"]),
    ],
)
def test_services_run(estate: Estate, host: str, services: list[str]) -> None:
    for service in services:
        estate.host(host).run("service", service, "status")


def test_the_shop_shows_what_the_database_holds(web01: RunningHost) -> None:
    assert "<td>Łukasz Żółty</td><td>Łódź</td>" in get(web01.url("/"))
    assert "556,00 EUR" in get(web01.url("/"))
    assert "北京: 30" in get(web01.url("/report"))


def test_the_shop_keeps_uploads(web01: RunningHost) -> None:
    content = uuid.uuid4().hex
    part = f'--B\r\nContent-Disposition: form-data; name="file"; filename="a b.txt"\r\n\r\n{content}\r\n--B--\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=B"}

    assert get(web01.url("/upload"), part.encode(), **headers) == "/files/a_b.txt\n"
    try:
        assert get(web01.url("/files/a_b.txt")) == content
        assert web01.run("stat", "-c", "%U", "/var/lib/app/uploads/a_b.txt") == "www-data\n"
    finally:
        web01.run("rm", "/var/lib/app/uploads/a_b.txt")


def test_the_shop_calls_its_helper(web01: RunningHost) -> None:
    badge = get(web01.url("/helper?text=abc"))

    assert "check ba7816bf8f01cfea" in badge
    assert badge.endswith("status 0\n")


def test_the_shop_sends_mail(web01: RunningHost) -> None:
    before = web01.run("grep", "-c", "^Subject: A new order", "/var/mail/ops", check=False)

    assert get(web01.url("/mail")) == "sent\n"
    for _ in range(100):
        if web01.run("grep", "-c", "^Subject: A new order", "/var/mail/ops", check=False) != before:
            return
        web01.run("sleep", "0.1")
    pytest.fail("the mail did not arrive within ten seconds")


def test_the_shop_knows_its_locale_and_user(web01: RunningHost) -> None:
    lines = get(web01.url("/environment")).splitlines()

    assert {"locale de_DE.UTF-8", "decimal point ,", "uid 33 (www-data)", "timezone Europe/Berlin"} <= set(lines)


def test_the_inventory_application_ignores_the_port_in_its_settings(app01: RunningHost) -> None:
    assert "port = 8000" in app01.run("cat", "/opt/app/config.ini")
    assert get(app01.url("/health")) == "ok\n"
    assert '"user":"app"' in get(app01.url("/environment")).replace(" ", "")
    assert "ba7816bf" in get(app01.url("/fingerprint?text=abc"))


def test_tomcat_serves_the_parts_catalogue(app01: RunningHost) -> None:
    assert "<li>ボルト: 15,00 EUR</li>" in get(app01.url("/parts/", port=8080))
    with urllib.request.urlopen(app01.url("/parts/chart.jsp", port=8080), timeout=30) as chart:  # noqa: S310
        assert chart.read(8) == b"\x89PNG\r\n\x1a\n"


def test_app01_is_odd_where_it_should_be(app01: RunningHost) -> None:
    assert "<img src=x onerror=alert(1)>" in app01.run("ps", "-eo", "args")
    assert ssh(app01, "noisy", "echo", "hello").stdout.splitlines()[-1] == "hello"
    assert "authorised use only" in ssh(app01, "noisy", "echo", "hello").stdout


@pytest.mark.vm
@pytest.mark.slow
def test_vm01_has_a_kernel_and_systemd_of_its_own() -> None:
    with Estate.running(["vm01"]) as estate:
        vm01 = estate.host("vm01")

        assert vm01.run("uname", "-r").startswith("5.10.")
        assert vm01.run("systemctl", "is-active", "nginx", "meter-gateway", "ssh") == "active\n" * 3
        assert '"status": "ok"' in get(vm01.url("/meters/health"))
        with pytest.raises(urllib.error.HTTPError, match="403"):
            get(vm01.url("/meters/x"), b"{}")
