"""Programs that check the passwords of system users."""

from __future__ import annotations

import re

PAM = re.compile(r"/libpam\.so\.\d")
"""The library of PAM, by its path."""

_ONLY_WHEN_SET = frozenset(
    {"postgres", "postmaster", "cron", "crond", "atd", "anacron", "systemd", "supervisord", "openvpn", "php-fpm"}
)
"""Programs that are linked with PAM and, unless a setting says so, log no client in with it."""


def logs_system_users_in(executable: str, library: str) -> bool:
    """Whether a program that has loaded ``library`` checks the passwords of system users."""
    return PAM.search(library) is not None and executable.rpartition("/")[2] not in _ONLY_WHEN_SET
