"""The working directory that a shell leaves in the environment is not a password."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from containerize.secret_values.workload_secrets import collect


def process(*environment: bytes) -> Any:
    return cast(Any, SimpleNamespace(uid=0, environment=environment, arguments=()))


@pytest.mark.parametrize(("name", "secret"), [(b"PWD", False), (b"OLDPWD", False), (b"DB_PWD", True)])
def test_only_the_names_of_shells_are_excepted(name: bytes, secret: bool) -> None:
    found = collect(
        {}, [process(name + b"=/var/spool/postfix", b"queue_directory=/var/spool/postfix")], cast(Any, None)
    )

    assert found.has(b"/var/spool/postfix") is secret
