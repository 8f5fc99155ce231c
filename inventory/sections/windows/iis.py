"""IIS: sites, bindings, applications and pools, from the configuration file itself, which no language changes.

IIS 7 and later: ``applicationHost.config``. IIS 6: ``MetaBase.xml``. Both are read tag by tag and not as XML: after
redaction an attribute may hold a ``<``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from typing import NamedTuple

from inventory.formats.windows_registry import first
from inventory.model.windows import Iis, IisApplication, IisBinding, IisPool, IisSite
from inventory.observation import Absent, Found, Gap, Observation, Origin
from inventory.platforms import Platform
from inventory.recording import Part, SectionRecording
from inventory.section import Redact, Section, Variant

NAME = "iis"

FRAGMENT = r"""
reg version HKLM\SOFTWARE\Microsoft\InetStp
ps config [IO.File]::ReadAllText("$env:windir\System32\inetsrv\config\applicationHost.config")
ps metabase [IO.File]::ReadAllText("$env:windir\System32\inetsrv\MetaBase.xml")
cmd config type "%windir%\System32\inetsrv\config\applicationHost.config"
cmd metabase type "%windir%\System32\inetsrv\MetaBase.xml"
"""

_TAG = re.compile(r'<(?P<end>/?)(?P<name>[\w.]+)(?P<attributes>(?:\s+[\w:]+\s*=\s*"[^"]*")*)\s*(?P<empty>/?)>')
_ATTRIBUTE = re.compile(r'(?<![\w:])(?P<name>[\w:]+)\s*=\s*"(?P<value>[^"]*)"')
_SECRET = re.compile(rb'(?i)(\b\w*(?:password|userpass|validationkey|decryptionkey)\s*=\s*")([^"\r\n]*)(")')


class _Tag(NamedTuple):
    name: str
    attributes: dict[str, str]
    line: int
    end: bool


def parse(recording: SectionRecording) -> Observation[Iis]:
    """IIS, with what only administrators may read as a gap."""
    key = first(recording.part("version"))
    if key is None:
        return Absent("IIS is not installed")
    major, minor = key.number("MajorVersion"), key.number("MinorVersion")
    if major is None:
        return Absent("IIS is not installed")
    iis = Iis(f"{major}.{minor or 0}", (), (), Origin(NAME, key.part, key.line))
    for part in (recording.part("config"), recording.part("metabase")):
        if part is not None and part.status == 0 and b"<" in part.content:
            sites, pools = _modern(part) if part.name == "config" else _metabase(part)
            return Found(replace(iis, sites=sites, pools=pools))
    return Found(iis, (Gap("sites and application pools", "only administrators may read the configuration of IIS"),))


def _tags(part: Part) -> Iterator[_Tag]:
    text = part.content.decode("utf-8", "surrogateescape")
    line, at = 1, 0
    for match in _TAG.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        attributes = {each["name"]: unescape(each["value"]) for each in _ATTRIBUTE.finditer(match["attributes"])}
        yield (
            _Tag(match["name"], attributes, line, end=False)
            if not match["end"]
            else _Tag(match["name"], {}, line, True)
        )
        if match["empty"]:
            yield _Tag(match["name"], {}, line, end=True)


def _modern(part: Part) -> tuple[tuple[IisSite, ...], tuple[IisPool, ...]]:
    sites: list[IisSite] = []
    pools: list[IisPool] = []
    within: list[str] = []
    for tag in _tags(part):
        if tag.end:
            if tag.name in within:
                del within[len(within) - 1 - within[::-1].index(tag.name) :]
            continue
        parents = tuple(within[-3:])
        within.append(tag.name)
        given, origin = tag.attributes, Origin(NAME, part.name, tag.line)
        if tag.name == "site" and parents[-1:] == ("sites",):
            starts = given.get("serverAutoStart", "true").lower() != "false"
            sites.append(IisSite(given.get("name", ""), _number(given.get("id", "")), starts, (), (), origin))
        elif tag.name == "binding" and "site" in parents and sites:
            added = _binding(given.get("protocol", ""), given.get("bindingInformation", ""))
            sites[-1] = replace(sites[-1], bindings=(*sites[-1].bindings, added))
        elif tag.name == "application" and parents[-1:] == ("site",) and sites:
            application = IisApplication(given.get("path", ""), given.get("applicationPool", ""), ())
            sites[-1] = replace(sites[-1], applications=(*sites[-1].applications, application))
        elif tag.name == "virtualDirectory" and parents[-1:] == ("application",) and sites and sites[-1].applications:
            *others, last = sites[-1].applications
            directory = (given.get("path", ""), given.get("physicalPath", ""))
            last = replace(last, directories=(*last.directories, directory))
            sites[-1] = replace(sites[-1], applications=(*others, last))
        elif tag.name == "add" and parents[-1:] == ("applicationPools",):
            bits32 = given.get("enable32BitAppOnWin64", "").lower() == "true"
            runtime, mode = given.get("managedRuntimeVersion", "v4.0"), given.get("managedPipelineMode", "Integrated")
            pools.append(IisPool(given.get("name", ""), runtime, mode, "ApplicationPoolIdentity", bits32, origin))
        elif tag.name == "processModel" and parents[-2:] == ("applicationPools", "add") and pools:
            identity = given.get("userName") or given.get("identityType", pools[-1].identity)
            pools[-1] = replace(pools[-1], identity=identity)
    return tuple(sites), tuple(pools)


def _metabase(part: Part) -> tuple[tuple[IisSite, ...], tuple[IisPool, ...]]:
    """Sites are IIsWebServer; their directories IIsWebVirtualDir below; pools IIsApplicationPool."""
    sites: dict[str, IisSite] = {}
    pools: list[IisPool] = []
    for tag in _tags(part):
        given, origin = tag.attributes, Origin(NAME, part.name, tag.line)
        location = given.get("Location", "")
        if tag.name == "IIsWebServer":
            bindings = [_binding("http", text) for text in given.get("ServerBindings", "").split()]
            bindings += [_binding("https", text) for text in given.get("SecureBindings", "").split()]
            name = given.get("ServerComment", "")
            starts = given.get("ServerAutoStart", "TRUE").upper() != "FALSE"
            number = _number(location.rpartition("/")[2])
            sites[location.lower()] = IisSite(name, number, starts, tuple(bindings), (), origin)
        elif tag.name == "IIsWebVirtualDir" and given.get("Path"):
            match = re.match(r"(/lm/w3svc/\d+)/root(.*)", location.lower())
            site = sites.get(match[1]) if match else None
            if match and site:
                path = location[len(match[1]) + 5 :] or "/"
                application = IisApplication(path, given.get("AppPoolId", ""), (("/", given["Path"]),))
                sites[match[1]] = replace(site, applications=(*site.applications, application))
        elif tag.name == "IIsApplicationPool":
            identity = given.get("WAMUserName") or "NetworkService"
            pools.append(IisPool(location.rpartition("/")[2], "", "Classic", identity, False, origin))
    return tuple(sites.values()), tuple(pools)


def _binding(protocol: str, text: str) -> IisBinding:
    """``address:port:host``; an IPv6 address is in brackets."""
    match = re.fullmatch(r"(?P<address>\[[^\]]*\]|[^:]*):(?P<port>\d{1,5}):(?P<host>.*)", text, re.ASCII | re.DOTALL)
    if match is None:
        return IisBinding(protocol, "", None, "", text)
    return IisBinding(protocol, match["address"].strip("[]") or "*", int(match["port"]), match["host"], text)


def _number(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,10}", text, re.ASCII) else 0


def redact(recording: SectionRecording, redact: Redact) -> SectionRecording:
    """Attributes that hold passwords and keys, encrypted or not, then anything else that looks like a secret."""

    def hide(match: re.Match[bytes]) -> bytes:
        return match[1] + redact.secret(match[2]) + match[3]

    parts = tuple(replace(part, content=redact.text(_SECRET.sub(hide, part.content))) for part in recording.parts)
    return replace(recording, parts=parts, errors=redact.lines(recording.errors))


SECTION: Section[Iis] = Section(
    NAME,
    "Sites, bindings, applications and pools of IIS",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=4 * 1024 * 1024, redact=redact),),
)
