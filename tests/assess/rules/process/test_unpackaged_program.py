"""PRC002."""

from assess.model import Severity
from assess.rules.process.unpackaged_program import unpackaged_program
from tests.support.judging import judge
from tests.support.snapshots import HostBuilder


def test_a_program_that_no_package_owns_is_found_by_its_script() -> None:
    host = HostBuilder()
    host.init()
    host.package("python3.9-minimal", "/usr/bin/python3.9")
    host.process(50, "/usr/bin/python3.9", "/opt/inventory/server.py")
    host.process(51, "/usr/bin/python3.9", "/opt/inventory/server.py", ppid=50)

    said = judge(unpackaged_program, host.build())

    assert said.about == [("web01/inventory", Severity.MINOR)]
    assert said.messages == ["/opt/inventory/server.py belongs to no package."]


def test_a_packaged_program_passes_under_both_names_of_its_path() -> None:
    host = HostBuilder()
    host.init()
    host.package("nginx", "/usr/sbin/nginx")
    host.process(50, "/sbin/nginx")

    assert judge(unpackaged_program, host.build()).silent


def test_without_the_packages_it_is_undetermined() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/opt/x/x")
    host.unknown("packages")

    assert judge(unpackaged_program, host.build()).missing == {"packages"}


def test_a_program_that_could_not_be_read_is_no_pass_and_no_finding() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, None, arguments=("/usr/bin/java", "-jar", "/opt/x/x.jar"), name="java")
    said = judge(unpackaged_program, host.build())

    assert not said.findings
    assert said.missing == {"processes"}


def test_a_program_in_memory_has_no_file_to_ask_about_but_its_script_has() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, "/memfd:watchd", executable_deleted=True)
    assert judge(unpackaged_program, host.build()).silent

    host.process(51, "/memfd:x", executable_deleted=True, arguments=("python3", "/opt/shop/report.py"))
    assert judge(unpackaged_program, host.build()).messages == ["/opt/shop/report.py belongs to no package."]
