# ruff: noqa: E501 - answers of Windows are as wide as they are
"""Windows: the sections that it shares with Linux, from answers as Windows gives them, in several languages and from both shells.

Outputs marked "published" were posted by others (see docs/howto/windows.md); the rest is in the form that Microsoft documents.
"""

from __future__ import annotations

from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from tests.support.live import REDACTOR
from tests.support.windows_answers import HKLM, WINDOWS, observe, value

VERSION = rf"""
{HKLM}\SOFTWARE\Microsoft\Windows NT\CurrentVersion
    CurrentVersion    REG_SZ    6.3
    CurrentBuildNumber    REG_SZ    17763
    ProductName    REG_SZ    Windows Server 2019 Standard
    ReleaseId    REG_SZ    1809
    CurrentMajorVersionNumber    REG_DWORD    0xa
    CurrentMinorVersionNumber    REG_DWORD    0x0
    UBR    REG_DWORD    0x16c6
    DigitalProductId    REG_BINARY    A4000000030000003030
"""
ENVIRONMENT = rf"""
{HKLM}\SYSTEM\CurrentControlSet\Control\Session Manager\Environment
    PROCESSOR_ARCHITECTURE    REG_SZ    AMD64
    NUMBER_OF_PROCESSORS    REG_SZ    4
    DB_PASSWORD    REG_SZ    Hunter2Horse
"""


class TestSystem:
    def test_a_server_of_2019(self) -> None:
        system = value(
            "system",
            version=VERSION,
            environment=ENVIRONMENT,
            os="LastBootUpTime\tLocalDateTime\tTotalVisibleMemorySize\tLocale\n"
            "2026-01-01T00:00:00Z\t2026-01-02T00:00:00Z\t4193780\t0407\n",
            machine="Manufacturer\tModel\nMicrosoft Corporation\tVirtual Machine\n",
        )
        assert system.distribution.version == "10.0.17763"
        assert (system.distribution.pretty_name, system.distribution.codename) == (
            "Windows Server 2019 Standard",
            "1809",
        )
        assert (system.architecture, system.cpus, system.memory_bytes) == ("x86_64", 4, 4193780 * 1024)
        assert system.virtualization == "microsoft"
        assert system.clock - system.boot_time == 86400.0

    def test_a_server_of_2003_with_wmic(self) -> None:
        old = (
            f"\n! REG.EXE VERSION 3.0\n\n{HKLM}\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\n"
            "\tCurrentBuildNumber\tREG_SZ\t3790\n\tCurrentVersion\tREG_SZ\t5.2\n"
            "\tCSDVersion\tREG_SZ\tService Pack 2\n\tProductName\tREG_SZ\tMicrosoft Windows Server 2003\n"
        )
        system = value("system", version=old, os="\n\nLastBootUpTime=20260101010000.500000+060\nLocale=0407\n\n\n")
        assert system.distribution.version == "5.2.3790"
        assert system.distribution.pretty_name == "Microsoft Windows Server 2003 Service Pack 2"
        assert system.boot_time == 1767225600.0

    def test_the_kernel_is_the_build(self) -> None:
        kernel = value("kernel", version=VERSION, environment=ENVIRONMENT)
        assert (kernel.name, kernel.release, kernel.number) == ("Windows NT", "10.0.17763.5830", (10, 0))

    def test_a_product_key_and_passwords_are_hidden(self) -> None:
        recording = SectionRecording(
            "system", (Part("version", VERSION.encode()), Part("environment", ENVIRONMENT.encode()))
        )
        kept = WINDOWS["system"].redacted(recording, REDACTOR, Platform.WINDOWS).to_text()
        assert b"A4000000" not in kept
        assert b"Hunter2Horse" not in kept
        assert b"AMD64" in kept


PROCESSES = (
    "ProcessId\tParentProcessId\tName\tExecutablePath\tCommandLine\tSessionId\tCreationDate\tKernelModeTime\t"
    "UserModeTime\tWorkingSetSize\tPeakWorkingSetSize\tThreadCount\tPriority\n"
    "0\t0\tSystem Idle Process\t\\N\t\\N\t0\t\\N\t1\t0\t8192\t12\t4\t0\n"
    "4\t0\tSystem\t\\N\t\\N\t0\t2026-01-01T00:00:05Z\t1\t0\t8192\t12\t4\t8\n"
    '900\t600\tshop.exe\tC:\\\\Shop\\\\shop.exe\t"C:\\\\Shop\\\\shop.exe" /port 8080 --password=Hunter2Horse\t0\t'
    "2026-01-01T00:01:00Z\t10000000\t5000000\t1048576\t2048\t7\t8\n"
)


