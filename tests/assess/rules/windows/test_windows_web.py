"""WIN022, WIN023, WIN024, WIN025, WIN026, WIN027, WIN028, WIN034, WIN040: IIS, http.sys, ports, certificates."""

from assess.model import Severity
from assess.rules.windows.certificate_with_key import certificate_with_key
from assess.rules.windows.http_sys_shared_port import http_sys_shared_port
from assess.rules.windows.idle_iis_site import idle_iis_site
from assess.rules.windows.iis_directory_on_share import iis_directory_on_share
from assess.rules.windows.iis_site import iis_site
from assess.rules.windows.pinned_rpc_ports import pinned_rpc_ports
from assess.rules.windows.port_in_dynamic_range import port_in_dynamic_range
from assess.rules.windows.reserved_port import reserved_port
from assess.rules.windows.rpc_clients import rpc_clients
from inventory.model.sockets import Connection
from inventory.model.windows import Iis, PortRange, StoredCertificate
from inventory.observation import Gap
from tests.support.judging import judge
from tests.support.snapshots import origin
from tests.support.windows_snapshots import WindowsHost, site, url


class TestIis:
    def test_a_pool_serves_its_sites(self) -> None:
        host = WindowsHost()
        host.pool(
            "Web", site("Shop", "Web", "http *:80:", "https *:443:shop.example"), site("Other", "Old"), version="7.5"
        )
        host.shop()
        said = judge(iis_site, host.build())

        assert said.about == [("win01/web", Severity.MINOR)]
        assert "the site Shop with IIS 7.5, which becomes IIS 10" in said.messages[0]
        assert "certificate" in said.findings[0].remedy

    def test_an_application_that_names_no_pool_is_in_the_default_one(self) -> None:
        host = WindowsHost()
        host.pool("DefaultAppPool", site("Default Web Site", ""))

        assert judge(iis_site, host.build()).about == [("win01/defaultapppool", Severity.MINOR)]

    def test_files_on_a_share(self) -> None:
        host = WindowsHost()
        host.pool("Web", site("Shop", "Web", path="\\\\files01\\web"), site("Own", "Web"))

        said = judge(iis_directory_on_share, host.build())
        assert said.about == [("win01/web", Severity.MAJOR)]
        assert "\\\\files01\\web" in said.messages[0]

    def test_a_site_without_a_process_is_not_forgotten(self) -> None:
        host = WindowsHost()
        host.pool("Web", site("Shop", "Web"), site("Archive", "Idle"), site("Stopped", "Off", starts=False))
        said = judge(idle_iis_site, host.build())

        assert said.about == [("win01", Severity.INFO)]
        assert "Archive" in said.messages[0]

    def test_a_configuration_that_was_refused_is_no_pass(self) -> None:
        host = WindowsHost()
        gap = Gap("sites and application pools", "only administrators may read the configuration of IIS")
        host.found("iis", Iis("10.0", (), (), origin("iis")), gap)

        assert judge(idle_iis_site, host.build()).missing == {"iis"}


class TestSharedPort:
    def test_sites_with_host_names(self) -> None:
        host = WindowsHost()
        host.pool("Web", site("Shop", "Web", "http *:80:shop.example"), site("Blog", "Web", "http *:80:blog.example"))
        said = judge(http_sys_shared_port, host.build())

        assert said.about == [("win01", Severity.MINOR)]
        assert "Port 80 on win01 is shared by site Shop, site Blog" in said.messages[0]

    def test_programs_that_registered_paths(self) -> None:
        host = WindowsHost()
        host.found("http_sys", (url("HTTP://+:8080:10.0.0.1/ORDERS/", 700), url("HTTP://+:8080/REPORTS/", 701)))

        assert judge(http_sys_shared_port, host.build()).about == [("win01", Severity.MINOR)]

    def test_one_program_a_port_passes(self) -> None:
        host = WindowsHost()
        host.found(
            "http_sys",
            (
                url("http://+:8080/a/", 700),
                url("http://+:8080/b/", 700),
                url("http://+:81/", 701),
                url("x", kind="reserved"),
            ),
        )
        host.pool("Web", site("Shop", "Web", "http *:80:"), site("Off", "Web", "http *:80:", starts=False))

        assert judge(http_sys_shared_port, host.build()).silent


DYNAMIC = PortRange("dynamic", "tcp", 49152, 65535, False, origin("port_exclusions"))


