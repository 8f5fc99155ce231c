"""WIN003, WIN004, WIN005, WIN006, WIN010, WIN011, WIN012, WIN016, WIN033: services, tasks, accounts, settings."""

import pytest

from assess.model import Severity
from assess.rules.windows.com_server import com_server
from assess.rules.windows.domain_account import domain_account
from assess.rules.windows.domain_member import domain_member
from assess.rules.windows.interactive_program import interactive_program
from assess.rules.windows.local_account import local_account
from assess.rules.windows.registry_settings import registry_settings
from assess.rules.windows.windows_service_entry import windows_service_entry
from assess.rules.windows.windows_tasks import windows_tasks
from assess.rules.windows.windows_time_zone import windows_time_zone
from inventory.model.windows import ComApplication, Domain
from inventory.observation import Found, Gap, value_or_none
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder, origin
from tests.support.windows_snapshots import WindowsHost


def with_account(account: str) -> WindowsHost:
    host = WindowsHost()
    host.shop(StartName=account)
    return host


def test_a_service_needs_something_in_the_foreground() -> None:
    host = WindowsHost()
    host.shop()
    host.pool("Web")
    said = judge(windows_service_entry, host.build())

    assert said.about == [("win01/shop", Severity.MINOR)]
    assert "ServiceMonitor.exe Shop" in said.findings[0].remedy


class TestDesktop:
    def test_a_service_that_may_show_windows(self) -> None:
        host = WindowsHost()
        host.shop(DesktopInteract="True")

        assert judge(interactive_program, host.build()).about == [("win01/shop", Severity.BLOCKER)]

    def test_a_program_of_a_session(self) -> None:
        host = WindowsHost()
        host.port(host.run(900, "D:\\Tray\\tray.exe", session=2), 9000)

        assert judge(interactive_program, host.build()).about == [("win01/tray.exe", Severity.BLOCKER)]

    def test_a_service_without_windows_passes(self) -> None:
        host = WindowsHost()
        host.shop(DesktopInteract="False")

        assert judge(interactive_program, host.build()).silent


class TestTasks:
    def test_those_that_need_a_user_are_worse(self) -> None:
        host = WindowsHost()
        host.job("D:\\Shop\\export.exe", place="\\Export", user="SYSTEM", when="daily at 03:00")
        host.job("D:\\Shop\\click.exe", place="\\Click", user="anna (when logged on)", when="at logon")
        said = judge(windows_tasks, host.build())

        assert said.about == [("win01", Severity.MAJOR), ("win01", Severity.MINOR)]
        assert "\\Click" in said.messages[0]
        assert "\\Export" in said.messages[1]

    def test_none_pass_and_what_could_not_be_told_is_undetermined(self) -> None:
        host = WindowsHost()
        assert judge(windows_tasks, host.build()).silent
        host.found("cron", (), Gap("disabled tasks cannot be distinguished", "schtasks gives no XML"))
        assert judge(windows_tasks, host.build()).missing == {"cron"}


def test_a_time_zone_of_its_own_is_said() -> None:
    from dataclasses import replace

    host = WindowsHost()
    assert judge(windows_time_zone, host.build()).silent
    system = value_or_none(host.build().system)
    assert system is not None
    host.overrides["system"] = Found(replace(system, timezone="W. Europe Standard Time"))
    assert judge(windows_time_zone, host.build()).about == [("win01", Severity.INFO)]
    host.overrides["system"] = Found(replace(system, timezone=""))
    assert judge(windows_time_zone, host.build()).missing == {"system"}


class TestAccounts:
    @pytest.mark.parametrize(
        ("account", "severity"),
        [
            ("SHOP\\svc-shop", Severity.MAJOR),
            ("svc-shop@shop.example", Severity.MAJOR),
            ("SHOP\\gmsa-shop$", Severity.MINOR),
        ],
    )
    def test_of_a_domain(self, account: str, severity: Severity) -> None:
        assert judge(domain_account, with_account(account).build()).about == [("win01/shop", severity)]

    @pytest.mark.parametrize(
        "account",
        [
            "LocalSystem",
            "NT AUTHORITY\\NetworkService",
            "NT SERVICE\\Shop",
            "NT-AUTORITÄT\\System",
            ".\\shop",
            "WIN01\\shop",
        ],
    )
    def test_others_are_not_of_a_domain(self, account: str) -> None:
        assert judge(domain_account, with_account(account).build()).silent

    @pytest.mark.parametrize("account", [".\\shop", "WIN01\\shop"])
    def test_of_this_server(self, account: str) -> None:
        assert judge(local_account, with_account(account).build()).about == [("win01/shop", Severity.MINOR)]

    def test_the_system_s(self) -> None:
        assert judge(local_account, with_account("LocalSystem").build()).about == [("win01/shop", Severity.INFO)]
        assert judge(local_account, with_account("NT AUTHORITY\\LocalService").build()).silent
        assert judge(local_account, with_account("SHOP\\svc").build()).silent

    def test_of_a_pool(self) -> None:
        host = WindowsHost()
        host.pool("Web", identity="SHOP\\web")
        host.pool("Own", identity="ApplicationPoolIdentity", pid=801)

        assert judge(domain_account, host.build()).about == [("win01/web", Severity.MAJOR)]

    def test_an_account_that_is_not_known_is_no_pass(self) -> None:
        host = WindowsHost()
        host.port(host.run(900, "D:\\Tool\\tool.exe"), 9000)

        assert judge(domain_account, host.build()).missing == {"processes"}
        assert judge(local_account, host.build()).missing == {"processes"}


class TestDomain:
    def test_membership(self) -> None:
        host = WindowsHost()
        host.found("domain", Domain("shop.example", True, 3, "ServerNT", origin("domain")))

        assert judge(domain_member, host.build()).about == [("win01", Severity.MINOR)]

    def test_a_workgroup_passes_and_linux_is_not_asked(self) -> None:
        assert judge(domain_member, WindowsHost().build()).silent
        assert judge(domain_member, HostBuilder().build()).silent

    def test_a_host_that_did_not_say_is_undetermined(self) -> None:
        host = WindowsHost()
        host.unknown("domain")

        assert judge(domain_member, host.build()).missing == {"domain"}


def test_a_com_server_is_known_by_its_service() -> None:
    host = WindowsHost()
    host.shop()
    host.found(
        "com_applications", (ComApplication("{1}", "Shop orders", "service Shop", "", origin("com_applications")),)
    )
    assert judge(com_server, host.build()).about == [("win01/shop", Severity.MAJOR)]

    host.found("com_applications", (ComApplication("{1}", "BITS", "service BITS", "", origin("com_applications")),))
    assert judge(com_server, host.build()).silent


def test_settings_of_the_maker_of_the_program() -> None:
    host = WindowsHost()
    host.shop("C:\\Program Files\\Contoso\\Orders\\orders.exe")
    host.settings("vendors", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft")
    host.settings("vendors", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Fabrikam")
    assert judge(registry_settings, host.build()).silent

    host.settings("vendors", "HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso")
    said = judge(registry_settings, host.build())
    assert said.about == [("win01/shop", Severity.MINOR)]
    assert "HKEY_LOCAL_MACHINE\\SOFTWARE\\Contoso" in said.findings[0].remedy