class TestProcesses:
    def test_what_wmi_tells(self) -> None:
        found = value(
            "processes",
            boot="LastBootUpTime\n2026-01-01T00:00:00Z\n",
            processes=PROCESSES,
            owners="Id\tUserName\n900\tCORP\\\\svc-shop\n4\t\\N\n",
        )
        idle, system, shop = found
        assert [each.kernel for each in found] == [True, True, False]
        assert (shop.executable, shop.account) == ("C:\\Shop\\shop.exe", "CORP\\svc-shop")
        assert shop.arguments[:3] == ("C:\\Shop\\shop.exe", "/port", "8080")
        assert "Hunter2Horse" not in repr(shop)
        assert (shop.start_seconds, shop.cpu_seconds, shop.rss_bytes) == (60.0, 1.5, 1048576)
        assert (idle.pid, system.pid) == (0, 4)

    def test_tasklist_where_there_is_no_wmi(self) -> None:
        line = '"shop.exe","900","Services","0","12.345 K","Wird ausgeführt","CORP\\svc-shop","0:00:01","N/V"\n'
        observation = observe("processes", failed=("processes",), processes="", owners_tasklist=line)
        assert isinstance(observation, Found)
        shop = observation.value[0]
        assert (shop.pid, shop.name, shop.account, shop.rss_bytes) == (900, "shop.exe", "CORP\\svc-shop", 12345 * 1024)
        assert "command lines" in observation.gaps[0].what

    def test_nothing_is_unknown(self) -> None:
        assert isinstance(observe("processes"), Unknown)


class TestSockets:
    def test_every_language(self) -> None:
        """The Chinese lines are published; those of the other languages have their words for the states."""
        for state, peer in (("LISTENING", "0.0.0.0:0"), ("ABHÖREN", "0.0.0.0:0"), ("À l'écoute", "0.0.0.0:0")):
            sockets = value("sockets", netstat=f"\n  Proto  x\n  TCP    0.0.0.0:445    {peer}    {state}    4\n")
            assert [(each.port, each.inode) for each in sockets.listeners] == [(445, 4)]

    def test_connections_and_datagrams(self) -> None:
        sockets = value(
            "sockets",
            netstat="活动连接\n\n  协议  本地地址                外部地址              状态             PID\n"
            "  TCP    127.0.0.1:8411         127.0.0.1:58296        TIME_WAIT       0\n"
            "  TCP    10.0.0.5:8080          10.0.0.9:50112         ESTABLISHED     900\n"
            "  TCP    [::]:80                [::]:0                 LISTENING       4\n"
            "  UDP    [fe80::1%12]:546       *:*                                    800\n",
        )
        assert [(each.protocol, each.address, each.port) for each in sockets.listeners] == [
            ("tcp6", "::", 80),
            ("udp6", "fe80::1", 546),
        ]
        (connection,) = sockets.connections
        assert (connection.remote_address, connection.remote_port, connection.state) == (
            "10.0.0.9",
            50112,
            "ESTABLISHED",
        )

    def test_a_netstat_that_tells_no_owner(self) -> None:
        """As Wine's."""
        observation = observe("sockets", netstat="  TCP    0.0.0.0:22    0.0.0.0:0    LISTENING\n")
        assert isinstance(observation, Found)
        assert observation.gaps


