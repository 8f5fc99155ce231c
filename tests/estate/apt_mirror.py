"""Which Debian mirror to build from: the one that the machine itself uses."""

from __future__ import annotations

import os
import shutil
import subprocess

DEBIAN = "http://deb.debian.org/debian"


def find() -> str:
    """The first Debian archive in apt's configuration; deb.debian.org where there is none.

    ``$BROWNFIELD_DEBIAN_MIRROR`` overrides it, for machines that are not Debian but have a mirror near.
    """
    configured = os.environ.get("BROWNFIELD_DEBIAN_MIRROR")
    if configured:
        return configured
    if shutil.which("apt-get") is None:
        return DEBIAN
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
    return DEBIAN
