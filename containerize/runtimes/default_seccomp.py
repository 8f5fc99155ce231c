"""Docker's default seccomp filter and capabilities, for the runtime without an engine.

A verdict must not depend on the runtime, so the embedded one rejects what Docker rejects. The data and where it comes
from are in ``data/seccomp.json``.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

from assess.knowledge.capabilities import DOCKER_DEFAULT, names

DEFAULT_CAPABILITIES = tuple(f"CAP_{name}" for name in names(DOCKER_DEFAULT))
"""What Docker grants a container that asks for nothing."""

_EPERM = 1
_ENOSYS = 38


@cache
def _data() -> dict[str, Any]:
    text = resources.files("containerize.runtimes").joinpath("data/seccomp.json").read_text(encoding="utf-8")
    data: dict[str, Any] = json.loads(text)
    return data


def seccomp_filter(capabilities: Collection[str], machine: str = "") -> dict[str, Any]:
    """``linux.seccomp`` of an OCI configuration for a container with these capabilities (``CAP_…``)."""
    data = _data()
    machine = machine or platform.machine()
    native = data["machines"].get(machine)
    allowed = set(data["allowed"]) | set(data["by_architecture"].get(native, ()))
    for capability in capabilities:
        allowed.update(data["by_capability"].get(capability, ()))
    rules: list[dict[str, Any]] = []
    if "CAP_SYS_ADMIN" in capabilities:
        allowed |= {"clone", "clone3"}
    else:
        # New namespaces are refused. clone3 has its flags behind a pointer that a filter cannot follow, so it is
        # "not there" and the C library falls back to clone.
        rules.append(
            _rule(["clone"], args=[_argument(0 if native != "SCMP_ARCH_S390X" else 1, data["clone_refused_flags"])])
        )
        rules.append({"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": _ENOSYS})
    rules.append(_rule(["socket"], args=[{"index": 0, "value": data["socket_refused_family"], "op": "SCMP_CMP_NE"}]))
    rules.extend(
        _rule(["personality"], args=[{"index": 0, "value": value, "op": "SCMP_CMP_EQ"}])
        for value in data["personality"]
    )
    rules.append(_rule(sorted(allowed)))
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": _EPERM,
        "architectures": [native, *data["subarchitectures"].get(native, ())] if native else [],
        "syscalls": rules,
    }


def _argument(index: int, refused_flags: int) -> dict[str, Any]:
    """Holds when none of the flags is set."""
    return {"index": index, "value": refused_flags, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}


def _rule(names: list[str], args: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"names": names, "action": "SCMP_ACT_ALLOW", **({"args": args} if args else {})}