class TestPorts:
    def test_a_port_that_was_chosen_at_the_start(self) -> None:
        host = WindowsHost()
        shop = host.shop()
        host.found("port_exclusions", (DYNAMIC,))
        host.port(shop, 8080)
        host.port(shop, 50001, "127.0.0.1")
        assert judge(port_in_dynamic_range, host.build()).silent
        host.port(shop, 50000)
        said = judge(port_in_dynamic_range, host.build())
        assert said.about == [("win01/shop", Severity.MAJOR)]
        assert "50000" in said.messages[0]

    def test_without_the_range_it_is_undetermined(self) -> None:
        host = WindowsHost()
        host.shop()

        assert judge(port_in_dynamic_range, host.build()).missing == {"port_exclusions"}

    def test_a_port_that_an_administrator_reserved(self) -> None:
        host = WindowsHost()
        shop = host.shop()
        host.port(shop, 50000)
        host.found("port_exclusions", (PortRange("excluded", "tcp", 49990, 50010, False, origin("port_exclusions")),))
        assert judge(reserved_port, host.build()).silent
        host.found("port_exclusions", (PortRange("excluded", "tcp", 50000, 50000, True, origin("port_exclusions")),))
        said = judge(reserved_port, host.build())
        assert said.about == [("win01/shop", Severity.MINOR)]
        assert "startport=50000" in said.findings[0].remedy

    def test_rpc_that_was_pinned(self) -> None:
        host = WindowsHost()
        assert judge(pinned_rpc_ports, host.build()).silent
        host.settings("rpc", "key", Ports="5000-5100")
        assert judge(pinned_rpc_ports, host.build()).about == [("win01", Severity.MAJOR)]


class TestRpc:
    def server(self, client: str, port: int, **release: str) -> WindowsHost:
        host = WindowsHost(**release)
        host.port(host.run(600, "C:\\Windows\\System32\\svchost.exe"), 135)
        shop = host.shop()
        host.port(shop, port)
        host.connections.append(
            Connection("tcp", host.address, port, client, 51000, "ESTABLISHED", -1, shop.pid, origin("sockets"))
        )
        return host

    def test_a_client_that_knows_a_port_which_changes_was_told_it_by_the_mapper(self) -> None:
        said = judge(rpc_clients, self.server("10.77.0.50", 49670).build())

        assert said.about == [("win01/shop", Severity.MAJOR)]
        assert [each.fact for each in said.findings[0].evidence] == [
            "10.77.0.50 is connected to port 49670",
            "the endpoint mapper listens on 0.0.0.0:135",
        ]

    def test_the_range_is_that_of_the_release(self) -> None:
        old = {"release": "5.2.3790.0", "edition": "Server 2003"}

        assert judge(rpc_clients, self.server("10.77.0.50", 1026, **old).build()).findings
        assert judge(rpc_clients, self.server("10.77.0.50", 49670, **old).build()).silent
        assert judge(rpc_clients, self.server("10.77.0.50", 1433).build()).silent

    def test_calls_of_the_host_itself_and_hosts_without_a_mapper_are_not_found(self) -> None:
        assert judge(rpc_clients, self.server("10.77.0.11", 49670).build()).silent
        assert judge(rpc_clients, self.server("127.0.0.1", 49670).build()).silent
        host = self.server("10.77.0.50", 49670)
        host.listeners = [each for each in host.listeners if each.port != 135]
        assert judge(rpc_clients, host.build()).silent

    def test_without_the_sockets_it_is_undetermined(self) -> None:
        host = self.server("10.77.0.50", 49670)
        host.unknown("sockets")

        assert judge(rpc_clients, host.build()).missing == {"sockets"}


def certificate(store: str = "MY", *, key: bool = True, until: float = 1_900_000_000.0) -> StoredCertificate:
    where = origin("certificate_stores")
    return StoredCertificate(store, "CN=shop.example", "CN=CA", "AB" * 20, 0.0, until, (), key, where)


class TestCertificates:
    def test_keys_of_the_machine_with_the_addresses_that_they_are_for(self) -> None:
        host = WindowsHost()
        host.found("certificate_stores", (certificate(),))
        host.found("http_sys", (url("0.0.0.0:443", kind="certificate", certificate="ab" * 20),))
        said = judge(certificate_with_key, host.build())

        assert said.about == [("win01", Severity.MINOR)]
        assert said.messages == ["win01 holds the key of CN=shop.example, for 0.0.0.0:443."]

    def test_roots_and_certificates_without_a_key_pass(self) -> None:
        host = WindowsHost()
        host.found("certificate_stores", (certificate("ROOT"), certificate(key=False)))

        assert judge(certificate_with_key, host.build()).silent

    def test_an_end_beyond_all_dates_is_no_error(self) -> None:
        host = WindowsHost()
        host.found("certificate_stores", (certificate(until=1e18), certificate(until=-1e18)))

        assert len(judge(certificate_with_key, host.build()).findings) == 2
