"""Authorization at a registry: Basic, or a Bearer token from its token server.

https://distribution.github.io/distribution/spec/auth/token/ and …/oauth/. Credentials go to the registry itself and
to the token server that it names, over TLS unless the registry itself was allowed to do without, and nowhere else.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.auth import AuthBase

from containerize.registry.credentials import Credentials
from containerize.registry.errors import LoginNeeded, RegistryError
from containerize.registry.image_reference import Reference

TIMEOUT = (10.0, 60.0)
"""Seconds to connect, and between two answers."""

_CLIENT = "brownfield"
_SOONER = 10.0
"""Seconds before its end from which on a token is not used any more."""

_PARAMETER = re.compile(r'(?<![A-Za-z])([A-Za-z]+)="([^"]*)"')


class NoAuthorization(AuthBase):
    """Sends nothing. Without it requests would look into .netrc."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


class _AuthorizationHeader(AuthBase):
    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def _basic(credentials: Credentials) -> _AuthorizationHeader:
    pair = f"{credentials.username}:{credentials.password}".encode()
    return _AuthorizationHeader(f"Basic {b64encode(pair).decode('ascii')}")


class Authorization(AuthBase):
    """Of all requests to one registry. ``answer`` takes its challenge; ``pulls`` are other repositories that layers
    may be mounted from.
    """

    def __init__(self, reference: Reference, credentials: Credentials, pulls: tuple[str, ...] = ()) -> None:
        self._reference = reference
        self._credentials = credentials
        self._pulls = pulls
        self._header: AuthBase = NoAuthorization()
        self._ends = float("inf")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header to what goes to the registry; an upload may be told to go elsewhere."""
        asked = urlsplit(request.url or "")
        if _place(asked) == _place(urlsplit(f"{asked.scheme}://{self._reference.registry}")):
            return self._header(request)
        return request

    @property
    def is_ending(self) -> bool:
        """Whether a token ends so soon that a new one should be asked for."""
        return time.monotonic() > self._ends

    def answer(self, challenge: str, session: requests.Session, *, plain: bool) -> None:
        """Do what ``WWW-Authenticate`` asks. ``plain``: the registry itself is spoken to without TLS. Raises
        LoginNeeded and RegistryError.
        """
        scheme, _, rest = challenge.strip().partition(" ")
        if scheme.lower() == "basic":
            if not self._credentials.username:
                raise LoginNeeded(self.login_words("requires a name and a password"))
            self._header = _basic(self._credentials)
        elif scheme.lower() == "bearer":
            self._token(dict(_PARAMETER.findall(rest)), session, plain)
        else:
            raise RegistryError(f"{self._reference.registry} asks for a kind of login that is neither Basic nor Bearer")

    def login_words(self, what: str) -> str:
        """A sentence that ends with how to log in."""
        registry = self._reference.registry
        return f"{registry} {what}; run: docker login {registry} (or give --username and --password-stdin)"

    def _token(self, parameters: Mapping[str, str], session: requests.Session, plain: bool) -> None:
        realm = urlsplit(parameters.get("realm", ""))
        if not (realm.scheme == "https" or (realm.scheme == "http" and plain)) or not realm.hostname:
            raise RegistryError(
                f"{self._reference.registry} names no token server with TLS, and credentials are not sent without"
            )
        scopes = [f"repository:{self._reference.repository}:pull,push"]
        scopes += [f"repository:{name}:pull" for name in self._pulls]
        service = parameters.get("service", "")
        answer = self._ask(realm.geturl(), service, scopes, session)
        if answer.status_code in (400, 401, 403):
            known = "took neither the name nor the password" if self._credentials else "wants a login"
            raise LoginNeeded(self.login_words(known))
        document = _document(answer)
        token = document.get("token") or document.get("access_token")
        if answer.status_code != 200 or not isinstance(token, str) or not token:
            raise RegistryError(
                f"the token server {realm.hostname} of {self._reference.registry} gave no token; try again"
            )
        if not token.isascii() or not token.isprintable():
            raise RegistryError(f"the token server {realm.hostname} did not return a token")
        self._header = _AuthorizationHeader(f"Bearer {token}")
        seconds = document.get("expires_in")
        life = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 60.0
        self._ends = time.monotonic() + max(life - _SOONER, 1.0)

    def _ask(self, realm: str, service: str, scopes: list[str], session: requests.Session) -> requests.Response:
        credentials = self._credentials
        if credentials.identity_token:
            form = {
                "grant_type": "refresh_token",
                "refresh_token": credentials.identity_token,
                "client_id": _CLIENT,
                "service": service,
                "scope": " ".join(scopes),
            }
            return session.post(realm, data=form, auth=NoAuthorization(), timeout=TIMEOUT, allow_redirects=False)
        asked = [("service", service), *(("scope", scope) for scope in scopes)]
        auth = _basic(credentials) if credentials else NoAuthorization()
        return session.get(realm, params=asked, auth=auth, timeout=TIMEOUT, allow_redirects=False)


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    return url.hostname, url.port or {"http": 80, "https": 443}.get(url.scheme)


def _document(answer: requests.Response) -> dict[str, Any]:
    try:
        document = answer.json()
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
