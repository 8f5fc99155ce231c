"""SEC002."""

from assess.model import Severity
from assess.rules.security.secret_in_file import secret_in_file
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def test_a_file_of_the_service_with_a_secret_is_found_and_others_are_not() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/shop", "--config", "/etc/shop/shop.ini")
    host.config("/etc/shop/shop.ini", "password = <redacted:0a1b2c3d>")
    host.secret("/etc/shop/shop.ini")
    host.secret("/etc/other/other.ini")

    said = judge(secret_in_file, host.build())

    assert said.about == [("web01/shop", Severity.MINOR)]
    assert said.messages == ["/etc/shop/shop.ini contains a secret."]


def test_many_files_are_one_finding() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/shop", "--config", "/etc/shop/shop.ini")
    for name in ("a", "b", "c"):
        host.config(f"/etc/shop/{name}.ini", "password = <redacted:0a1b2c3d>")
        host.secret(f"/etc/shop/{name}.ini")
    host.config("/etc/shop/shop.ini", "include = /etc/shop/a.ini")

    said = judge(secret_in_file, host.build())

    assert said.messages == ["/etc/shop/a.ini and 2 more files contain secrets."]
    assert len(said.findings[0].evidence) == 3
    assert said.findings[0].settings == tuple(f"secret /etc/shop/{name}.ini" for name in ("a", "b", "c"))


def test_a_service_without_secrets_passes() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/shop")

    assert judge(secret_in_file, host.build()).silent
