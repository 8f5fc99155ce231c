"""The lines that tie a service to addresses, ports and directories: found on disk, redacted, understood."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.configuration import Configuration
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.files.configuration import SECTION, parse
from inventory.sections.files.searched_files import ETC_PATHS_LEFT_OUT
from tests.support.live import REDACTOR, ask, found
from tests.support.recordings import answer, recorded


def configuration(recording: SectionRecording) -> Configuration:
    value = found(SECTION, recording)
    assert isinstance(value, Configuration)
    return value


def lines(value: Configuration) -> dict[tuple[str, int], str]:
    return {(line.path, line.number): line.text for line in value.lines}


def test_what_a_shop_is_tied_to() -> None:
    """Its database by name and by address, its port, its data, its program and its secret."""
    value = configuration(recorded("web01", "configuration"))
    seen = lines(value)

    assert seen["/etc/app/app.ini", 9] == "host = db01"
    assert "10.77.0.12" in seen["/etc/app/app.ini", 17]
    assert seen["/etc/apache2/sites-enabled/shop.conf", 4] == "DocumentRoot /var/www/app/public"
    assert seen["/etc/apache2/ports.conf", 5] == "Listen 80"
    assert "/etc/app/app.ini" in seen["/var/www/app/lib/shop.php", 7]
    assert "/usr/local/bin/order-badge" in seen["/var/www/app/lib/pages.php", 81]
    assert seen["/etc/app/app.ini", 13].startswith("password = <redacted:")
    assert {file.path: file.why for file in value.secret_files}["/etc/app/app.ini"] == "line 13: value of password"


def test_a_port_in_code_is_known_as_code() -> None:
    value = configuration(recorded("app01-user", "configuration"))
    port = next(line for line in value.lines if line.text == "PORT = 80")

    assert (port.path, port.code) == ("/opt/app/app.py", True)
    assert not any(line.code for line in value.lines if line.path.endswith(".ini"))


def test_a_script_is_code_by_its_first_line() -> None:
    value = configuration(recorded("vm01", "configuration"))

    assert all(line.code for line in value.lines if line.path == "/usr/local/lib/meter-gateway/meter-gateway")
    assert not any(line.text.startswith("#!") for line in value.lines)
    assert [file.why for file in value.secret_files if file.path == "/etc/default/meter-gateway"] == [
        "line 3: value of METER_API_TOKEN"
    ]


def test_a_private_key_is_a_secret_file_and_no_line() -> None:
    value = configuration(recorded("web01", "configuration"))

    assert "/etc/ssh/ssh_host_ed25519_key" in {file.path for file in value.secret_files}
    assert not any("PRIVATE KEY" in line.text for line in value.lines)


def test_files_that_may_not_be_read_are_a_gap() -> None:
    observation = SECTION.observe(recorded("app01-user", "configuration"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert "permission denied" in observation.gaps[0].reason


def test_an_expression_in_code_makes_no_secret_file() -> None:
    """`password = config["password"]` is redacted to be safe, and yet the file may go into an image."""
    rows = (
        b'/opt/a/a.py:3:password = config["password"]\n/opt/a/b.py:4:password = "Hunter2"\n/opt/a/c:1:#!/usr/bin/perl\n'
    )
    rows += b"/opt/a/c:2:$password = shift @ARGV;\n"
    value = configuration(SECTION.redact(answer("configuration", applications=rows), REDACTOR))

    assert [file.path for file in value.secret_files] == ["/opt/a/b.py"]
    assert not any("Hunter2" in line.text for line in value.lines)


def test_without_an_answer_nothing_is_known() -> None:
    assert isinstance(SECTION.observe(SectionRecording("configuration", ()), Platform.POSIX), Unknown)


def test_a_line_without_a_file_is_an_error() -> None:
    with pytest.raises(ParseError, match="etc:1"):
        parse(answer("configuration", etc=b"what is this\n"))


TREE = {
    "app.py": "import os\nPORT = 8080\n# PORT = 9\nhost = 'db01'\nx = 1\n",
    "start": "#!/bin/sh\nexec java -Dport=8181 -jar /opt/tree/app.jar\n",
    "binary": "\x7fELF\x01\x02 port = 80 \x03\n",
    "conf/web.xml": '<web>\n<!-- <Connector port="8443"/>\n port="8444" -->\n<Connector port="8080"/>\n</web>\n',
    "conf/db.properties": "db.url=jdbc:mysql://db01:3306/app?user=a&password=Hunter2\n",
    "conf/site.pem": (
        "-----BEGIN CERTIFICATE-----\nport=8081/host=db01\n-----END CERTIFICATE-----\n"
        "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEE\n-----END EC PRIVATE KEY-----\n"
    ),
    "conf/chain.pem": "-----BEGIN CERTIFICATE-----\nport=8081/host=db01\n-----END CERTIFICATE-----\n",
    "conf/vpn.key": "-----BEGIN OpenVPN Static key V1-----\n00112233445566778899aabbccddeeff\n",
    "conf/old.properties.bak": "db.url=jdbc:mysql://db02:3306/app\n",
    "node_modules/x/index.js": "listen(8080)\n",
    "lib.min.js": "listen(8080)\n",
    "readme.txt": "port = 80\n",
    "a name with spaces.ini": "port = 8282\n",
    "umlaut.ini": 'titel = "Müller", port = 8383\n',
    "a:colon.ini": "port = 80\n",
    "a\nnewline.ini": "port = 80\n",
    "backup.sh": "#!/bin/sh\nrsync -a /srv/data backup@store01:/vol\n",
}


@pytest.mark.parametrize(
    ("script", "searched"),
    [("mountall.sh", False), ("umountfs", False), (".depend.boot", False)]
    + [(name, True) for name in ("mount-archive.sh", "umount-tapes", "check_backup.sh", "checks.sh", "halt-jobs")],
)
def test_only_init_scripts_that_a_distribution_brings_are_left_out(script: str, searched: bool) -> None:
    """Somebody's own that mounts something is what rules look for."""
    left_out = ETC_PATHS_LEFT_OUT.split()
    assert searched is not any(fnmatchcase(f"init.d/{script}", pattern) for pattern in left_out)


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder near the root: the search goes down only so many levels, and the usual temporary folders lie deep."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


