"""SEEDS: the table of ways to fill a volume with a copy of the live data, one per file.

The copy goes from the host into the engine as a stream. It is on no disk but the engine's, for the length of the pilot,
and never in the workspace.
"""

from __future__ import annotations

from collections.abc import Mapping

from containerize.pilot.seeds import empty, file_copy, mariadb, postgresql, redis
from containerize.pilot.seeds.seeding import Seed

SEEDS: Mapping[str, Seed] = {
    "copy": file_copy.SEED,
    "sqlite": file_copy.SEED,
    "mariadb": mariadb.SEED,
    "postgresql": postgresql.SEED,
    "redis": redis.SEED,
    "empty": empty.SEED,
}
"""By the ``seed`` of a planned volume. SQLite files are copied with their journals, from which SQLite recovers."""
