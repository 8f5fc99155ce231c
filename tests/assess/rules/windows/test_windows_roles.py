"""WIN007, WIN008, WIN009, WIN013, WIN014, WIN015, WIN031, WIN038, WIN039: roles, products, parts of the system."""

import pytest

from assess.model import Severity, Verdict
from assess.rules.windows.bundled_driver import bundled_driver
from assess.rules.windows.com_plus_application import com_plus_application
from assess.rules.windows.distributed_transactions import distributed_transactions
from assess.rules.windows.message_queuing import message_queuing
from assess.rules.windows.sql_server_instance import sql_server_instance
from assess.rules.windows.third_party_windows_driver import third_party_windows_driver
from assess.rules.windows.unsupported_windows_product import unsupported_windows_product
from assess.rules.windows.windows_role import windows_role
from assess.rules.windows.windows_role_workload import windows_role_workload
from inventory.model.packages import Package, Packages
from inventory.model.windows import ComApplication, Domain, Driver, Drivers, Feature, Filter, SqlInstance
from inventory.observation import Gap
from tests.support.judging import assess, judge, target
from tests.support.snapshots import origin
from tests.support.windows_snapshots import WindowsHost


def feature(name: str, kind: str = "component", number: int | None = None) -> Feature:
    return Feature(name, kind, number, origin("windows_features"))


class TestRole:
    @pytest.mark.parametrize(
        ("installed", "role"),
        [
            (feature("DHCP"), "DHCP Server"),
            (feature("FS-DFS-Replication"), "DFS namespaces or replication"),
            (feature("Print-Server"), "Print Server"),
            (feature("Microsoft-Hyper-V", "optional"), "Hyper-V"),
            (feature("Failover-Clustering"), "Failover Clustering"),
            (feature("Serveur DNS", "role", 13), "DNS Server"),
            (feature("RDS-RD-Server"), "Remote Desktop Services"),
            (feature("wins", "subcomponent"), "WINS Server"),
        ],
    )
    def test_features_of_any_kind_and_language(self, installed: Feature, role: str) -> None:
        host = WindowsHost()
        host.found("windows_features", (installed,))
        said = judge(windows_role, host.build())

        assert said.about == [("win01", Severity.MAJOR)]
        assert role in said.messages[0]

    def test_a_domain_controller(self) -> None:
        host = WindowsHost()
        host.found("domain", Domain("shop.example", True, 5, "LanmanNT", origin("domain")))

        assert "Active Directory Domain Services" in judge(windows_role, host.build()).messages[0]

    def test_a_service_that_runs_counts_and_one_that_does_not_does_not(self) -> None:
        host = WindowsHost()
        host.service("RemoteAccess")
        assert judge(windows_role, host.build()).silent
        host.service("CertSvc", 600)
        assert "Certificate Services" in judge(windows_role, host.build()).messages[0]

    def test_application_mode_of_a_terminal_server(self) -> None:
        host = WindowsHost()
        host.settings("terminal-server", "key", TSAppCompat="0")
        assert judge(windows_role, host.build()).silent
        host = WindowsHost()
        host.settings("terminal-server", "key", TSAppCompat="1")
        assert "Remote Desktop Services" in judge(windows_role, host.build()).messages[0]

    def test_other_features_pass_and_unknown_ones_are_no_pass(self) -> None:
        host = WindowsHost()
        host.found("windows_features", (feature("Web-Server"), feature("NET-Framework-45-Core")))
        assert judge(windows_role, host.build()).silent
        host.unknown("windows_features")
        assert judge(windows_role, host.build()).missing == {"windows_features"}

    def test_what_else_runs_on_the_server_is_not_blocked_by_it(self) -> None:
        host = WindowsHost()
        host.shop()
        host.found("windows_features", (feature("DHCP"),))
        windows = target(system="windows", kernel_release="", os_build="10.0.20348")

        (workload,) = assess(host.build(), targets=(windows,)).workloads

        assert workload.verdict is not Verdict.STAY


def test_a_workload_that_is_a_role() -> None:
    host = WindowsHost()
    host.service("DNS", 700)
    host.run(700, "C:\\Windows\\System32\\dns.exe")
    host.service("vmicguest", 701)
    host.run(701, "D:\\Guest\\guest.exe")

    assert judge(windows_role_workload, host.build()).about == [("win01/dns", Severity.MAJOR)]
    host.services.clear()
    host.service("WINS", 700)
    assert judge(windows_role_workload, host.build()).about == [("win01/wins", Severity.BLOCKER)]


class TestProduct:
    def test_by_service(self) -> None:
        host = WindowsHost()
        host.shop(name="MSExchangeIS", path="D:\\Exchange\\store.exe")

        assert judge(unsupported_windows_product, host.build()).about == [("win01/msexchangeis", Severity.BLOCKER)]

    def test_by_program_in_its_folder(self) -> None:
        host = WindowsHost()
        package = Package("Microsoft BizTalk Server 2016", "3", "", "", "windows", False, 0, origin("packages"))
        host.found("packages", Packages("windows", (package,), ()))
        host.shop()
        assert judge(unsupported_windows_product, host.build()).silent
        host = WindowsHost()
        host.found("packages", Packages("windows", (package,), ()))
        host.shop("D:\\BizTalk Server\\Bridge\\bridge.exe")
        assert judge(unsupported_windows_product, host.build()).about == [("win01/shop", Severity.BLOCKER)]


