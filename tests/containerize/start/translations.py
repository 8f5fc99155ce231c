"""The translations of Debian's own units and init scripts (in ``debian/``, without their comments), one line each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from containerize.start.init_script import init_script_start, sourced_files
from containerize.start.managed_start import ManagedStart
from containerize.start.systemd_start import UnitFiles, named_environment_files, systemd_start

DEBIAN = Path(__file__).parent / "debian"
INSTANCES = {"openvpn@": "openvpn@office", "postgresql@": "postgresql@17-main"}


def unit_start(name: str) -> ManagedStart | None:
    """The translation of one of the units, with its environment file and socket."""
    path = DEBIAN / f"units/{name}.service"
    socket = path.with_suffix(".socket")
    sockets = ((f"{name}.socket", (socket.read_text(),)),) if socket.exists() else ()
    files = UnitFiles(INSTANCES.get(name, name), (path.read_text(),), sockets)
    texts = {each: text for each in named_environment_files(files) if (text := _text(each))}
    return systemd_start(UnitFiles(files.name, files.texts, files.sockets, texts))


def script_start(name: str) -> ManagedStart | None:
    """The translation of one of the init scripts, on a host where every program is installed."""
    text = _text(f"/etc/init.d/{name}")
    files = {each: content for each in sourced_files(text, name) if (content := _text(each))}
    absent = ("/run/", "/var/run/", "/lib/init/vars.sh", "/etc/default/", "/etc/nologin", "/var/lib")
    return init_script_start(
        name, f"/etc/init.d/{name}", text, files, lambda path: path in files or not path.startswith(absent)
    )


def _text(path: str) -> str:
    place = DEBIAN / path.lstrip("/")
    return place.read_text() if place.is_file() else ""


def lines() -> Iterator[str]:
    """A line for each unit and script, in the order of their names."""
    for path in sorted((DEBIAN / "units").glob("*.service")):
        yield f"unit {path.stem}: {shown(unit_start(path.stem))}"
    for path in sorted((DEBIAN / "etc/init.d").iterdir()):
        yield f"script {path.name}: {shown(script_start(path.name))}"


def shown(start: ManagedStart | None) -> str:
    """All that differs from a plain start as root."""
    if start is None:
        return "run itself"
    rows = [start.kind, *(repr(list(each.vector)) for each in start.start)]
    for name in ("pre", "post", "stop", "post_stop"):
        rows += [
            f"{name}{'-' * each.ignore_failure}{'+' * each.as_root}={list(each.vector)!r}"
            for each in getattr(start, name)
        ]
    plain = ManagedStart("", "simple", ())
    for name in (
        "remain_after_exit", "pid_file", "user", "group", "groups", "umask", "working_directory", "limits", "nice",
        "ambient", "bounding", "stop_signal", "kill_mode", "start_seconds", "stop_seconds", "notes",
    ):  # fmt: skip
        if (value := getattr(start, name)) != getattr(plain, name):
            rows.append(f"{name}={value!r}")
    rows += [f"directory={each.path}:{each.mode:o}" for each in start.directories]
    rows += [f"socket={each.style}:{each.protocol}:{each.address}:{each.mode:o}" for each in start.sockets]
    rows += [f"{name}={value!r}" for name, value in sorted(start.environment.items())]
    return " ".join(rows)
