"""The numbers of an assessment in the export."""

from __future__ import annotations

from typing import Annotated

import msgspec

from assess.export.json_schema import Amount, Count
from assess.totals import Totals
from inventory.described import doc


class VerdictCounts(msgspec.Struct, frozen=True):
    """Services by verdict."""

    ready: Annotated[Count, doc("Services with the verdict `ready`.")] = 0
    needs_work: Annotated[Count, doc("Services with the verdict `needs work`.")] = 0
    stay: Annotated[Count, doc("Services with the verdict `stay`.")] = 0
    unknown: Annotated[Count, doc("Services with the verdict `unknown`.")] = 0


class OutlookCounts(msgspec.Struct, frozen=True):
    """Services by outlook."""

    now: Annotated[Count, doc("Ready; nothing that moves before or with it needs work or could not be judged.")] = 0
    after_others: Annotated[Count, doc("Ready, but the plan moves it after or with services that are not.")] = 0
    after_work: Annotated[Count, doc("Placed; needs work first.")] = 0
    by_assumption: Annotated[Count, doc("Could not be judged; placed on the assumption that it fits.")] = 0
    no_place: Annotated[Count, doc("No container host takes it.")] = 0
    stays: Annotated[Count, doc("Stays on its server.")] = 0


class SummaryRow(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers that the page and the terminal show. Savings rest on judged services alone."""

    services: Annotated[Count, doc("Services of all hosts whose services are known.")]
    host_functions: Annotated[Count, doc("Functions of the hosts themselves; not counted among services.")]
    verdicts: VerdictCounts
    outlooks: OutlookCounts
    hosts: Annotated[Count, doc("Hosts of the inventory.")]
    hosts_fully_read: Annotated[Count, doc("Hosts that answered every question of their scan.")]
    hosts_partly_read: Annotated[tuple[str, ...], doc("Hosts of which some section is unknown or has gaps.")]
    hosts_not_reached: Annotated[tuple[str, ...], doc("Hosts that did not answer; their services are not counted.")]
    hosts_unread: Annotated[tuple[str, ...], doc("Other hosts whose services could not be read; not counted either.")]
    hosts_freed: Annotated[
        tuple[str, ...],
        doc("Hosts that the plan empties, all of whose services were judged and whose listeners have a known owner."),
    ]
    container_hosts: Annotated[Count, doc("Container hosts that the plan uses, for services placed by assumption too.")]
    servers_saved: Annotated[Count, doc("Freed hosts less container hosts; 0 when there are not more of them.")]
    low_hours: Annotated[Amount, doc("Hours of work at least, of applications that were judged.")]
    high_hours: Annotated[Amount, doc("Hours of work at most.")]

    @classmethod
    def of(cls, tally: Totals) -> SummaryRow:
        """The numbers of a tally."""
        return cls(
            services=tally.services,
            host_functions=tally.functions,
            verdicts=VerdictCounts(**{each.replace(" ", "_"): number for each, number in tally.verdicts.items()}),
            outlooks=OutlookCounts(**{each.replace(" ", "_"): number for each, number in tally.outlooks.items()}),
            hosts=tally.hosts,
            hosts_fully_read=len(tally.fully_read),
            hosts_partly_read=tally.partly_read,
            hosts_not_reached=tally.not_reached,
            hosts_unread=tally.unread,
            hosts_freed=tally.freed,
            container_hosts=tally.servers,
            servers_saved=tally.servers_saved,
            low_hours=tally.hours[0],
            high_hours=tally.hours[1],
        )