class TestServices:
    WMI = (
        "Name\tDisplayName\tPathName\tStartName\tStartMode\tState\tProcessId\tServiceType\tDesktopInteract\n"
        "Shop\tShop Server\tC:\\\\Shop\\\\shop.exe /pwd Hunter2Horse\tCORP\\\\svc-shop\tAuto\tRunning\t900\t"
        "Own Process\tFalse\n"
    )
    REGISTRY = (
        f"\n{HKLM}\\SYSTEM\\CurrentControlSet\\Services\\Shop\n    Type    REG_DWORD    0x110\n"
        "    Start    REG_DWORD    0x2\n    ImagePath    REG_EXPAND_SZ    C:\\Shop\\shop.exe\n"
        "    DisplayName    REG_SZ    Shop Server\n    ObjectName    REG_SZ    CORP\\svc-shop\n"
        f"\n{HKLM}\\SYSTEM\\CurrentControlSet\\Services\\Disk\n    Type    REG_DWORD    0x1\n"
    )
    QUERYEX = (
        "\nSERVICE_NAME: Shop\nDISPLAY_NAME: Shop Server\n        TYP                : 110  WIN32_OWN_PROCESS \n"
        "        STATUS             : 4  RUNNING \n                                (STOPPABLE, NOT_PAUSABLE)\n"
        "        WIN32_BEENDIGUNGSCODE : 0  (0x0)\n        DIENST_BEENDIGUNGSCODE : 0  (0x0)\n"
        "        PRÜFPUNKT          : 0x0\n        WARTEHINWEIS       : 0x0\n        PID                : 900\n"
        "        FLAGS              : \n"
    )

    def test_wmi_and_the_registry_tell_the_same(self) -> None:
        (asked,) = value("services", services=self.WMI).services
        services = value("services", failed=("services",), services="", registry=self.REGISTRY, queryex=self.QUERYEX)
        (read,) = services.services
        for each in (asked, read):
            assert (each.name, each.state, each.enabled, each.pids) == ("Shop", "active", True, (900,))
            assert each.property("StartName") == "CORP\\svc-shop"
            assert each.property("PathName").startswith("C:\\Shop\\shop.exe")
        assert read.property("DesktopInteract") == "True"

    def test_without_sc_nobody_knows_what_runs(self) -> None:
        observation = observe("services", failed=("services",), services="", registry=self.REGISTRY)
        assert isinstance(observation, Found)
        assert observation.value.services[0].state == ""
        assert observation.gaps


def test_installed_software_of_both_bitnesses() -> None:
    entry = (
        "\n{root}\\Uninstall\\{{1}}\n    DisplayName    REG_SZ    Shop {bits}\n    DisplayVersion    REG_SZ    1.2\n"
        "    Publisher    REG_SZ    Shop AG\n    EstimatedSize    REG_DWORD    0x400\n"
        "\n{root}\\Uninstall\\{{2}}\n    DisplayName    REG_SZ    Part\n    SystemComponent    REG_DWORD    0x1\n"
        "\n{root}\\Uninstall\\{{3}}\n    NoRemove    REG_DWORD    0x1\n"
    )
    packages = value(
        "packages",
        native=entry.format(root=f"{HKLM}\\SOFTWARE", bits=64),
        wow64=entry.format(root=f"{HKLM}\\SOFTWARE\\Wow6432Node", bits=32),
        environment=ENVIRONMENT,
    ).packages
    assert [(each.name, each.architecture) for each in packages] == [("Shop 64", "x86_64"), ("Shop 32", "i686")]
    assert (packages[0].version, packages[0].source, packages[0].size_bytes) == ("1.2", "Shop AG", 1 << 20)


def test_accounts() -> None:
    users = value(
        "users",
        accounts="\n\nDescription=\nDisabled=TRUE\nFullName=Guest\nName=Gast\nSID=S-1-5-21-1-2-3-501\n\n\n",
        groups="Name\tSID\nAdministratoren\tS-1-5-32-544\n",
    )
    assert [(each.name, each.uid, each.shell) for each in users.users] == [("Gast", 501, "disabled")]
    assert users.groups[0].gid == 544


def test_disks() -> None:
    (mount,) = value(
        "mounts",
        disks="DeviceID\tFileSystem\tSize\tFreeSpace\tVolumeName\tCompressed\nC:\tNTFS\t1000\t400\tSystem\tFalse\n",
    ).mounts
    assert (mount.target, mount.filesystem, mount.size_bytes, mount.used_bytes) == ("C:\\", "ntfs", 1000, 600)
    assert isinstance(observe("mounts"), Unknown)


