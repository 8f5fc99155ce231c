"""Apache's configuration, read as httpd does: continued lines, variables, and what is included."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.configuration import ConfigLine
from inventory.model.web_servers import WebServer
from inventory.observation import Found, Gap, Origin
from inventory.products.web_configuration.apache_directives import directives
from tests.support.snapshots import HostBuilder


def read(files: Mapping[str, str], *arguments: str) -> tuple[WebServer, tuple[Gap, ...]]:
    """httpd with these files, by their paths."""
    host = HostBuilder()
    if arguments:
        host.process(50, "/usr/sbin/httpd", *arguments)
    for path, text in files.items():
        host.whole_config(path, text)
    observation = host.build().web_servers
    assert isinstance(observation, Found), observation
    (server,) = observation.value
    return server, observation.gaps


def alone(text: str) -> WebServer:
    server, _ = read({"/etc/httpd/conf/httpd.conf": text})
    return server


def test_a_section_whose_addresses_are_on_continued_lines() -> None:
    server = alone(
        "Listen 80\n<VirtualHost \\\n\t203.0.113.7:7080 \\\n\t127.0.0.1:7080 \\\n\t>\n"
        "  ServerName \\\n  a.example.com\n</VirtualHost>\n"
        "<VirtualHost \\\n\\\n>\nServerName b\n</VirtualHost>"
    )

    first, second = server.sites
    assert (first.listens, first.names) == (("203.0.113.7:7080", "127.0.0.1:7080"), ("a.example.com",))
    assert (second.listens, second.names) == ((), ("b",))


def test_a_comment_goes_on_after_a_backslash() -> None:
    server = alone("Listen 80\n# Listen 81 \\\nListen 82\nListen 83")

    assert server.listens == ("80", "83")


def test_aliases_to_any_directory() -> None:
    server = alone(
        '<VirtualHost *:80>\nScriptAlias /cgi-bin/ /usr/lib/cgi-bin/\nAlias /doc/ "/usr/share/doc/"\n'
        "Alias /app /app/public\n"
        "WSGIScriptAlias / /apps/x.wsgi process-group=x\nDocumentRoot htdocs\n</VirtualHost>"
    )

    assert server.sites[0].roots == ("/usr/lib/cgi-bin/", "/usr/share/doc/", "/app/public", "/apps/x.wsgi", "htdocs")


def test_variables_that_were_defined() -> None:
    server = alone(
        'Define site shop\nDefine root "/srv/${site}"\n<VirtualHost *:80>\nServerName ${site}.example.com\n'
        "DocumentRoot ${root}/web\nAlias /x ${unknown}/x\n</VirtualHost>"
    )

    (site,) = server.sites
    assert (site.names, site.roots) == (("shop.example.com",), ("/srv/shop/web", "${unknown}/x"))


def test_variables_that_grow_do_not_grow_without_end() -> None:
    doubling = "Define a0 xxxxxxxxxxxxxxxx\n" + "".join(f"Define a{n + 1} ${{a{n}}}${{a{n}}}\n" for n in range(64))
    server = alone(f"{doubling}<VirtualHost *:80>\nServerName ${{a64}}\n</VirtualHost>")

    assert len(server.sites[0].names[0]) <= 4096


def test_included_files_belong_to_where_they_are_included() -> None:
    server, gaps = read(
        {
            "/etc/apache2/apache2.conf": "Listen 80\nIncludeOptional mods-enabled/*.conf\n"
            "IncludeOptional sites-enabled/*.conf\nInclude extra\n",
            "/etc/apache2/sites-enabled/a.conf": "<VirtualHost *:80>\nServerName a\n"
            "Include /etc/shop/apache.conf\n</VirtualHost>\n",
            "/etc/apache2/sites-enabled/b": "<VirtualHost *:80>\nServerName b\n</VirtualHost>\n",
            "/etc/apache2/sites-enabled/c.conf.disabled": "<VirtualHost *:80>\nServerName c\n</VirtualHost>\n",
            "/etc/apache2/extra/deep/d": "DocumentRoot /srv/d\n",
            "/etc/shop/apache.conf": "Alias /shop /usr/share/shop\n",
            "/etc/shop/apache.conf.sample": "Alias /shop /usr/share/other\n",
        }
    )

    assert [(site.names, site.roots) for site in server.sites] == [(("a",), ("/usr/share/shop",))]
    assert server.roots == ("/srv/d",)
    assert server.unused == ("/etc/apache2/sites-enabled/b", "/etc/apache2/sites-enabled/c.conf.disabled")
    assert gaps == ()


def test_a_file_that_is_used_otherwise_is_not_unused() -> None:
    """Tables, variables of the start script, and what a directive names."""
    server, _ = read(
        {
            "/etc/apache2/apache2.conf": "Listen 80\nJkWorkersFile /etc/apache2/workers.conf\n",
            "/etc/apache2/workers.conf": "worker.a.host=10.0.0.1\n",
            "/etc/apache2/envvars": "export APACHE_RUN_USER=www-data\n",
            "/etc/apache2/hosts.map": "a.example.com 10.0.0.1\n",
            "/etc/apache2/conf.d/old.conf_2019": "Listen 81\n",
        }
    )

    assert server.unused == ("/etc/apache2/conf.d/old.conf_2019",)


@pytest.mark.parametrize(
    ("main", "arguments", "beside"),
    [
        ('ServerRoot "/etc/httpd"\nInclude conf.d/*.conf', (), "/etc/httpd/conf.d/a.conf"),
        ("Include conf.d/*.conf", (), "/etc/httpd/conf.d/a.conf"),
        ("Include conf.d/*.conf", ("-d", "/opt/site", "-f", "/etc/httpd/conf/httpd.conf"), "/opt/site/conf.d/a.conf"),
        ('ServerRoot "/usr/lib64/apache2"\nInclude vhosts.d/*.conf', (), "/etc/httpd/conf/vhosts.d/a.conf"),
    ],
)
def test_relative_paths_begin_at_the_server_root(main: str, arguments: tuple[str, ...], beside: str) -> None:
    server, gaps = read(
        {"/etc/httpd/conf/httpd.conf": main, beside: "<VirtualHost *:80>\nServerName a\n</VirtualHost>"}, *arguments
    )

    assert [site.names for site in server.sites] == [("a",)]
    assert gaps == ()


def test_an_include_that_was_not_read_is_a_gap() -> None:
    _, gaps = read(
        {
            "/etc/httpd/conf/httpd.conf": "Listen 80\nInclude conf.d/lost.conf\nIncludeOptional conf.d/none.conf\n"
            "IncludeOptional /vol/sites/*.conf\nInclude ${SITES}/x.conf\n"
        }
    )

    assert [(gap.what.partition(" (")[0], gap.reason.partition(" (")[0]) for gap in gaps] == [
        ("include conf.d/lost.conf", "/etc/httpd/conf.d/lost.conf was not read"),
        ("include /vol/sites/*.conf", "/vol/sites/*.conf is outside the directories that are searched"),
        ("include ${SITES}/x.conf", "the value of a variable in /etc/httpd/${SITES}/x.conf is not known"),
    ]


@given(st.lists(st.text("<>/VirtualHost \\\"'#${}Define*:80", max_size=30), max_size=8))
def test_whatever_is_written_each_directive_has_its_line(texts: list[str]) -> None:
    lines = [
        ConfigLine("/etc/x", number, text, False, Origin("configuration", "whole", number))
        for number, text in enumerate(texts, 1)
    ]
    numbers = [each.line.number for each in directives(lines, True)]
    assert numbers == sorted(set(numbers))
