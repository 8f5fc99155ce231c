"""The first look at a host: what its workloads are, and what other hosts may know of it.

It depends on the host alone, on the names that its workloads had before and on what people said that they are. So it
can be kept for as long as these are the same, with the source of this package.
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
from assess.subjects.host_summary import HostSummary, PackedSummary, written
from assess.targets.container_hosts import is_target
from assess.workloads import find_workloads
from inventory.snapshot import Snapshot

_MOST = 1 << 30
_SOURCES = (".py", ".toml", ".csv")


class HostSurvey(NamedTuple):
    """What the first look at a host found out; ``contacts`` are its connections. ``look`` may be as it was kept."""

    look: HostSummary | PackedSummary
    known: IndexedHost
    contacts: tuple[Contact, ...]


class _Kept(msgspec.Struct, array_like=True, frozen=True):
    """A survey as it is kept: what only the second look at the host needs is not unpacked for the first."""

    look: memoryview
    known: IndexedHost
    contacts: tuple[Contact, ...]


class HostToSurvey(Protocol):
    """A host at which somebody looked before, or nobody did: then ``survey`` is None."""

    @property
    def host(self) -> str:
        """Its name in the inventory."""

    @property
    def survey(self) -> bytes | None:
        """What was kept."""

    def snapshot(self) -> Snapshot:
        """All that is known of the host."""

    def keep(self, survey: bytes) -> None:
        """Keep this, if anything is kept."""


class SurveyStore(Protocol):
    """Keeps what the first look at each host found out."""

    def surveyed(self, made_by: Callable[[str], str]) -> Iterator[HostToSurvey]:
        """The hosts in inventory order. ``made_by`` gives for a host what a survey of it would be made by, as a hash;
        one that was made by something else, or of other facts, is as if it were not there.
        """


def facts_of(snapshot: Snapshot, names: Mapping[str, str], judgement: Policy) -> HostFacts:
    """The host with its workloads. Those of a container host are not looked for."""
    workloads: tuple[Workload, ...] = ()
    if not is_target(snapshot):
        workloads = corrected(find_workloads(snapshot, names), judgement)
    return HostFacts(snapshot, workloads)


def survey_of(host: HostFacts, shared: Interner) -> HostSurvey:
    """What is to be known of a host while others are judged."""
    contacts = shared.one(tuple(shared.one(each) for each in contacts_of(host)))
    return HostSurvey(HostSummary(host.workloads, host.to_note()), index_host(host, shared), contacts)


def surveys_of(
    surveys: SurveyStore, known_names: Callable[[str], Mapping[str, str]], judgement: Policy, shared: Interner
) -> Iterator[HostSurvey]:
    """The survey of each host, as it was kept, else made and kept."""
    said = repr(judgement.overrides)

    def made_by(host: str) -> str:
        names = sorted(known_names(host).items())
        return hashlib.sha256(repr((survey_version(), said, names)).encode()).hexdigest()

    for each in surveys.surveyed(made_by):
        found = None if each.survey is None else _decoded(each.survey, shared)
        if found is None:
            found = _kept(each, survey_of(facts_of(each.snapshot(), known_names(each.host), judgement), shared))
        yield found


def _kept(host: HostToSurvey, survey: HostSurvey) -> HostSurvey:
    """The survey, with its look as it was kept; all as it is if it holds text with bytes that are no UTF-8, or numbers
    that no computer has: then it is made anew each time.
    """
    try:
        look = written(survey.look) if isinstance(survey.look, HostSummary) else survey.look
        host.keep(_encoded(survey._replace(look=look)))
    except (UnicodeEncodeError, OverflowError):
        return survey
    return survey._replace(look=look)


@lru_cache(maxsize=1)
def survey_version() -> str:
    """A hash of the source and the tables of this package."""
    digest = hashlib.sha256(msgspec.__version__.encode())
    folder = Path(assess.__file__).parent
    for path in sorted(each for each in folder.rglob("*") if each.suffix in _SOURCES):
        digest.update(f"\n{path.relative_to(folder)} {path.stat().st_size}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(_Kept)


def _encoded(survey: HostSurvey) -> bytes:
    # Around it all for the checksum: the look, which is most of it, is packed already.
    return zstandard.ZstdCompressor(level=1, write_checksum=True).compress(_encoder.encode(tuple(survey)))


def _decoded(blob: bytes, shared: Interner) -> HostSurvey | None:
    """The survey, with what other hosts have too as one object; None when it is damaged."""
    try:
        kept = _decoder.decode(zstandard.ZstdDecompressor().decompress(blob, max_output_size=_MOST))
    except (zstandard.ZstdError, msgspec.DecodeError):
        return None
    one = shared.one
    contacts = one(tuple(one(each._replace(remote=intern(each.remote))) for each in kept.contacts))
    return HostSurvey(PackedSummary(bytes(kept.look)), _shared(kept.known, shared), contacts)


def _shared(known: IndexedHost, shared: Interner) -> IndexedHost:
    one = shared.one

    def workload(each: IndexedWorkload) -> IndexedWorkload:
        ports = tuple(one(port._replace(address=intern(port.address), origin=one(port.origin))) for port in each.ports)
        return IndexedWorkload(each.host, one(each.name), each.kind, one(ports))

    workloads = tuple(workload(each) for each in known.workloads)
    wants = tuple((name, one(wants)) for name, wants in known.wants)
    return replace(known, workloads=workloads, wants=wants)
