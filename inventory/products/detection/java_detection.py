"""Java virtual machines: how they were started, as java(1) describes its options, and which version they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from inventory.model.java import JavaProcess
from inventory.model.libraries import MappedFile
from inventory.model.open_files import OpenFile
from inventory.model.packages import Packages
from inventory.model.processes import Process
from inventory.products.detection.java_version import sees_cgroup2_limits, sees_cgroup_limits, vendor_in, version_in
from inventory.products.detection.product_configuration import unique
from inventory.products.detection.program_identity import package_of, program_of, upstream_version

_PROGRAMS = frozenset({"java", "javaw", "jsvc", "jsvc.exec", "tomcat8w", "tomcat9w"})
_LIBRARY = re.compile(r"(?P<home>/.*?)(?:/jre)?/lib/(?:[a-z0-9_]+/)?(?:server|client|minimal|zero)/libjvm\.so")
_WITH_VALUE = frozenset(
    {"-cp", "-classpath", "--class-path", "-p", "--module-path", "--add-modules", "--add-opens", "--add-exports",
     "--add-reads", "--patch-module", "--limit-modules", "--upgrade-module-path", "-d", "--describe-module"}
)  # fmt: skip
_JSVC_WITH_VALUE = frozenset(
    {"-home", "-user", "-pidfile", "-outfile", "-errfile", "-wait", "-procname", "-jvm", "-java-home", "-cwd", "-umask"}
)
_SIZE = re.compile(r"(?P<number>\d{1,18})(?P<unit>[kKmMgGtT]?)[bB]?")
_UNITS = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}
_COLLECTOR = re.compile(
    r"-XX:\+Use(?P<name>G1|Parallel|ParallelOld|Serial|ConcMarkSweep|Z|Shenandoah|Epsilon|ParNew)GC"
)
_IBM_COLLECTOR = re.compile(r"-Xgcpolicy:(?P<name>\w+)")
_AGENT = re.compile(r"-(?:javaagent|agentlib|agentpath):(?P<agent>.*)", re.DOTALL)
_DEBUG = re.compile(r"(?:-agentlib:jdwp=|-Xrunjdwp:)(?:.*,)?address=(?:[^,]*:)?(?P<port>\d{1,5})(?:,|$)")


def java_processes(
    processes: Iterable[Process],
    mapped: Iterable[MappedFile],
    files: Iterable[OpenFile],
    packages: Packages | None,
) -> tuple[JavaProcess, ...]:
    """Every process that runs a program of Java or has the library of its virtual machine mapped."""
    libraries: dict[int, str] = {}
    for library in mapped:
        if library.path.endswith("/libjvm.so") and _LIBRARY.fullmatch(library.path):
            libraries.update(dict.fromkeys(library.pids, library.path))
    everyone = [each for each in processes if not each.kernel]
    machines = [each for each in everyone if program_of(each) in _PROGRAMS or each.pid in libraries]
    # jsvc has a parent that only watches
    watched = {each.ppid for each in machines}
    machines = [each for each in machines if not (program_of(each).startswith("jsvc") and each.pid in watched)]
    wanted = {each.pid for each in machines}
    archives: dict[int, list[str]] = {}
    for file in files:
        if file.pid in wanted and file.target.lower().endswith((".jar", ".war", ".ear", ".rar")):
            archives.setdefault(file.pid, []).append(file.target)
    return tuple(_machine(each, libraries.get(each.pid, ""), archives.get(each.pid, []), packages) for each in machines)


def _machine(process: Process, library: str, archives: list[str], packages: Packages | None) -> JavaProcess:
    environment = dict(process.environment or ())
    jsvc = program_of(process).startswith("jsvc")
    home = _home(process, library, environment)
    # Packages are asked for executables only, so the library's is often that of the launcher next to it.
    beside = (f"{home}/bin/java", f"{home}/jre/bin/java") if home else ()
    candidates = (library or None, process.executable if not jsvc else None, *beside)
    package = next((found for path in candidates if (found := package_of(packages, path))), None)
    version, source = _version(home, package.name if package else "", package.version if package else "")
    launcher = environment.get("JDK_JAVA_OPTIONS", "").split() if _major(version) not in range(1, 9) else []
    options, main, arguments = _split([*launcher, *process.arguments[1:]], jsvc=jsvc)
    options = [
        *environment.get("JAVA_TOOL_OPTIONS", "").split(),
        *options,
        *environment.get("_JAVA_OPTIONS", "").split(),
    ]
    # JBoss and others take -D behind the main class too
    properties = tuple(_properties([*options, *arguments]))
    by_name = dict(properties)
    class_path = next((value for name, value in reversed(_pairs(options)) if name in _CLASS_PATH), "")
    return JavaProcess(
        pid=process.pid,
        executable=process.executable or "",
        home=home,
        version=version,
        version_from=source,
        vendor=vendor_in(f"{home} {package.name if package else ''} {package.vendor if package else ''}"),
        package=package.name if package else "",
        main=main,
        program_arguments=tuple(arguments),
        class_path=unique(re.split(r"[:;](?![\\/])|:(?=/)", class_path)),
        flags=tuple(_flags(options)),
        properties=properties,
        heap_max_bytes=_last_size(options, ("-Xmx", "-XX:MaxHeapSize=", "-mx")),
        heap_initial_bytes=_last_size(options, ("-Xms", "-XX:InitialHeapSize=", "-ms")),
        collector=_collector(options),
        agents=tuple(match["agent"] for each in options if (match := _AGENT.fullmatch(each))),
        jmx_port=_port(by_name.get("com.sun.management.jmxremote.port", "")),
        rmi_port=_port(by_name.get("com.sun.management.jmxremote.rmi.port", "")),
        debug_port=next((_port(match["port"]) for each in options if (match := _DEBUG.match(each))), None),
        sees_cgroup_limits=sees_cgroup_limits(version),
        sees_cgroup2_limits=sees_cgroup2_limits(version),
        container_support_off=_last_switch(options, "UseContainerSupport") is False,
        archives=unique(archives),
        origin=process.origin,
    )


_CLASS_PATH = ("-cp", "-classpath", "--class-path")


def _home(process: Process, library: str, environment: Mapping[str, str]) -> str:
    if match := _LIBRARY.fullmatch(library):
        return match["home"]
    # without access to the executable, the command name remains
    executable = (process.executable or next(iter(process.arguments), "")).replace("\\", "/")
    for end in ("/jre/bin", "/bin"):
        folder = executable.rpartition("/")[0]
        if folder.endswith(end) and program_of(process).startswith("java") and folder not in ("/usr/bin", "/bin"):
            return folder.removesuffix(end)
    return environment.get("JAVA_HOME", "")


_NAMES_JAVA = re.compile(r"java|jvm|jdk|jre|zulu|temurin|corretto|semeru|graal|dragonwell|liberica", re.IGNORECASE)


def _version(home: str, package: str, package_version: str) -> tuple[str, str]:
    """The version and its source: the package of a Java is more precise than the name of its directory."""
    if _NAMES_JAVA.search(package):
        found = version_in(upstream_version(package_version)) or version_in(package)
        if found:
            return found, "package"
    # The version of whatever a Java was shipped with (/opt/app-10.2.3/jre) is not that of the Java.
    named = _NAMES_JAVA.search(home)
    found = version_in(home[named.start() :]) if named else ""
    return (found, "path") if found else ("", "")


def _major(version: str) -> int:
    words = [int(word) for word in re.findall(r"\d{1,6}", version)]
    return words[1] if words[:1] == [1] and len(words) > 1 else words[0] if words else 0


def _split(arguments: list[str], *, jsvc: bool) -> tuple[list[str], str, list[str]]:
    """Options, the main class or archive, and what the program is given."""
    options: list[str] = []
    at = 0
    while at < len(arguments):
        word = arguments[at]
        if word == "-jar" and at + 1 < len(arguments):
            return options, arguments[at + 1], arguments[at + 2 :]
        if word in ("-m", "--module") and at + 1 < len(arguments):
            return options, arguments[at + 1], arguments[at + 2 :]
        if word in _WITH_VALUE or (jsvc and word in _JSVC_WITH_VALUE):
            options += arguments[at : at + 2]
            at += 2
        elif word.startswith(("-", "@")) or not word:
            options.append(word)
            at += 1
        else:
            return options, word, arguments[at + 1 :]
    return options, "", []


def _pairs(options: list[str]) -> list[tuple[str, str]]:
    found = [(name, value) for name, value in pairwise(options) if name in _WITH_VALUE]
    return [*found, *((name, value) for each in options for name, is_set, value in [each.partition("=")] if is_set)]


def _properties(options: list[str]) -> Iterator[tuple[str, str]]:
    for option in options:
        if option.startswith("-D"):
            name, _, value = option[2:].partition("=")
            yield name, value


def _flags(options: list[str]) -> Iterator[str]:
    at = 0
    while at < len(options):
        word = options[at]
        if word in _WITH_VALUE:
            if word not in _CLASS_PATH:
                yield " ".join(options[at : at + 2])
            at += 2
            continue
        at += 1
        if word and not word.startswith(("-D", "-javaagent:", "-agentlib:", "-agentpath:", "--class-path=")):
            yield word


def _last_size(options: list[str], prefixes: tuple[str, ...]) -> int | None:
    for option in reversed(options):
        for prefix in prefixes:
            if option.startswith(prefix) and (match := _SIZE.fullmatch(option[len(prefix) :])):
                return int(match["number"]) << _UNITS[match["unit"].lower()]
    return None


def _last_switch(options: list[str], name: str) -> bool | None:
    for option in reversed(options):
        if option in (f"-XX:+{name}", f"-XX:-{name}"):
            return option[4] == "+"
    return None


def _collector(options: list[str]) -> str:
    for option in reversed(options):
        if match := _COLLECTOR.fullmatch(option) or _IBM_COLLECTOR.fullmatch(option):
            return match["name"]
    return ""


def _port(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) and 0 < int(text) < 65536 else None
