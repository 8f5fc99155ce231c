"""An HAProxy configuration that switches between the legacy service (blue) and its container (green) without a restart.

Words are escaped as the configuration manual says ("Quoting and escaping"): outside of quotes a backslash and ``xHH``
stand for any byte, so that nothing needs quotes and no variable is expanded
(https://docs.haproxy.org/3.0/configuration.html#2.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from containerize.emitters.emission import Emission, Emitter, comment
from containerize.emitters.health_check import may_be_dialled
from containerize.emitters.host_names import label, published

_PLAIN = re.compile(r"[A-Za-z0-9._:/@+-]")
_WHOLE = 256
"""The greatest weight of a server."""


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """``haproxy/blue-green.cfg``, a whole configuration; its last parts fit into one that is there already."""
    lines = [*_head(emission), "", *_common(), ""]
    for port, protocol in published(emission.plan):
        if protocol == "tcp":
            lines += [*_port(emission, port), ""]
    return {PurePosixPath("haproxy/blue-green.cfg"): "\n".join(lines[:-1]) + "\n"}


def fits(emission: Emission) -> bool:
    """Whether there is a TCP port to switch; HAProxy carries no UDP."""
    return any(protocol == "tcp" for _, protocol in published(emission.plan))


def green_port(port: int) -> int:
    """The default port of the container, on HAProxy's own machine, where the original port is taken."""
    return port + 10000 if port < 50000 else port - 10000


def word(text: str) -> str:
    """One word of a configuration that means exactly ``text``, whatever is in it."""
    data = text.encode("utf-8", "replace")
    return "".join(chr(byte) if _PLAIN.match(chr(byte)) else f"\\x{byte:02x}" for byte in data.replace(b"\0", b"?"))


def _head(emission: Emission) -> Iterator[str]:
    plan, seen = emission.plan, emission.seen
    yield f"# Written by assess build: {comment(plan.workload)}, lifted from {comment(plan.host)}."
    yield "# blue is the legacy service, green its container. Everything goes to blue until you switch:"
    for port, protocol in published(plan):
        if protocol == "tcp":
            backend = f"{label(plan.workload, 40)}-{port}"
            yield f"#   echo 'set server {backend}/green weight {_WHOLE}' | socat stdio $STATS_SOCKET"
            yield f"#   echo 'set server {backend}/blue weight 0' | socat stdio $STATS_SOCKET"
            yield f"# The container is expected on port {green_port(port)}, or on the port in GREEN_PORT_{port}."
    yield "# Open connections stay where they are; the other way round takes traffic back."
    yield "# Clients must reach HAProxy under the address they use now. The service sees HAProxy's address, not theirs:"
    yield "# where it checks them (rule client-address-check), use send-proxy-v2 or mode http with option forwardfor."
    udp = [port for port, protocol in published(plan) if protocol == "udp"]
    if udp:
        yield f"# HAProxy carries no UDP: {', '.join(str(port) for port in udp)} is not here."
    for client in seen.clients:
        who = f" ({client.workload})" if client.workload else ""
        yield f"# {comment(client.address + who)} was connected to port {client.port}."


def _common() -> Iterator[str]:
    yield "global"
    yield "    # Where green is and where HAProxy listens: set in the environment, or here."
    yield "    presetenv GREEN_ADDRESS 127.0.0.1"
    yield "    presetenv LISTEN_ADDRESS 0.0.0.0"
    yield "    presetenv STATS_SOCKET /run/haproxy-blue-green.sock"
    yield '    stats socket "${STATS_SOCKET}" mode 600 level admin'
    yield ""
    yield "defaults"
    yield "    mode tcp"
    yield "    timeout connect 5s"
    yield "    # As long as legacy services themselves keep idle connections; shorter ones break database pools."
    yield "    timeout client 1h"
    yield "    timeout server 1h"
    yield "    option redispatch"


def _port(emission: Emission, port: int) -> Iterator[str]:
    plan = emission.plan
    name = f"{label(plan.workload, 40)}-{port}"
    blue = emission.seen.address or plan.host
    yield f"frontend {name}"
    yield f"    description {word(plan.workload)}"
    yield f'    bind "${{LISTEN_ADDRESS}}:${{LISTEN_PORT_{port}-{port}}}"'
    yield f"    default_backend {name}"
    yield f"backend {name}"
    yield f"    description {word(f'{plan.workload} on {plan.host}, and its container')}"
    yield "    balance roundrobin"
    planned = next(each for each in plan.ports if each.published and (each.port, each.protocol) == (port, "tcp"))
    if may_be_dialled(planned):
        check = "check init-addr last,libc,none"
    else:
        yield "    # No checks: the server locks out silent clients, and all of its clients come from HAProxy."
        check = "init-addr last,libc,none"
    # A name is looked up when HAProxy starts, and one that is gone by then must not stop it.
    yield f"    server blue {_address(blue)}:{port} weight {_WHOLE} {check}"
    green = f'"${{GREEN_ADDRESS}}:${{GREEN_PORT_{port}-{green_port(port)}}}"'
    yield f"    server green {green} weight 0 {check}"


def _address(address: str) -> str:
    """``ipv6@`` separates the colons of an address from that of the port."""
    return f"ipv6@{word(address)}" if ":" in address else word(address)


EMITTER = Emitter(
    "haproxy", "lets traffic go to the legacy service or the container, and back", emit, ("haproxy",), fits
)
