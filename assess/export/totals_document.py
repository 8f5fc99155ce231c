"""The numbers of an assessment as plain JSON types; their form is described beside them."""

from __future__ import annotations

from typing import Any

from assess.export.json_schema import integer, number, record, texts
from assess.model import Verdict
from assess.totals import Outlook, Totals

OUTLOOKS = {
    Outlook.NOW: "Ready; nothing that moves before or with it needs work or could not be judged.",
    Outlook.AFTER_OTHERS: "Ready, but the plan moves it after or with services that are not.",
    Outlook.AFTER_WORK: "Placed; needs work first.",
    Outlook.BY_ASSUMPTION: "Could not be judged; placed in case that it fits.",
    Outlook.NO_PLACE: "No container host takes it.",
    Outlook.STAYS: "Stays where it is.",
}

SUMMARY = {
    **record(
        services=integer("Services of all hosts whose services are known."),
        host_functions=integer("Functions of the hosts themselves; not counted among services."),
        verdicts=record(
            **{verdict.replace(" ", "_"): integer(f"Services with the verdict `{verdict}`.") for verdict in Verdict}
        ),
        outlooks=record(**{outlook.replace(" ", "_"): integer(said) for outlook, said in OUTLOOKS.items()}),
        hosts=integer("Hosts of the inventory."),
        hosts_fully_read=integer("Hosts that answered every question of their scan."),
        hosts_partly_read=texts("Hosts of which some section is unknown or has gaps."),
        hosts_not_reached=texts("Hosts that did not answer; their services are not counted."),
        hosts_unread=texts("Other hosts whose services could not be read; not counted either."),
        hosts_freed=texts(
            "Hosts that the plan empties, all of whose services were judged and whose listeners have a known owner."
        ),
        container_hosts=integer("Container hosts that the plan uses, for services placed by assumption too."),
        servers_saved=integer("Freed hosts less container hosts; 0 when there are not more of them."),
        low_hours=number("Hours of work at least, of applications that were judged."),
        high_hours=number("Hours of work at most."),
    ),
    "description": "The numbers that the page and the terminal show. Savings rest on judged services alone.",
}


def summary_fields(tally: Totals) -> dict[str, Any]:
    """The field ``summary``."""
    return {
        "services": tally.services,
        "host_functions": tally.functions,
        "verdicts": {verdict.replace(" ", "_"): number for verdict, number in tally.verdicts.items()},
        "outlooks": {outlook.replace(" ", "_"): number for outlook, number in tally.outlooks.items()},
        "hosts": tally.hosts,
        "hosts_fully_read": len(tally.fully_read),
        "hosts_partly_read": list(tally.partly_read),
        "hosts_not_reached": list(tally.not_reached),
        "hosts_unread": list(tally.unread),
        "hosts_freed": list(tally.freed),
        "container_hosts": tally.servers,
        "servers_saved": tally.servers_saved,
        "low_hours": tally.hours[0],
        "high_hours": tally.hours[1],
    }
