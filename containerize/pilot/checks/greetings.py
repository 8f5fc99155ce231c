"""Check that servers other than HTTP greet and answer like the live ones."""

from __future__ import annotations

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.compare.answer_comparison import judge
from containerize.pilot.compare.node import TreeNode
from containerize.pilot.compare.own_names import hider
from containerize.pilot.protocols.dialogues import Dialogue, Garbled, Said, tree_of
from containerize.pilot.protocols.protocol_detection import detect_protocol
from containerize.pilot.reference_service import Endpoint
from containerize.pilot.result import CheckResult
from containerize.plan.model import ImagePort
from inventory.errors import HostError

_ASK_AGAIN = 2
_BETWEEN_SECONDS = 0.7


def check(subject: CheckSubject) -> tuple[CheckResult, ...]:
    """One result for each TCP port that is not HTTP."""
    results = []
    for port in one_each(subject.plan.ports):
        try:
            spoken = detect_protocol(subject, port)
        except OSError as error:
            results.append(subject.compared(f"answer tcp/{port.port}", False, "takes connections", _reason(error)))
            continue
        if spoken.conversation is not None:
            results.append(_compare(subject, port, spoken.conversation))
    return tuple(results)


def one_each(ports: tuple[ImagePort, ...]) -> tuple[ImagePort, ...]:
    """Each TCP port number once: the same server listens for IPv4 and IPv6."""
    found: dict[int, ImagePort] = {}
    for port in ports:
        if port.protocol == "tcp":
            found.setdefault(port.port, port)
    return tuple(found.values())


def _compare(subject: CheckSubject, port: ImagePort, conversation: Dialogue) -> CheckResult:
    name = f"{conversation.name} tcp/{port.port}"
    try:
        vantage = subject.live.vantage(port.port, port.address)
    except HostError as error:
        return subject.undecided(name, "the greeting of the live server", f"the live server was not asked: {error}")
    lives: list[TreeNode] = []
    copies: list[TreeNode] = []
    said: dict[str, Said] = {}
    for attempt in range(1 + _ASK_AGAIN):
        if attempt:
            subject.sleep(_BETWEEN_SECONDS)
        for side in ("live", "copy", "live") if not attempt else ("copy", "live"):
            try:
                said[side] = _talk(subject, vantage, conversation, side)
            except (Garbled, OSError, HostError) as error:
                if side == "live":
                    return subject.undecided(name, "a greeting of the live server", f"the live one: {_reason(error)}")
                return subject.compared(name, False, _words(said["live"]), _reason(error))
            hide = hider(subject.live_words if side == "live" else subject.copy_words)
            tree = tree_of(tuple((label, hide(text)) for label, text in said[side]))
            (lives if side == "live" else copies).append(tree)
        judgement = judge(lives, copies)
        if judgement.same:
            return subject.compared(name, True, _words(said["live"]), _words(said["copy"]))
    detail = "\n".join(
        f"{each.path.strip('/')}: {each.texts[0] or each.expected!r} live, {each.texts[1] or each.actual!r} here"
        for each in judgement.remaining
    )
    return subject.compared(name, False, _words(said["live"]), _words(said["copy"]), detail)


def _talk(subject: CheckSubject, vantage: Endpoint, conversation: Dialogue, side: str) -> Said:
    connection = subject.live.dial(vantage) if side == "live" else subject.dial_copy(vantage)
    try:
        return conversation.talk(connection)
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _words(said: Said) -> str:
    return "; ".join(f"{label}: {text}" for label, text in said)
