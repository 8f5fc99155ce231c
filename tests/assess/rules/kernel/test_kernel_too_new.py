"""KRN003."""

import pytest

from assess.model import Severity
from assess.rules.kernel.kernel_too_new import kernel_too_new
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def el6(library: str = "/lib64/libc-2.12.so") -> HostBuilder:
    host = HostBuilder(distribution=("centos", "6.10"), kernel_release="2.6.32-754.el6.x86_64")
    host.init()
    server = host.process(50, "/usr/sbin/httpd")
    host.elf("/usr/sbin/httpd", minimum_kernel=(2, 6, 18))
    host.map(library, server)
    return host


def test_an_old_c_library_dies_on_a_kernel_without_the_vsyscall_page() -> None:
    said = judge(kernel_too_new, el6().build())

    assert said.about == [("web01/httpd", Severity.BLOCKER)]
    assert "vsyscall=xonly" in said.findings[0].remedy
    assert said.findings[0].evidence[0].origin is not None


@pytest.mark.parametrize("mode", ["xonly", "emulate"])
def test_it_runs_where_the_page_is(mode: str) -> None:
    assert judge(kernel_too_new, el6().build(), targets=(target(vsyscall=mode),)).silent


def test_a_target_of_which_it_is_not_known_is_no_pass() -> None:
    said = judge(kernel_too_new, el6().build(), targets=(target(vsyscall=""),))

    assert not said.findings and said.missing == {""}


def test_a_newer_c_library_passes_even_where_the_old_host_runs_an_old_kernel() -> None:
    assert judge(kernel_too_new, el6("/lib64/libc-2.17.so").build()).silent


def test_the_package_of_the_library_tells_where_its_file_has_no_version() -> None:
    host = el6("/lib64/libc.so.6")
    host.package("glibc", version="2.12-1.212.el6")
    assert len(judge(kernel_too_new, host.build()).findings) == 1

    host = el6("/lib64/libc.so.6")
    host.package("libc6", version="2.36-9+deb12u10")
    assert judge(kernel_too_new, host.build()).silent


def test_a_host_of_an_old_kernel_is_old_when_nothing_else_tells() -> None:
    assert len(judge(kernel_too_new, el6("/lib64/libc.so.6").build()).findings) == 1


def test_a_program_for_libc_5_needs_rework_everywhere() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/old/old")
    host.elf("/opt/old/old", "386", bits=32, interpreter="/lib/ld-linux.so.1")

    assert judge(kernel_too_new, host.build()).about == [("web01/old", Severity.MAJOR)]


def test_an_init_script_that_expects_kernel_2_6_needs_setarch() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/old/old")
    host.elf("/opt/old/old")
    host.package("libc6", version="2.36")
    host.init_script("old", '/opt/old/old\ncase "`uname -r`" in\n2.6*) ;;\n*) echo unsupported; exit 1 ;;\nesac\n')

    said = judge(kernel_too_new, host.build())

    assert said.about == [("web01/old", Severity.MINOR)]
    assert "setarch" in said.findings[0].remedy


def test_an_init_script_that_only_prints_the_kernel_passes() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/old/old")
    host.elf("/opt/old/old")
    host.package("libc6", version="2.36")
    host.init_script("old", '/opt/old/old\necho "on `uname -r`"\n')

    assert judge(kernel_too_new, host.build()).silent
