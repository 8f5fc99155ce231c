"""The first pass over a host: its workloads, and the facts that other hosts may know.

The result depends on the host, the earlier names of its workloads and the policy alone. It is stored for as long as
these and the source of this package stay the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import NamedTuple, Protocol

import msgspec
import zstandard

import assess
from assess.model import Workload
from assess.planning.port_map import Contact, contacts_of
from assess.policy.enforcement import corrected
from assess.policy.model import Policy
from assess.subjects.estate_facts import index_host
from assess.subjects.estate_index import IndexedHost, IndexedWorkload, Interner
from assess.subjects.host_facts import HostFacts
from assess.subjects.host_summary import HostSummary, PackedSummary, pack_summary
from assess.targets.container_hosts import is_target
from assess.workloads import find_workloads
from inventory.snapshot import Snapshot

_MAX_BYTES = 1 << 30
_SOURCES = (".py", ".toml", ".csv")


class HostSurvey(NamedTuple):
    """The result of the first pass over a host; ``contacts`` are its connections. ``summary`` may be packed."""

    summary: HostSummary | PackedSummary
    known: IndexedHost
    contacts: tuple[Contact, ...]


class _StoredSurvey(msgspec.Struct, array_like=True, frozen=True):
    """A survey as it is stored: the summary, which only the second pass needs, stays packed."""

    summary: memoryview
    known: IndexedHost
    contacts: tuple[Contact, ...]


class HostToSurvey(Protocol):
    """A host, with its stored survey if there is one."""

    @property
    def host(self) -> str:
        """Its name in the inventory."""

    @property
    def survey(self) -> bytes | None:
        """The stored survey."""

    def snapshot(self) -> Snapshot:
        """Return all facts of the host."""

    def keep(self, survey: bytes) -> None:
        """Store a survey, where surveys are stored."""


class SurveyStore(Protocol):
    """The stored surveys of an estate."""

    def surveyed(self, made_by: Callable[[str], str]) -> Iterator[HostToSurvey]:
        """Return the hosts in inventory order. ``made_by`` returns for a host the hash of everything but facts that its
        survey depends on; a survey with another hash, or of other facts, is ignored.
        """


def facts_of(snapshot: Snapshot, names: Mapping[str, str], policy: Policy) -> HostFacts:
    """Return the host with its workloads. A container host has none."""
    workloads: tuple[Workload, ...] = ()
    if not is_target(snapshot):
        workloads = corrected(find_workloads(snapshot, names), policy)
    return HostFacts(snapshot, workloads)


def survey_of(host: HostFacts, interner: Interner) -> HostSurvey:
    """Survey a host."""
    contacts = interner.one(tuple(interner.one(each) for each in contacts_of(host)))
    return HostSurvey(HostSummary(host.workloads, host.to_cache()), index_host(host, interner), contacts)


def surveys_of(
    surveys: SurveyStore, known_names: Callable[[str], Mapping[str, str]], policy: Policy, interner: Interner
) -> Iterator[HostSurvey]:
    """Return the survey of each host: the stored one, else a new one, which is stored."""
    overrides = repr(policy.overrides)

    def made_by(host: str) -> str:
        names = sorted(known_names(host).items())
        return hashlib.sha256(repr((survey_version(), overrides, names)).encode()).hexdigest()

    for each in surveys.surveyed(made_by):
        found = None if each.survey is None else _decode(each.survey, interner)
        if found is None:
            found = _store(each, survey_of(facts_of(each.snapshot(), known_names(each.host), policy), interner))
        yield found


def _store(host: HostToSurvey, survey: HostSurvey) -> HostSurvey:
    """Store a survey and return it with its summary packed. A survey that cannot be encoded (text that is not UTF-8,
    numbers of more than 64 bits) is returned as it is and made again each time.
    """
    try:
        summary = pack_summary(survey.summary) if isinstance(survey.summary, HostSummary) else survey.summary
        host.keep(_encode(survey._replace(summary=summary)))
    except (UnicodeEncodeError, OverflowError):
        return survey
    return survey._replace(summary=summary)


@lru_cache(maxsize=1)
def survey_version() -> str:
    """Return a hash of the source and the tables of this package."""
    digest = hashlib.sha256(msgspec.__version__.encode())
    folder = Path(assess.__file__).parent
    for path in sorted(each for each in folder.rglob("*") if each.suffix in _SOURCES):
        digest.update(f"\n{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_StoredSurvey)


def _encode(survey: HostSurvey) -> bytes:
    # The summary, which is most of it, is packed already; zstd adds a checksum of the whole.
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(_encoder.encode(tuple(survey)))


def _decode(blob: bytes, interner: Interner) -> HostSurvey | None:
    """Return the survey, with values that other hosts have too as one object; None when it is damaged."""
    try:
        stored = _decoder.decode(zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MAX_BYTES))
    except (zstandard.ZstdError, msgspec.DecodeError):
        return None
    one = interner.one
    contacts = one(tuple(one(each._replace(remote=intern(each.remote))) for each in stored.contacts))
    return HostSurvey(PackedSummary(bytes(stored.summary)), _interned(stored.known, interner), contacts)


def _interned(known: IndexedHost, interner: Interner) -> IndexedHost:
    one = interner.one

    def workload(each: IndexedWorkload) -> IndexedWorkload:
        ports = tuple(one(port._replace(address=intern(port.address), origin=one(port.origin))) for port in each.ports)
        return IndexedWorkload(each.host, one(each.name), each.kind, one(ports))

    workloads = tuple(workload(each) for each in known.workloads)
    wants = tuple((name, one(wants)) for name, wants in known.kernel_requirements)
    return replace(known, workloads=workloads, kernel_requirements=wants)
