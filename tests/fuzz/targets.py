"""Everything that reads what a host sent, each as a function of random choices that raises only what it declares."""

from __future__ import annotations

import functools
import io
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from containerize.closure.references import find_references
from containerize.host import (
    access_lists,
    answer_parts,
    apk_database,
    dpkg_database,
    file_capabilities,
    process_listing,
    rpm_database,
)
from containerize.host.file_listing import read_gnu
from containerize.host.rich_dependencies import rich_dependency
from containerize.pilot.compare.bodies import text_tree
from containerize.profile.job_schedules import command_of, schedule_of
from containerize.rebase.package_relations import relations
from containerize.transfer.host_hashes import read_sums
from inventory.cpu_limit import limited
from inventory.errors import HostError
from inventory.formats.procfs.process_stat import parse_stat
from inventory.observation import Found, Observation
from inventory.platforms import Platform
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.file_examination import examine
from inventory.privacy.secrets.recognition import finds
from inventory.probe.framing import read_frames
from inventory.probe.windows_shells import decoding
from inventory.products.detection.web_server_detection import web_servers
from inventory.products.web_configuration.included_files import HostFiles
from inventory.recording import RecordingError, SectionRecording
from inventory.section import ParseError, Section, with_plain_words
from inventory.sections import SECTIONS
from inventory.store.cache.fact_encoding import encoded
from tests.fuzz.mutate import excerpt, mutated
from tests.secrets.corpus.carriers import Carrier, carriers
from tests.support import host_fixtures, package_databases
from tests.support.recordings import FOLDER, recorded
from tests.support.snapshots import HostBuilder
from tests.support.windows_snapshots import RECORDED

Target = Callable[[random.Random], None]
_REDACTOR = Redactor(b"k" * 32)
_NONCE = "0123456789abcdef0123456789abcdef"


@functools.cache
def _recordings() -> dict[tuple[Platform, str], list[SectionRecording]]:
    found: dict[tuple[Platform, str], list[SectionRecording]] = {}
    for path in sorted(FOLDER.glob("*/*.txt")):
        found.setdefault((Platform.POSIX, path.stem), []).append(recorded(path.parent.name, path.stem))
    for name in host_fixtures.names():
        for section in host_fixtures.recording_of(name).sections:
            found.setdefault((Platform.POSIX, section.section), []).append(section)
    for path in sorted(RECORDED.glob("*.txt")):
        section = SectionRecording.from_text(path.stem, path.read_bytes())
        found.setdefault((Platform.WINDOWS, path.stem), []).append(section)
    return found


@functools.cache
def _corpus() -> list[bytes]:
    everything = [part.content for each in _recordings().values() for one in each for part in one.parts]
    return [content for content in everything if content]


def _made(rng: random.Random, section: Section[Any], platform: Platform) -> SectionRecording:
    """A recording of the section with a few of its parts changed."""
    real = rng.choice(_recordings()[platform, section.name])
    parts = [replace(part, content=excerpt(rng, part.content)) for part in real.parts]
    for _ in range(rng.choice((1, 1, 2, 4))):
        if not parts:
            break
        at = rng.randrange(len(parts))
        kind = rng.randrange(12)
        if kind == 0:
            del parts[at]
        elif kind == 1:
            parts[at] = replace(parts[at], status=rng.choice((-1, 0, 1, 126)), truncated=rng.random() < 0.5)
        elif kind == 2:
            parts[at] = replace(parts[at], content=excerpt(rng, rng.choice(_corpus())))
        else:
            parts[at] = replace(parts[at], content=mutated(rng, parts[at].content, _corpus()))
    errors = mutated(rng, real.errors, _corpus()) if rng.random() < 0.1 else real.errors
    return SectionRecording(section.name, tuple(parts), errors)


def _parses(section: Section[Any], platform: Platform, rng: random.Random) -> None:
    variant = section.variant(platform)
    assert variant is not None
    recording = _made(rng, section, platform)
    try:
        observation: Observation[Any] = limited(variant.parse, recording)
    except ParseError:
        return
    assert encoded("complete", {section.name: with_plain_words(observation)}) is not None


