"""The workloads of the last scan that a command line selects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from assess.commands.selection import Selection, judged_workloads, say_selected

if TYPE_CHECKING:
    from assess.model import Workload
    from containerize.estate import Estate
    from inventory.store.database import Store


def select_workloads(store: Store, estate: Estate, selection: Selection) -> list[Workload]:
    """Return the workloads, and print them when there are several. Raises UsageError and BrownfieldError."""
    from assess.pipeline import assess_scan

    wanted = estate.select(selection, lambda: judged_workloads(assess_scan(store, estate.scan)))
    say_selected([each.id for each in wanted])
    return wanted
