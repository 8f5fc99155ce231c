"""All sections on all recordings: understood as they are, and harmless when damaged."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.observation import Found
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import ParseError, Section
from inventory.sections import SECTIONS as ALL_SECTIONS
from tests.support.live import REDACTOR
from tests.support.recordings import hosts_with, recorded, with_part

SECTIONS: dict[str, Section[object]] = {section.name: section for section in ALL_SECTIONS}
CASES = [(name, host) for name in SECTIONS for host in hosts_with(name)]
RECORDINGS: dict[tuple[str, str], SectionRecording] = {(name, host): recorded(host, name) for name, host in CASES}


ONE_VALUE = frozenset({("kernel", "uname")})
"""Parts that are one value, without which nothing of the section can be read."""


def parse(name: str, recording: SectionRecording) -> object:
    """The parser alone, so that what it raises is seen."""
    variant = SECTIONS[name].variant(Platform.POSIX)
    assert variant is not None
    return variant.parse(recording)


@pytest.mark.parametrize(("name", "host"), CASES)
def test_every_recording_is_understood(name: str, host: str) -> None:
    assert isinstance(parse(name, RECORDINGS[name, host]), Found)


@pytest.mark.parametrize(("name", "host"), CASES)
def test_one_odd_line_costs_no_section(name: str, host: str) -> None:
    """In whichever part it stands, at its beginning or in the middle: what the other lines say is still found."""
    section, recording = SECTIONS[name], RECORDINGS[name, host]
    observation = parse(name, recording)
    assert isinstance(observation, Found)
    for part in recording.parts if observation.value else ():
        lines = part.content.split(b"\n")
        for at in {0, len(lines) // 2} if part.content and (name, part.name) not in ONE_VALUE else ():
            odd = b"\n".join([*lines[:at], b"\x01odd", *lines[at:]])
            hidden = section.redacted(with_part(recording, replace(part, content=odd)), REDACTOR, Platform.POSIX)
            assert isinstance(section.observe(hidden, Platform.POSIX), Found), f"{part.name}:{at + 1}"


@pytest.mark.parametrize(("name", "host"), CASES)
def test_a_recording_is_redacted_and_stays_what_it_is(name: str, host: str) -> None:
    """Redaction of what was redacted changes nothing; else the files beside this would hold secrets."""
    assert SECTIONS[name].redact(RECORDINGS[name, host], REDACTOR) == RECORDINGS[name, host]


@pytest.mark.parametrize(("name", "host"), CASES)
def test_facts_point_at_their_lines(name: str, host: str) -> None:
    """The line of the recording that an origin names holds what the fact says."""
    observation = parse(name, RECORDINGS[name, host])
    assert isinstance(observation, Found)
    items = observation.value if isinstance(observation.value, tuple) else (observation.value,)
    for item in items:
        for fact, word in words_of(item):
            part = RECORDINGS[name, host].part(fact.origin.part)
            assert part is not None
            assert word in part.lines()[fact.origin.line - 1], fact


def words_of(item: object) -> list[tuple[object, str]]:
    """Facts within a section's value, and what their line must say."""
    match type(item).__name__:
        case "Process":
            return [(item, f"/proc/{item.pid}/stat:{item.pid} (")]
        case "OpenFile":
            return [(item, f" {item.descriptor} -> {item.target.split(chr(10))[0]}")]
        case "MappedFile":
            return [(item, "/maps:"), (item, item.path)]
        case "Elf":
            return [(item, item.path)]
        case "Sysctl":
            return [(item, next(iter((item.value or item.configured_value).split()), ""))]
        case "Kernel":
            return [(item, item.release), *((module, module.name) for module in item.modules)]
        case "System":
            return [(item.distribution, "NAME=")] if item.distribution else []
        case "Packages":
            # the answer of rpm names owners without paths
            owners = [(o, o.package if o.origin.part == "rpm-owners" else o.path) for o in item.owners]
            begins = "P:{}" if item.manager == "apk" else "{}\t"
            return [*owners, *((package, begins.format(package.name)) for package in item.packages)]
        case "ChangedFiles":
            return [(file, file.path) for file in item.files]
        case "LanguagePackages":
            # of Node and Composer the line has the file and the version
            words = [(one, one.version if one.language == "node" else one.path) for one in item.packages]
            return [*words, *((manifest, manifest.path) for manifest in item.manifests or ())]
        case "UnmanagedFiles":
            return [(file, f" {file.path}") for file in item.files]
        case "Services":
            scripts = [(service, f"{service.path}:") for service in item.services if service.manager == "sysv"]
            return [*scripts, *((file, f"{file.path}:{file.pid}") for file in item.pid_files)]
        case "Containers":
            ids = [(container, container.id or container.name) for container in item.containers]
            return [*ids, *((engine, "/") for engine in item.engines)]
        case "Mounts":
            mounts = [(mount, f" {mount.filesystem} ") for mount in item.mounts]
            return [*mounts, *((entry, entry.target) for entry in item.fstab)]
        case "Use":
            groups = [(group, f"/{group.path}/") for group in item.cgroups]
            return [(item, "/proc/stat:cpu "), *groups, *((face, f"{face.name}:") for face in item.interfaces)]
        case "Users":
            return [*((user, f"{user.name}:x:") for user in item.users), *((g, f"{g.name}:x:") for g in item.groups)]
        case "CronJob":
            return [(item, item.place), (item, item.command.split("; ")[0])]
        case "Configuration":
            secrets = [(file, f"{file.path}:") for file in item.secret_files]
            return [*secrets, *((line, f"{line.path}:{line.number}:") for line in item.lines)]
        case "DirectorySize":
            return [(item, f"{item.size_bytes // 1024} {item.path}")]
        case "Directory":
            return [(item, item.path)]
        case "Certificates":
            stores = [(store, store.path) for store in item.stores]
            return [*stores, *((each, f"{each.path}:-----BEGIN") for each in item.certificates)]
        case "Ipc":
            shared = [(fact, f" {fact.id} ") for fact in (*item.segments, *item.message_queues, *item.semaphores)]
            return [*shared, *((file, file.name.split("\n")[0]) for file in item.posix)]
        case "Storage":
            return [*((device, f"/{device.name}/") for device in item.devices), *((a, a.name) for a in item.arrays)]
        case "Network":
            routes = [(route, route.interface) for route in item.routes]
            links = [(link, f"/{link.name}/") for link in item.interfaces]
            hosts = [(entry, entry.address) for entry in item.hosts]
            filters = [(rule, rule.text) for rule in (item.firewall.rules if item.firewall else ())]
            return [*routes, *links, *hosts, *filters, *((each, each.interface) for each in item.addresses)]
        case "Sockets":
            ports = [(socket, f":{socket.port:04X} ") for socket in item.listeners]
            return [*ports, *((socket, f" {socket.inode} ") for socket in (*item.unix, *item.connections))]
    raise AssertionError(item)


