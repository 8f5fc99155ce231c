"""KRN031."""

import pytest

from assess.model import Severity
from assess.rules.kernel.jvm_without_limits import jvm_without_limits
from inventory.snapshot import Snapshot
from tests.support.estate_recordings import recorded_host
from tests.support.judging import judge, target
from tests.support.snapshots import HostBuilder


def java(library: str, *arguments: str, package: tuple[str, str, str] | None = None) -> Snapshot:
    host = HostBuilder()
    host.init()
    process = host.process(50, "/opt/s/bin/java", *arguments)
    host.map(library, process)
    if package:
        name, version, path = package
        host.package(name, path, version=version)
    return host.build()


OLD = ["/opt/jdk1.7.0_80/jre/lib/amd64/server/libjvm.so", "/usr/java/jdk1.8.0_181/jre/lib/amd64/server/libjvm.so",
       "/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.151-1.b12.el7.x86_64/jre/lib/amd64/server/libjvm.so"]  # fmt: skip


@pytest.mark.parametrize("path", OLD)
def test_a_java_that_sees_no_limits_is_found_on_every_target(path: str) -> None:
    for version in (1, 2):
        said = judge(jvm_without_limits, java(path), targets=(target(cgroup_version=version),))
        assert [each for _, each in said.about] == [Severity.MINOR]
        assert "all container limits" in said.messages[0]


def test_a_java_of_the_years_between_sees_those_of_version_1() -> None:
    path = "/opt/jdk-11.0.2/lib/server/libjvm.so"

    assert judge(jvm_without_limits, java(path)).findings
    assert judge(jvm_without_limits, java(path), targets=(target(cgroup_version=1),)).silent


@pytest.mark.parametrize(
    ("path", "package", "found"),
    [
        ("/usr/lib/jvm/java-8-openjdk-amd64/jre/lib/amd64/server/libjvm.so",
         ("openjdk-8-jre-headless", "8u312-b07-1", "/usr/lib/jvm/java-8-openjdk-amd64/jre/bin/java"), True),
        ("/usr/lib/jvm/java-8-openjdk-amd64/jre/lib/amd64/server/libjvm.so",
         ("openjdk-8-jre-headless", "8u402-ga-1", "/usr/lib/jvm/java-8-openjdk-amd64/jre/bin/java"), False),
        ("/usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so",
         ("openjdk-17-jre-headless", "17.0.9+9-1", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java"), False),
    ],
)  # fmt: skip
def test_a_package_tells_the_version_where_the_path_does_not(
    path: str, package: tuple[str, str, str], found: bool
) -> None:
    said = judge(jvm_without_limits, java(path, package=package))

    assert bool(said.findings) is found
    assert not said.undetermined


def test_a_version_that_nothing_tells_is_undecided() -> None:
    assert judge(jvm_without_limits, java("/opt/app-10.2.3/jre/lib/server/libjvm.so")).missing == {"libraries"}


def test_a_heap_that_is_set_needs_the_threads_alone() -> None:
    said = judge(jvm_without_limits, java(OLD[0], "-Xmx512m"))

    assert "already sets the heap" in said.findings[0].remedy


def test_a_recorded_tomcat_with_a_newer_java_is_silent() -> None:
    assert judge(jvm_without_limits, recorded_host("app01")).silent


def test_a_java_whose_libraries_were_not_seen_is_no_pass() -> None:
    host = HostBuilder()
    host.init()
    host.process(50, None, name="java")

    assert [each.section for each in judge(jvm_without_limits, host.build()).undetermined] == ["libraries"]
