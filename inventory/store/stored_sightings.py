"""Sightings of a host as the database holds them, read as a fact of its snapshot."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from inventory.model.sightings import Sightings
from inventory.observation import Found, Gap, Observation
from inventory.scan.sample import connection_sighting, process_sighting
from inventory.store.database_tables import sampled_hosts, sightings

MAX_SIGHTINGS = {"process": 2000, "connection": 5000}
"""Sightings of each kind that are stored of one host. The first ones stay."""


def load_sightings(connection: Connection, host: int) -> Sightings | None:
    """The sightings of a host (a row of scan_hosts); None when there were none."""
    about = connection.execute(sa.select(sampled_hosts).where(sampled_hosts.c.scan_host_id == host)).mappings().first()
    if about is None:
        return None
    query = sa.select(sightings).where(sightings.c.scan_host_id == host)
    rows = connection.execute(query.order_by(sightings.c.first, sightings.c.identity)).mappings().all()
    return Sightings(
        about["looks"],
        about["first"],
        about["last"],
        about["left_out"],
        tuple(
            process_sighting(row["facts"], row["first"], row["last"], row["times"])
            for row in rows
            if row["kind"] == "process"
        ),
        tuple(
            connection_sighting(row["facts"], row["first"], row["last"], row["times"])
            for row in rows
            if row["kind"] == "connection"
        ),
    )


def sightings_observation(sightings: Sightings) -> Observation[Sightings]:
    """The sightings as a fact of the host; those over the limit are a gap."""
    if not sightings.left_out:
        return Found(sightings)
    programs, pairs = MAX_SIGHTINGS["process"], MAX_SIGHTINGS["connection"]
    reason = f"more than {programs:,} programs or {pairs:,} pairs of peers were observed"
    return Found(sightings, (Gap(f"{sightings.left_out:,} sightings", reason),))
