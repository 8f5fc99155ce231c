"""The scanned estate as builds and pilots need it: workloads by id, and access to their hosts."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from assess.model import Workload
from assess.pipeline import StoredEstate
from assess.subjects.estate_facts import EstateView
from assess.subjects.estate_index import IndexedWorkload
from assess.subjects.host_facts import HostFacts
from containerize.pilot.pilot_addresses import Attribution
from inventory.errors import BrownfieldError, InventoryError
from inventory.host import Host
from inventory.store.chosen_scan import latest_scan
from inventory.store.database import Store
from inventory.store.scan_records import Scan


class WorkloadUnknown(BrownfieldError):
    """No workload of the last scan has this id; the sentence names those that are alike."""


@dataclass(frozen=True)
class Estate:
    """All hosts of the last scan with their workloads. Only those hosts are read that something is done with."""

    facts: EstateView
    scan: Scan

    def find(self, pattern: str) -> tuple[Workload, ...]:
        """The workloads that :meth:`named` means, with the facts of their hosts read. Raises WorkloadUnknown."""
        named = {each.id: each.host for each in self.named(pattern)}
        return tuple(
            workload
            for host in dict.fromkeys(named.values())
            for workload in self.host(host).workloads
            if workload.id in named
        )

    def named(self, pattern: str) -> tuple[IndexedWorkload, ...]:
        """The workloads with this id, or those that a pattern (``web*/apache2``) means; raises WorkloadUnknown.

        A pattern means services only: what belongs to the host itself has to be asked for by its own name.
        """
        every = {workload.id: workload for host in self.facts.known.hosts for workload in host.workloads}
        if pattern in every:
            return (every[pattern],)
        if any(char in pattern for char in "*?["):
            found = [each for name, each in every.items() if fnmatch.fnmatchcase(name, pattern)]
            if services := tuple(each for each in found if each.kind == "service"):
                return services
        raise WorkloadUnknown(self._unknown(pattern, every))

    def _unknown(self, pattern: str, every: dict[str, IndexedWorkload]) -> str:
        name = pattern.partition("/")[0]
        told = f"there is no workload {pattern!r} in the last scan"
        known = self.facts.known.known.get(name)
        if known and not known.workloads and (snapshot := self.host(name).snapshot).status == "unreachable":
            return f"{told}, because {name} could not be read: {snapshot.reason}"
        alike = self._alike(pattern, every)
        if alike:
            return f"{told}; did you mean {', '.join(alike[:6])}?"
        if known:
            return f"{told}: no service was found on {name}"
        hosts = [each.name for each in self.facts.known.hosts]
        more = f" and {len(hosts) - 6} more" if len(hosts) > 6 else ""
        return f"{told}; its hosts are {', '.join(hosts[:6])}{more}"

    def _alike(self, pattern: str, every: dict[str, IndexedWorkload]) -> list[str]:
        """Suggestions for a misspelt workload. Only names are compared where the host is right or missing: a long host
        name makes all its workloads look alike.
        """
        host, _, name = pattern.partition("/")
        here = [each for each in every.values() if each.host == host]
        if not here and name:
            return difflib.get_close_matches(pattern, every, 3, 0.75)
        wanted = name or host
        among = here if name or here else list(every.values())
        close = set(difflib.get_close_matches(wanted, {each.name for each in among}, 3, 0.7))
        found = [each.id for each in among if each.name in close and wanted]
        return found or sorted(each.id for each in here if each.kind == "service")

    def host(self, name: str) -> HostFacts:
        """A host by its name in the inventory."""
        return self.facts.host(name)

    def attribution(self) -> Attribution:
        """To which host each address and name belongs that hosts of the scan report."""
        known = self.facts.known
        addresses = {address: host.name for address, host in known.host_by_address.items()}
        names = {name: host.name for name, host in known.host_by_name.items()}
        contested = dict.fromkeys(known.address_claimants, ""), dict.fromkeys(known.name_claimants, "")
        return Attribution({**contested[0], **addresses}, {**contested[1], **names})

    def inventory_hosts(self, read: Callable[[Path], Sequence[Host]]) -> dict[str, Host]:
        """The hosts by name from the scan's inventory file, which alone holds the passwords."""
        path = Path(self.scan.inventory)
        if not path.exists():
            raise InventoryError(
                f"{path} is missing, and it contains the connection settings; scan again with the new inventory"
            )
        return {host.name: host for host in read(path)}


def load_estate(store: Store) -> Estate:
    """The estate of the latest scan, read from a store that must stay open. Raises WorkspaceError when there is none,
    and PolicyError.
    """
    scan = latest_scan(store)
    return Estate(StoredEstate(store, scan), scan)
