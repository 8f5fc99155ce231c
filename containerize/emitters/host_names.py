"""Names for schedulers and registries, made from host and workload names."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

from containerize.emitters.emission import slug
from containerize.plan.model import ImagePlan

_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)

LABEL = 63
"""Characters of a label of RFC 1123."""


def label(text: str, limit: int = LABEL) -> str:
    """A label of RFC 1035 (``a-z0-9-``, a letter first), which is good for every object of Kubernetes, for secrets of
    Swarm and for files of units. What is too long ends with a hash of all of it.
    """
    name = slug(text)
    if not name[0].isalpha():
        name = f"n-{name}"
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{name[: limit - 9].rstrip('-')}-{digest}"


def unique_labels(prefix: str, texts: Iterable[str], limit: int = LABEL) -> dict[str, str]:
    """A label for each text, all different, that begins with ``prefix``."""
    found: dict[str, str] = {}
    for text in texts:
        name, number = label(f"{prefix}-{text}", limit), 2
        while name in found.values():
            end = f"-{number}"
            name, number = label(f"{prefix}-{text}", limit - len(end)) + end, number + 1
        found[text] = name
    return found


def is_host_name(name: str) -> bool:
    """Whether a name is one of RFC 1123, which engines refuse to do without."""
    return _HOST_NAME.fullmatch(name.lower()) is not None


def host_aliases(plan: ImagePlan) -> list[tuple[str, str]]:
    """(name, address) of the host's /etc/hosts for other machines. Its own names are those of the container
    (:mod:`containerize.emitters.own_identity`).
    """
    own = {plan.hostname, plan.hostname.partition(".")[0], *plan.own_names}
    addresses = {address for name, address in plan.host_aliases if name in own}
    return [(name, address) for name, address in plan.host_aliases if name not in own and address not in addresses]


def published(plan: ImagePlan) -> list[tuple[int, str]]:
    """(port, protocol) of everything that others reach."""
    return sorted({(port.port, port.protocol) for port in plan.ports if port.published})
