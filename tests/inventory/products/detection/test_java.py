"""Java virtual machines: what they were started with and which version they are."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.java import JavaProcess
from inventory.observation import Absent, Found
from inventory.products.detection.java_version import (
    release,
    sees_cgroup2_limits,
    sees_cgroup_limits,
    vendor_in,
    version_in,
)
from tests.support.estate_recordings import recorded_host
from tests.support.snapshots import HostBuilder


def started(*arguments: str, executable: str = "/opt/jdk1.8.0_181/bin/java", **more: Any) -> JavaProcess:
    host = HostBuilder()
    host.process(50, executable, *arguments, **more)
    observation = host.build().java
    assert isinstance(observation, Found)
    (machine,) = observation.value
    return machine


def test_the_java_of_the_estate() -> None:
    observation = recorded_host("app01").java
    assert isinstance(observation, Found)
    (machine,) = observation.value

    assert (machine.version, machine.version_from, machine.vendor) == ("11.0.24+8", "package", "openjdk")
    assert (machine.home, machine.package) == ("/usr/lib/jvm/java-11-openjdk-amd64", "openjdk-11-jre-headless")
    assert (machine.main, machine.program_arguments) == ("org.apache.catalina.startup.Bootstrap", ("start",))
    assert machine.class_path == ("/usr/share/tomcat9/bin/bootstrap.jar", "/usr/share/tomcat9/bin/tomcat-juli.jar")
    assert (machine.heap_max_bytes, machine.heap_initial_bytes) == (256 << 20, None)
    assert machine.property("catalina.base") == "/var/lib/tomcat9"
    assert "--add-opens=java.base/java.lang=ALL-UNNAMED" in machine.flags  # of JDK_JAVA_OPTIONS
    assert "/usr/share/tomcat9/bin/bootstrap.jar" in machine.archives
    assert (machine.sees_cgroup_limits, machine.sees_cgroup2_limits) == (True, True)


def test_an_ordinary_user_sees_the_arguments_and_says_what_is_missing() -> None:
    observation = recorded_host("app01", "legacy").java
    assert isinstance(observation, Found)

    assert observation.value[0].heap_max_bytes == 256 << 20
    assert observation.value[0].sees_cgroup_limits is None
    assert any("executable" in gap.what for gap in observation.gaps)


def test_a_host_without_java() -> None:
    host = HostBuilder()
    host.init()
    assert isinstance(host.build().java, Absent)


def test_options_of_a_machine() -> None:
    machine = started(
        "-server",
        "-Xms512m",
        "-Xmx2g",
        "-XX:+UseConcMarkSweepGC",
        "-XX:+UseG1GC",
        "-XX:-UseContainerSupport",
        "-javaagent:/opt/agent.jar=port=1",
        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=*:5005",
        "-Dcom.sun.management.jmxremote.port=9010",
        "-Dcom.sun.management.jmxremote.rmi.port=9011",
        "-Dempty",
        "-cp",
        "/opt/shop/lib/a.jar:/opt/shop/conf",
        "com.example.Shop",
        "--port",
        "8080",
    )

    assert (machine.heap_initial_bytes, machine.heap_max_bytes) == (512 << 20, 2 << 30)
    assert machine.flags == (
        "-server",
        "-Xms512m",
        "-Xmx2g",
        "-XX:+UseConcMarkSweepGC",
        "-XX:+UseG1GC",
        "-XX:-UseContainerSupport",
    )
    assert machine.collector == "G1"
    assert len(machine.agents) == 2
    assert (machine.jmx_port, machine.rmi_port, machine.debug_port) == (9010, 9011, 5005)
    assert machine.properties[-1] == ("empty", "")
    assert machine.class_path == ("/opt/shop/lib/a.jar", "/opt/shop/conf")
    assert (machine.main, machine.program_arguments) == ("com.example.Shop", ("--port", "8080"))
    assert machine.container_support_off
    assert (machine.version, machine.version_from, machine.vendor) == ("1.8.0_181", "path", "oracle")
    assert (machine.sees_cgroup_limits, machine.sees_cgroup2_limits) == (False, False)


def test_an_archive_is_the_main_program() -> None:
    machine = started("-Xmx64M", "-jar", "/opt/shop/shop.jar", "-Dnot=an option of the machine", "run")

    assert (machine.main, machine.program_arguments[-1]) == ("/opt/shop/shop.jar", "run")
    assert machine.heap_max_bytes == 64 << 20


def test_options_of_the_environment_count_in_their_order() -> None:
    """JAVA_TOOL_OPTIONS first, then the command line, then _JAVA_OPTIONS, which wins."""
    machine = started(
        "-Xmx1g", "Main", environment=(("_JAVA_OPTIONS", "-Xmx3g"), ("JAVA_TOOL_OPTIONS", "-Xmx2g -Da=b"))
    )
    assert (machine.heap_max_bytes, machine.property("a")) == (3 << 30, "b")


def test_the_launcher_of_java_8_does_not_know_jdk_java_options() -> None:
    environment = (("JDK_JAVA_OPTIONS", "-Xmx2g"),)
    assert started("Main", environment=environment).heap_max_bytes is None
    assert started("Main", environment=environment, executable="/opt/jdk-17.0.2/bin/java").heap_max_bytes == 2 << 30


def test_a_machine_within_another_program_is_known_by_its_library() -> None:
    host = HostBuilder()
    parent = host.process(50, "/usr/bin/jsvc", "-home", "/usr/lib/jvm/java-8-openjdk", "com.example.Daemon")
    child = host.process(51, "/usr/bin/jsvc", "-home", "/usr/lib/jvm/java-8-openjdk", "com.example.Daemon", ppid=50)
    office = host.process(60, "/usr/lib/libreoffice/program/soffice.bin")
    host.map("/usr/lib/jvm/java-8-openjdk/jre/lib/amd64/server/libjvm.so", child, office)
    observation = host.build().java
    assert isinstance(observation, Found)

    assert parent.pid not in {machine.pid for machine in observation.value}
    daemon, other = observation.value
    assert (daemon.main, daemon.home, daemon.version) == ("com.example.Daemon", "/usr/lib/jvm/java-8-openjdk", "8")
    assert daemon.sees_cgroup_limits is None  # of which update is not known
    assert other.home == daemon.home


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("/opt/jdk1.8.0_202", "1.8.0_202"),
        ("/usr/lib/jvm/java-1.8.0-openjdk-1.8.0.392.b08-4.el8.x86_64", "1.8.0.392"),
        ("8u191", "8u191"),
        ("/usr/lib/jvm/java-11-openjdk-11.0.22.0.7-2.el9.x86_64", "11.0.22"),
        ("/opt/jdk-17.0.2", "17.0.2"),
        ("/usr/lib/jvm/temurin-21-jdk-amd64", "21"),
        ("/usr/lib/jvm/java-7-openjdk-amd64", "7"),
        ("/opt/zulu8.54.0.21-ca-jdk8.0.292-linux_x64", "8.0.292"),
        ("/usr/java/jre1.6.0_45", "1.6.0_45"),
        ("/usr/lib/jvm/java-1.7.0", "1.7"),
        ("11.0.24+8", "11.0.24+8"),
        ("/usr/lib/jvm/default-java", ""),
        ("", ""),
    ],
)
def test_versions_in_names(text: str, version: str) -> None:
    assert version_in(text) == version


@pytest.mark.parametrize(
    ("version", "first", "second"),
    [
        ("1.6.0_45", False, False),
        ("1.8.0_181", False, False),
        ("8u191", True, False),
        ("1.8.0.392", True, True),
        ("9", False, False),
        ("10.0.1", True, False),
        ("11.0.15", True, False),
        ("11.0.16+8", True, True),
        ("11", True, None),
        ("14.0.2", True, False),
        ("17", True, True),
        ("8", None, None),
        ("", None, None),
    ],
)
def test_which_versions_see_the_limits_of_a_container(version: str, first: bool | None, second: bool | None) -> None:
    assert (sees_cgroup_limits(version), sees_cgroup2_limits(version)) == (first, second)


def test_vendors() -> None:
    assert [vendor_in(text) for text in ("/usr/java/jdk1.6.0_45", "/opt/IBM/WebSphere/AppServer/java", "x")] == [
        "oracle",
        "ibm",
        "",
    ]


@given(st.lists(st.text(st.characters(codec=None), max_size=30), max_size=8), st.text(max_size=30))
def test_no_arguments_are_too_odd(arguments: list[str], version: str) -> None:
    started(*arguments)
    release(version)
    sees_cgroup_limits(version)
