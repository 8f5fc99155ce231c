"""Detection of the protocol on a port.

Known by the process that holds it or by its number; what isn't known is found out with the copy: a request that it did
not expect does no harm there, and only what the copy speaks is asked of the live server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from containerize.pilot.check_subject import CheckSubject
from containerize.pilot.protocols.dialogues import CONVERSATIONS, Dialogue, Garbled, LineReader
from containerize.pilot.reference_service import Endpoint, dialled_address
from containerize.pilot.web.http_exchange import HttpFailed, HttpRequest, HttpResponse, ask
from containerize.plan.model import ImagePort
from inventory.products.catalogue import products

_WEB_PORTS = frozenset({80, 443, 8000, 8080, 8081, 8443, 8888, 9080, 9443})
_BANNER_SECONDS = 1.5
HTTP = "http"
"""The protocol that is no conversation."""
_BY_NAME = {each.name: each for each in CONVERSATIONS}


@dataclass(frozen=True, slots=True)
class DetectedProtocol:
    """``conversation`` is None for HTTP. ``tls``: HTTP over TLS."""

    conversation: Dialogue | None
    tls: bool = False


def detect_protocol(subject: CheckSubject, port: ImagePort) -> DetectedProtocol:
    """See the module. Raises OSError when the copy does not take a connection."""
    known = _known_by_process().get(port.process, "")
    if known in _BY_NAME:
        return DetectedProtocol(_BY_NAME[known])
    vantage = Endpoint(dialled_address(port.address), port.port, inside=True)
    likely = known == HTTP or port.port in _WEB_PORTS
    if not likely:
        connection = subject.dial_copy(vantage)
        try:
            banner, _ = LineReader(connection).banner(_BANNER_SECONDS)
        finally:
            connection.close()
        if banner:
            return DetectedProtocol(_by_port(port) if _answers(subject, vantage, port) else CONVERSATIONS[-1])
        if (named := _by_port(port)).name != "tcp" and _answers(subject, vantage, port):
            return DetectedProtocol(named)
    for tls in (False, True):
        answer = _http(subject, vantage, tls)
        if answer is not None and not (not tls and _wants_tls(answer)):
            return DetectedProtocol(None, tls)
    return DetectedProtocol(None) if likely else DetectedProtocol(CONVERSATIONS[-1])


def _by_port(port: ImagePort) -> Dialogue:
    return _known_by_port().get(port.port, CONVERSATIONS[-1])


@cache
def _known_by_process() -> Mapping[str, str]:
    """Names of protocols by names of processes."""
    return {
        program: protocol.name
        for product in products().values()
        if (protocol := product.protocol) is not None
        for program in product.programs_of(protocol)
    }


@cache
def _known_by_port() -> Mapping[int, Dialogue]:
    """Conversations by the default ports of the products that hold them."""
    return {
        port: _BY_NAME[protocol.name]
        for product in products().values()
        if (protocol := product.protocol) is not None and protocol.name in _BY_NAME
        for port in product.ports.tcp
    }


def _answers(subject: CheckSubject, vantage: Endpoint, port: ImagePort) -> bool:
    """Whether the copy really speaks what the port's number promises."""
    connection = subject.dial_copy(vantage)
    try:
        _by_port(port).talk(connection)
    except (Garbled, OSError):
        return False
    finally:
        connection.close()
    return True


def _http(subject: CheckSubject, vantage: Endpoint, tls: bool) -> HttpResponse | None:
    try:
        return ask(lambda: subject.dial_copy(vantage), HttpRequest("/", "localhost"), tls=tls, seconds=10.0)
    except (HttpFailed, OSError):
        return None


def _wants_tls(answer: HttpResponse) -> bool:
    """Apache and nginx answer plain HTTP on their TLS port with status 400 and these words."""
    return answer.status == 400 and b"plain HTTP" in answer.body
