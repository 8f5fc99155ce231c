"""Files that an observed image retains although its pilot did not open them (``data/observed.toml``)."""

from __future__ import annotations

import fnmatch
import re
from functools import cache

from containerize.data_tables import data_table
from containerize.image.package_records import is_record
from containerize.plan.model import PlannedFile

OWN = "is the application's own or was changed on the host: no package can bring it back"
JOB = "a job of the schedule runs it, and a pilot runs no jobs"

_BY_A_JOB = re.compile(r"\bis (?:run|named) by a job in ")


@cache
def _rows() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple(
        (re.compile("|".join(fnmatch.translate(path) for path in row["paths"])), row["reason"])
        for row in data_table("observed")["kept"]
    )


def retained_because(file: PlannedFile) -> str | None:
    """The reason for retaining a file that nothing opened, or None."""
    for pattern, reason in _rows():
        if pattern.match(file.path):
            return reason
    if file.layer in ("application", "records") and not is_record(file.path):
        return OWN
    if any(_BY_A_JOB.search(each) for each in (file.reason, *file.also)):
        return JOB
    return None
