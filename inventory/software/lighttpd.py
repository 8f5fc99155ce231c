"""The configuration of lighttpd: https://redmine.lighttpd.net/projects/lighttpd/wiki/Docs_ConfigurationOptions.

A condition (``$HTTP["host"] == "x" {``) is a site. Its end is seldom among the lines that a host sends, so it ends
with the next condition or the file; conditions on anything but host and socket belong to what they stand in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from inventory.model.configuration import ConfigLine
from inventory.software.configuration_files import in_order
from inventory.software.site_drafts import Draft, Server

_CONDITION = re.compile(r'(?:else\s+)?\$(?P<kind>HTTP\["host"\]|SERVER\["socket"\])\s*[=!]?[=~]~?\s*"(?P<value>[^"]*)"')
_SETTING = re.compile(r"(?P<name>[a-z][a-z0-9.-]*)\s*\+?=[>\s]*(?P<value>.*)", re.IGNORECASE)
_INCLUDE = re.compile(r'include(?:_shell)?\s+"(?P<value>[^"]*)"')
_QUOTED = re.compile(r'"([^"]*)"')
_PEER = re.compile(r'"host"\s*=>\s*"(?P<host>[^"]*)"(?:\s*,\s*"port"\s*=>\s*"?(?P<port>\d+))?')
_SOCKET = re.compile(r'"socket"\s*=>\s*"(?P<path>[^"]*)"')


def read(files: Mapping[str, list[ConfigLine]]) -> Server:
    """All sites of some files."""
    server = Server()
    for _, lines in in_order(files):
        draft: Draft = server.common
        for line in lines:
            if condition := _CONDITION.match(line.text):
                draft = server.begin(line)
                named = condition["kind"].startswith("HTTP")
                (draft.names if named else draft.listens).append(condition["value"])
                draft.note(line, condition["kind"], condition["value"])
            elif include := _INCLUDE.match(line.text):
                server.includes.append(include["value"])
            else:
                _take(server, draft, line)
    return server


def _take(server: Server, draft: Draft, line: ConfigLine) -> None:
    before = len(draft.targets)
    draft.targets += [f"{peer['host']}:{peer['port']}" if peer["port"] else peer["host"] for peer in _peers(line)]
    draft.targets += [match["path"] for match in _SOCKET.finditer(line.text)]
    setting = _SETTING.match(line.text)
    name, value = (setting["name"].lower(), setting["value"].strip()) if setting else ("", "")
    first = next(iter(_QUOTED.findall(value)), value)
    if name in ("server.port", "server.bind"):
        server.common.listens.append(first)
    elif name in ("server.document-root", "alias.url"):
        draft.roots += _QUOTED.findall(value)[-1:]
    elif name in ("ssl.pemfile", "ssl.ca-file"):
        draft.certificates.append(first)
    elif name == "ssl.privkey":
        draft.keys.append(first)
    elif len(draft.targets) == before:
        return
    draft.note(line, name, value)


def _peers(line: ConfigLine) -> list[re.Match[str]]:
    return list(_PEER.finditer(line.text))
