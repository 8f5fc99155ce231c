"""Registry credentials: given ones, or those stored by ``docker login`` (auths, credsStore, credHelpers).

The file and the helpers are read by the Docker SDK, which the project has for its engines.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field

from containerize.registry.errors import CredentialsUnusable
from containerize.registry.image_reference import Reference


@dataclass(frozen=True, slots=True)
class Credentials:
    """``password`` for a name, or an ``identity_token`` (OAuth 2 refresh token). Neither is shown by ``repr``."""

    username: str = ""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    def __bool__(self) -> bool:
        return bool(self.username or self.identity_token)


NONE = Credentials()


def kept_credentials(reference: Reference) -> Credentials:
    """The credentials that this machine stores for the registry; NONE without any. Raises CredentialsUnusable."""
    from docker import auth
    from docker.errors import DockerException

    # The SDK's errors hold what a helper printed, and tracebacks what it was given: neither is passed on.
    failed = False
    found = None
    try:
        with warnings.catch_warnings(action="ignore"):
            found = auth.resolve_authconfig(auth.load_config(), reference.registry)
    except (DockerException, ValueError, KeyError, TypeError, AttributeError, OSError):
        failed = True
    if failed:
        raise CredentialsUnusable(
            f"the credentials that docker login keeps for {reference.registry} cannot be read (config.json, or the"
            " helper that it names); log in again, or give --username and --password-stdin"
        )
    if not found:
        return NONE
    name, password, token = (
        str(found.get(upper) or found.get(lower) or "")
        for upper, lower in (
            ("Username", "username"),
            ("Password", "password"),
            ("IdentityToken", "identitytoken"),
        )
    )
    return Credentials(name, password, token)
