"""Section sockets on Windows: ``netstat -ano``, which is there since Server 2003 and whose lines have the same shape in
every language.

    TCP    0.0.0.0:135    0.0.0.0:0    LISTENING    1024
    UDP    [::]:500       *:*                       2048
"""

from __future__ import annotations

import re

from inventory.formats.unreadable_rows import unreadable_row
from inventory.model.sockets import Connection, Listener, Sockets
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant

NAME = "sockets"

FRAGMENT = r"""
run netstat netstat -ano
"""

_ROW = re.compile(
    r"\s*(?P<protocol>TCP|UDP)(?:v6)?\s+(?P<local>\S+):(?P<port>\d{1,5})\s+(?P<remote>\S+):(?P<far>\d{1,5}|\*)"
    r"(?P<state>\s+[^\s\d]\S*(?: \S+)?)?(?:\s+(?P<pid>\d{1,10}))?\s*",
    re.ASCII,
)
# Only words that no language translates are known; a listener is known by its peer.
_STATES = {"SYN_RECEIVED": "SYN_RECV", "FIN_WAIT_1": "FIN_WAIT1", "FIN_WAIT_2": "FIN_WAIT2", "CLOSED": "CLOSE"}


def parse(recording: SectionRecording) -> Observation[Sockets]:
    """Sockets of the host. ``inode`` is the pid of the owner, which is all that distinguishes sockets of Windows."""
    part = recording.part("netstat")
    listeners: list[Listener] = []
    connections: list[Connection] = []
    if part is None or not part.content.strip():
        return Unknown("netstat did not answer")
    nobodys = 0
    for number, line in enumerate(part.lines(), 1):
        match = _ROW.fullmatch(line)
        if match is None:
            if re.match(r"\s*(TCP|UDP)\s", line) and not part.truncated:
                unreadable_row(f"netstat:{number} is not a socket")
            continue
        local, remote = _address(match["local"]), _address(match["remote"])
        protocol = match["protocol"].lower() + ("6" if ":" in local else "")
        port, far = int(match["port"]), match["far"]
        pid = int(match["pid"] or 0)
        nobodys += match["pid"] is None
        state = (match["state"] or "").strip()
        origin = Origin(NAME, "netstat", number)
        if protocol.startswith("udp") or far in ("0", "*"):
            if not protocol.startswith("tcp") or remote in ("0.0.0.0", "::", "*"):  # noqa: S104 - compared, not bound
                listeners.append(Listener(protocol, local, port, -1, pid, origin))
        elif pid != 0 or match["pid"] is None:  # a connection in TIME_WAIT belongs to process 0
            word = _STATES.get(state, state)
            connections.append(Connection(protocol, local, port, remote, int(far), word, -1, pid, origin))
    gaps = (Gap(f"owners of {nobodys} sockets", "netstat on this host does not report them"),) if nobodys else ()
    return Found(Sockets(tuple(listeners), tuple(connections), ()), gaps)


def _address(text: str) -> str:
    """Without brackets and zone; ``*`` stays."""
    return text.strip("[]").partition("%")[0]


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=8 * 1024 * 1024, redact=redact_windows)
