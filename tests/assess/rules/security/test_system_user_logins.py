"""SEC011."""

import pytest

from assess.model import Severity
from assess.rules.security.system_user_logins import system_user_logins
from inventory.observation import Found, Gap
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder

PAM = "/usr/lib/x86_64-linux-gnu/libpam.so.0.85.1"


def loading(program: str, library: str) -> HostBuilder:
    host = HostBuilder()
    host.init()
    host.map(library, host.process(50, program))
    return host


def test_a_service_that_has_loaded_pam_is_found() -> None:
    found = judge(system_user_logins, loading("/usr/sbin/vsftpd", PAM).build())
    assert found.about == [("web01/vsftpd", Severity.MINOR)]
    assert found.messages == ["Accounts of the host can log in to the service, and an image has no passwords for them."]


@pytest.mark.parametrize(
    ("program", "library"),
    [
        ("/usr/lib/postgresql/15/bin/postgres", PAM),
        ("/usr/sbin/vsftpd", "/usr/lib/x86_64-linux-gnu/libpam_misc.so.0"),
        ("/usr/sbin/sshd", PAM),
    ],
)
def test_programs_linked_with_it_for_rare_settings_and_remote_login_are_not(program: str, library: str) -> None:
    assert not judge(system_user_logins, loading(program, library).build()).about


def test_a_service_whose_libraries_could_not_be_read_is_undetermined() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/usr/sbin/vsftpd")
    host.overrides["libraries"] = Found((), (Gap("maps", "permission denied"),))
    found = judge(system_user_logins, host.build())
    assert not found.about
    assert [each.section for each in found.undetermined] == ["libraries"]
