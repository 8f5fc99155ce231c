"""The scanned estate as builds and pilots need it: workloads by id, and access to their hosts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assess.commands.selection import ScannedWorkloads, Selection, WorkloadJudgement, matching
from assess.model import Workload
from assess.pipeline import StoredEstate
from assess.subjects.estate_facts import EstateView
from assess.subjects.estate_index import IndexedWorkload
from assess.subjects.host_facts import HostFacts
from containerize.pilot.pilot_addresses import Attribution
from inventory.errors import InventoryError
from inventory.host import Host
from inventory.store.chosen_scan import latest_scan
from inventory.store.database import Store
from inventory.store.scan_records import Scan


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
        """The workloads that a name, a host or a pattern (``web*/apache2``) means; raises WorkloadUnknown.

        A pattern means services only: what belongs to the host itself has to be asked for by its own name.
        """
        known = {each.id: each for host in self.facts.known.hosts for each in host.workloads}
        return tuple(known[each.id] for each in matching(pattern, self.scanned))

    def select(self, selection: Selection, judged: Callable[[], Mapping[str, WorkloadJudgement]]) -> list[Workload]:
        """The workloads that a command line selects, with the facts of their hosts read. Raises UsageError and
        WorkloadUnknown.
        """
        ids = selection.choose(self.scanned, judged)
        hosts = dict.fromkeys(each.partition("/")[0] for each in ids)
        found = {workload.id: workload for host in hosts for workload in self.host(host).workloads}
        return [found[each] for each in ids if each in found]

    @property
    def scanned(self) -> ScannedWorkloads:
        """The workloads to select from."""
        hosts = self.facts.known.hosts
        return ScannedWorkloads(
            [each.name for each in hosts], [each for host in hosts for each in host.workloads], self._unread
        )

    def _unread(self, host: str) -> str:
        snapshot = self.host(host).snapshot
        return snapshot.reason if snapshot.status == "unreachable" else ""

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
