"""A file of services that is broken or hostile: status 78 and one sentence, never a crash and never a start."""

from __future__ import annotations

import random

import pytest

from containerize.supervisor.render_spec import render
from containerize.supervisor.service_spec import PassedSocket, ServiceCommand, SupervisedService, SupervisorSpec
from tests.containerize.supervisor.supervised import supervised

pytestmark = pytest.mark.live
FIRST = b"brownfield-services 1\n"
SERVICE = FIRST + b"service a\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "is empty"),
        (b"brownfield-services 2\n", "line 1"),
        (FIRST, "names no service"),
        (FIRST + b"kind simple\n", "line 2 of the file of services: a setting before the first service: kind"),
        (SERVICE, "a needs one start command"),
        (SERVICE + b"start run relative relative\n", "not an absolute path: relative"),
        (SERVICE + b"start /bin/sh x x\n", "unknown word: /bin/sh"),
        (SERVICE + b"start run /bin/true\n", "line 3"),
        (SERVICE + b"start run /bin/true a\nstart run /bin/true a\n", "a needs one start command"),
        (SERVICE + b"frobnicate 1\n", "unknown setting: frobnicate"),
        (SERVICE + b"umask 9\n", "not a mode: 9"),
        (SERVICE + b"account -1 0\n", "not a number"),
        (SERVICE + b"account 4294967295 0\n", "not a number"),
        (SERVICE + b"account 99999999999999999999999 0\n", "not a number"),
        (SERVICE + b"limit nofile 2 1\n", "the soft limit is above"),
        (SERVICE + b"stop-signal SIGNONE\n", "unknown word: SIGNONE"),
        (SERVICE + b"stop-signal \\e\n", "unknown signal"),
        (SERVICE + b"environment A=B c\n", "not the name of a variable: A=B"),
        (SERVICE + b"pid-file \\x00\n", "two hexadecimal digits that are not 00"),
        (SERVICE + b"pid-file \\x0\n", "two hexadecimal digits"),
        (SERVICE + b"pid-file \\q\n", "unknown escape"),
        (SERVICE + b"pid-file \\", "unknown escape"),
        (SERVICE + b"pid-file /\0\n", "not printable ASCII"),
        (SERVICE + b"pid-file /\xff\n", "not printable ASCII"),
        (SERVICE + b"start run /a" + b" b" * 5000 + b"\n", "too many words"),
        (SERVICE * 1 + b"service a\n" * 40, "too many services"),
        (FIRST + b"#" * (1 << 20), "larger than 1048576 bytes"),
        (SERVICE + b"socket tcp 127.0.0.1 99999 0 x\n", "not a number"),
        (SERVICE + b"socket tcp 127.0.0.1 1 0\n", "wrong number of values"),
        (SERVICE + b"pass inetd-wait 1 1\nstart run /bin/true a\n", "a has no socket"),
        (SERVICE + b"start run /bin/true a\npass inetd-nowait 1 1\nsocket udp ::1 1 0 x\n", "from datagrams"),
        (SERVICE + b"working-directory /" + b"x" * 5000 + b"\n", "the path is too long"),
    ],
)
def test_one_sentence(text: bytes, sentence: str) -> None:
    with supervised(text=text) as running:
        assert running.wait() == 78
        assert running.output.startswith("brownfield: ")
        assert running.output.count("\n") == 1
        assert sentence in running.output


def test_no_file_and_no_argument() -> None:
    with supervised(text=b"", before=("/bin/sh", "-c", 'exec "$0"')) as running:
        assert running.wait() == 78
        assert "needs one argument" in running.output
    with supervised(text=b"", before=("/bin/sh", "-c", 'exec "$0" /no/such/file')) as running:
        assert running.wait() == 78
        assert "cannot read the file of services /no/such/file: no such file or directory" in running.output


def test_random_damage_never_crashes() -> None:
    """No start command can run: its program does not exist, so what is still valid ends with 127."""
    service = SupervisedService(
        "a",
        (ServiceCommand(("/no/such/program", "x y", "")),),
        pid_file="/no/such.pid",
        groups=(1, 2),
        sockets=(PassedSocket("unix-stream", path="@brownfield-test"),),
        environment=(("A", "b\nc"),),
        start_seconds=1,
        stop_seconds=1,
    )
    valid = render(SupervisorSpec((service,), system_log=False))
    draw = random.Random(28)
    for _ in range(60):
        text = bytearray(valid)
        for _ in range(draw.randrange(1, 6)):
            at = draw.randrange(len(text))
            text[at : at + draw.randrange(4)] = draw.randbytes(draw.randrange(3)) if draw.random() < 0.5 else b" \n\\x1"
        with supervised(text=bytes(text)) as running:
            assert running.wait() in (78, 127, 126), (bytes(text), running.output)
