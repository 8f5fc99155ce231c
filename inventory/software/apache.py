"""The configuration of Apache's httpd: https://httpd.apache.org/docs/2.4/mod/directives.html."""

from __future__ import annotations

import re
from collections.abc import Mapping

from inventory.model.configuration import ConfigLine
from inventory.software.configuration_files import in_order, quoted_words
from inventory.software.site_drafts import Draft, Server

_TAG = re.compile(r"<(?P<end>/?)(?P<name>\w+)\s*(?P<value>[^>]*)>?")
_DIRECTIVE = re.compile(r"(?P<name>[A-Za-z]\w*)\s+(?P<value>\S.*)")
_ROOTS = frozenset({"documentroot", "alias", "aliasmatch", "scriptalias", "scriptaliasmatch", "wsgiscriptalias"})
_LAST_WORD = frozenset({"alias", "aliasmatch", "scriptalias", "scriptaliasmatch", "wsgiscriptalias"})
_PASSED = frozenset({"proxypass", "proxypassmatch"})
_CERTIFICATES = frozenset({"sslcertificatefile", "sslcertificatechainfile", "sslcacertificatefile"})
_HANDLER = re.compile(r"proxy:\S+")


def read(files: Mapping[str, list[ConfigLine]]) -> Server:
    """All sites of some files. Where the end of a VirtualHost was not sent, it ends with its file or at the next."""
    server = Server()
    for _, lines in in_order(files):
        draft, folder = server.common, ""
        for line in lines:
            if tag := _TAG.match(line.text):
                name = tag["name"].lower()
                if name == "virtualhost":
                    draft = server.common if tag["end"] else _begin(server, line, tag["value"])
                elif name == "proxy" and not tag["end"] and tag["value"].strip("\"' ").startswith("balancer:"):
                    server.upstream(tag["value"].strip("\"' "), line)
                elif name in ("directory", "directorymatch"):
                    folder = "" if tag["end"] else " ".join(quoted_words(tag["value"]))
                continue
            if match := _DIRECTIVE.match(line.text):
                _take(server, draft, line, match["name"], match["value"].strip(), folder)
    return server


def _begin(server: Server, line: ConfigLine, value: str) -> Draft:
    draft = server.begin(line)
    draft.listens += quoted_words(value)
    draft.note(line, "VirtualHost", value.strip())
    return draft


def _take(server: Server, draft: Draft, line: ConfigLine, name: str, value: str, folder: str) -> None:
    words = quoted_words(value)
    if not words:
        return
    key = name.lower()
    if key in ("servername", "serveralias"):
        draft.names += words
    elif key == "listen":
        server.common.listens.append(" ".join(words))
    elif key in _ROOTS:
        draft.roots.append(words[-1] if key in _LAST_WORD else words[0])
    elif key in _PASSED:
        draft.targets += [word for word in words if "://" in word or word.startswith(("unix:", "balancer:"))][:1]
    elif key == "balancermember" and server.upstreams:
        server.upstreams[-1].servers += [word for word in words if "://" in word][:1]
    elif key in ("sethandler", "addhandler") and (handler := _HANDLER.search(value)):
        draft.targets.append(handler[0].removeprefix("proxy:").strip("\"'"))
    elif key == "rewriterule" and re.search(r"\[[^][]*\bP\b", value):
        draft.targets += [word for word in words if "://" in word][:1]
    elif key == "jkmount":
        draft.targets.append(f"worker {words[-1]}")
    elif key in _CERTIFICATES:
        draft.certificates += words[:1]
    elif key == "sslcertificatekeyfile":
        draft.keys += words[:1]
    elif key in ("include", "includeoptional"):
        server.includes.append(" ".join(words))
    elif key == "allowoverride" and value.lower() != "none":
        server.htaccess.append(folder or line.path)
    elif key not in ("serverroot", "jkworkersfile", "allowoverride"):
        return
    where = server.common if key == "listen" else draft
    where.note(line, name, " ".join(words))
