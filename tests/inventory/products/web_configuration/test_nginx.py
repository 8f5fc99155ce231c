"""nginx's configuration, read as nginx does: directives over lines, quotes, blocks, and what is included."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from inventory.model.configuration import ConfigLine
from inventory.model.web_servers import WebServer
from inventory.observation import Found, Gap, Origin
from inventory.products.web_configuration.nginx_statements import statements
from tests.support.snapshots import HostBuilder


def read(main: str | None, others: Mapping[str, str] | None = None) -> tuple[WebServer, tuple[Gap, ...]]:
    """nginx with this nginx.conf, and other files below /etc/nginx."""
    host = HostBuilder()
    if main is not None:
        host.whole_config("/etc/nginx/nginx.conf", main)
    for name, text in (others or {}).items():
        host.whole_config(f"/etc/nginx/{name}", text)
    return found(host)


def found(host: HostBuilder) -> tuple[WebServer, tuple[Gap, ...]]:
    observation = host.build().web_servers
    assert isinstance(observation, Found), observation
    (server,) = observation.value
    return server, observation.gaps


def words(text: str) -> list[tuple[tuple[str, ...], str]]:
    lines = [
        ConfigLine("/etc/nginx/nginx.conf", number, line, False, Origin("configuration", "whole", number))
        for number, line in enumerate(text.split("\n"), 1)
    ]
    return [(each.words, each.ends) for each in statements(lines, True)]


def test_a_block_needs_no_blank_before_its_brace() -> None:
    server, gaps = read("http{\nserver{\nlisten 80;\nserver_name a;\nlocation /x{root /srv/x;}\n}\n}")

    (site,) = server.sites
    assert (site.names, site.listens, site.roots) == (("a",), ("80",), ("/srv/x",))
    assert gaps == ()


def test_what_passes_to_a_named_group_and_any_root() -> None:
    server, _ = read(
        """
        http {
          upstream php { server unix:/run/php/fpm.sock; }
          server {
            listen 443 ssl; ssl_certificate cert.pem; ssl_certificate_key cert.key;
            root html;
            location /app { root /app/public; fastcgi_pass php; }
            location /py { alias /spool/www; uwsgi_pass app; }
          }
        }"""
    )

    (site,) = server.sites
    assert site.roots == ("html", "/app/public", "/spool/www")
    assert site.targets == ("php", "app")
    assert (site.certificates, site.keys) == (("cert.pem",), ("cert.key",))
    assert [(each.name, each.servers) for each in server.upstreams] == [("php", ("unix:/run/php/fpm.sock",))]


def test_directives_go_over_lines() -> None:
    server, _ = read(
        "http {\nserver {\nserver_name a.example.com\n  b.example.com\n\n  c.example.com\n;\nlisten\n80;}\n}"
    )

    (site,) = server.sites
    assert (site.names, site.listens) == (("a.example.com", "b.example.com", "c.example.com"), ("80",))
    assert [(each.name, each.number) for each in site.directives] == [("server_name", 3), ("listen", 8)]


def test_quotes_variables_and_escapes() -> None:
    assert words(
        """root "/srv/with blank";log_format a '{"x":"$y"}'\n  'z';set $v ${a}b;rewrite ^/x\\;y$ /z;return 200 "";"""
    ) == [
        (("root", "/srv/with blank"), ";"),
        (("log_format", "a", '{"x":"$y"}', "z"), ";"),
        (("set", "$v", "${a}b"), ";"),
        (("rewrite", "^/x\\;y$", "/z"), ";"),
        (("return", "200", ""), ";"),
    ]
    assert words("""add_header X "a \\" b;\n c";listen 80; # it's a "comment\nserver_name b#c;""") == [
        (("add_header", "X", 'a " b;\n c'), ";"),
        (("listen", "80"), ";"),
        (("server_name", "b#c"), ";"),
    ]


def test_a_quote_without_end_costs_its_line() -> None:
    server, _ = read(
        'http {\nserver {\nadd_header X "broken;\nserver_name a;\nadd_header Y "x";\n}\nserver { server_name b; }\n}'
    )

    assert [site.names for site in server.sites] == [("a",), ("b",)]