def _redacts(section: Section[Any], platform: Platform, rng: random.Random) -> None:
    try:
        kept = section.redacted(_made(rng, section, platform), _REDACTOR, platform)
    except ParseError:  # nothing of it is kept
        return
    assert SectionRecording.from_text(section.name, kept.to_text()) == kept


def _bytes(
    function: Callable[[bytes], object], seeds: Callable[[], Sequence[bytes]], allowed: tuple[Any, ...] = ()
) -> Target:
    def run(rng: random.Random) -> None:
        content = mutated(rng, excerpt(rng, rng.choice(seeds())), _corpus())
        with suppress(*allowed):
            limited(function, content)

    return run


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _answer() -> Sequence[bytes]:
    """A framed answer of two sections."""
    n = _NONCE.encode()
    return [
        b"\n%s hello 0 123\n" % n
        + b"".join(
            b"\n%s begin %s\n\n%s part a\n%s\n%s done 0\n\n%s end\n\n%s over no\n" % (n, name, n, content, n, n, n)
            for name, content in ((b"system", b"x\n" * 20), (b"users", b"root:x:0:0::/:/bin/sh\n" * 5))
        )
        + b"\n%s bye\n" % n
    ]


def _databases(kind: str) -> Sequence[bytes]:
    return [package_databases.answer(name) for name in _DATABASES[kind]]


_DATABASES = {"apk": ("alpine-3.12.12", "alpine-3.18.9"), "rpm": ("rpm-4.16", "rpm-4.20")}
_DPKG = [
    b"Package: nginx\nStatus: install ok installed\nArchitecture: amd64\nMulti-Arch: foreign\nVersion: 1.18.0-6\n"
    b"Depends: libc6 (>= 2.28), nginx-core (<< 1.19) | nginx-full:any, a | b\nProvides: httpd, x (= 1)\n"
    b"Conffiles:\n /etc/nginx/nginx.conf 0123456789abcdef0123456789abcdef\nDescription: x\n y\n\n" * 3
]
_LIVE = [
    b"lrwxrwxrwx 1 0 0 0 Nov 24 10:00 /proc/7/exe -> /usr/sbin/nginx\n"
    b"lrwxrwxrwx 1 0 0 0 Nov 24 10:00 /proc/7/cwd -> /\n"
    b"PPid:\t1\nUid:\t0\t33\t33\t33\nGid:\t0\t33\t33\t33\nGroups:\t4 24\nUmask:\t0022\nSigCgt:\t0000000180014a07\n"
    b"Max open files            1024                 524288               files\n"
    b"7f00-7f01 r-xp 00000000 08:01 1234 /usr/lib/libc.so.6\n"
]
_OF_A_PROCESS = ("status", "links", "fd", "cmdline", "environ", "limits", "maps")
_HTML = [b"<!DOCTYPE html><html><head><title>a</title></head><body><p>x<ul><li>1<li>2</ul><!-- c --></body></html>"]


def _software(rng: random.Random) -> None:
    """The readers of the configuration of products, on whole hosts with a few changed lines."""
    host = rng.choice(_snapshots())
    configuration = host.observations["configuration"].value
    lines = list(configuration.lines)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(lines))
        text = mutated(rng, lines[at].text.encode("utf-8", "surrogateescape"), _corpus()).replace(b"\n", b" ")
        lines[at] = replace(lines[at], text=_text(text))
    at = rng.randrange(len(lines))
    lines = lines[max(0, at - 200) : at + 200]
    changed = replace(configuration, lines=tuple(lines))
    snapshot = replace(host, observations={**host.observations, "configuration": Found(changed)})
    for name in ("web_servers", "application_servers", "databases", "certificate_uses"):
        limited(getattr, snapshot, name)


