"""An empty volume; the service creates what it needs."""

from __future__ import annotations

from containerize.pilot.seeds.seeding import Seed, Seeded, Seeding


def seed(seeding: Seeding) -> Seeded:
    """See the module."""
    return Seeded(f"{seeding.volume.path} starts empty")


SEED = Seed("empty", seed)
