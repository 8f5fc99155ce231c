"""A small legacy host of our own, with a service and a process of ill will, and a workspace in which it was built."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.bad_input.command import told
from tests.estate import Estate
from tests.estate.running_host import RunningHost

NAME = "small01-090"
WORKLOAD = f"{NAME}/ticker"

TITLE = "\x1b]0;owned\x07\x1b[31mred\x1b[2J <b onload=alert(2)>\nassess: all is well"
"""What a process of the host calls itself."""

_SETUP = r"""
set -e
cat > /usr/local/sbin/ticker <<'END'
#!/usr/bin/perl
use strict; use warnings; use IO::Socket::INET;
my $listener = IO::Socket::INET->new(LocalPort => 7007, Listen => 5, ReuseAddr => 1) or die "no socket: $!";
while (my $client = $listener->accept) { print $client "tick\n"; close $client; }
END
cat > /usr/local/sbin/loud <<'END'
#!/usr/bin/perl
$0 = "\e]0;owned\a\e[31mred\e[2J <b onload=alert(2)>\nassess: all is well";
sleep 100000 while 1;
END
chmod 755 /usr/local/sbin/ticker /usr/local/sbin/loud
for name in ticker loud; do
    start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile /run/$name.pid \
        --startas /usr/local/sbin/$name
done
printf '* * * * * root echo "\033[31mred <b onload=alert(2)>"\n' > /etc/cron.d/loud
"""
_STOP = "start-stop-daemon --stop --quiet --oknodo --retry 5 --remove-pidfile --pidfile /run/ticker.pid"
_START = "start-stop-daemon --start --quiet --background --make-pidfile --pidfile /run/ticker.pid --startas "


@pytest.fixture(scope="session")
def small() -> Iterator[RunningHost]:
    if os.geteuid() != 0:
        pytest.skip("the estate needs root")
    with Estate.running([NAME]) as estate:
        host = estate.host(NAME)
        host.run("sh", "-c", _SETUP)
        yield host


@pytest.fixture
def stopped(small: RunningHost) -> Iterator[Callable[[], None]]:
    """Stops the service of the host; it is started again afterwards."""
    yield lambda: print(small.run("sh", "-c", _STOP))
    small.run("sh", "-c", f"{_STOP}; {_START}/usr/local/sbin/ticker")


@pytest.fixture
def restart(small: RunningHost) -> Callable[[], None]:
    """Gives the service another process."""
    return lambda: print(small.run("sh", "-c", f"{_STOP}; {_START}/usr/local/sbin/ticker"))


def entry(host: RunningHost, name: str = "", **changes: object) -> str:
    """The host's line of an inventory; ``changes`` are its variables."""
    known = f"-F none -o UserKnownHostsFile={Estate.known_hosts} -o GlobalKnownHostsFile=/dev/null"
    variables: dict[str, object] = {
        "ansible_host": host.recipe.loopback,
        "ansible_port": host.recipe.ssh_port,
        "ansible_user": "root",
        "ansible_ssh_private_key_file": Estate().key,
        "ansible_ssh_common_args": f"'{known}'",
        **changes,
    }
    return " ".join([name or host.name, *(f"{key}={value}" for key, value in variables.items())]) + "\n"


@pytest.fixture(scope="session")
def built(small: RunningHost, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a scan and one finished build. Nobody changes it: see ``workspace``."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "hosts.ini").write_text(entry(small))
    workspace = folder / "workspace"
    assert told(workspace, "scan", folder / "hosts.ini").status == 0
    assert told(workspace, "build", WORKLOAD).status == 0
    return workspace


@pytest.fixture
def spoilable(built: Path, tmp_path: Path) -> Path:
    """A copy of ``built`` with an inventory of its own beside it, for whatever a test does to it."""
    return copy_of(built, tmp_path / "workspace")


def copy_of(built: Path, to: Path) -> Path:
    """A workspace like ``built``. Contents that are known by their hash are shared, until somebody replaces them."""

    def copy(source: str, target: str) -> str:
        shared = "/sha256/" in source or "/layers/" in source
        if shared and Path(source).stat().st_dev == to.parent.stat().st_dev:
            os.link(source, target)
        else:
            shutil.copy2(source, target)
        return target

    shutil.copytree(built, to, copy_function=copy)
    return to
