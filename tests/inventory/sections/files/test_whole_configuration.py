"""Configuration that a reader understands arrives whole, and what a limit cuts of other files is told."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from inventory.model.web_servers import WebServer
from inventory.observation import Found, Gap
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.sections.files.configuration import SECTION
from tests.support.live import REDACTOR, ask
from tests.support.shells import EACH_SHELL, SHELLS
from tests.support.snapshots import HostBuilder

ROOTS = "bf_find_roots /opt /srv /usr/local /var/www /home /root"


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder near the root: the search goes down only so many levels."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def asked(root: Path, shell: str = "dash", change: Mapping[str, str] | None = None) -> SectionRecording:
    return ask(SECTION, shell=SHELLS[shell], change={ROOTS: f"bf_roots={root}", **(change or {})})["configuration"]


def observed(recording: SectionRecording) -> tuple[HostBuilder, tuple[Gap, ...]]:
    """A host with this configuration and nothing else."""
    observation = SECTION.observe(recording, Platform.POSIX)
    assert isinstance(observation, Found)
    host = HostBuilder()
    host.lines += observation.value.lines
    host.whole += observation.value.whole_files
    return host, observation.gaps


def servers(host: HostBuilder) -> tuple[WebServer, ...]:
    observation = host.build().web_servers
    assert isinstance(observation, Found)
    return observation.value


def backends(count: int) -> str:
    return "".join(
        f"backend b{n}\n    balance roundrobin\n    option httpchk GET /\n"
        f"    server s{n} 10.1.{n // 250}.{n % 250 + 1}:8080 check # one\n\n"
        for n in range(count)
    )


@pytest.mark.parametrize("shell", EACH_SHELL)
def test_a_thousand_backends_arrive(root: Path, shell: str) -> None:
    write(root, {"opt/haproxy/haproxy.cfg": f"# balancer\nglobal\n  daemon\n{backends(1000)}frontend f\n  bind *:80\n"})
    host, gaps = observed(asked(root, shell))
    (server,) = (each for each in servers(host) if each.root == f"{root}/opt/haproxy")

    assert len(server.upstreams) == 1000
    assert server.upstreams[999].servers == ("s999 10.1.3.250:8080 check",)
    assert server.sites[0].listens == ("*:80",)
    assert not [gap for gap in gaps if str(root) in gap.what + gap.reason]


def test_the_virtual_hosts_of_a_provider_arrive(root: Path) -> None:
    """Some hundred lines of rules between the first VirtualHost of a file and the last."""
    rules = "".join(f"  RewriteRule ^/old{n}$ /new{n} [R=301,L]\n  # rule {n}\n" for n in range(150))
    sites = "".join(
        f"<VirtualHost [2001:db8::{n}]:443>\n  ServerName s{n}.example.com\n{rules}</VirtualHost>\n" for n in range(4)
    )
    write(root, {"opt/www/conf/httpd.conf": "Include sites/*.vhost\n", "opt/www/conf/sites/customer.vhost": sites})
    host, _ = observed(asked(root))
    (server,) = (each for each in servers(host) if each.root.startswith(str(root)))

    assert [site.listens for site in server.sites] == [(f"[2001:db8::{n}]:443",) for n in range(4)]


def test_names_of_many_customers_are_all_there(root: Path) -> None:
    names = [f"customer{n:03}.example-hosting.net" for n in range(60)]
    write(root, {"opt/nginx/nginx.conf": f"http {{ server {{ listen 80; server_name {' '.join(names)}; }} }}\n"})
    host, _ = observed(asked(root))
    (server,) = (each for each in servers(host) if each.root.startswith(str(root)))

    assert list(server.sites[0].names) == names


def test_comments_and_blank_lines_are_not_sent_but_continued_ones_are(root: Path) -> None:
    text = "# one \\\nServerName commented\n\n  # two\nListen \\\n# not a comment\n80\n"
    write(root, {"opt/x/httpd.conf": text})
    host, _ = observed(asked(root))

    assert [(line.number, line.text) for line in host.lines if line.path.startswith(str(root))] == [
        (1, "# one \\"),
        (2, "ServerName commented"),
        (5, "Listen \\"),
        (6, "# not a comment"),
        (7, "80"),
    ]


def test_a_secret_of_a_whole_file_is_hidden(root: Path) -> None:
    write(
        root,
        {"opt/haproxy/haproxy.cfg": "userlist ops\n  user joe insecure-password geheim77\nfrontend f\n bind :80\n"},
    )
    recording = asked(root)
    whole = recording.part("whole")
    observation = SECTION.observe(recording, Platform.POSIX)

    assert whole is not None and b"geheim77" not in recording.to_text()
    assert b"insecure-password <redacted:" in whole.content
    assert isinstance(observation, Found)
    assert f"{root}/opt/haproxy/haproxy.cfg" in {file.path for file in observation.value.secret_files}


def test_a_private_key_and_a_file_of_passwords_beside_it_are_not_sent_whole(root: Path) -> None:
    write(
        root,
        {
            "opt/nginx/nginx.conf": "events {}\n",
            "opt/nginx/server.key": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n",
            "opt/nginx/htpasswd.conf": "joe:$apr1$abc$defghi\n",
        },
    )
    read = asked(root).part("read")

    assert read is not None
    assert [line for line in read.lines() if line.startswith(str(root))] == [f"{root}/opt/nginx/nginx.conf"]


def gap_of(gaps: tuple[Gap, ...], name: str) -> list[tuple[str, str]]:
    return [(gap.what, gap.reason) for gap in gaps if name in gap.what + gap.reason]


@pytest.mark.parametrize("shell", EACH_SHELL)
def test_what_the_limits_cut_is_told(root: Path, shell: str) -> None:
    names = " ".join(f"kunde{n:03}.example-hosting.net" for n in range(40))
    write(
        root,
        {
            "opt/a/many.ini": "".join(f"host{n} = 10.0.0.{n}\n" for n in range(100)),
            "opt/a/flood.ini": "".join(f"host{n} = 10.0.0.1\n" for n in range(2500)),
            "opt/a/long.ini": f"hosts = {names}\n",
            "opt/a/data.json": f'"host": "{"x" * 300_000}"\n',
        },
    )
    host, gaps = observed(asked(root, shell))
    (long,) = (line for line in host.lines if line.path == f"{root}/opt/a/long.ini")

    assert long.text.split()[-1] in names.split()
    assert gap_of(gaps, "many.ini") == [
        (
            "1,940 lines of 2 files",
            "only the first 80 lines that name something were sent: "
            f"{root}/opt/a/flood.ini (1920), {root}/opt/a/many.ini (20)",
        )
    ]
    assert gap_of(gaps, "search of a file ends")[0][1].endswith(f": {root}/opt/a/flood.ini")
    assert gap_of(gaps, "long.ini") == [
        ("the end of 1 line of 1 file", f"cut before the word that goes over 400 bytes: {root}/opt/a/long.ini (1)")
    ]
    assert gap_of(gaps, "data.json")[0][1].endswith(f"not opened: {root}/opt/a/data.json")


def test_a_file_beyond_its_budget_is_a_gap_and_not_whole(root: Path) -> None:
    write(root, {"opt/haproxy/haproxy.cfg": f"frontend f\n  bind *:80\n{backends(50)}"})
    host, gaps = observed(asked(root, change={"held > 1048576": "held > 2000"}))
    path = f"{root}/opt/haproxy/haproxy.cfg"
    ((what, reason),) = gap_of(gaps, path)

    assert path not in host.whole
    assert what.endswith(f" lines of {path}")
    assert int(what.split()[0]) + len([line for line in host.lines if line.path == path]) == 202
    assert "1 MiB" in reason


def test_an_answer_that_broke_off_makes_no_file_whole() -> None:
    rows = b"/etc/nginx/nginx.conf:1:http {\n/etc/nginx/conf.d/a.conf:1:server {\n:2:lis"
    parts = (
        Part("read", b"/etc/nginx/nginx.conf\n/etc/nginx/conf.d/a.conf\n/etc/nginx/conf.d/b.conf\n"),
        Part("whole", rows, -1, truncated=True),
    )
    recording = SECTION.redact(SectionRecording("configuration", parts, unfinished=True), REDACTOR)
    observation = SECTION.observe(recording, Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.value.whole_files == ("/etc/nginx/nginx.conf",)


def test_a_file_that_may_not_be_read_is_not_whole() -> None:
    parts = (Part("read", b"/etc/nginx/nginx.conf\n"), Part("whole", b""))
    errors = b"grep: /etc/nginx/nginx.conf: Permission denied\n"
    observation = SECTION.observe(SectionRecording("configuration", parts, errors), Platform.POSIX)

    assert isinstance(observation, Found)
    assert observation.value.whole_files == ()
    assert observation.gaps[0].reason == "permission denied; scan with become"


@pytest.mark.parametrize("part", ["whole", "lines"])
def test_a_file_of_nothing_but_secrets_does_not_cost_the_configuration_of_the_host(part: str) -> None:
    """Its redaction would take more than the limit, and then nothing of the section is kept."""
    flood = b"".join(b"/home/joe/nginx.conf:%d:token=a%d\n" % (number, number) for number in range(1, 100_000))
    rows = b"/etc/nginx/nginx.conf:1:listen 80;\n" + flood + b"/srv/nginx.conf:1:listen 81;\n"
    read = Part("read", b"/etc/nginx/nginx.conf\n/home/joe/nginx.conf\n/srv/nginx.conf\n")
    recording = SectionRecording("configuration", (read, Part(part, rows)))
    kept = SECTION.redacted(recording, REDACTOR, Platform.POSIX)
    observation = SECTION.observe(kept, Platform.POSIX)

    assert isinstance(observation, Found)
    assert [line.text for line in observation.value.lines] == ["listen 80;", "listen 81;"]
    assert "/home/joe/nginx.conf" not in observation.value.whole_files
    assert gap_of(observation.gaps, "/home/joe/nginx.conf") == [
        ("configuration of 1 file", "more than 40,000 lines may hold a secret: /home/joe/nginx.conf")
    ]
    assert SECTION.redacted(kept, REDACTOR, Platform.POSIX) == kept


@pytest.mark.parametrize("shell", EACH_SHELL)
def test_a_link_of_root_into_the_directory_of_a_user_leads_to_no_pipe_or_secret(root: Path, shell: str) -> None:
    """The user replaces what it leads to. What everyone may read, and what lies in /etc itself, is opened."""
    write(
        root,
        {
            "etc/nginx/sites-available/plain": "listen 8001;\n",
            "etc/nginx/sites-available/closed": "listen 8002;\n",
            "etc/phpmyadmin/apache.conf": "Listen 8003\n",
            "etc/tool/closed.conf": "listen 8004;\n",
            "home/joe/open.conf": "listen 8005;\n",
            "big/site": f"listen 8006;{' ' * (1 << 21)}\n",
        },
    )
    for closed in ("etc/nginx/sites-available/closed", "etc/tool/closed.conf"):
        (root / closed).chmod(0o640)
    os.mkfifo(root / "home/joe/pipe")
    (root / "home/joe/to-secret").symlink_to(root / "etc/tool/closed.conf")
    (root / "etc/nginx/sites-available/twice").symlink_to("../../phpmyadmin/apache.conf")
    enabled = root / "etc/nginx/sites-enabled"
    enabled.mkdir()
    for name, target in {
        "plain": "../sites-available/plain",
        "closed": "../sites-available/closed",
        "twice": "../sites-available/twice",
        "joe": root / "home/joe/open.conf",
        "pipe": root / "home/joe/pipe",
        "second": root / "home/joe/to-secret",
        "folder": root / "home/joe",
        "zero": "/dev/zero",
        "big": root / "big/site",
        "nowhere": "/nowhere",
    }.items():
        (enabled / name).symlink_to(target)
    change = {
        ROOTS: f"bf_roots={root}/home",
        "find /etc $bf_roots": f"find {root}/etc $bf_roots",
        "/etc/": f"{root}/etc/",
    }
    recording = asked(root, shell, change)
    host, gaps = observed(recording)

    assert not recording.timed_out
    assert sorted(line.text for line in host.lines if line.path.startswith(str(enabled))) == [
        "Listen 8003",
        "listen 8001;",
        "listen 8002;",
        "listen 8005;",
    ]
    refused = recording.part("refused")
    assert refused is not None
    assert sorted(line.rpartition("/")[2] for line in refused.lines()) == ["big", "folder", "pipe", "second", "zero"]
    assert any("could redirect" in gap.reason for gap in gaps)
