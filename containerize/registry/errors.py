"""Errors of registries, without secrets and without text that a registry chose."""

from __future__ import annotations

from inventory.errors import BrownfieldError


class RegistryError(BrownfieldError):
    """A registry could not be asked, or refused."""


class CredentialsUnusable(RegistryError):
    """The credentials that are kept on this machine cannot be read."""


class LoginNeeded(RegistryError):
    """The registry requires credentials, or took none of ours."""