TASK = r"""<?xml version="1.0" encoding="UTF-16"?>
<Tasks>
<!-- \Shop\Nightly -->
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <Triggers><CalendarTrigger><StartBoundary>2020-01-01T02:30:00</StartBoundary><Enabled>true</Enabled>
    <ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger></Triggers>
  <Principals><Principal id="Author"><UserId>CORP\svc-shop</UserId><LogonType>Password</LogonType></Principal></Principals>
  <Settings><Enabled>true</Enabled></Settings>
  <Actions Context="Author"><Exec><Command>C:\Shop\dump.exe</Command>
    <Arguments>/all &amp; /password:Hunter2Horse</Arguments></Exec></Actions>
</Task>
<!-- \Microsoft\Windows\Defrag\ScheduledDefrag -->
<Task><Actions><Exec><Command>defrag.exe</Command></Exec></Actions></Task>
<!-- \Shop\Off -->
<Task><Settings><Enabled>false</Enabled></Settings><Actions><Exec><Command>x</Command></Exec></Actions></Task>
</Tasks>
"""


class TestTasks:
    def test_what_schtasks_prints_as_xml(self) -> None:
        (job,) = value("cron", tasks=TASK)
        assert (job.place, job.user, job.schedule) == ("\\Shop\\Nightly", "CORP\\svc-shop", "daily at 02:30")
        assert job.command.startswith("C:\\Shop\\dump.exe /all & ")
        assert "Hunter2Horse" not in job.command
        assert job.origin.line == 4

    def test_the_list_of_2003_in_any_language(self) -> None:
        fields = [""] * 28
        fields[0], fields[1], fields[8], fields[9], fields[19] = "ALT", "Nacht", "Um 02:30", "c:\\dump.exe", "SYSTEM"
        line = ",".join(f'"{field}"' for field in fields)
        (job,) = value("cron", failed=("tasks",), tasks="", list=f"{line}\n")
        assert (job.place, job.user, job.schedule, job.command) == ("Nacht", "SYSTEM", "Um 02:30", "c:\\dump.exe")

    def test_no_answer_is_not_no_tasks(self) -> None:
        assert isinstance(observe("cron", tasks="\n"), Unknown)
        assert isinstance(observe("cron", failed=("tasks", "list"), tasks="", list="denied"), Unknown)


class TestNetwork:
    def test_adapters_and_the_hosts_file(self) -> None:
        network = value(
            "network",
            adapters='\n\nDefaultIPGateway={"10.0.0.1"}\nDescription=vmxnet3\nDHCPEnabled=FALSE\nDNSServerSearchOrder={"10.0.0.2"}\n'
            'IPAddress={"10.0.0.5","fe80::1"}\nIPSubnet={"255.255.255.0","64"}\nMACAddress=00:50:56:AA:BB:CC\n\n',
            hosts="# a comment\n10.0.0.9 db01 db01.corp.example # of old\n",
        )
        assert [(each.address, each.prefix, each.scope) for each in network.addresses] == [
            ("10.0.0.5", 24, "global"),
            ("fe80::1", 64, "link"),
        ]
        assert network.own_addresses == {"10.0.0.5"}
        assert (network.interfaces[0].name, network.interfaces[0].mac) == ("vmxnet3", "00:50:56:aa:bb:cc")
        assert (network.routes[0].gateway, network.resolver.nameservers) == ("10.0.0.1", ("10.0.0.2",))
        assert [(each.address, each.names) for each in network.hosts] == [("10.0.0.9", ("db01", "db01.corp.example"))]

    def test_the_registry_where_there_is_no_wmi(self) -> None:
        key = f"{HKLM}\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{{1}}"
        network = value(
            "network",
            failed=("adapters",),
            adapters="",
            interfaces=f"\n{key}\n    EnableDHCP    REG_DWORD    0x0\n    IPAddress    REG_MULTI_SZ    10.0.0.5\\0\n"
            "    SubnetMask    REG_MULTI_SZ    255.255.0.0\\0\n    NameServer    REG_SZ    10.0.0.2,10.0.0.3\n",
        )
        assert [(each.address, each.prefix) for each in network.addresses] == [("10.0.0.5", 16)]
        assert network.resolver.nameservers == ("10.0.0.2", "10.0.0.3")
