"""NET005."""

from assess.model import Severity
from assess.rules.network.estate_host_name import estate_host_name
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def shop(*lines: str) -> HostBuilder:
    host = HostBuilder("web01", "10.77.0.11")
    host.init()
    host.process(50, "/opt/shop/shop", "--config", "/etc/shop/shop.ini")
    host.config("/etc/shop/shop.ini", *lines)
    return host


DATABASE = HostBuilder("db01", "db01.example.test").build()


def test_a_name_of_the_inventory_is_found_in_any_case() -> None:
    said = judge(estate_host_name, shop("host = DB01").build(), DATABASE)

    assert said.about == [("web01/shop", Severity.INFO)]
    assert said.messages == ["/etc/shop/shop.ini:1 names DB01, which is host db01."]


def test_its_full_name_is_the_same_host() -> None:
    assert "host db01" in judge(estate_host_name, shop("u = http://db01.example.test/x").build(), DATABASE).messages[0]


def test_its_own_name_and_longer_words_are_not() -> None:
    assert judge(estate_host_name, shop("me = web01", "x = db01x", "y = mydb01", "# db01").build(), DATABASE).silent


def test_a_name_that_is_also_a_word_counts_only_where_a_host_belongs() -> None:
    other = HostBuilder("app", "app").build()

    assert judge(estate_host_name, shop("title = our app", "app = on", "path = /srv/app/x").build(), other).silent
    for line in ("host = app", "url = http://app/x", "peer = app:5432", "mail = ops@app", 'connect_server("app")'):
        assert len(judge(estate_host_name, shop(line).build(), other).findings) == 1, line


def test_every_host_is_called_localhost_and_none_is_meant() -> None:
    other = HostBuilder("localhost", "10.0.0.1").build()

    assert judge(estate_host_name, shop("host = localhost").build(), other).silent