_NGINX = (
    b"user www;\nhttp {\n  include conf.d/*.conf;\n  map $host $m { default 1; }\n  upstream u { server 10.0.0.1:9; }\n"
    b"  server {\n    listen [::]:80 default_server;\n    server_name \"a\" 'b' ~^c;\n    # no\n    location / {\n"
    b'      proxy_pass http://u;\n      content_by_lua_block { x = "}" -- {\n }\n    }\n  }\n}\n'
)
_APACHE = (
    b"Define top example.com\nServerRoot /etc/x\nListen 80\nInclude conf.d/\n<VirtualHost *:80 \\\n [::1]:81>\n"
    b'  ServerName a.${top}\n  <Directory "/srv/a b">\n    AllowOverride All\n  </Directory>\n'
    b"  ProxyPass / balancer://x\n  RewriteRule ^/(.*) http://db01/$1 [P,L]\n</VirtualHost>\n"
    b"<Proxy balancer://x>\n BalancerMember ajp://10.0.0.1:8009\n</Proxy>\n"
)
_LIGHTTPD = (
    b'server.port = 80\ninclude "conf.d/*.conf"\ninclude_shell "cat conf.d/*"\n$HTTP["host"] =~ "(^|x)a$" {\n'
    b'  server.document-root = "/srv/a" # (\n  proxy.server = ( "" => (( "host" => "10.0.0.1", "port" => 80 )),\n'
    b'    "b" => ( "x" => ( "socket" => "/run/x" ) ) )\n} else $SERVER["socket"] == ":81" { ssl.pemfile = "/x" }\n'
)
_HAPROXY = (
    b"global\n  daemon\ndefaults\n  mode http\nfrontend f 10.0.0.1:80\n  bind *:443,:444 ssl crt /x # y\n"
    b"  acl a hdr(host) -i a.b c.d\n  use_backend b if a\n  default_backend b\nbackend b\n  server s 10.0.0.2:80\n"
    b"listen l\n  bind unix@/run/l\n  server-template t 3 x:80\npeers p\n  peer a 10.0.0.1:1\n"
)


def _whole_files(main: str, sample: bytes, rng: random.Random) -> None:
    """A server's configuration of several whole files, which include each other, with a few changes."""
    host = HostBuilder()
    folder = main.rpartition("/")[0]
    for path in (main, f"{folder}/conf.d/a.conf", f"{folder}/conf.d/b.conf"):
        host.whole_config(path, _text(mutated(rng, excerpt(rng, sample), _corpus())))
    configuration = HostFiles(host.lines, host.whole)
    servers, gaps = limited(web_servers, (), configuration, None)
    assert encoded("complete", {"web_servers": with_plain_words(Found(servers, gaps))}) is not None


def _carriers(rng: random.Random) -> None:
    """Archives, databases and compiled files, with a few changed bytes."""
    carrier = rng.choice(_packed())
    limited(examine, mutated(rng, carrier.content, _corpus()), carrier.path)


@functools.cache
def _packed() -> Sequence[Carrier]:
    return carriers()


@functools.cache
def _snapshots() -> list[Any]:
    made = [host_fixtures.snapshot_of(host_fixtures.recording_of(name)) for name in host_fixtures.names()]
    return [each for each in made if isinstance(each.observations.get("configuration"), Found)]


