"""Several answers in one round trip, separated by a line that no file can contain.

The marker carries a random number made for this one script, so content that imitates it cannot be prepared.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from inventory.errors import HostError
from inventory.transports.login_shell import PATH
from inventory.transports.transport import Transport

PREAMBLE = (
    f"""export LC_ALL=C; PATH={PATH}; export PATH; umask 077
"""
    """low() {
if type ionice >/dev/null 2>&1 && ionice -c 2 -n 7 true >/dev/null 2>&1; then set -- ionice -c 2 -n 7 "$@"; fi
if type nice >/dev/null 2>&1; then set -- nice -n 19 "$@"; fi
"$@"
}
"""
)
"""Set before every script: messages we can read, the directories of the system's tools and no others, and ``low`` for
work that must not disturb the services of the host. Of I/O it takes the lowest best-effort class, not the idle one: on
a disk that never rests nothing would come at all.
"""


class AnswerIncomplete(HostError):
    """The host stopped in the middle of an answer, or answered more than any host should."""


def ask(
    transport: Transport, parts: Mapping[str, str], *, timeout: float = 300.0, limit: int = 256 << 20
) -> dict[str, bytes]:
    """Run the shell text of each part and return its standard output by name.

    A part that fails is whatever it printed until then; what a failure means is the reader's to say. Raises
    AnswerIncomplete when the end is missing, and HostError from the transport.
    """
    nonce = secrets.token_hex(16)
    script = [PREAMBLE]
    for name, text in parts.items():
        script.append(f"printf '\\n#{nonce} %s\\n' {name}\n{{\n{text}\n}} 2>/dev/null </dev/null\n")
    script.append(f"printf '\\n#{nonce} end\\n'\n")
    done = transport.run("sh -s", "".join(script).encode(), timeout=timeout, limit=limit)
    if done.truncated:
        raise AnswerIncomplete(f"the host answered more than {limit >> 20} MB about its files; it is left alone")
    return split(done.stdout, nonce)


def split(output: bytes, nonce: str) -> dict[str, bytes]:
    """Take the answer apart again; raises AnswerIncomplete."""
    pieces = output.split(f"\n#{nonce} ".encode())
    answers: dict[str, bytes] = {}
    ended = False
    for piece in pieces[1:]:
        name, _, content = piece.partition(b"\n")
        key = name.decode("ascii", "replace").strip()
        if key == "end":
            ended = True
            break
        answers[key] = content
    if not ended:
        raise AnswerIncomplete("the host stopped answering in the middle of a question; try again")
    return answers