def test_message_queuing_with_and_without_a_directory() -> None:
    host = WindowsHost()
    assert judge(message_queuing, host.build()).silent
    host.service("MSMQ")
    assert "perhaps with Active Directory" in judge(message_queuing, host.build()).messages[0]
    host.settings("msmq", "key", Workgroup="1")
    assert "without Active Directory" in judge(message_queuing, host.build()).messages[0]


def test_transactions_over_the_network() -> None:
    host = WindowsHost()
    host.settings("msdtc", "key", NetworkDtcAccess="0", XaTransactions="0")
    assert judge(distributed_transactions, host.build()).silent
    host = WindowsHost()
    host.settings("msdtc", "key", NetworkDtcAccess="1")
    assert judge(distributed_transactions, host.build()).about == [("win01", Severity.MAJOR)]


def test_applications_of_com_plus() -> None:
    host = WindowsHost()
    own = ComApplication("{1}", "Orders", "COM+", "SHOP\\orders", origin("com_applications"))
    stock = ComApplication("{2}", ".NET Utilities", "COM+", "", origin("com_applications"))
    host.found("com_applications", (stock,))
    assert judge(com_plus_application, host.build()).silent
    host.found("com_applications", (own, stock))
    assert judge(com_plus_application, host.build()).about == [("win01", Severity.MAJOR)]
    host.found("com_applications", (), Gap("applications of COM+", "only PowerShell can list them"))
    assert judge(com_plus_application, host.build()).missing == {"com_applications"}


class TestSqlServer:
    def test_an_instance_with_its_edition_and_port(self) -> None:
        host = WindowsHost()
        where = origin("sql_server")
        host.found(
            "sql_server",
            (SqlInstance("SHOP", "MSSQL13.SHOP", "SQL", "13.2", "Standard", "", "", "49301", True, where),),
        )
        host.shop("D:\\MSSQL\\Binn\\sqlservr.exe", name="MSSQL$SHOP")
        said = judge(sql_server_instance, host.build())

        assert [severity for _, severity in said.about] == [Severity.MAJOR]
        assert "SQL Server 13.2 Standard" in said.messages[0]
        assert "49301, assigned at start" in said.findings[0].evidence[1].fact

    def test_reporting_and_analysis_have_no_image(self) -> None:
        for name in ("ReportServer", "MSOLAP$CUBE"):
            host = WindowsHost()
            host.shop(name=name)
            assert [severity for _, severity in judge(sql_server_instance, host.build()).about] == [Severity.BLOCKER]

    def test_other_services_pass(self) -> None:
        host = WindowsHost()
        host.shop(name="MSSQLLaunchpadOfOthers")

        assert judge(sql_server_instance, host.build()).silent


def driver(name: str, path: str, start: str = "Auto") -> Driver:
    return Driver(name, f"The {name}", path, "Kernel Driver", True, start, origin("drivers"))


class TestDrivers:
    def test_a_driver_in_the_folder_of_the_program_blocks_it(self) -> None:
        host = WindowsHost()
        host.shop("D:\\Shop\\bin\\shop.exe")
        host.found("drivers", Drivers((driver("shopdrv", "\\??\\D:\\Shop\\drivers\\shopdrv.sys"),), ()))

        assert judge(bundled_driver, host.build()).about == [("win01/shop", Severity.BLOCKER)]

    def test_one_elsewhere_does_not(self) -> None:
        host = WindowsHost()
        host.shop("C:\\Program Files\\shop.exe")
        host.found("drivers", Drivers((driver("x", "C:\\Program Files\\Other\\x.sys"),), ()))

        assert judge(bundled_driver, host.build()).silent

    def test_what_windows_has_itself_passes(self) -> None:
        host = WindowsHost()
        stock = (
            driver("ACPI", "C:\\Windows\\system32\\drivers\\acpi.sys"),
            driver("disk", "\\SystemRoot\\System32\\drivers\\disk.sys"),
        )
        filters = (Filter("WdFilter", "328010", 5, origin("drivers")), Filter("luafv", "135000", 1, origin("drivers")))
        host.found("drivers", Drivers(stock, filters))

        assert judge(third_party_windows_driver, host.build()).silent

    def test_dongles_capture_and_strange_filters_are_said(self) -> None:
        host = WindowsHost()
        found = (
            driver("Hardlock", "C:\\Windows\\system32\\drivers\\hardlock.sys"),
            driver("npcap", "\\SystemRoot\\system32\\DRIVERS\\npcap.sys"),
            driver("own", "D:\\Tool\\own.sys"),
        )
        filters = (Filter("csagent", "321410", 5, origin("drivers")), Filter("strange", "385000", 1, origin("drivers")))
        host.found("drivers", Drivers(found, filters))

        assert [severity for _, severity in judge(third_party_windows_driver, host.build()).about] == [
            Severity.MAJOR,
            Severity.MAJOR,
            Severity.MINOR,
            Severity.INFO,
            Severity.MINOR,
        ]

    def test_filters_that_were_refused_are_no_pass(self) -> None:
        host = WindowsHost()
        host.found("drivers", Drivers((), None), Gap("file system filters", "only administrators may list them"))

        assert judge(third_party_windows_driver, host.build()).missing == {"drivers"}
