"""``assess scan --every``: repeated samples after a scan."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

import click

from assess.signals import Terminated
from inventory.host import Host
from inventory.scan.sampling import SampleDone, run_sampling
from inventory.scan.scan_run import ScanOptions
from inventory.store.database import Store
from inventory.store.scan_records import Scan
from inventory.store.sighting_store import Sampling, SightingStore
from inventory.store.workspace import Workspace
from reports.view.labels import count

EVERY = 300.0
DURING = 24 * 3600.0
"""Seconds, where only one of the two options is given."""


def begin(store: Store, scan: Scan, every: float | None, during: float | None) -> Sampling:
    """Looks from now on."""
    now = time.time()
    return SightingStore(store).begin(scan, every or EVERY, now, now + (during or DURING))


def follow(
    scan: Scan, sampling: Sampling, hosts: Sequence[Host], place: Workspace, store: Store, options: ScanOptions
) -> None:
    """Look until the time is over, or the user has seen enough: Ctrl-C ends the looks and not the command.

    Asked to end in any other way (kill, a closed terminal), the samples are stored; run the same command to resume.
    """
    if sys.stderr.isatty():
        end = time.strftime("%Y-%m-%d %H:%M", time.localtime(sampling.until))
        click.echo(f"Looking again every {sampling.every:g} s until {end}; Ctrl-C ends it earlier.", err=True)
    try:
        with place.lock("sampling"):
            run_sampling(scan, sampling, hosts, place, store, options, _told)
    except Terminated as ended:
        ended.add_note("the samples are stored; run the same command to resume")
        raise
    except KeyboardInterrupt:
        SightingStore(store).end(scan, time.time())
        made = SightingStore(store).sampling(scan)
        looks = made.looks if made is not None else 0
        click.echo(f"assess: no more looks; what {count(looks, 'look')} saw is in the report", err=True)


def _told(look: SampleDone) -> None:
    if not sys.stderr.isatty():
        return
    then = "" if look.next_at is None else f"; the next at {time.strftime('%H:%M:%S', time.localtime(look.next_at))}"
    click.echo(f"look {look.number}: {look.answered} of {count(look.hosts, 'host')} answered{then}", err=True)
