"""The hosts that show findings, with their odd services and what else is set for the time of a test."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from assess.workloads.permanent_processes import YOUNG
from tests.estate import Estate
from tests.estate.running_host import RunningHost
from tests.support.odd.services import start_script, stop_script

ODD, CLEAN = "odd01", "small01-200"
OTHERS = ("web01", "db01", "app01")
VIRTUAL = "vm01"

# A server that does nothing out of the ordinary: of a package, under an account of its own. app01 has its port too.
_TIDY = r"""
set -e
adduser --quiet --system --group --no-create-home --home /nonexistent tidy
cat > /etc/init.d/tidy <<'SCRIPT'
#!/bin/sh
### BEGIN INIT INFO
# Provides:          tidy
# Required-Start:    $network
# Required-Stop:     $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: pages
### END INIT INFO
case "$1" in
    start) start-stop-daemon --start --background --make-pidfile --pidfile /run/tidy.pid \
        --chuid tidy --chdir / --exec /usr/bin/python3 -- -m http.server --directory /usr/share/doc 8080 ;;
    stop) start-stop-daemon --stop --oknodo --remove-pidfile --pidfile /run/tidy.pid ;;
esac
SCRIPT
chmod 0755 /etc/init.d/tidy
update-rc.d tidy defaults
service tidy start
"""


# The host answers to SSH before all of its own services have come up: those that take longest, or come last.
_UP = """
up() {
    for port in 21 11211 21063 40080; do ss -lnt | grep -q ":$port " || return 1; done
    ss -lnu | grep -q ':9010 ' && ss -tn | grep -q ':4369 ' && rpcinfo -p | grep -q rusersd && test -S /run/gpsd.sock
}
for i in $(seq 120); do
    if up; then exit 0; fi
    sleep 0.5
done
echo "not all services of the host came up" >&2
exit 1
"""


@contextlib.contextmanager
def odd_services(estate: Estate, *, with_vm: bool) -> Iterator[None]:
    """Everything odd that is not there from the start; taken away again."""
    with contextlib.ExitStack() as undo:
        undo.enter_context(_huge_pages(4))
        odd = estate.host(ODD)
        _script(odd, _UP)
        pids = [int(pid) for pid in _script(odd, start_script(str(odd.recipe.address))).split()]
        undo.callback(_script, odd, stop_script(pids))
        app = estate.host("app01")
        registry = int(_script(app, "cd / && setsid rmiregistry 1099 < /dev/null > /dev/null 2>&1 & echo $!"))
        undo.callback(_script, app, f"kill {registry}")
        _script(app, "for i in 1 2 3 4 5 6 7 8 9 10; do ss -lnt | grep -q ':1099 ' && exit; sleep 0.5; done; exit 1")
        if with_vm:
            undo.enter_context(_tuned(estate.host(VIRTUAL)))
        time.sleep(YOUNG + 1)  # a dead child counts when it has been there for a while
        yield


def tidy_service(host: RunningHost) -> None:
    """Start a server without oddities on a host that goes with its changes."""
    _script(host, _TIDY)


@contextlib.contextmanager
def _huge_pages(wanted: int) -> Iterator[None]:
    """Reserve huge pages of this machine, whose kernel the hosts share, where it lets us."""
    setting = Path("/proc/sys/vm/nr_hugepages")
    try:
        before = setting.read_text()
        for _ in range(5):
            setting.write_text(str(int(before) + wanted))
            if int(setting.read_text()) >= int(before) + wanted:
                break
            # A kernel that has run for long has its free memory in pieces; then it reserves fewer, and says nothing.
            Path("/proc/sys/vm/drop_caches").write_text("1")
            Path("/proc/sys/vm/compact_memory").write_text("1")
    except OSError:
        yield
        return
    try:
        yield
    finally:
        setting.write_text(before)


@contextlib.contextmanager
def _tuned(host: RunningHost) -> Iterator[None]:
    """A setting of the whole kernel, greater than this machine has it, as an administrator sets it."""
    here = int(Path("/proc/sys/vm/max_map_count").read_text())
    before = host.run("cat", "/proc/sys/vm/max_map_count").strip()
    _script(
        host,
        f"echo vm.max_map_count = {2 * here} > /etc/sysctl.d/60-odd.conf && sysctl -q -p /etc/sysctl.d/60-odd.conf",
    )
    try:
        yield
    finally:
        _script(host, f"rm /etc/sysctl.d/60-odd.conf && sysctl -q -w vm.max_map_count={before}")


def _script(host: RunningHost, script: str) -> str:
    done = subprocess.run(
        host.argv("/bin/sh", "-s"), input=script, stdout=subprocess.PIPE, text=True, check=True, cwd="/", timeout=120
    )
    return done.stdout
