"""Account names of an image by uid."""

from __future__ import annotations


def account_names(passwd: bytes) -> dict[int, str]:
    """The name of each uid, from /etc/passwd; of two names for one uid the first counts, as for the C library."""
    names: dict[int, str] = {}
    for line in passwd.decode("utf-8", "replace").splitlines():
        fields = line.split(":")
        if len(fields) > 3 and fields[2].isdigit():
            names.setdefault(int(fields[2]), fields[0])
    return names
