"""A real SSH server that sees accounts of its own, made in its mount namespace and nowhere else."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from tests.inventory.sshd import Sshd, SshdFactory


def server_with_accounts(
    factory: SshdFactory,
    folder: Path,
    passwords: Mapping[str, str],
    *lines: str,
    files: Mapping[str, str] | None = None,
) -> Sshd:
    """``passwords``: of each account by its name; they get uids of their own from 61000 on and the shell /bin/sh.

    ``files`` (``etc/sudoers`` → content) are put over those of this machine, for the server and all that it starts.
    """
    passwd = shadow = ""
    for number, (name, password) in enumerate(passwords.items(), 61000):
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True
        ).stdout.strip()
        passwd += f"{name}:x:{number}:{number}::/tmp:/bin/sh\n"
        shadow += f"{name}:{hashed}:19000:0:99999:7:::\n"
    contents = {
        "etc/passwd": Path("/etc/passwd").read_text() + passwd,
        "etc/shadow": Path("/etc/shadow").read_text() + shadow,
        **(files or {}),
    }
    mounts = ""
    for name, content in contents.items():
        copy = folder / name.replace("/", "_")
        copy.write_text(content)
        copy.chmod(0o440 if "sudoers" in name or "shadow" in name else 0o644)
        mounts += f"mount --bind {copy} /{name} && "
    within = ("unshare", "--mount", "--", "/bin/sh", "-c", mounts + 'exec "$@"', "sh")
    return factory(*lines, "MaxAuthTries 20", within=within)