def _targets() -> dict[str, Target]:
    found: dict[str, Target] = {}
    for section in SECTIONS:
        for platform in (Platform.POSIX, Platform.WINDOWS):
            if (platform, section.name) in _recordings() and section.variant(platform) is not None:
                found[f"parse {section.name} {platform}"] = functools.partial(_parses, section, platform)
                found[f"redact {section.name} {platform}"] = functools.partial(_redacts, section, platform)
    corpus = _corpus
    n = len
    found |= {
        "frames": _bytes(lambda content: read_frames(content, content[: n(content) // 3], _NONCE), _answer),
        "survey frames": _bytes(lambda content: answer_parts.split(content, _NONCE), _answer, (HostError,)),
        "recording": _bytes(
            lambda content: SectionRecording.from_text("a", content),
            lambda: [one.to_text() for each in _recordings().values() for one in each[:1]],
            (RecordingError,),
        ),
        "stat": _bytes(
            parse_stat, lambda: [b"12 (a b) S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 33 44 55"], (ParseError,)
        ),
        "mentions": _bytes(lambda content: find_references("/opt/a.py", content), corpus),
        "mentions of a script": _bytes(lambda content: find_references("/opt/a", b"#!/bin/sh\n" + content), corpus),
        "secrets of a file": _bytes(lambda content: finds(content, "/etc/a.conf"), corpus),
        "redaction of a text": _bytes(_REDACTOR.text, corpus),
        "windows text": _bytes(lambda content: decoding.text(content, "cp850"), corpus),
        "cron": _bytes(
            lambda content: (schedule_of(_text(content)), command_of(_text(content))),
            lambda: [b"*/5 1-3,7 * jan mon-fri"],
        ),
        "capabilities": _bytes(
            lambda content: file_capabilities.read_getcap(_text(content).split("\n")),
            lambda: [b"/bin/ping cap_net_raw=ep\n/usr/bin/x = cap_chown,cap_fowner+eip"],
        ),
        "access lists": _bytes(
            lambda content: list(access_lists.read_access_lists(content)),
            lambda: [
                b"# file: srv/a\n# owner: 0\n# group: 0\nuser::rwx\nuser:33:r-x\ngroup::r-x\nmask::r-x\nother::---\n\n"
            ],
        ),
        "relations": _bytes(lambda content: relations(_text(content)), lambda: [b"a (>= 1), b | c:any (<< 2~)"]),
        "rich dependencies": _bytes(
            lambda content: list(rich_dependency(_text(content))), lambda: [b"(a if (b or c(x)(64bit)) else d)"]
        ),
        "sums": _bytes(
            lambda content: list(read_sums(io.BytesIO(content), "sha256")),
            lambda: [b"a" * 64 + b"  /etc/passwd\n\\" + b"b" * 64 + b"  /a\\nb\n"],
            (HostError,),
        ),
        "dpkg": _bytes(
            lambda content: dpkg_database.read(
                {dpkg_database.STATUS: content, "dpkg.diversions": content, "dpkg.lists": content}
            ),
            lambda: _DPKG,
        ),
        "apk": _bytes(
            lambda content: apk_database.read({apk_database.INSTALLED: content, "apk.protected": content}),
            lambda: _databases("apk"),
        ),
        "rpm": _bytes(lambda content: rpm_database.read({rpm_database.INSTALLED: content}), lambda: _databases("rpm")),
        "listing": _bytes(
            lambda content: list(read_gnu(content.split(b"\0"))),
            lambda: [b"f 644 0 0 12 1600000000.1 1 2 9 /etc/a\0\0l 777 0 0 1 1.1 0 1 8 /b\0/etc/a\0"],
            (HostError,),
        ),
        "processes": _bytes(lambda content: process_listing.running_executables(content), corpus),
        "live processes": _bytes(
            lambda content: process_listing.read_processes({f"7.{name}": content for name in _OF_A_PROCESS}, [7]),
            lambda: _LIVE,
        ),
        "html": _bytes(lambda content: text_tree("html", _text(content)), lambda: _HTML),
        "software": _software,
        "whole nginx": functools.partial(_whole_files, "/etc/nginx/nginx.conf", _NGINX),
        "whole apache": functools.partial(_whole_files, "/etc/apache2/apache2.conf", _APACHE),
        "whole lighttpd": functools.partial(_whole_files, "/etc/lighttpd/lighttpd.conf", _LIGHTTPD),
        "whole haproxy": functools.partial(_whole_files, "/etc/haproxy/haproxy.cfg", _HAPROXY),
        "carriers": _carriers,
    }
    return found


TARGETS = _targets()
