"""Containerfiles read as builders read them: by BuildKit's own parser, and their RUN lines by a shell."""

from __future__ import annotations

import shutil
import subprocess

import dockerfile


def instructions(text: str) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """(instruction, flags, values) of each line."""
    return [(each.cmd, tuple(each.flags), tuple(each.value)) for each in dockerfile.parse_string(text)]


def commands(text: str) -> list[str]:
    """What the shell gets of each RUN."""
    return [values[0] for name, _, values in instructions(text) if name == "RUN"]


STUBS = "\n".join(
    f"{name}() {{ printf '%s\\0' {name} \"$@\"; printf '\\n\\0'; }}"
    for name in ("rm", "ln", "mkdir", "chown", "chmod", "setcap", "find")
)
"""Commands that only say how they were called: words end with a zero byte, and a word of a newline ends a call."""


def calls(command: str, shell: str = "sh") -> list[list[bytes]]:
    """How the stubs were called."""
    argv = [*SHELLS[shell], "-c", f"{STUBS}\n{command}"]
    run = subprocess.run(argv, capture_output=True, check=True, timeout=30)
    found: list[list[bytes]] = [[]]
    for word in run.stdout.split(b"\0")[:-1]:
        if word == b"\n":
            found.append([])
        else:
            found[-1].append(word)
    assert found[-1] == []
    return found[:-1]


SHELLS = {"sh": ["sh"]} | ({"busybox": ["busybox", "sh"]} if shutil.which("busybox") else {})
