"""The known estate for real: build its hosts, start them, keep clients connected, scan them, keep the recordings.

    python -m tests.assess.known_estate build [HOST...]   # once, into the cache of the test estate
    python -m tests.assess.known_estate up [HOST...]
    python -m tests.assess.known_estate settle            # what needs the other hosts, and clients
    python -m tests.assess.known_estate record            # assess scan; the recordings go to tests/fixtures
    python -m tests.assess.known_estate down [HOST...]

Needs root and what ``tests/estate`` needs. Only the recordings are needed to run the tests.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import zstandard

from inventory.recording import SectionRecording
from inventory.store.workspace import Workspace
from tests.assess.known_estate.expectation import RECORDINGS
from tests.estate import client_key
from tests.estate.build import build, built
from tests.estate.places import cache
from tests.estate.recipe import Recipe

HERE = Path(__file__).parent
STATE = Path("/run/brownfield-known-estate")
CGROUP = Path("/sys/fs/cgroup/unified/brownfield-known-estate")
GATEWAY = "10.60.0.1"
CLIENTS = (
    "10.60.0.100:80", "lb01:443", "lb01:8404", "web01:80", "web01:21", "web02:80", "web02:6081", "app01:3000",
    "app01:7070", "app01:7171", "app02:8090", "app02:8085", "mail01:143", "mail01:25", "gw01:3128", "file01:445",
    "mon01:80", "mon01:2003",
)  # fmt: skip


def main() -> None:
    """Do one step."""
    step, *names = sys.argv[1:] or ["help"]
    recipes = [_recipe(path) for path in sorted((HERE / "hosts").glob("*.toml"))]
    wanted = [each for each in recipes if not names or each["name"] in names]
    if step == "build":
        for each in wanted:
            _build(each)
    elif step == "up":
        _up(wanted, recipes)
    elif step == "settle":
        _settle(wanted, recipes)
    elif step == "record":
        _record(wanted)
    elif step == "down":
        _down(names)
    else:
        sys.exit(__doc__)


def _recipe(path: Path) -> dict[str, Any]:
    return {"name": path.stem} | tomllib.loads(path.read_text("utf-8"))


def _as_recipe(each: dict[str, Any]) -> Recipe:
    """The recipe in the form of the test estate, whose builder makes the tree."""
    folder = cache() / "known-recipes" / each["name"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "provision.sh").write_text((HERE / "common.sh").read_text("utf-8") + each["setup"], "utf-8")
    return Recipe(
        name=f"known-{each['name']}",
        folder=folder,
        description="",
        group="",
        machine="namespaces",
        suite=each["suite"],
        init=each["init"],
        packages=tuple(each["packages"]),
        loopback="",
        publish={},
        address=each["address"],
    )


def _build(each: dict[str, Any]) -> None:
    began = time.monotonic()
    build(_as_recipe(each), print)
    print(f"{each['name']}: built in {time.monotonic() - began:.0f} s")


def _up(wanted: list[dict[str, Any]], recipes: list[dict[str, Any]]) -> None:
    STATE.mkdir(exist_ok=True)
    if not _pid("switch"):
        switch = _start(["unshare", "--net", "sleep", "infinity"], "switch")
        time.sleep(0.3)
        for command in (
            "ip link add switch0 type bridge",
            "ip link set switch0 addrgenmode none up",
            f"ip addr add {GATEWAY}/24 dev switch0",
            "ip link set lo up",
        ):
            _run(["nsenter", f"--net=/proc/{switch}/ns/net", *command.split()])
    hosts = "127.0.0.1 localhost\n" + "".join(
        f"{other['address']} {other['name']}.corp.example {other['name']}\n" for other in recipes
    )
    for each in wanted:
        _boot(each, hosts)


def _boot(each: dict[str, Any], hosts: str) -> None:
    name, run = each["name"], STATE / each["name"]
    tree = built(_as_recipe(each))
    if tree is None:
        sys.exit(f"{name} is not built")
    run.mkdir()
    (run / "hosts").write_text(hosts)
    (run / "authorized_keys").write_text(client_key.public())
    group = CGROUP / name
    group.mkdir(parents=True, exist_ok=True)
    unshare = "exec unshare --fork --kill-child --mount --pid --net --uts --ipc --cgroup sh"
    arguments = f"{HERE}/boot.sh {name} {each['address']}/24 {tree.root} {run} {each['init']}"
    outer = _start(
        ["sh", "-c", f"echo $$ > {group}/cgroup.procs; {unshare} {arguments}"], name, log=STATE / f"{name}.log"
    )
    inside = _child(outer)
    port = f"k-{name}"
    switch = _pid("switch")
    octets = ":".join(f"{int(octet):02x}" for octet in each["address"].split("."))
    enter = ["nsenter", f"--net=/proc/{switch}/ns/net", "ip", "link"]
    _run(
        [
            *enter,
            "add",
            port,
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "address",
            f"52:54:{octets}",
            "netns",
            str(inside),
        ]
    )
    _run([*enter, "set", port, "master", "switch0", "addrgenmode", "none", "up"])
    (run / "go").touch()
    print(f"{name}: process {inside}")


def _settle(wanted: list[dict[str, Any]], recipes: list[dict[str, Any]]) -> None:
    for each in wanted:
        for number in each.get("hidden", ()):
            key = f"hidden-{number}"
            if not _pid(key):
                enter = ["nsenter", f"--net=/proc/{_child(_pid(each['name']))}/ns/net"]
                _start([*enter, sys.executable, str(HERE / "clients.py"), "listen", str(number)], key)
        if "after" in each:
            print(f"{each['name']}: settling")
            _inside(each["name"], each["after"])
    if not _pid("clients"):
        places = {each["name"]: each["address"] for each in recipes}
        peers = [f"{places.get(host, host)}:{port}" for host, port in (peer.split(":") for peer in CLIENTS)]
        enter = ["nsenter", f"--net=/proc/{_pid('switch')}/ns/net"]
        _start([*enter, sys.executable, str(HERE / "clients.py"), "connect", *peers], "clients")


def _record(recipes: list[dict[str, Any]]) -> None:
    inventory = STATE / "hosts.ini"
    line = "{name} ansible_host={address} ansible_user=root ansible_ssh_private_key_file={key}\n"
    inventory.write_text("".join(line.format(key=client_key.path(), **each) for each in recipes))
    folder = STATE / "assessment"
    shutil.rmtree(folder, ignore_errors=True)
    scan = ["assess", "scan", str(inventory), "--workspace", str(folder), "--accept-new-host-keys", "--forks", "2"]
    enter = ["nsenter", f"--net=/proc/{_pid('switch')}/ns/net"]
    subprocess.run([*enter, sys.executable, "-m", *scan], check=True)
    pack = zstandard.ZstdCompressor(level=19)
    with Workspace.open(folder).store() as store:
        taken = store.latest()
        assert taken is not None
        for result in store.hosts(taken):
            recording = store.recording(taken, result.host)
            assert recording is not None, f"{result.host}: {result.reason}"
            target = RECORDINGS / result.host
            shutil.rmtree(target, ignore_errors=True)
            target.mkdir(parents=True)
            for section in recording.sections:
                (target / f"{section.section}.zst").write_bytes(pack.compress(_neutral(section).to_text()))


def _neutral(section: SectionRecording) -> SectionRecording:
    """Without the release and the boot options of the kernel of the machine that all hosts shared."""
    machine = {os.uname().release.encode(): b"6.12.57+deb13-amd64", Path("/proc/cmdline").read_bytes(): b"ro quiet\n"}
    parts = []
    for part in section.parts:
        content = part.content
        for own, plain in machine.items():
            content = content.replace(own, plain)
        parts.append(replace(part, content=content))
    return replace(section, parts=tuple(parts))


def _down(names: list[str]) -> None:
    """Stop some hosts, or all that belongs to the estate."""
    for path in sorted(STATE.glob("*.pid")):
        if not names or path.stem in names:
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(path.read_text()), signal.SIGKILL)
            path.unlink()
    time.sleep(2)
    for name in names:
        shutil.rmtree(STATE / name, ignore_errors=True)
    if not names:
        shutil.rmtree(STATE, ignore_errors=True)
        for group in [*sorted(CGROUP.rglob("*"), reverse=True), CGROUP] if CGROUP.exists() else ():
            if group.is_dir():
                group.rmdir()


def _start(argv: list[str], key: str, log: Path | None = None) -> int:
    with (log or Path(os.devnull)).open("ab") as output:
        started = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
    (STATE / f"{key}.pid").write_text(str(started.pid))
    return started.pid


def _pid(key: str) -> int:
    try:
        return int((STATE / f"{key}.pid").read_text())
    except FileNotFoundError:
        return 0


def _child(pid: int) -> int:
    for _ in range(50):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.1)
    sys.exit(f"process {pid} has no child")


def _inside(name: str, script: str) -> None:
    enter = ["nsenter", f"--target={_child(_pid(name))}", "--mount", "--pid", "--net", "--uts", "--ipc", "--cgroup"]
    subprocess.run([*enter, "sh", "-eu"], input=script.encode(), check=True, timeout=120)


def _run(argv: list[str]) -> None:
    subprocess.run(argv, check=True)


if __name__ == "__main__":
    main()
