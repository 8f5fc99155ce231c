"""Nothing is found in text that no service reads, or that every host of the world has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assess.assessment import Assessment
from assess.configuration_text.effective_configuration import is_sample
from inventory.model.configuration import Configuration
from inventory.model.packages import ShippedFile
from inventory.observation import Found
from tests.support.judging import assess
from tests.support.snapshots import HostBuilder

ELSEWHERE = "proxy_pass http://10.77.0.99:6379;"


def proxy() -> HostBuilder:
    """nginx with one site and one file that nothing includes."""
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/nginx.conf", unit="nginx.service"), 80)
    host.config("/etc/nginx/nginx.conf", "http {", "include /etc/nginx/sites-enabled/*;", "}")
    host.config("/etc/nginx/sites-enabled/shop", "server { listen 80; }")
    host.config("/etc/nginx/old/shop.conf", f"server {{ {ELSEWHERE} }}")
    return host


def whole(host: HostBuilder) -> HostBuilder:
    """With every line of every file sent, as they are of web servers."""
    paths = tuple(sorted({line.path for line in host.lines}))
    host.overrides["configuration"] = Found(Configuration(tuple(host.lines), tuple(host.secrets), paths))
    return host


def addresses(assessment: Assessment) -> list[str]:
    return [each.message for each in assessment.findings if each.rule == "NET004"]


def test_a_file_that_nothing_includes_says_nothing() -> None:
    assert addresses(assess(whole(proxy()).build())) == []


def test_the_same_line_in_an_included_file_is_found() -> None:
    host = proxy()
    host.config("/etc/nginx/sites-enabled/old", ELSEWHERE)

    assert len(addresses(assess(whole(host).build()))) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/srv/shop/wp-config-sample.php",
        "/srv/shop/config.sample.inc.php",
        "/srv/shop/.env.example",
        "/srv/shop/settings.ini.dist",
        "/srv/shop/example.conf",
        "/etc/shop/examples/site.conf",
    ],
)
def test_samples_are_known_by_their_names(path: str) -> None:
    assert is_sample(path)
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/shop/shop", "--config", "/etc/shop/shop.ini", "--root", "/srv/shop")
    host.config("/etc/shop/shop.ini", "root = /srv/shop")
    host.config("/srv/shop/index.php", "listen = here", code=True)
    host.config(path, "server = 10.77.0.99")
    host.secret(path)

    assert [each.rule for each in assess(host.build()).findings if each.rule in ("NET004", "SEC002")] == []


@pytest.mark.parametrize("path", ["/etc/shop/sampling.conf", "/srv/exampleshop/a.php", "/etc/shop/distance.ini"])
def test_others_are_no_samples(path: str) -> None:
    assert not is_sample(path)


def shop(*shipped: str) -> HostBuilder:
    """A service whose settings name another host; ``shipped`` files are as their package brought them."""
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/shopd", unit="shopd.service")
    host.unit("shopd.service", 50)
    host.config("/etc/shopd/shopd.conf", "cache = db01:6379", "peer = 10.77.0.99")
    host.secret("/etc/shopd/shopd.conf")
    host.shipped = [ShippedFile(path, "shopd") for path in shipped]
    return host


def cache() -> HostBuilder:
    host = HostBuilder("db01", "10.77.0.12")
    host.init()
    host.listen(host.process(60, "/usr/bin/redis-server", unit="redis-server.service"), 6379)
    return host


def test_what_a_package_ships_ties_to_nobody_and_holds_no_secret() -> None:
    found = assess(shop("/etc/shopd/shopd.conf").build(), cache().build())

    assert found.plan is not None
    assert found.plan.dependencies == ()
    assert [each.rule for each in found.findings if each.rule in ("NET004", "NET005", "SEC002")] == []


def test_what_was_changed_does() -> None:
    found = assess(shop().build(), cache().build())

    assert found.plan is not None
    assert [(each.client, each.server) for each in found.plan.dependencies] == [
        ("web01/shopd", "db01/redis-server"),
    ]
    assert {"NET004", "NET005", "SEC002"} <= {each.rule for each in found.findings}


def test_what_a_package_of_no_repository_ships_does_too() -> None:
    host = shop("/etc/shopd/shopd.conf")
    host.package("shopd", "/usr/sbin/shopd")
    host.packages[-1] = replace(host.packages[-1], repositories=())

    assert "NET004" in {each.rule for each in assess(host.build()).findings}


def test_where_nobody_compared_all_counts() -> None:
    host = shop("/etc/shopd/shopd.conf")
    host.unknown("packages")

    assert "NET004" in {each.rule for each in assess(host.build()).findings}
