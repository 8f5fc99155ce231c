"""Web servers, their virtual hosts and where they pass requests to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.configuration import ConfigLine
from inventory.model.web_servers import WebServer
from inventory.observation import Absent, Found, Origin, Unknown
from inventory.products.detection.program_identity import upstream_version
from inventory.products.web_configuration import apache, haproxy, lighttpd, nginx
from inventory.products.web_configuration.included_files import HostFiles, Tree
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder


def only(host: HostBuilder) -> WebServer:
    observation = host.build().web_servers
    assert isinstance(observation, Found)
    (server,) = observation.value
    return server


def test_apache_of_the_estate() -> None:
    snapshot = recorded_host("web01")
    assert isinstance(snapshot.web_servers, Found)
    (server,) = snapshot.web_servers.value

    assert (server.kind, server.root, server.package) == ("apache", "/etc/apache2", "apache2-bin")
    assert server.version.startswith("2.4.")
    assert len(server.pids) == 6
    assert server.listens == ("80", "443")
    (site,) = server.sites
    assert (site.names, site.listens, site.roots) == (("shop.web01",), ("*:80",), ("/var/www/app/public",))


def test_nginx_of_the_estate() -> None:
    """A snippet that nothing includes is in force nowhere."""
    snapshot = recorded_host("vm01")
    assert isinstance(snapshot.web_servers, Found)
    (server,) = snapshot.web_servers.value

    assert (server.kind, server.version, server.certificates) == ("nginx", "1.18.0", ())
    (site,) = server.sites
    assert (site.names, site.listens) == (("status.vm01",), ("80 default_server",))
    assert (site.roots, site.targets) == (("/var/www/status",), ("http://127.0.0.1:7400/",))


def test_every_fact_names_the_line_it_came_from() -> None:
    snapshot = recorded_host("web01")
    assert isinstance(snapshot.web_servers, Found)
    assert isinstance(snapshot.configuration, Found)
    lines = {line.origin: line for line in snapshot.configuration.value.lines}
    (site,) = snapshot.web_servers.value[0].sites

    assert lines[site.origin].text == "<VirtualHost *:80>"
    for directive in site.directives:
        line = lines[directive.origin]
        assert (line.path, line.number) == (directive.path, directive.number)
        assert directive.value in line.text


def test_a_host_without_a_web_server_has_none_and_one_that_could_not_be_seen_is_unknown() -> None:
    host = HostBuilder()
    host.init()
    assert isinstance(host.build().web_servers, Absent)
    host.unknown("processes", "no answer")
    assert host.build().web_servers == Unknown("no answer")


def test_configuration_that_could_not_be_read_is_a_gap() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/nginx")
    host.unknown("configuration", "the host has no grep")
    observation = host.build().web_servers

    assert isinstance(observation, Found)
    assert observation.value[0].pids == (50,)
    assert [gap.reason for gap in observation.gaps] == ["the host has no grep"]


def test_apache_as_a_proxy() -> None:
    host = HostBuilder()
    main = host.process(50, "/usr/sbin/httpd", "-DFOREGROUND")
    host.process(51, "/usr/sbin/httpd", "-DFOREGROUND", ppid=main.pid)
    host.config("/etc/httpd/conf/httpd.conf", "Listen 10.0.0.5:8080", 'DocumentRoot "/var/www/html"', "ServerName www")
    host.config(
        "/etc/httpd/conf/httpd.conf", '<Directory "/srv/old site">', "AllowOverride All", "Include conf.d/*.conf"
    )
    host.config(
        "/etc/httpd/conf.d/shop.conf",
        "<VirtualHost *:443 [::]:443>",
        "ServerName shop.example.com",
        "ServerAlias www.example.com old.example.com",
        "ProxyPass /static !",
        "ProxyPass /api http://10.0.0.7:8080/api retry=0",
        "ProxyPassReverse /api http://10.0.0.9:8080/api",
        'SetHandler "proxy:unix:/run/php-fpm/www.sock|fcgi://localhost"',
        "RewriteRule ^/legacy/(.*) http://legacy:81/$1 [P,L]",
        "RewriteRule ^/gone http://elsewhere/ [R]",
        "SSLCertificateFile /etc/pki/tls/certs/shop.crt",
        "SSLCertificateKeyFile /etc/pki/tls/private/shop.key",
        '<Proxy "balancer://pool">',
        "BalancerMember http://10.0.0.20:80 loadfactor=2",
        "</Proxy>",
        "</VirtualHost>",
        "Alias /docs /srv/docs",
    )
    host.package("httpd", "/usr/sbin/httpd", version="2.4.6-99.el7")
    host.config("/srv/old site/.htaccess", "Require host intra.example.com")
    server = only(host)

    assert (server.version, server.pids) == ("2.4.6", (50, 51))
    assert server.listens == ("10.0.0.5:8080",)
    assert server.roots == ("/var/www/html", "/srv/docs")
    assert server.htaccess == ("/srv/old site", "/srv/old site/.htaccess")
    assert server.includes == ("conf.d/*.conf",)
    (site,) = server.sites
    assert site.listens == ("*:443", "[::]:443")
    assert site.names == ("shop.example.com", "www.example.com", "old.example.com")
    assert site.targets == (
        "http://10.0.0.7:8080/api",
        "unix:/run/php-fpm/www.sock|fcgi://localhost",
        "http://legacy:81/$1",
    )
    assert (site.certificates, site.keys) == (("/etc/pki/tls/certs/shop.crt",), ("/etc/pki/tls/private/shop.key",))
    assert [(group.name, group.servers) for group in server.upstreams] == [
        ("balancer://pool", ("http://10.0.0.20:80",))
    ]


def test_virtual_hosts_without_their_end() -> None:
    """Recordings of earlier versions do not have the lines that end them."""
    host = HostBuilder()
    host.config("/etc/apache2/sites-enabled/a.conf", "<VirtualHost *:80>", "ServerName a", "<VirtualHost *:81>")
    host.config("/etc/apache2/sites-enabled/b.conf", "ServerName b")
    server = only(host)

    assert [site.names for site in server.sites] == [("a",), ()]
    assert (server.pids, server.executable) == ((), "")
    assert [directive.value for directive in server.directives] == ["b"]


def test_nginx_on_one_line_with_upstreams_streams_and_snippets() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/nginx", "-g", "daemon off;")
    host.config(
        "/etc/nginx/conf.d/all.conf",
        "upstream app { server 10.0.0.8:8080 weight=3; server unix:/run/app.sock; }",
        "server { listen 443 ssl; listen [::]:443 ssl; server_name a.example.com *.b.example.com; # a proxy",
        "include snippets/tls.conf;",
        "location / { proxy_pass http://app; } location ~ [.]php$ { fastcgi_pass unix:/run/php.sock; }",
        'root "/srv/with blank";',
        "server {",
        "listen 5432;",
        "proxy_pass db01:5432;",
        "fastcgi_param SERVER_NAME $server_name;",
        "ssl_certificate /etc/ssl/${ssl_server_name}.pem;",
    )
    host.config(
        "/etc/nginx/snippets/tls.conf", "ssl_certificate /etc/ssl/a.pem;", "ssl_certificate_key /etc/ssl/a.key;"
    )
    server = only(host)

    assert [(each.name, each.servers) for each in server.upstreams] == [
        ("app", ("10.0.0.8:8080 weight=3", "unix:/run/app.sock"))
    ]
    web, stream = server.sites
    assert web.names == ("a.example.com", "*.b.example.com")
    assert web.listens == ("443 ssl", "[::]:443 ssl")
    assert web.targets == ("http://app", "unix:/run/php.sock")
    assert (web.roots, web.certificates, web.keys) == (("/srv/with blank",), ("/etc/ssl/a.pem",), ("/etc/ssl/a.key",))
    assert (stream.listens, stream.targets, stream.names) == (("5432",), ("db01:5432",), ())
    assert stream.certificates == ("/etc/ssl/${ssl_server_name}.pem",)


def test_haproxy() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/haproxy", "-f", "/etc/haproxy/haproxy.cfg")
    host.config(
        "/etc/haproxy/haproxy.cfg",
        "global",
        "stats socket /run/haproxy/admin.sock",
        "frontend web",
        "bind *:443 ssl crt /etc/haproxy/certs/shop.pem alpn h2",
        "acl is_shop hdr(host) -i shop.example.com www.example.com",
        "use_backend shop if is_shop",
        "default_backend rest",
        "backend shop",
        "server web01 10.0.0.11:80 check",
        "server web02 10.0.0.12:80 check backup",
        "listen mysql 0.0.0.0:3306",
        "server db01 db01:3306",
    )
    server = only(host)
    web, mysql = server.sites

    assert web.names == ("shop.example.com", "www.example.com")
    assert (web.listens, web.targets) == (("*:443",), ("shop", "rest"))
    assert web.certificates == ("/etc/haproxy/certs/shop.pem",)
    assert (mysql.listens, mysql.targets) == (("0.0.0.0:3306",), ("mysql",))
    assert [(each.name, each.servers[0]) for each in server.upstreams] == [
        ("shop", "web01 10.0.0.11:80 check"),
        ("mysql", "db01 db01:3306"),
    ]


def test_lighttpd() -> None:
    host = HostBuilder()
    host.config(
        "/etc/lighttpd/lighttpd.conf",
        "server.port = 80",
        'server.document-root = "/var/www/html"',
        'include "conf-enabled/*.conf"',
        '$SERVER["socket"] == ":443" {',
        'ssl.pemfile = "/etc/lighttpd/server.pem"',
        '$HTTP["host"] =~ "(^|\\.)example\\.com$" {',
        'proxy.server = ( "" => (( "host" => "10.0.0.9", "port" => 8080 )))',
        'fastcgi.server += ( ".php" => (( "socket" => "/run/lighttpd/php.sock" )))',
    )
    server = only(host)
    tls, named = server.sites

    assert (server.listens, server.roots, server.includes) == (("80",), ("/var/www/html",), ("conf-enabled/*.conf",))
    assert (tls.listens, tls.certificates) == ((":443",), ("/etc/lighttpd/server.pem",))
    assert named.targets == ("10.0.0.9:8080", "/run/lighttpd/php.sock")


def test_two_servers_of_one_product_have_each_their_own_configuration() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/nginx")
    host.process(60, "/opt/edge/sbin/nginx", "-c", "/opt/edge/conf/nginx.conf")
    host.process(61, "/opt/edge/sbin/nginx", ppid=60)
    host.config("/etc/nginx/nginx.conf", "server { listen 80; }")
    host.config("/opt/edge/conf/nginx.conf", "server { listen 8443; }")
    observation = host.build().web_servers
    assert isinstance(observation, Found)

    assert {each.root: (each.pids, each.sites[0].listens) for each in observation.value} == {
        "/etc/nginx": ((50,), ("80",)),
        "/opt/edge/conf": ((60, 61), ("8443",)),
    }


@pytest.mark.parametrize(
    ("version", "plain"),
    [
        ("1:10.11.18-0+deb12u1", "10.11.18"),
        ("2.4.57-5.el9", "2.4.57"),
        ("1.18.0-6.1+deb11u3", "1.18.0"),
        ("9.0.43-2~deb11u10", "9.0.43"),
        ("3.2.1-r0", "3.2.1"),
        ("11.0.24+8-2~deb11u1", "11.0.24+8"),
        ("2.4.66", "2.4.66"),
        ("", ""),
    ],
)
def test_the_version_that_the_makers_gave(version: str, plain: str) -> None:
    assert upstream_version(version) == plain


@given(
    st.lists(st.text(st.characters(codec=None), max_size=60), max_size=6),
    st.sampled_from([apache, haproxy, lighttpd, nginx]),
)
def test_whatever_a_line_holds_it_is_read(texts: list[str], module: object) -> None:
    lines = [ConfigLine("/etc/x", number, text, False, Origin("t", "t", 1)) for number, text in enumerate(texts, 1)]
    for whole in ((), ("/etc/x",)):
        module.read(Tree(HostFiles(lines, whole), "/etc", ["/etc/x"], "/etc"))  # type: ignore[attr-defined]
