"""Where things are: recipes in the checkout, built hosts in the cache, and what belongs to a run in /run."""

from __future__ import annotations

import os
from pathlib import Path

ESTATE = Path(__file__).resolve().parent
CHECKOUT = ESTATE.parent.parent
RECIPES = ESTATE / "hosts"
BASE = ESTATE / "base"

# The estate's addresses exist once on a machine, so its state does too, whatever checkout or user started it. A restart
# of the machine ends every host, and empties /run.
STATE = Path("/run/brownfield-estate")


def cache() -> Path:
    """Folder of the built hosts: ``$BROWNFIELD_CACHE``, else ``~/.cache/brownfield/estate``."""
    configured = os.environ.get("BROWNFIELD_CACHE")
    return Path(configured).resolve() if configured else Path.home() / ".cache" / "brownfield" / "estate"
