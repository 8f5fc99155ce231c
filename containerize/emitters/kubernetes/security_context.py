"""The security context of a workload's pod: the runtime's defaults and the grants; everything else is a comment.

Pod Security Standards: https://kubernetes.io/docs/concepts/security/pod-security-standards/.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from containerize.emitters.decisions import DecisionKind, allowed_of, denied_of, told
from containerize.emitters.emission import Emission, to_json
from containerize.emitters.kubernetes.objects import ObjectNames
from containerize.emitters.yaml_remarks import keys, listed, on_privilege_gain, read_only, remarked
from containerize.emitters.yaml_text import Remarks
from containerize.plan.model import ImagePlan

_SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
"""https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/; all others must be allowed on the node."""

_HUGE_PAGE = 2 << 20

_ONLY_TOLD: dict[DecisionKind, str] = {
    "device": "Kubernetes gives a device through a device plugin only.",
    "real-time": "Kubernetes has no setting for it; see CAP_SYS_NICE.",
}


def security_context(emission: Emission, user: tuple[int, int]) -> dict[str, Any]:
    """The user of the container, without privilege gain unless granted."""
    uid, gid = user
    held = emission.allowed
    context: dict[str, Any] = {
        "runAsUser": uid,
        "runAsGroup": gid,
        "runAsNonRoot": uid != 0,
        # SYS_ADMIN implies it, and the API server takes no contradiction.
        "allowPrivilegeEscalation": held.privilege_gain or "CAP_SYS_ADMIN" in held.capabilities,
    }
    if uid != 0 and not held.privilege_gain:
        context["capabilities"] = {"drop": ["ALL"]}
    return context


def explained(emission: Emission, names: ObjectNames, context: dict[str, Any]) -> dict[Any, Any]:
    """The context of the service itself: with the capabilities that were allowed, and what was denied in comments."""
    dropped = context.pop("capabilities", {})
    profile = "seccompProfile:", "  type: Localhost", f"  localhostProfile: {profile_path(names)}"
    return {
        **keys(on_privilege_gain(emission, "allowPrivilegeEscalation: true")),
        **context,
        **_capabilities(emission, dropped),
        **keys(remarked(emission, "system-calls", *profile)),
        **read_only(emission, "readOnlyRootFilesystem"),
    }


def _capabilities(emission: Emission, dropped: dict[str, Any]) -> dict[Any, Any]:
    added = listed(emission, "add", "capability", lambda each: each.name.removeprefix("CAP_"))
    if dropped or "add" in added:
        return {"capabilities": {**dropped, **added}}
    named = [f"    - {each.name.removeprefix('CAP_')}" for each in denied_of(emission, "capability")]
    return keys(remarked(emission, "capability", "capabilities:", "  add:", *named))


def profile_path(names: ObjectNames) -> str:
    """The path of ``seccomp.json`` below the kubelet's folder of profiles."""
    return f"brownfield/{names.base}.json"


def sysctls_of(plan: ImagePlan) -> Iterator[tuple[str, str]]:
    """The one setting that replaces a capability: an ordinary user binds the port that root bound on the host."""
    low = [each.port for each in plan.ports if each.port < 1024]
    if low and not plan.start.user.startswith("0:"):
        yield "net.ipv4.ip_unprivileged_port_start", str(min(low))


def kernel_settings(emission: Emission) -> list[Remarks]:
    """Settings that were changed on the host, as comments."""
    rows = [line for name, value in emission.seen.sysctls for line in (f"- name: {name}", f"  value: {to_json(value)}")]
    unsafe = [name for name, _ in emission.seen.sysctls if name not in _SAFE_SYSCTLS]
    kubelet = [f"The kubelet must allow these (--allowed-unsafe-sysctls): {', '.join(unsafe)}."] if unsafe else []
    there = any(True for _ in sysctls_of(emission.plan))
    lines = ["Add to sysctls:", *rows] if there else ["sysctls:", *(f"  {row}" for row in rows)]
    return remarked(emission, "kernel-setting", *kubelet, *lines)


def huge_pages(emission: Emission) -> list[Remarks]:
    """A limit of huge pages, as a comment."""
    size = -(-emission.seen.huge_page_bytes // _HUGE_PAGE) * _HUGE_PAGE
    return remarked(emission, "huge-pages", f"hugepages-2Mi: {size >> 20}Mi")


def unsaid(emission: Emission) -> Iterator[str]:
    """Needs that no manifest can grant, as sentences."""
    for kind, sentence in _ONLY_TOLD.items():
        if found := (*allowed_of(emission, kind), *denied_of(emission, kind)):
            yield from (*told(found, emission.plan.workload), sentence)
