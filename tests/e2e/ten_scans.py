"""What ten scans of a host must agree on, and the work that goes on there meanwhile."""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.e2e.command import assess

_WHILE = 'while kill -0 "$PPID"; do '
"""As long as the connection is there that a command came by."""

MAIL = f"""
{_WHILE}
  for to in ops root; do printf 'Subject: t\\n\\nhello\\n' | /usr/sbin/sendmail "$to"; done
  sleep 0.2; curl -sm 1 smtp://127.0.0.1:25; sleep 1.3
done
"""
"""Postfix starts a program for each step: postdrop, pickup, cleanup, trivial-rewrite, local, smtpd, bounce …"""
POSTGRESQL = f'{_WHILE}su postgres -c "psql -qc \\"select pg_sleep(0.4)\\""; sleep 0.3; done'
MARIADB = f"{_WHILE}mariadb -e 'select sleep(0.4)'; sleep 0.9; mariadb-dump mysql; done"
JOBS = f"cd /var/tmp; {_WHILE}/bin/sh -c 'sleep 0.7; ls /etc'; sleep 0.2; done"
"""Forks all the time, as cron and its jobs do."""

_OF_THE_MOMENT = frozenset({"processes", "data"})
"""Members of a workload with pids in them; of its data the paths are compared."""


@contextmanager
def at_work(argv: Sequence[Sequence[str]]) -> Iterator[None]:
    """Commands that run until the block ends."""
    started = [
        subprocess.Popen(
            list(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        for command in argv
    ]
    try:
        time.sleep(0.5)
        assert [each.args for each in started if each.poll() is not None] == []
        yield
    finally:
        for each in started:
            each.kill()
            each.wait()


def scans(workspace: Path, hosts_ini: Path, number: int) -> list[dict[str, Any]]:
    """What as many scans say, at moments that have nothing to do with each other."""
    said = []
    for index in range(number):
        time.sleep(0.13 * index % 1.0)
        done = assess(workspace, "scan", str(hosts_ini), "--new", "--target", "debian-13", "--json")
        assert done.status == 0, done.errors
        said.append(done.document)
    return said


def statements(document: dict[str, Any]) -> Counter[str]:
    """What an export states of hosts, workloads and findings, one text each."""
    found: Counter[str] = Counter()
    for host in document["hosts"]:
        found[f"host {host['name']} {host['status']}"] += 1
    for workload in document["workloads"]:
        for name, value in workload.items():
            if name not in _OF_THE_MOMENT:
                found[f"{workload['id']} {name} {json.dumps(value, sort_keys=True)}"] += 1
        for data in workload["data"]:
            found[f"{workload['id']} data {data['path']}"] += 1
    for finding in document["findings"]:
        about = finding["workload"] or finding["host"]
        found[f"{about} {finding['target']} {finding['severity']} {finding['rule']} {finding['message']}"] += 1
    for missing in document["undetermined"]:
        found[f"{missing['workload'] or missing['host']} {missing['target']} undetermined {missing['rule']}"] += 1
    return found
