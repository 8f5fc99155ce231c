# ruff: noqa: E501 - answers of Windows are as wide as they are
"""Windows: the sections that it alone has, from answers as Windows gives them, in several languages and from both shells.

Outputs marked "published" were posted by others (see docs/howto/windows.md); the rest is in the form that Microsoft documents.
"""

from __future__ import annotations

import datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from inventory.observation import Absent, Found, Unknown
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from tests.support.live import REDACTOR
from tests.support.windows_answers import HKLM, WINDOWS, observe, value


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
