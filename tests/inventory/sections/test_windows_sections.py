# ruff: noqa: E501 - answers of Windows are as wide as they are
"""Windows: the facts of each section from answers as Windows gives them, in several languages and from both shells.

Outputs marked "published" were posted by others (see docs/windows.md); the rest is in the form that Microsoft documents.
"""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from inventory.observation import Absent, Found, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section
from inventory.sections import SECTIONS
from inventory.windows.questions import questions
from tests.support.live import REDACTOR

WINDOWS: dict[str, Section[Any]] = {each.name: each for each in SECTIONS if each.variant(Platform.WINDOWS)}
HKLM = "HKEY_LOCAL_MACHINE"


def observe(section: str, *, failed: tuple[str, ...] = (), **parts: str) -> Observation[Any]:
    """What a section makes of ``parts``, after redaction; an underscore stands for a hyphen."""
    made = tuple(
        Part(name.replace("_", "-"), text.encode("utf-8", "surrogateescape"), int(name in failed))
        for name, text in parts.items()
    )
    recording = WINDOWS[section].redacted(SectionRecording(section, made), REDACTOR, Platform.WINDOWS)
    return WINDOWS[section].observe(recording, Platform.WINDOWS)


def value(section: str, *, failed: tuple[str, ...] = (), **parts: str) -> Any:
    observation = observe(section, failed=failed, **parts)
    assert isinstance(observation, Found), observation
    return observation.value


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


def test_features_of_every_generation() -> None:
    found = value(
        "windows_features",
        optional="Name\tInstallState\nIIS-WebServerRole\t1\n",
        roles="\n\nID=10\nName=Active Directory-Domänendienste\n\n",
        components=f"\n{HKLM}\\X\\AD-Domain-Services\n    InstallState    REG_DWORD    0x1\n"
        f"\n{HKLM}\\X\\DHCP\n    InstallState    REG_DWORD    0x0\n",
        subcomponents=f"\n{HKLM}\\X\\Subcomponents\n    dns    REG_DWORD    0x1\n    wins    REG_DWORD    0x0\n",
    )
    assert [(each.kind, each.name, each.number) for each in found] == [
        ("optional", "IIS-WebServerRole", None),
        ("role", "Active Directory-Domänendienste", 10),
        ("component", "AD-Domain-Services", None),
        ("subcomponent", "dns", None),
    ]


def test_versions_of_dotnet() -> None:
    ndp = f"{HKLM}\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP"
    install = "    Install    REG_DWORD    0x1\n"
    found = value(
        "dotnet",
        framework=f"\n{ndp}\\v1.1.4322\n{install}\n{ndp}\\v2.0.50727\n{install}    SP    REG_DWORD    0x2\n"
        f"    Version    REG_SZ    2.0.50727.4927\n\n{ndp}\\v2.0.50727\\1031\n{install}\n{ndp}\\v4\\Client\n{install}"
        f"    Release    REG_DWORD    0x80eb1\n\n{ndp}\\v4\\Full\n{install}    Release    REG_DWORD    0x80eb1\n",
        shared="C:\\Program Files\\dotnet\\shared\\Microsoft.NETCore.App\\6.0.36\n",
    )
    assert [(each.family, each.version) for each in found] == [
        ("framework", "1.1.4322"),
        ("framework", "2.0.50727.4927"),
        ("framework", "4.8"),
        ("Microsoft.NETCore.App", "6.0.36"),
    ]
    assert isinstance(observe("dotnet", failed=("framework",), framework=""), Absent)


HOST_CONFIG = """<configuration><system.applicationHost>
<applicationPools>
  <add name="Shop" managedRuntimeVersion="v2.0" enable32BitAppOnWin64="true">
    <processModel identityType="SpecificUser" userName="CORP\\svc-shop" password="Hunter2Horse" />
  </add>
  <applicationPoolDefaults managedRuntimeVersion="v4.0" />
</applicationPools>
<sites>
  <site name="Shop" id="2" serverAutoStart="false">
    <application path="/" applicationPool="Shop">
      <virtualDirectory path="/" physicalPath="D:\\Shop" userName="CORP\\files" password="[enc:AesProvider:abc=:enc]" />
    </application>
    <bindings>
      <binding protocol="http" bindingInformation="*:80:shop.corp.example" />
      <binding protocol="https" bindingInformation="[::1]:443:" />
      <binding protocol="net.pipe" bindingInformation="*" />
    </bindings>
  </site>
</sites></system.applicationHost></configuration>
"""
INETSTP = f"\n{HKLM}\\SOFTWARE\\Microsoft\\InetStp\n    MajorVersion    REG_DWORD    0xa\n"