def damaged(draw: st.DrawFn) -> tuple[str, SectionRecording]:
    """A recording with a part cut off, overwritten in the middle, or missing."""
    name, host = draw(st.sampled_from(CASES))
    recording = RECORDINGS[name, host]
    part = draw(st.sampled_from(recording.parts))
    content = part.content[: draw(st.integers(0, min(len(part.content), 4000)))]
    kind = draw(st.sampled_from(["cut", "overwritten", "missing", "noise"]))
    if kind == "missing":
        return name, replace(recording, parts=tuple(other for other in recording.parts if other is not part))
    if kind == "noise":
        return name, with_part(recording, Part(part.name, draw(st.binary(max_size=80)), 1))
    if kind == "overwritten":
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        noise = draw(st.binary(max_size=12))
        return name, with_part(recording, replace(part, content=content[:at] + noise + content[at + len(noise) :]))
    return name, with_part(recording, replace(part, content=content, truncated=True, status=-1))


@given(st.composite(damaged)())
def test_a_damaged_recording_is_a_parse_error_at_worst(case: tuple[str, SectionRecording]) -> None:
    name, recording = case
    try:
        parse(name, recording)
    except ParseError as error:
        assert str(error)


@given(st.composite(damaged)())
def test_redaction_of_a_damaged_recording_keeps_or_refuses(case: tuple[str, SectionRecording]) -> None:
    """What cannot be taken apart for redaction is an error, so that the probe throws it away."""
    name, recording = case
    with contextlib.suppress(ParseError):
        SECTIONS[name].redact(recording, REDACTOR)
