"""The text that the supervisor reads."""

from __future__ import annotations

import pytest

from containerize.supervisor.render_spec import SupervisorSpecInvalid, render
from containerize.supervisor.service_spec import (
    PassedSocket,
    ServiceCommand,
    ServiceDirectory,
    ServiceLimit,
    SupervisedService,
    SupervisorSpec,
)


def test_every_setting_has_its_line() -> None:
    service = SupervisedService(
        name="directory server",
        start=(ServiceCommand(("slapd", "-h", "ldap:/// ldapi:///", ""), program="/usr/sbin/slapd"),),
        kind="forking",
        pid_file="/run/slapd/slapd.pid",
        uid=101,
        gid=103,
        groups=(44,),
        environment=(("NOTE", "two\nlines \\ é"),),
        secrets=("PASSWORD",),
        limits=(ServiceLimit("NOFILE", 1024, None),),
        directories=(ServiceDirectory("/run/slapd", 101, 103, 0o755, emptied=True),),
        sockets=(PassedSocket("tcp", "::", 389, name="ldap"),),
        ambient=("CAP_NET_BIND_SERVICE",),
        pre=(ServiceCommand(("/bin/true",), ignore_failure=True, as_root=True),),
    )

    lines = render(SupervisorSpec((service,))).decode("ascii").splitlines()

    assert lines[:4] == ["brownfield-services 1", "system-log", r"service directory\sserver", "  kind forking"]
    assert r"  environment NOTE two\nlines\s\\\s\xc3\xa9" in lines
    assert "  account 101 103 44" in lines
    assert "  limit nofile 1024 infinity" in lines
    assert "  emptied-directory /run/slapd 101 103 0755" in lines
    assert "  socket tcp :: 389 0 ldap" in lines
    assert "  ambient 10" in lines
    assert "  pre ignore-failure as-root run /bin/true /bin/true" in lines
    assert r"  start run /usr/sbin/slapd slapd -h ldap:///\sldapi:/// \e" in lines


@pytest.mark.parametrize(
    ("service", "message"),
    [
        (SupervisedService("x", ()), "x has 0 start commands"),
        (SupervisedService("x", (ServiceCommand(("sh",)),)), "'sh'"),
        (SupervisedService("x", (ServiceCommand(("/bin/x", "a\0b")),)), "NUL"),
        (SupervisedService("x", (ServiceCommand(("/bin/x",)),), ambient=("CAP_MAGIC",)), "CAP_MAGIC"),
        (SupervisedService("x", (ServiceCommand(("/bin/x", "a" * (1 << 20))),)), "1048576 is the limit"),
    ],
)
def test_what_the_binary_would_not_take_is_an_error(service: SupervisedService, message: str) -> None:
    with pytest.raises(SupervisorSpecInvalid, match=message):
        render(SupervisorSpec((service,)))
