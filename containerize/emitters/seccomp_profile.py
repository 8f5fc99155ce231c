"""``seccomp.json``: Docker's default profile plus the system calls that the workload needs.

The form is Docker's (https://docs.docker.com/engine/security/seccomp/), which Podman, containerd and CRI-O read too. It
is written where something is missing from the default: else the profile that the engine brings is the better one,
because it is kept up with the kernel.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from containerize.emitters.emission import Emission, Emitter
from containerize.runtimes.default_seccomp import DEFAULT_CAPABILITIES, seccomp_filter

PROFILE = "seccomp.json"


def wants_profile(emission: Emission) -> bool:
    """Whether the workload makes system calls that the default profile rejects."""
    return bool(emission.seen.system_calls)


def emit(emission: Emission) -> Mapping[PurePosixPath, str]:
    """The profile for the capabilities that the container gets, with a rule for what was seen. No other file refers to
    it but in a comment: a person decides whether the container gets it.
    """
    plan = emission.plan
    profile = seccomp_filter((*DEFAULT_CAPABILITIES, *emission.allowed.capabilities), plan.architecture)
    wanted = sorted({each.name for each in emission.seen.system_calls})
    if wanted:
        reasons = "; ".join(dict.fromkeys(each.reason for each in emission.seen.system_calls))
        comment = f"{plan.workload}: {reasons}"
        profile["syscalls"].append({"names": wanted, "action": "SCMP_ACT_ALLOW", "comment": comment})
    return {PurePosixPath(PROFILE): json.dumps(profile, indent=1) + "\n"}


EMITTER = Emitter("seccomp", "allows the system calls that it makes and engines deny", emit, (PROFILE,), wants_profile)