class TestIis:
    def test_sites_bindings_and_pools(self) -> None:
        iis = value("iis", version=INETSTP, config=HOST_CONFIG)
        (site,), (pool,) = iis.sites, iis.pools
        assert (iis.version, site.name, site.number, site.starts) == ("10.0", "Shop", 2, False)
        assert [(each.address, each.port, each.host) for each in site.bindings] == [
            ("*", 80, "shop.corp.example"),
            ("::1", 443, ""),
            ("", None, ""),
        ]
        assert site.applications[0].directories == (("/", "D:\\Shop"),)
        assert (pool.runtime, pool.identity, pool.bits32) == ("v2.0", "CORP\\svc-shop", True)

    def test_passwords_of_the_configuration_are_hidden_encrypted_or_not(self) -> None:
        recording = SectionRecording("iis", (Part("config", HOST_CONFIG.encode()),))
        kept = WINDOWS["iis"].redacted(recording, REDACTOR, Platform.WINDOWS).to_text()
        assert b"Hunter2Horse" not in kept
        assert b"AesProvider" not in kept

    def test_the_metabase_of_2003(self) -> None:
        metabase = (
            '<IIsApplicationPool\tLocation ="/LM/W3SVC/AppPools/Old"\n\tWAMUserName="CORP\\old">\n</IIsApplicationPool>\n'
            '<IIsWebServer\tLocation ="/LM/W3SVC/1"\n\tServerComment="Default"\n\tServerBindings=":80:\n\t\t:8080:a.b">\n'
            '</IIsWebServer>\n<IIsWebVirtualDir\tLocation ="/LM/W3SVC/1/ROOT"\n\tAppPoolId="Old"\n\tPath="c:\\www">\n'
            "</IIsWebVirtualDir>\n"
        )
        iis = value("iis", version=INETSTP.replace("0xa", "0x6"), failed=("config",), config="", metabase=metabase)
        assert [each.port for each in iis.sites[0].bindings] == [80, 8080]
        assert iis.sites[0].applications[0].directories == (("/", "c:\\www"),)
        assert iis.pools[0].identity == "CORP\\old"

    def test_what_only_administrators_may_read_is_a_gap(self) -> None:
        observation = observe("iis", version=INETSTP, failed=("config",), config="Access is denied")
        assert isinstance(observation, Found)
        assert observation.gaps
        assert isinstance(observe("iis", failed=("version",), version=""), Absent)


def test_drivers_and_filters() -> None:
    drivers = value(
        "drivers",
        drivers="Name\tDisplayName\tPathName\tState\tStartMode\tServiceType\n"
        "hasplms\tHASP\tC:\\\\Windows\\\\system32\\\\hasp.sys\tRunning\tAuto\tKernel Driver\n",
        filters="\nFilter Name                     Num Instances    Altitude    Frame\n"
        "------------------------------  -------------  ------------  -----\n"
        "WdFilter                                8       328010         0\n",
    )
    assert (drivers.drivers[0].name, drivers.drivers[0].running) == ("hasplms", True)
    assert [(each.name, each.altitude) for each in drivers.filters] == [("WdFilter", "328010")]


def test_domain() -> None:
    member = value("domain", computer="Domain\tPartOfDomain\tDomainRole\ncorp.example\tTrue\t3\n")
    assert (member.name, member.member, member.controller) == ("corp.example", True, False)
    product = f"\n{HKLM}\\SYSTEM\\CurrentControlSet\\Control\\ProductOptions\n    ProductType    REG_SZ    LanmanNT\n"
    assert value("domain", failed=("computer",), computer="", product=product).controller


def test_instances_of_sql_server() -> None:
    root = f"{HKLM}\\SOFTWARE\\Microsoft\\Microsoft SQL Server"
    (instance,) = value(
        "sql_server",
        native=f"\n{root}\n    InstalledInstances    REG_MULTI_SZ    SHOP\n\n{root}\\Instance Names\\SQL\n"
        f"    SHOP    REG_SZ    MSSQL13.SHOP\n\n{root}\\MSSQL13.SHOP\\Setup\n    Edition    REG_SZ    Standard Edition\n"
        f"    PatchLevel    REG_SZ    13.2.5026.0\n\n{root}\\MSSQL13.SHOP\\MSSQLServer\n    LoginMode    REG_DWORD    0x2\n"
        f"    DefaultData    REG_SZ    E:\\Data\n\n{root}\\MSSQL13.SHOP\\MSSQLServer\\SuperSocketNetLib\\Tcp\\IPAll\n"
        "    TcpPort    REG_SZ    \n    TcpDynamicPorts    REG_SZ    50123\n",
    )
    assert (instance.name, instance.version, instance.edition) == ("SHOP", "13.2.5026.0", "Standard Edition")
    assert (instance.port, instance.dynamic_port, instance.mixed_login) == ("", "50123", True)
    assert instance.data_directory == "E:\\Data"


