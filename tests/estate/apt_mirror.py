"""Which Debian mirror to build from: the one that the machine itself uses."""

from __future__ import annotations

import os
import shutil
import subprocess

from tests.estate.errors import EstateError

_NONE = "apt on this machine names no Debian archive; set BROWNFIELD_DEBIAN_MIRROR to the address of one."

PLACEHOLDER = "http://mirror.example/debian"
"""The mirror that the built hosts name. They install nothing after they were built."""


def find() -> str:
    """The first Debian archive in apt's configuration.

    ``$BROWNFIELD_DEBIAN_MIRROR`` overrides it, for machines that are not Debian but have a mirror near. Raises
    EstateError where neither names one.
    """
    configured = os.environ.get("BROWNFIELD_DEBIAN_MIRROR")
    if configured:
        return configured
    if shutil.which("apt-get") is None:
        raise EstateError(_NONE)
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=False,
    )
    # The security archive has the label Debian-Security and none of the packages that a base needs.
    for line in targets.stdout.splitlines():
        label, _, address = line.partition(" ")
        if label == "Debian" and address.startswith(("http://", "https://", "mirror+", "file:")):
            return address.rstrip("/")
    raise EstateError(_NONE)
