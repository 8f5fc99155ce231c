"""WinRM through Ansible's plugin: what goes over the wire and what comes back.

The server here speaks the few messages of MS-WSMV that a command needs and runs nothing: it is no Windows.
"""

from __future__ import annotations

import base64
import importlib.util
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from inventory.errors import HostError, HostUnreachable, LoginRefused
from inventory.host import Host
from inventory.transports import ConnectOptions, connect
from inventory.transports.ansible_connection import AnsibleTransport
from tests.inventory.sshd import ADDRESS, free_port

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(importlib.util.find_spec("winrm") is None, reason="pywinrm is not installed"),
]

PASSWORD = "s3cret"
_ENVELOPE = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
    'xmlns:w="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd" '
    'xmlns:rsp="http://schemas.microsoft.com/wbem/wsman/1/windows/shell">'
    "<s:Header><a:RelatesTo>{}</a:RelatesTo></s:Header><s:Body>{}</s:Body></s:Envelope>"
)
_DONE = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/CommandState/Done"


class _Endpoint(ThreadingHTTPServer):
    """Answers every command with ``said``, and keeps what it was given."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((ADDRESS, 0), _Handler)
        self.said = (b"said \xe4\r\n", b"", 0)
        self.commands: list[str] = []
        self.given = b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Endpoint

    def log_message(self, *args: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        wanted = base64.b64encode(f"ops:{PASSWORD}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {wanted}":
            self._answer(401, "")
            return
        action = re.search(r"<[^>]*Action[^>]*>([^<]*)<", body)
        message = re.search(r"<[^>]*MessageID[^>]*>([^<]*)<", body)
        assert action is not None
        assert message is not None
        self._answer(200, _ENVELOPE.format(message[1], self._act(action[1].rpartition("/")[2], body)))

    def _act(self, action: str, body: str) -> str:
        if action == "Create":
            return '<rsp:Shell><w:SelectorSet><w:Selector Name="ShellId">SHELL</w:Selector></w:SelectorSet></rsp:Shell>'
        if action == "Command":
            encoded = re.search(r"-EncodedCommand\W[^A-Za-z]*(?:</?rsp:Arguments>)*([A-Za-z0-9+/=]+)<", body)
            assert encoded is not None, body
            self.server.commands.append(base64.b64decode(encoded[1]).decode("utf-16-le"))
            return "<rsp:CommandResponse><rsp:CommandId>COMMAND</rsp:CommandId></rsp:CommandResponse>"
        if action == "Send":
            stream = re.search(r"<rsp:Stream[^>]*>([^<]*)<", body)
            assert stream is not None
            self.server.given += base64.b64decode(stream[1])
        if action == "Receive":
            out, err, status = self.server.said
            streams = "".join(
                f'<rsp:Stream Name="{name}" CommandId="COMMAND">{base64.b64encode(data).decode()}</rsp:Stream>'
                for name, data in (("stdout", out), ("stderr", err))
                if data
            )
            state = f'<rsp:CommandState CommandId="COMMAND" State="{_DONE}"><rsp:ExitCode>{status}</rsp:ExitCode>'
            return f"<rsp:ReceiveResponse>{streams}{state}</rsp:CommandState></rsp:ReceiveResponse>"
        return ""

    def _answer(self, status: int, text: str) -> None:
        data = text.encode()
        self.send_response(status)
        if status == 401:
            self.send_header("WWW-Authenticate", "Basic")
        self.send_header("Content-Type", "application/soap+xml;charset=UTF-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def endpoint() -> Iterator[_Endpoint]:
    server = _Endpoint()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def _host(port: int, password: str = PASSWORD) -> Host:
    variables = {"ansible_winrm_scheme": "http", "ansible_winrm_transport": "basic"}
    return Host("win01", ADDRESS, connection="winrm", port=port, user="ops", password=password, variables=variables)


def test_a_command_and_its_input_go_to_powershell_and_its_bytes_come_back(endpoint: _Endpoint) -> None:
    with connect(_host(endpoint.server_port), ConnectOptions()) as transport:
        assert isinstance(transport, AnsibleTransport)
        assert (transport.user, transport.privileged) == ("ops", False)
        done = transport.run("$input | ForEach-Object { $_ }; exit 3", b"one\r\ntwo\r\n")
        assert (done.exit_status, done.stdout, done.noise) == (0, b"said \xe4\r\n", b"")
        endpoint.said = (b"x" * 5000, b"", 3)
        done = transport.run("whoami", limit=1000)
        assert (done.exit_status, len(done.stdout), done.truncated) == (3, 1000, True)
    assert "$input | ForEach-Object { $_ }; exit 3" in endpoint.commands[0]
    assert endpoint.given == b"one\r\ntwo\r\n"


def test_a_refused_login_and_a_closed_port_are_one_sentence(endpoint: _Endpoint) -> None:
    wrong = _host(endpoint.server_port, "wr0ng")
    with connect(wrong, ConnectOptions()) as transport, pytest.raises((LoginRefused, HostUnreachable)) as caught:
        transport.run("whoami")
    assert "wr0ng" not in str(caught.value)
    with connect(_host(free_port()), ConnectOptions()) as transport, pytest.raises(HostError, match="win01: "):
        transport.run("whoami")
