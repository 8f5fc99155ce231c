"""Lengths of time on the command line: ``90s``, ``5m``, ``24h``, ``7d``."""

from __future__ import annotations

import re

import click

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class Duration(click.ParamType[float]):
    """Seconds, from a number and a unit. At least ``least`` of them."""

    name = "duration"

    def __init__(self, least: float = 1.0) -> None:
        self._least = least

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read it; a usage error says how it is written."""
        if isinstance(value, int | float):
            return float(value)
        match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?)([smhd])", value.strip().lower())
        if match is None:
            self.fail(f"{value!r} is not a duration; write 90s, 5m, 24h or 7d", param, ctx)
        seconds = float(match[1]) * _UNITS[match[2]]
        if seconds < self._least:
            self.fail(f"{value} is too short; at least {self._least:g}s", param, ctx)
        return seconds
