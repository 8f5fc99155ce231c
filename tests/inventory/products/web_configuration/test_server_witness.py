"""nginx, httpd and HAProxy themselves say what they read of a configuration, and the readers say the same."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from inventory.model.web_servers import WebServer
from inventory.observation import Found
from tests.support.snapshots import HostBuilder

pytestmark = pytest.mark.live

TEMPORARY = "".join(f"{kind}_temp_path {kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
NGINX = {
    "nginx.conf": f"error_log stderr;\npid x.pid;\nevents{{}}\nhttp{{\naccess_log off;\n{TEMPORARY}"
    'include conf.d/*.conf;\ninclude "sites-enabled/*";\n}\n',
    "nginx.conf.default": "http{server{listen 9;}}\n",
    "conf.d/b.conf": "server{listen 127.0.0.1:8081;server_name b\n  bb;location /x{root html;}\n"
    "include snip/*[!x].inc; }\n",
    "conf.d/a.conf": "map $host $m { default 1; root 2; }\nupstream u{server 127.0.0.1:9;}\n"
    'server { listen 127.0.0.1:8081; server_name "a" aa; # it\'s\n  location / { proxy_pass http://u; } }\n',
    "conf.d/.c.conf": "server{listen 9;}\n",
    "conf.d/c.conf.disabled": "server{listen 9;}\n",
    "conf.d/c.conf_20190101": "server{listen 9;}\n",
    "sites-enabled/site": 'server {\n listen 127.0.0.1:8082 default_server;\n add_header X "a;\n b {";\n'
    " set $x ${host}y;\n}\n",
    "snip/a.inc": "gzip on;\n",
    "snip/x.inc": "gzip off;\n",
}

HTTPD = {
    "conf/httpd.conf": "ServerName main\nErrorLog x.log\nListen 127.0.0.1:8083\n"
    "Define top example.com\nInclude conf.d/*.conf\n"
    "IncludeOptional none/*.conf\nInclude folder\n# comment \\\nInclude lost.conf\n",
    "conf.d/a.conf": "<VirtualHost \\\n  127.0.0.1:8083 \\\n  127.0.0.1:8084>\n"
    "  ServerName a.${top}\n  ServerAlias a1 \\\n"
    "   a2\n"
    "</VirtualHost>\n",
    "conf.d/b.conf.disabled": "<VirtualHost *:9>\nServerName lost\n</VirtualHost>\n",
    "folder/deep/c": '<virtualhost "127.0.0.1:8083">\n servername "c"\n</virtualhost>\n',
}


def written(folder: Path, files: dict[str, str], place: str) -> WebServer:
    """The files on disk, and what the product makes of them at their place on a host."""
    host = HostBuilder()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        host.whole_config(f"{place}/{name}", text)
    observation = host.build().web_servers
    assert isinstance(observation, Found) and observation.gaps == ()
    (server,) = observation.value
    return server


def tool(*names: str) -> str:
    found = next((path for name in names if (path := shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin"))), None)
    if found is None:
        pytest.skip(f"{names[0]} is not installed")
    return found


def test_nginx_reads_the_same_files_and_servers(tmp_path: Path) -> None:
    nginx = tool("nginx")
    server = written(tmp_path, NGINX, "/etc/nginx")
    done = subprocess.run(
        [nginx, "-T", "-p", f"{tmp_path}/", "-c", "nginx.conf"], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    read = re.findall(r"(?m)^# configuration file (\S+):$", done.stdout)
    assert list(server.files) == [path.replace(str(tmp_path), "/etc/nginx") for path in read]
    assert [site.names for site in server.sites] == [("a", "aa"), ("b", "bb"), ()]


def test_httpd_finds_the_same_virtual_hosts(tmp_path: Path) -> None:
    httpd = tool("apache2", "httpd")
    server = written(tmp_path, HTTPD, "/etc/httpd")
    modules = Path(httpd).parent.parent / "lib/apache2/modules"
    loads = [("-C", f"LoadModule {name}_module {modules}/mod_{name}.so") for name in ("mpm_event", "authz_core")]
    words = [httpd, "-d", str(tmp_path), *(word for load in loads for word in load), "-f", "conf/httpd.conf"]
    done = subprocess.run([*words, "-t", "-D", "DUMP_VHOSTS"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    told = set(re.findall(r"^(\S+:\d+)\s+(?:is a NameVirtualHost|(\S+) \()", done.stdout, re.MULTILINE))
    assert {listen for listen, _ in told} == {listen for site in server.sites for listen in site.listens}
    names = set(re.findall(r"(?:namevhost |:\d+\s+|alias )(\S+)(?: \(|$)", done.stdout, re.MULTILINE)) - {"is"}
    assert names == {name for site in server.sites for name in site.names}


def test_haproxy_takes_what_is_read_as_its_own(tmp_path: Path) -> None:
    haproxy = tool("haproxy")
    backends = "".join(f"backend b{n}\n  server s{n} 127.0.0.1:{8000 + n} check # {n}\n" for n in range(50))
    text = f"defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n{backends}"
    text += "frontend f\n  bind 127.0.0.1:8085\n  default_backend b0\npeers p\n  peer me 127.0.0.1:8086\n"
    text += "listen l\n  bind 127.0.0.1:8087\n"
    server = written(tmp_path, {"haproxy.cfg": text}, "/etc/haproxy")
    done = subprocess.run(
        [haproxy, "-c", "-f", str(tmp_path / "haproxy.cfg")], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert [site.listens for site in server.sites] == [("127.0.0.1:8085",), ("127.0.0.1:8087",)]
    assert [group.name for group in server.upstreams] == [*(f"b{n}" for n in range(50)), "l"]
