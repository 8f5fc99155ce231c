"""Java virtual machines that run on a host, and the application servers in them."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class JavaProcess:
    """One virtual machine.

    ``version`` is as its makers write it (``11.0.24``, ``1.8.0_202``, ``17``), from ``version_from`` (package, path or
    file); "" when it is not known. ``vendor`` is the word of the path or package (openjdk, oracle, temurin, zulu, ibm
    …). ``flags`` are the options of the machine (``-X…``, ``-XX:…``, ``--add-…``) in the order in which they count,
    those of JAVA_TOOL_OPTIONS, JDK_JAVA_OPTIONS and _JAVA_OPTIONS included; ``properties`` those of ``-D``, redacted.
    ``heap_max_bytes`` and ``heap_initial_bytes`` are the last -Xmx and -Xms, None where none is set and the machine
    takes a share of the memory. ``collector`` is the garbage collector that a flag chooses, "" for the version's own.
    ``agents`` are those of -javaagent, -agentlib and -agentpath. ``jmx_port``, ``rmi_port`` and ``debug_port`` are
    ports that it opens for management, None where it opens none. ``main`` is the main class, or the archive of -jar.

    ``sees_cgroup_limits``: whether it takes memory and CPUs from a container's cgroup (version 1: 8u191 and 10,
    JDK-8146115), ``sees_cgroup2_limits`` the same of cgroup version 2 (8u372, 11.0.16 and 15, JDK-8230305); None where
    the version leaves it open. ``container_support_off``: -XX:-UseContainerSupport forbids both.
    """

    pid: int
    executable: str
    home: str
    version: str
    version_from: str
    vendor: str
    package: str
    main: str
    program_arguments: tuple[str, ...]
    class_path: tuple[str, ...]
    flags: tuple[str, ...]
    properties: tuple[tuple[str, str], ...]
    heap_max_bytes: int | None
    heap_initial_bytes: int | None
    collector: str
    agents: tuple[str, ...]
    jmx_port: int | None
    rmi_port: int | None
    debug_port: int | None
    sees_cgroup_limits: bool | None
    sees_cgroup2_limits: bool | None
    container_support_off: bool
    archives: tuple[str, ...]
    origin: Origin

    def property(self, name: str) -> str:
        """The value of a system property, the last one that counts; "" when it is not set."""
        return next((value for key, value in reversed(self.properties) if key == name), "")


@dataclass(frozen=True, slots=True)
class DeployedApplication:
    """An application in an application server. ``name`` is that of its archive or directory; ``origin`` its source: a
    directory, an open file, or a line of configuration.
    """

    name: str
    path: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class ApplicationServer:
    """A program that runs applications of others.

    ``kind`` is tomcat, jetty, jboss (WildFly and EAP too), weblogic, websphere, liberty, glassfish (Payara too), or one
    outside of Java: php-fpm, uwsgi, gunicorn, puma, unicorn, passenger, mod_wsgi. ``home`` is the directory of the
    product, ``base`` that of this instance, ``name`` the name of the instance; each "" where it is not known. ``ports``
    are those of its configuration, as written.
    """

    kind: str
    name: str
    version: str
    home: str
    base: str
    pids: tuple[int, ...]
    ports: tuple[str, ...]
    applications: tuple[DeployedApplication, ...]
    origin: Origin
