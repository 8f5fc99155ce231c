"""NET005: services whose configuration or code names another scanned host."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.estate_index import IndexedHost
from assess.subjects.host_references import ReferenceText, names_of_hosts
from assess.subjects.rule_subjects import WorkloadSubject


@rule("NET005", scope=Scope.WORKLOAD, needs=("processes", "configuration"), aliases=("name-of-estate-host",))
def estate_host_name(subject: WorkloadSubject) -> RuleAnswer:
    """Configuration or code names another host of the estate.

    Why:
        The service depends on that host. A name is better than an address, since it can be redirected; but it must
        resolve in the container's network (the old host's /etc/hosts does not move along), and both services should
        move in an order that keeps them connected.
    Remedy:
        Make the name resolve in the container's network: through the estate's DNS, a network alias of the service, or
        --add-host.
    Source:
        Lines in the workload's configuration and code, its unit and its jobs; host names in the inventory.
    """
    seen: dict[str, tuple[IndexedHost, str, list[ReferenceText]]] = {}
    for mention in names_of_hosts(subject.estate, subject.host, subject.workload):
        places = seen.setdefault(mention.word.lower(), (mention.owner, mention.word, []))[2]
        if len(places) < 3:
            places.append(mention.place)
    for owner, word, places in seen.values():
        first = places[0]
        yield Hit(
            Severity.INFO,
            f"{first.where} names {word}, which is host {owner.name}.",
            tuple(Evidence(f"{place.where} names {word}", place.origin, place.text) for place in places),
        )