def test_the_code_of_a_block_is_not_read() -> None:
    text = """
    http {
      server {
        server_name a;
        content_by_lua_block {
          local t = { x = "}" } -- }
          if t then ngx.exec([[ { ]]) end
        }
        proxy_pass http://app;
      }
      map $host $root { default /srv/a; root /srv/b; server x; }
      server { server_name b; }
    }"""
    server, _ = read(text)

    assert [(site.names, site.targets, site.roots) for site in server.sites] == [
        (("a",), ("http://app",), ()),
        (("b",), (), ()),
    ]


def test_blocks_end_where_they_end() -> None:
    server, _ = read(
        "http {\nserver {\nserver_name a;\nlocation / { if ($x) { return 403; } }\n}\nroot /srv/common;\n}"
    )

    assert server.roots == ("/srv/common",)
    assert server.sites[0].roots == ()


def test_what_nothing_includes_is_not_in_force() -> None:
    """Samples, what was switched off, and a folder that an appliance's nginx.conf leaves out."""
    server, gaps = read(
        "http {\ninclude conf.d/*.conf;\nserver { listen 80; }\n}",
        {
            "nginx.conf.default": "http { server { listen 8080; server_name localhost; } }",
            "conf.d/a.conf": "server { server_name a; include snippets/b.conf; }",
            "conf.d/x.conf_20190101": "server { server_name x; }",
            "conf.d/.hidden.conf": "server { server_name hidden; }",
            "snippets/b.conf": "root /srv/b;",
            "snippets/c.conf": "root /srv/c;",
            "sites-enabled/default": "server { listen 81; }",
        },
    )

    assert [(site.names, site.listens, site.roots) for site in server.sites] == [
        (("a",), (), ("/srv/b",)),
        ((), ("80",), ()),
    ]
    assert server.files == ("/etc/nginx/nginx.conf", "/etc/nginx/conf.d/a.conf", "/etc/nginx/snippets/b.conf")
    assert server.unused == (
        "/etc/nginx/conf.d/.hidden.conf",
        "/etc/nginx/conf.d/x.conf_20190101",
        "/etc/nginx/nginx.conf.default",
        "/etc/nginx/sites-enabled/default",
        "/etc/nginx/snippets/c.conf",
    )
    assert gaps == ()


def test_an_include_that_leaves_what_is_searched_is_a_gap() -> None:
    server, gaps = read(
        "http {\ninclude /data/sites/*.conf;\ninclude ../../srv2/x.conf;\ninclude lost.conf;\n"
        "include mime.types;\ninclude none.d/*.conf;\ninclude sites-available/a;\nserver { listen 80; }\n}"
    )

    assert [(gap.what, gap.reason.partition(" (")[0]) for gap in gaps] == [
        (
            "include /data/sites/*.conf (/etc/nginx)",
            "/data/sites/*.conf is outside the directories that are searched",
        ),
        ("include ../../srv2/x.conf (/etc/nginx)", "/srv2/x.conf is outside the directories that are searched"),
        ("include lost.conf (/etc/nginx)", "/etc/nginx/lost.conf was not read"),
        (
            "include sites-available/a (/etc/nginx)",
            "/etc/nginx/sites-available/a: directories of what is only available are not searched",
        ),
    ]
    assert len(server.sites) == 1


def test_an_included_file_that_arrived_in_part_is_a_gap() -> None:
    host = HostBuilder()
    host.whole_config("/etc/nginx/nginx.conf", "http {\ninclude /srv/shop/nginx.conf;\nserver { listen 80; }\n}")
    host.config("/srv/shop/nginx.conf", "server {", "listen 81;")
    host.config("/etc/nginx/conf.d/a.conf", "listen 82;")
    server, gaps = found(host)

    assert [site.listens for site in server.sites] == [("81",), ("80",)]
    assert [(gap.what, gap.reason) for gap in gaps] == [
        ("lines of 1 file (/etc/nginx)", "only those arrived that name something: /srv/shop/nginx.conf")
    ]
    assert server.unused == ("/etc/nginx/conf.d/a.conf",)


def test_files_that_include_each_other_come_to_an_end() -> None:
    server, _ = read(
        "http { include conf.d/*.conf; }",
        {
            "conf.d/a.conf": "include conf.d/*.conf; server { server_name a; }",
            "conf.d/b.conf": "include nginx.conf; include conf.d/a.conf; server { server_name b; }",
        },
    )

    assert {site.names for site in server.sites} == {("a",), ("b",)}