def test_devices() -> None:
    found = value(
        "devices",
        serial=f"\n{HKLM}\\HARDWARE\\DEVICEMAP\\SERIALCOMM\n    \\Device\\Serial0    REG_SZ    COM1\n",
        plugged="Name\tDeviceID\tManufacturer\tClassGuid\nDongle\tUSB\\\\VID_0529&PID_0001\\\\1\tHASP\t{x}\n"
        "Hub\tUSB\\\\ROOT_HUB30\\\\4\tMicrosoft\t{x}\nTesla\tPCI\\\\VEN_10DE\tNVIDIA\t{4d36e968-e325-11ce-bfc1-08002be10318}\n",
    )
    assert [(each.kind, each.name) for each in found] == [("serial", "COM1"), ("usb", "Dongle"), ("display", "Tesla")]


def certificate_blob(*, key: bool) -> tuple[str, datetime.datetime]:
    """A certificate as the registry keeps it, and when it ends."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "shop.corp.example")])
    begin = datetime.datetime(2025, 1, 1, tzinfo=datetime.UTC)
    end = begin + datetime.timedelta(days=365)
    alternative = x509.SubjectAlternativeName([x509.DNSName("shop.corp.example")])
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), 1, begin, end)
        .add_extension(alternative, critical=False)
        .sign(private, hashes.SHA256())
    )
    from cryptography.hazmat.primitives.serialization import Encoding

    der = certificate.public_bytes(Encoding.DER)
    place = b"k\0e\0y\0"
    blob = (
        (2).to_bytes(4, "little") + (1).to_bytes(4, "little") + len(place).to_bytes(4, "little") + place if key else b""
    )
    blob += (32).to_bytes(4, "little") + (1).to_bytes(4, "little") + len(der).to_bytes(4, "little") + der
    return blob.hex().upper(), end


def test_certificates_with_expiry_and_never_a_key() -> None:
    blob, end = certificate_blob(key=True)
    store = f"{HKLM}\\SOFTWARE\\Microsoft\\SystemCertificates\\MY\\Certificates"
    observation = observe(
        "certificate_stores",
        my=f"\n{store}\\AB\n    Blob    REG_BINARY    {blob}\n\n{store}\\CD\n    Blob    REG_BINARY    0102\n",
    )
    assert isinstance(observation, Found)
    (certificate,) = observation.value
    assert (certificate.subject, certificate.names) == ("CN=shop.corp.example", ("shop.corp.example",))
    assert certificate.not_after == end.timestamp()
    assert certificate.has_key
    assert observation.gaps[0].what == "1 certificates"


@pytest.mark.parametrize(
    "heading",
    [
        "Protocol tcp Port Exclusion Ranges\n\nStart Port    End Port\n----------    --------\n",
        "Puerto de inicio    Puerto final\n----------          --------\n",
        "协议 tcp 端口排除范围\n\n开始端口    结束端口\n----------    --------\n",
    ],
)
def test_port_ranges_in_every_language(heading: str) -> None:
    """Published: English, Spanish and Chinese."""
    found = value(
        "port_exclusions",
        excluded_tcp=heading
        + "      5985        5985\n     50000       50059     *\n\n* - Administered port exclusions.\n",
        dynamic_tcp="\nProtokoll tcp Dynamischer Portbereich\n-----\nStartport       : 49152\nAnzahl von Ports : 16384\n\n",
    )
    assert [(each.kind, each.first, each.last, each.administered) for each in found] == [
        ("excluded", 5985, 5985, False),
        ("excluded", 50000, 50059, True),
        ("dynamic", 49152, 65535, False),
    ]


def test_port_ranges_of_2003() -> None:
    tcpip = f"\n{HKLM}\\SYSTEM\\X\\Tcpip\\Parameters\n    ReservedPorts    REG_MULTI_SZ    1433-1434\\0"
    found = value("port_exclusions", failed=("excluded_tcp",), excluded_tcp="", tcpip=tcpip)
    assert [(each.kind, each.first, each.last) for each in found] == [("dynamic", 1025, 5000), ("excluded", 1433, 1434)]


def test_shares() -> None:
    wmi = value(
        "shares",
        shares="Name\tPath\tType\tDescription\nData\tD:\\\\Data\t0\tFiles\nC$\tC:\\\\\t2147483648\tDefault share\n",
        mapped="\nHKEY_CURRENT_USER\\Network\\Z\n    RemotePath    REG_SZ    \\\\files\\x\n",
    )
    assert [(each.name, each.kind, each.path) for each in wmi] == [
        ("Data", "directory", "D:\\Data"),
        ("C$", "administrative", "C:\\"),
        ("Z:", "mapped", "\\\\files\\x"),
    ]
    registry = (
        f"\n{HKLM}\\SYSTEM\\CurrentControlSet\\Services\\LanmanServer\\Shares\n"
        "    Data    REG_MULTI_SZ    CSCFlags=0\\0MaxUses=4294967295\\0Path=D:\\Data\\0Remark=Files\\0Type=0\n"
    )
    (read,) = value("shares", failed=("shares",), shares="", lanman=registry)
    assert (read.name, read.kind, read.path, read.description) == ("Data", "directory", "D:\\Data", "Files")


def test_urls_of_http_sys() -> None:
    found = value(
        "http_sys",
        reserved="\nURL-Reservierungen:\n---\n\n    Reservierte URL : http://+:8085/shop/ \n        Benutzer: CORP\\x\n",
        certificates="\n    IP:Port                      : 0.0.0.0:443\n"
        "    Zertifikatshash              : 0123456789abcdef0123456789abcdef01234567\n",
        queues="\nRequest queue name: Shop\n    Version: 2.0\n    Number of active processes attached: 1\n"
        "    Process IDs:\n        4280\n    URL groups:\n            Registered URLs:\n                HTTP://*:80/\n",
    )
    assert [(each.kind, each.url, each.pids) for each in found] == [
        ("reserved", "http://+:8085/shop/", ()),
        ("certificate", "0.0.0.0:443", ()),
        ("registered", "HTTP://*:80/", (4280,)),
    ]
    assert isinstance(observe("http_sys", reserved="\n"), Unknown)


def test_settings_and_the_names_of_vendors() -> None:
    found = value(
        "windows_settings",
        msmq=f"\n{HKLM}\\SOFTWARE\\Microsoft\\MSMQ\\Parameters\\MachineCache\n    Workgroup    REG_DWORD    0x1\n",
        vendors=f"\n{HKLM}\\SOFTWARE\n\n{HKLM}\\SOFTWARE\\Shop AG\n",
    )
    assert [(each.topic, each.name, each.value) for each in found] == [("msmq", "Workgroup", "1"), ("vendors", "", "")]


def test_com_applications() -> None:
    found = value(
        "com_applications",
        appid=f"\n{HKLM}\\SOFTWARE\\Classes\\AppID\\{{1}}\n    (Standard)    REG_SZ    Shop\n"
        f"    RunAs    REG_SZ    CORP\\x\n\n{HKLM}\\SOFTWARE\\Classes\\AppID\\{{2}}\n    Flags    REG_DWORD    0x1\n",
        complus="Name\tKey\tIdentity\tActivation\tIsSystem\nOrders\t{3}\tCORP\\\\y\t1\tFalse\nSystem\t{4}\t\\N\t1\tTrue\n",
    )
    assert [(each.name, each.host, each.account) for each in found] == [
        ("Shop", "", "CORP\\x"),
        ("Orders", "COM+", "CORP\\y"),
    ]


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


def parts_of(section: str) -> list[str]:
    variant = WINDOWS[section].variant(Platform.WINDOWS)
    assert variant is not None
    return [each.part for each in questions(variant.fragment)]


PIECES = st.sampled_from(
    [HKLM, "\\X", "\n", "    ", "\t", "REG_SZ", "REG_DWORD", "0x1", "Name", "=", "\\N", "20260101", '"', ",", ":", "TCP", "1",
     "0.0.0.0:0", "<Task>", "</Task>", "<!-- \\x -->", "Blob", "REG_BINARY", "ff", "SQL", "\udcff", "\0", "é", "*", "(", "-"]
)  # fmt: skip


@given(st.data())
def test_nothing_but_a_parse_error_comes_of_rubbish(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(WINDOWS)))
    texts = st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=25).map("".join).map(encoded))
    parts = tuple(Part(part, data.draw(texts), data.draw(st.integers(0, 1))) for part in parts_of(name))
    recording = SectionRecording(name, parts)
    variant = WINDOWS[name].variant(Platform.WINDOWS)
    assert variant is not None
    redacted = WINDOWS[name].redacted(recording, REDACTOR, Platform.WINDOWS)
    for each in (recording, redacted, replace(recording, parts=())):
        try:
            variant.parse(each)
        except ParseError as error:
            assert str(error)


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