@pytest.mark.parametrize("shell", [["sh", "-s"], ["bash", "-s"]])
def test_names_beyond_the_limit_are_a_gap(short_path: Path, shell: list[str]) -> None:
    root = short_path / "opt" / "tree"
    root.mkdir(parents=True)
    for number in range(30):
        (root / f"a{number:02}.ini").write_text("port = 8080\n")
    roots = "bf_find_roots /opt /srv /usr/local /var/www /home /root"
    change = {roots: f"bf_roots={root}", "find /etc $bf_roots": "find $bf_roots"}
    whole = ask(SECTION, shell=shell, change=change)["configuration"]
    few = change | {"head -c 420000": "head -c 400", "-ge 419999": "-ge 399"}
    cut = SECTION.observe(ask(SECTION, shell=shell, change=few)["configuration"], Platform.POSIX)

    assert len(configuration(whole).lines) == 30
    assert whole.part("cut") is None
    assert isinstance(cut, Found)
    assert 0 < len(cut.value.lines) < 30
    (gap,) = (gap for gap in cut.gaps if "further files" in gap.what)
    assert f"{root}/a" in gap.reason


def test_a_tree_is_searched(short_path: Path) -> None:
    """Comments, binaries, foreign modules, backups and prose are left out; odd names do no harm."""
    root = short_path / "opt" / "tree"
    for name, text in TREE.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(0o755 if name in ("start", "binary") else 0o644)
    (root / "enabled-later").symlink_to("/nowhere")
    roots = "bf_find_roots /opt /srv /usr/local /var/www /home /root"
    for shell in filter(lambda words: shutil.which(words[0]), (["sh", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"])):
        value = configuration(ask(SECTION, shell=shell, change={roots: f"bf_roots={root}"})["configuration"])
        mine = [line for line in value.lines if line.path.startswith(f"{root}/")]

        assert [(line.path.removeprefix(f"{root}/"), line.number, line.code) for line in mine] == [
            ("a name with spaces.ini", 1, False),
            ("app.py", 2, True),
            ("app.py", 4, True),
            ("backup.sh", 2, True),
            ("conf/db.properties", 1, False),
            ("conf/web.xml", 4, False),
            ("start", 2, True),
            ("umlaut.ini", 1, False),
        ]
        assert [
            file.path.removeprefix(f"{root}/") for file in value.secret_files if file.path.startswith(str(root))
        ] == ["conf/db.properties", "conf/site.pem", "conf/vpn.key"]
        assert not any("Hunter2" in line.text for line in mine)


def test_a_generated_file_of_addresses_does_not_flood(tmp_path: Path) -> None:
    root = tmp_path / "opt"
    root.mkdir()
    (root / "block.conf").write_text("".join(f"deny 192.0.2.{n % 256};\n" for n in range(5000)))
    (root / "long.js").write_text("var host = '192.0.2.1';" * 5000)
    roots = "bf_find_roots /opt /srv /usr/local /var/www /home /root"
    part = ask(SECTION, change={roots: f"bf_roots={root}"})["configuration"].part("lines")

    assert part is not None
    assert len([line for line in part.content.splitlines() if line.startswith(bytes(root))]) == 81


@pytest.mark.parametrize("shell", [["sh", "-s"], ["ksh", "-s"], ["busybox", "sh", "-s"]], ids=lambda words: words[0])
def test_many_names_are_no_arguments_of_one_command(short_path: Path, shell: list[str]) -> None:
    """More than one command takes go through xargs, and yet each is read."""
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    root = short_path / "opt"
    root.mkdir()
    for number in range(700):
        (root / f"a name with {'x' * 90} {number}.ini").write_text("port = 8282\n")
    change = {"bf_find_roots /opt /srv /usr/local /var/www /home /root": f"bf_roots={root}"}
    value = configuration(ask(SECTION, shell=shell, change=change)["configuration"])

    assert len([line for line in value.lines if line.path.startswith(f"{root}/")]) == 700


@given(
    st.sampled_from(["lines", "etc", "applications", "secrets"]),
    st.one_of(st.binary(max_size=80), st.text("\n:/a1#! password=x", max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    recording = SECTION.redact(answer("configuration", **{"etc": b"", name: content}), REDACTOR)
    try:
        parse(recording)
    except ParseError as error:
        assert str(error)
    assert SECTION.redact(recording, REDACTOR) == recording


def test_times_and_relative_paths_do_not_use_up_what_is_taken_of_a_file(short_path: Path) -> None:
    root = short_path / "opt" / "tree"
    root.mkdir(parents=True)
    jobs = "".join(f"job {number} 03:15 run\nfoo/etc/x\n" for number in range(90))
    (root / "a.conf").write_text(f"{jobs}backend 10.1.2.3:8080\n")
    roots = "bf_find_roots /opt /srv /usr/local /var/www /home /root"
    value = configuration(ask(SECTION, change={roots: f"bf_roots={root}"})["configuration"])
    assert [line.text for line in value.lines if line.path == f"{root}/a.conf"] == ["backend 10.1.2.3:8080"]
