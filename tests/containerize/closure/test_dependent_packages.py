"""Modules, plugins and protocols that are packages of their own belong to the service."""

from __future__ import annotations

import time

import pytest

from containerize.closure.dependent_packages import MOST_NEW
from tests.containerize.closure.pretend_host import PretendHost, process


@pytest.fixture
def host() -> PretendHost:
    host = PretendHost()
    host.package("libc6", "/usr/lib/x86_64-linux-gnu/libc.so.6")
    host.package(
        "dovecot-core",
        "/usr/sbin/dovecot",
        "/usr/lib/dovecot/auth",
        "/usr/share/dovecot/protocols.d/",
        depends="libc6",
        provides="dovecot-abi",
    )
    return host


def test_the_protocols_of_a_mail_server_come_with_it(host: PretendHost) -> None:
    host.package("libsieve", "/usr/lib/libsieve.so", depends="libc6")
    host.package("dovecot-imapd", "/usr/lib/dovecot/imap", depends="dovecot-core, libsieve")
    host.package("dovecot-pgsql", "/usr/lib/dovecot/modules/pgsql.so", depends="dovecot-abi")
    found = host.close(process("/usr/sbin/dovecot"))
    assert found.claims["/usr/lib/dovecot/imap"] == ("belongs to dovecot-imapd, which adds files to /usr/lib/dovecot")
    assert {"/usr/lib/dovecot/modules/pgsql.so", "/usr/lib/libsieve.so"} <= set(found.claims)


def test_a_package_that_only_uses_the_service_stays_out(host: PretendHost) -> None:
    host.package("webmail", "/usr/share/webmail/index.php", depends="dovecot-core")
    host.package("guests", "/usr/lib/dovecot/unrelated", depends="libc6")
    host.package("dovecot-tool", "/usr/bin/dovecot-tool", "/usr/share/doc/dovecot-core/x", depends="dovecot-core")
    found = host.close(process("/usr/sbin/dovecot"))
    assert not {"webmail", "guests", "dovecot-tool"}.intersection(found.packages)


def test_a_directory_of_many_programs_is_nobodys(host: PretendHost) -> None:
    """``/usr/share/polkit`` holds files of many that do not depend on each other."""
    host.package("dovecot-core", "/usr/sbin/dovecot", "/usr/share/polkit/dovecot", depends="libc6")
    host.package("other", "/usr/share/polkit/other", depends="libc6")
    host.package("tool", "/usr/share/polkit/tool", depends="dovecot-core")
    assert "tool" not in host.close(process("/usr/sbin/dovecot")).packages


def test_a_plugin_that_brings_a_desktop_is_left_out_and_told(host: PretendHost) -> None:
    libraries = [f"libdesktop{number}" for number in range(MOST_NEW + 1)]
    for name in libraries:
        host.package(name, f"/usr/lib/{name}.so")
    host.package("dovecot-gui", "/usr/lib/dovecot/gui", depends=", ".join(["dovecot-core", *libraries]))
    found = host.close(process("/usr/sbin/dovecot"))
    assert "dovecot-gui" not in found.packages
    assert found.left_out["package dovecot-gui"] == (
        "adds files to /usr/lib/dovecot, and would bring 41 other packages along"
    )


def test_an_interpreter_does_not_bring_every_program_in_its_language() -> None:
    host = PretendHost()
    host.package("nodejs", "/usr/bin/node", "/usr/share/nodejs/npm/")
    host.package("node-left", "/usr/share/nodejs/left/index.js", depends="nodejs")
    host.package("erlang-base", "/usr/lib/erlang/bin/beam.smp", "/usr/lib/erlang/lib/kernel/")
    host.package("erlang-wx", "/usr/lib/erlang/lib/wx/wx.beam", depends="erlang-base")
    found = host.close(process("/usr/bin/node"), process("/usr/lib/erlang/bin/beam.smp"))
    assert not {"node-left", "erlang-wx"}.intersection(found.packages)


def test_all_plugins_in_a_directory_that_settings_name_come(host: PretendHost) -> None:
    host.package(
        "nagios", "/usr/sbin/nagios", conffiles={"/etc/nagios/resource.cfg": "$USER1$=/usr/lib/nagios/plugins"}
    )
    for name in ("basic", "disk"):
        host.package(f"plugins-{name}", f"/usr/lib/nagios/plugins/check_{name}")
    found = host.close(process("/usr/sbin/nagios"))
    assert {"/usr/lib/nagios/plugins/check_basic", "/usr/lib/nagios/plugins/check_disk"} <= set(found.claims)


def test_many_directories_take_the_time_of_their_number(host: PretendHost) -> None:
    number = 5000
    host.package("dovecot-core", "/usr/sbin/dovecot", *(f"/usr/share/{at}/f" for at in range(number)), depends="libc6")
    host.package("tool", *(f"/usr/share/tool/{at}" for at in range(number)), "/usr/share/7/x", depends="dovecot-core")
    began = time.process_time()
    assert "tool" in host.close(process("/usr/sbin/dovecot")).packages
    assert time.process_time() - began < 5
