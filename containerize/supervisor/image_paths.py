"""The places of the supervisor and of its settings in an image."""

from __future__ import annotations

FOLDER = "/.brownfield"
PROGRAM = f"{FOLDER}/init"
SETTINGS = f"{FOLDER}/services"
