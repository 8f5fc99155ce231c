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

    ``files`` (``sudoers`` → content) take the place of those in /etc, for the server and all that it starts.
    """
    passwd = shadow = ""
    for number, (name, password) in enumerate(passwords.items(), 61000):
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, check=True
        ).stdout.strip()
        passwd += f"{name}:x:{number}:{number}::/tmp:/bin/sh\n"
        shadow += f"{name}:{hashed}:19000:0:99999:7:::\n"
    own = folder / "etc"
    subprocess.run(["cp", "-a", "/etc", str(own)], check=True)
    contents = {
        "passwd": Path("/etc/passwd").read_text() + passwd,
        "shadow": Path("/etc/shadow").read_text() + shadow,
        **(files or {}),
    }
    for name, content in contents.items():
        file = own / name
        file.unlink(missing_ok=True)
        file.write_text(content)
        file.chmod({"sudoers": 0o440, "shadow": 0o640}.get(name, 0o644))
    within = ("unshare", "--mount", "--", "/bin/sh", "-c", f'mount --bind {own} /etc && exec "$@"', "sh")
    return factory(*lines, "MaxAuthTries 20", within=within)