def test_files_that_include_many_times_are_cut_with_a_gap() -> None:
    files = {f"f{n}.conf": f"include f{n + 1}.conf;\n" * 40 for n in range(6)}
    _, gaps = read("server { listen 80; }\ninclude f0.conf;", {**files, "f6.conf": "listen 81;"})

    assert [gap.what for gap in gaps] == ["includes (/etc/nginx)"]


def test_without_the_main_file_what_is_usually_included_counts_and_that_is_a_gap() -> None:
    server, gaps = read(
        None, {"conf.d/a.conf": "server { server_name a; }", "conf.d/a.conf.default": "server { server_name b; }"}
    )

    assert [site.names for site in server.sites] == [("a",)]
    assert server.unused == ()
    assert [gap.what for gap in gaps] == ["main configuration (/etc/nginx)"]


def test_the_main_file_is_the_one_that_the_arguments_name() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/nginx", "-c", "/etc/nginx/edge.conf")
    host.whole_config("/etc/nginx/nginx.conf", "http { server { listen 80; } }")
    host.whole_config("/etc/nginx/edge.conf", "http { server { listen 8443; } }")
    server, gaps = found(host)

    assert [site.listens for site in server.sites] == [("8443",)]
    assert (server.unused, gaps) == (("/etc/nginx/nginx.conf",), ())


def test_a_main_file_elsewhere_that_was_not_read_is_a_gap_and_the_usual_one_is_not_taken_for_it() -> None:
    host = HostBuilder()
    host.process(50, "/usr/sbin/nginx", "-c", "/data/nginx.conf")
    host.whole_config("/etc/nginx/nginx.conf", "http { server { listen 80; } }")
    server, gaps = found(host)

    assert server.sites == ()
    assert [gap.what for gap in gaps] == ["/data/nginx.conf (/etc/nginx)"]


TEXTS = st.lists(
    st.sampled_from(
        ["server", "upstream", "a", "{", "}", ";", '"', "'", "\\", "#", "$", "${", "\n", " ", "include", "x.conf"]
    ),
    max_size=40,
).map("".join)


@given(TEXTS)
def test_whatever_is_written_each_statement_has_its_line(text: str) -> None:
    lines = [
        ConfigLine("/etc/nginx/nginx.conf", number, line, False, Origin("configuration", "whole", number))
        for number, line in enumerate(text.split("\n"), 1)
    ]
    found_lines = [each.line.number for each in statements(lines, True)]
    assert found_lines == sorted(found_lines)
    assert len(found_lines) <= len(text)


@given(st.lists(st.tuples(st.from_regex(r"[a-z]{1,6}\.example", fullmatch=True), st.integers(1, 65535)), max_size=5))
def test_servers_that_are_written_are_read(sites: list[tuple[str, int]]) -> None:
    text = "".join(f"server{{server_name {name};# x\nlisten {port};}}" for name, port in sites)
    server, _ = read(f"events{{}}http{{{text}server{{listen 1;}}}}")

    assert [(site.names, site.listens) for site in server.sites[:-1]] == [
        ((name,), (str(port),)) for name, port in sites
    ]


def test_a_file_of_wildcards_does_not_cost_the_sites_of_its_server() -> None:
    """Of a user whose file is included: each wildcard is compared with every file."""
    wildcards = "".join(f"include /etc/nginx/*{number}*x*y*z;\n" for number in range(10_000))
    files = {f"c{number}/{'x' * 200}.conf": "" for number in range(2000)}
    server, gaps = read(f"http {{ server {{ listen 80; }} {wildcards} server {{ listen 81; }} }}", files)

    assert [site.listens for site in server.sites] == [("80",), ("81",)]
    assert any("more names than are compared" in gap.reason for gap in gaps)


def test_files_that_all_include_each_other_do_not_cost_the_sites_before_them() -> None:
    files = {f"conf.d/{number}": "include conf.d/*;\n" * 50 for number in range(200)}
    server, gaps = read("http { server { listen 80; } include conf.d/*; }", files)

    assert [site.listens for site in server.sites] == [("80",)]
    assert gaps


def test_gaps_can_be_written_and_are_no_flood() -> None:
    lines = "".join(f"include /x{number}\udcff{'y' * 5000};\n" for number in range(500))
    _, gaps = read(f"http {{ server {{ listen 80; }} {lines} }}")

    assert len(gaps) == 101
    assert gaps[-1].what.startswith("further includes")
    assert all(len((gap.what + gap.reason).encode()) < 3000 for gap in gaps)
