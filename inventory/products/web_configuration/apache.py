"""The configuration of Apache's httpd: https://httpd.apache.org/docs/2.4/mod/directives.html.

Conditions (``<IfModule>``, ``<IfDefine>``) are not evaluated: what they hold counts as set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from inventory.products.detection.product_configuration import quoted_words
from inventory.products.web_configuration.apache_directives import ApacheDirective, directives
from inventory.products.web_configuration.included_files import Opened, Tree, Walk
from inventory.products.web_configuration.site_drafts import ServerDraft, SiteDraft

_ROOTS = frozenset({"documentroot", "virtualdocumentroot"})
_ALIASES = frozenset({"alias", "aliasmatch", "scriptalias", "scriptaliasmatch"})
_PASSED = frozenset({"proxypass", "proxypassmatch"})
_CERTIFICATES = frozenset({"sslcertificatefile", "sslcertificatechainfile", "sslcacertificatefile"})
_HANDLER = re.compile(r"proxy:\S+")
_PROXIED = re.compile(r"\[[^][]*\bP\b")
_VARIABLE = re.compile(r"\$\{(?P<name>\w{1,100})\}")
_LONGEST = 4096
"""Characters of the value of a variable. What is defined by other variables may grow without end."""


@dataclass
class _Place:
    """The target of the directives of a file, and the directory that they are about."""

    draft: SiteDraft
    folder: str = ""


@dataclass
class _Reading:
    server: ServerDraft
    tree: Tree
    variables: dict[str, str] = field(default_factory=dict)

    def value(self, directive: ApacheDirective) -> str:
        """The arguments with the variables that were defined."""
        if "${" not in directive.value or not self.variables:
            return directive.value
        value = _VARIABLE.sub(lambda match: self.variables.get(match["name"].lower(), match[0]), directive.value)
        return value if len(value) <= _LONGEST else directive.value


def read(tree: Tree) -> ServerDraft:
    """All sites."""
    reading = _Reading(ServerDraft(), tree)
    walk = Walk(tree, directives)
    for opened, directive in walk:
        place = _place(opened, reading.server)
        if directive.closes:
            if directive.name == "virtualhost":
                place.draft = reading.server.common
            elif directive.name in ("directory", "directorymatch"):
                place.folder = ""
        elif directive.opens:
            _open(reading, place, directive)
        elif directive.name in ("include", "includeoptional"):
            _include(reading, walk, opened, place, directive)
        else:
            _take(reading, place, directive)
    return reading.server


def _place(opened: Opened[ApacheDirective], server: ServerDraft) -> _Place:
    if not isinstance(opened.context, _Place):
        opened.context = _Place(opened.context if isinstance(opened.context, SiteDraft) else server.common)
    return opened.context


def _open(reading: _Reading, place: _Place, directive: ApacheDirective) -> None:
    server, value = reading.server, reading.value(directive)
    words = quoted_words(value)
    if directive.name == "virtualhost":
        place.draft = server.begin(directive.line)
        place.draft.listens += words
        place.draft.note(directive.line, "VirtualHost", value)
    elif directive.name == "proxy" and words and words[0].startswith("balancer:"):
        server.upstream(words[0], directive.line)
    elif directive.name in ("directory", "directorymatch"):
        place.folder = " ".join(words)


def _include(
    reading: _Reading,
    walk: Walk[ApacheDirective],
    opened: Opened[ApacheDirective],
    place: _Place,
    directive: ApacheDirective,
) -> None:
    pattern = " ".join(quoted_words(reading.value(directive)))
    if not pattern:
        return
    reading.server.includes.append(pattern)
    place.draft.note(directive.line, directive.written, pattern)
    opened.context = place.draft
    walk.include(pattern, optional=directive.name == "includeoptional", folders=True)
    opened.context = place


def _take(reading: _Reading, place: _Place, directive: ApacheDirective) -> None:
    key, value = directive.name, reading.value(directive)
    words = quoted_words(value)
    if not words:
        return
    if key == "define":
        reading.variables[words[0].lower()] = " ".join(words[1:])[:_LONGEST]
        return
    draft = reading.server.common if key == "listen" else place.draft
    if _fill_site(draft, key, value, words) or _fill_server(reading, place, directive, words):
        draft.note(directive.line, directive.written, " ".join(words))


def _fill_site(draft: SiteDraft, key: str, value: str, words: list[str]) -> bool:
    """Add what a directive sets for a site; whether it sets anything."""
    if key in ("servername", "serveralias"):
        draft.names += words
    elif key == "listen":
        draft.listens.append(" ".join(words))
    elif key in _ROOTS:
        draft.roots.append(words[0])
    elif key in _ALIASES:
        draft.roots.append(words[-1])
    elif key == "wsgiscriptalias":
        draft.roots += words[1:2]
    elif key in _CERTIFICATES:
        draft.certificates += words[:1]
    elif key == "sslcertificatekeyfile":
        draft.keys += words[:1]
    else:
        targets = _targets(key, value, words)
        draft.targets += targets or []
        return targets is not None
    return True


def _targets(key: str, value: str, words: list[str]) -> list[str] | None:
    """The servers that a directive passes requests to; None when it is not about that."""
    if key in _PASSED:
        return [word for word in words if "://" in word or word.startswith(("unix:", "balancer:"))][:1]
    if key in ("sethandler", "addhandler") and (handler := _HANDLER.search(value)):
        return [handler[0].removeprefix("proxy:").strip("\"'")]
    if key == "rewriterule" and _PROXIED.search(value):
        return [word for word in words if "://" in word][:1]
    return [f"worker {words[-1]}"] if key == "jkmount" else None


def _fill_server(reading: _Reading, place: _Place, directive: ApacheDirective, words: list[str]) -> bool:
    """Add what a directive sets for the whole server; whether it sets anything."""
    server, key = reading.server, directive.name
    if key == "balancermember" and server.upstreams:
        server.upstreams[-1].servers += [word for word in words if "://" in word][:1]
    elif key == "serverroot":
        reading.tree.folder = words[0]
    elif key == "allowoverride":
        if reading.value(directive).lower() != "none":
            server.htaccess.append(place.folder or directive.line.path)
    else:
        return key == "jkworkersfile"
    return True
