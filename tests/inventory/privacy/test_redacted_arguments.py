"""Secrets in arguments and environments: what each owns is hidden whole, and the words keep their number."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.privacy.secrets import values
from tests.inventory.privacy.secret_forms import EVERYTHING, REDACTOR, is_no_word_with_a_meaning


@given(st.text(EVERYTHING + "\n'\"", min_size=6, max_size=30).filter(is_no_word_with_a_meaning))
@settings(deadline=None)
def test_arguments_and_environment_own_their_whole_value(secret: str) -> None:
    raw = secret.encode()
    argv = b"\0".join(
        [b"/usr/bin/app", b"--password", b"x" + raw, b"--token=" + raw, b"-Ddb.password=" + raw, b"--port", b"80", b""]
    )
    hidden = REDACTOR.arguments(argv).split(b"\0")
    assert hidden[0] == b"/usr/bin/app"
    assert hidden[5:] == [b"--port", b"80", b""]
    assert raw not in b"\0".join(hidden)
    environment = REDACTOR.environment(b"PATH=/bin\0DB_PASSWORD=" + raw + b"\0PWD=/srv\0")
    assert raw not in environment
    assert environment.startswith(b"PATH=/bin\0DB_PASSWORD=")
    assert environment.endswith(b"\0PWD=/srv\0")


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["mysql", "-uroot", "-pHunter2", "-P3306"], ["mysql", "-uroot", "-p*", "-P3306"]),
        (["/usr/bin/sshpass", "-p", "Hunter2", "ssh", "a@b"], ["/usr/bin/sshpass", "-p", "*", "ssh", "a@b"]),
        (["sudo", "curl", "-u", "a:Hunter2", "http://x"], ["sudo", "curl", "-u", "a:*", "http://x"]),
        (["docker", "run", "-p", "80:80", "x"], ["docker", "run", "-p", "80:80", "x"]),
        (["sh", "-c", "exec mysql -pHunter2 app"], ["sh", "-c", "exec mysql -p* app"]),
        (["nginx: master process /usr/sbin/nginx"], ["nginx: master process /usr/sbin/nginx"]),
        (["java", "-Xmx1g", "-jar", "a.jar", "--spring.datasource.password=Hunter2"],
         ["java", "-Xmx1g", "-jar", "a.jar", "--spring.datasource.password=*"]),
    ],
)  # fmt: skip
def test_options_of_known_programs(argv: list[str], expected: list[str]) -> None:
    hidden = REDACTOR.arguments("\0".join(argv).encode())
    assert values.TOKEN.sub(b"*", hidden).decode().split("\0") == expected


@given(st.lists(st.binary(max_size=30), max_size=8))
@settings(deadline=None)
def test_arguments_keep_their_number(words: list[bytes]) -> None:
    raw = b"\0".join(words)
    assert REDACTOR.arguments(raw).count(b"\0") == raw.count(b"\0")
    assert REDACTOR.environment(raw).count(b"\0") == raw.count(b"\0")
