"""NET003."""

import pytest

from assess.model import Severity
from assess.rules.network.hard_coded_port import hard_coded_port
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder

SERVER = "/opt/inventory/server.py"


def inventory_app(*code: str, arguments: tuple[str, ...] = (), **more: object) -> HostBuilder:
    host = HostBuilder("app01")
    host.init()
    host.listen(host.process(50, "/usr/bin/python3.9", SERVER, *arguments, **more), 80)  # type: ignore[arg-type]
    host.config(SERVER, *(code or ("PORT = 80",)), code=True)
    return host


def test_a_port_that_stands_only_in_the_code_is_found_at_its_line() -> None:
    said = judge(hard_coded_port, inventory_app("import socket", "PORT = 80").build())

    assert said.about == [("app01/inventory", Severity.MAJOR)]
    assert f"{SERVER}:2" in said.messages[0]
    assert said.findings[0].evidence[0].text == "PORT = 80"


def test_a_setting_that_has_no_effect_is_told() -> None:
    host = inventory_app("PORT = 80")
    host.config("/opt/inventory/inventory.conf", "[server]", "port = 8000")

    said = judge(hard_coded_port, host.build())

    assert "The setting in /opt/inventory/inventory.conf:2 has no effect." in said.messages[0]
    assert "port = 8000" in [evidence.text for evidence in said.findings[0].evidence]


@pytest.mark.parametrize(
    "line",
    ["port = 80", "Listen 80", "server.port=80", "  listen 80 default_server;", "bind: 0.0.0.0:80", '"port": 80,'],
)
def test_a_port_that_the_configuration_sets_is_not_fixed(line: str) -> None:
    host = inventory_app("PORT = 80")
    host.config("/opt/inventory/inventory.conf", line)

    assert judge(hard_coded_port, host.build()).silent


def test_a_commented_setting_sets_nothing() -> None:
    host = inventory_app("PORT = 80")
    host.config("/opt/inventory/inventory.conf", "# port = 80")

    assert judge(hard_coded_port, host.build()).findings


def test_a_port_of_the_command_line_or_environment_is_not_fixed() -> None:
    assert judge(hard_coded_port, inventory_app(arguments=("--port=80",)).build()).silent
    assert judge(hard_coded_port, inventory_app(arguments=("-p", "80")).build()).silent
    assert judge(hard_coded_port, inventory_app(arguments=("0.0.0.0:80",)).build()).silent
    assert judge(hard_coded_port, inventory_app(environment=(("PORT", "80"),)).build()).silent


def test_a_number_of_the_command_line_that_is_no_port_sets_none() -> None:
    assert judge(hard_coded_port, inventory_app(arguments=("--workers=80",)).build()).findings
    assert judge(hard_coded_port, inventory_app(arguments=("--threads", "80")).build()).findings


@pytest.mark.parametrize(
    "line",
    [
        'port = int(os.environ.get("PORT", 80))',
        'parser.add_argument("--port", default=80)',
        "const port = process.env.PORT || 80;",
        'listen = config.getint("server", "port", fallback=80)',
    ],
)
def test_a_default_that_can_be_overridden_is_not_fixed(line: str) -> None:
    assert judge(hard_coded_port, inventory_app(line).build()).silent


@pytest.mark.parametrize("line", ["timeout = 80", "x = 80", "http_status = 80", "version = '1.80'", "PORT = 8080"])
def test_a_number_that_is_no_port_is_not_one(line: str) -> None:
    assert judge(hard_coded_port, inventory_app(line).build()).silent


def test_a_port_that_nothing_names_is_the_programs_default() -> None:
    assert judge(hard_coded_port, inventory_app("print(1)").build()).silent


def test_the_port_of_a_server_that_it_uses_is_not_its_own() -> None:
    host = inventory_app("PORT = 80")
    host.config("/opt/inventory/inventory.conf", "[database]", "host = db01", "port = 3306")
    host.config("/opt/inventory/queue.conf", "port = 5672")
    host.connect(host.processes[-1], "10.77.0.99", 5672)

    assert "no effect" not in judge(hard_coded_port, host.build()).messages[0]


@pytest.mark.parametrize("word", ["TCP4-LISTEN:80,fork,reuseaddr", "UDP-RECV:80,reuseaddr"])
def test_a_port_that_an_init_script_gives_its_program_is_not_fixed(word: str) -> None:
    host = HostBuilder("app01")
    host.init()
    host.listen(host.process(50, "/usr/bin/socat", word, "STDOUT"), 80)
    script = f"DAEMON=/usr/bin/socat\nstart-stop-daemon --exec $DAEMON -- {word} STDOUT\n"
    host.init_script("relay", script, 50)
    host.config("/etc/init.d/relay", *script.splitlines(), code=True)
    assert judge(hard_coded_port, host.build()).silent

    silent = HostBuilder("app01")
    silent.init()
    silent.listen(silent.process(50, "/opt/relay/relayd", "-f"), 80)
    script = "DAEMON=/opt/relay/relayd\nRELAY_PORT=80 $DAEMON -f\n"
    silent.init_script("relay", script, 50)
    silent.config("/etc/init.d/relay", *script.splitlines(), code=True)
    assert judge(hard_coded_port, silent.build()).silent


@pytest.mark.parametrize(
    ("program", "path", "line"),
    [
        ("/usr/sbin/kamailio", "/etc/kamailio/kamailio.cfg", "listen=udp:10.77.0.11:5060"),
        ("/opt/shop/bin/puma", "/opt/shop/config/puma.rb", "port 5060"),
        ("/opt/shop/bin/gunicorn", "/opt/shop/gunicorn.conf.py", 'bind = "0.0.0.0:5060"'),
    ],
)
def test_settings_in_a_language_of_programs_are_settings(program: str, path: str, line: str) -> None:
    host = HostBuilder()
    host.init()
    host.listen(host.process(50, program, "-f", path), 5060)
    host.config(path, line, code=True)

    assert judge(hard_coded_port, host.build()).silent
