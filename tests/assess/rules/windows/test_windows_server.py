"""WIN017, WIN029, WIN030, WIN032, WIN035, WIN036, WIN037: what the server has beside its services."""

import pytest

from assess.model import Severity
from assess.rules.windows.custom_event_log import custom_event_log
from assess.rules.windows.file_shares import file_shares
from assess.rules.windows.mapped_drive import mapped_drive
from assess.rules.windows.missing_image_component import missing_image_component
from assess.rules.windows.windows_device import windows_device
from assess.rules.windows.windows_memory_options import windows_memory_options
from assess.rules.windows.windows_printing import windows_printing
from inventory.model.kernel import Kernel
from inventory.model.packages import Package, Packages
from inventory.model.windows import Share, WindowsDevice
from inventory.observation import Gap
from tests.support.judging import judge
from tests.support.snapshots import origin
from tests.support.windows_snapshots import WindowsHost


def test_printers_of_its_own() -> None:
    host = WindowsHost()
    for name in ("Fax", "Microsoft Print to PDF", "Microsoft XPS Document Writer (redirected 2)"):
        host.settings("printers", f"HKLM\\...\\Printers\\{name}")
    assert judge(windows_printing, host.build()).silent
    host.settings("printers", "HKLM\\...\\Printers\\Zebra ZT410")
    said = judge(windows_printing, host.build())
    assert said.about == [("win01", Severity.MAJOR)]
    assert "Zebra ZT410" in said.messages[0]


class TestShares:
    def share(self, name: str, kind: str, path: str = "D:\\x") -> Share:
        return Share(name, kind, path, "", origin("shares"))

    def test_directories_are_served(self) -> None:
        host = WindowsHost()
        host.found("shares", (self.share("orders", "directory"), self.share("C$", "administrative")))

        assert judge(file_shares, host.build()).about == [("win01", Severity.MAJOR)]

    def test_what_every_host_has_passes(self) -> None:
        host = WindowsHost()
        host.found(
            "shares",
            (self.share("C$", "administrative"), self.share("IPC$", "ipc"), self.share("NETLOGON", "directory")),
        )

        assert judge(file_shares, host.build()).silent
        assert judge(mapped_drive, host.build()).silent

    def test_shares_that_could_not_be_listed_are_no_pass(self) -> None:
        host = WindowsHost()
        gap = Gap("shares that are served", "neither WMI nor the registry listed them")
        host.found("shares", (self.share("S:", "mapped", "\\\\files01\\shop"),), gap)

        assert judge(file_shares, host.build()).missing == {"shares"}
        assert judge(mapped_drive, host.build()).about == [("win01", Severity.MINOR)]


def test_an_event_log_of_its_own() -> None:
    host = WindowsHost()
    for name in ("Application", "System", "Security", "HardwareEvents", "DNS Server"):
        host.settings("event-logs", f"HKLM\\...\\EventLog\\{name}")
    assert judge(custom_event_log, host.build()).silent
    host.settings("event-logs", "HKLM\\...\\EventLog\\Shop Orders")
    said = judge(custom_event_log, host.build())
    assert said.about == [("win01", Severity.MINOR)]
    assert '"Shop Orders"' in said.findings[0].remedy


class TestParts:
    @pytest.mark.parametrize(
        ("name", "severity"),
        [
            ("Microsoft Office Professional Plus 2016", Severity.MAJOR),
            ("SAP Crystal Reports runtime engine for .NET Framework (32-bit)", Severity.MINOR),
            ("Microsoft Visual C++ 2013 Redistributable (x64) - 12.0.40664", Severity.INFO),
            ("Microsoft Access database engine 2010 (English)", Severity.MINOR),
        ],
    )
    def test_programs_that_images_lack(self, name: str, severity: Severity) -> None:
        host = WindowsHost()
        package = Package(name, "1", "", "", "windows", False, 0, origin("packages"))
        host.found("packages", Packages("windows", (package,), ()))

        assert judge(missing_image_component, host.build()).about == [("win01", severity)]

    def test_data_sources_of_odbc(self) -> None:
        host = WindowsHost()
        host.settings("odbc-wow64", "key", shopdb="SQL Server")

        said = judge(missing_image_component, host.build())
        assert said.about == [("win01", Severity.MINOR)]
        assert said.findings[0].evidence[0].fact == "32-bit data source shopdb (SQL Server)"

    def test_other_programs_pass(self) -> None:
        host = WindowsHost()
        package = Package("7-Zip 19.00 (x64)", "1", "", "", "windows", False, 0, origin("packages"))
        host.found("packages", Packages("windows", (package,), ()))

        assert judge(missing_image_component, host.build()).silent


class TestDevices:
    @pytest.mark.parametrize(
        ("kind", "name", "identifier", "severity"),
        [
            ("serial", "COM1", "\\Device\\Serial0", Severity.MINOR),
            ("usb", "SafeNet Inc. HASP Key", "USB\\VID_0529&PID_0001\\6", Severity.MAJOR),
            ("usb", "Label printer", "USB\\VID_0A5F&PID_0080\\1", Severity.MINOR),
            ("display", "NVIDIA Tesla T4", "PCI\\VEN_10DE&DEV_1EB8", Severity.MINOR),
        ],
    )
    def test_those_that_tie(self, kind: str, name: str, identifier: str, severity: Severity) -> None:
        host = WindowsHost()
        host.found("devices", (WindowsDevice(kind, name, identifier, "", origin("devices")),))

        assert judge(windows_device, host.build()).about == [("win01", severity)]

    @pytest.mark.parametrize(
        ("kind", "name", "identifier"),
        [
            ("usb", "USB Input Device", "USB\\VID_0627&PID_0001\\1"),
            ("display", "Microsoft Hyper-V Video", "VMBUS\\{DA0A7802}"),
            ("display", "Standard VGA Graphics Adapter", "PCI\\VEN_1234"),
        ],
    )
    def test_what_every_machine_has_passes(self, kind: str, name: str, identifier: str) -> None:
        host = WindowsHost()
        host.found("devices", (WindowsDevice(kind, name, identifier, "", origin("devices")),))

        assert judge(windows_device, host.build()).silent

    def test_without_wmi_it_is_undetermined(self) -> None:
        host = WindowsHost()
        host.found("devices", (), Gap("USB and graphics", "the host has no WMI that answers"))

        assert judge(windows_device, host.build()).missing == {"devices"}


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (" NOEXECUTE=OPTOUT /3GB /FASTDETECT", 1),
        (" NOEXECUTE=OPTIN INCREASEUSERVA=3072", 1),
        (" NOEXECUTE=OPTIN NOVGA", 0),
    ],
)
def test_options_of_the_start_for_memory(options: str, found: int) -> None:
    host = WindowsHost()
    kernel = Kernel("Windows NT", "5.2.3790", "", "i686", options, 0, (), (), None, origin("kernel"))
    host.found("kernel", kernel)

    assert [severity for _, severity in judge(windows_memory_options, host.build()).about] == [Severity.MINOR] * found
