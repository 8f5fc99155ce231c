"""A client of the push half of the OCI distribution specification 1.1.

https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md. Redirects are not followed: what we send goes
to the registry that was named.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from containerize.data_tables import data_table
from containerize.registry.authorization import TIMEOUT, Authorization
from containerize.registry.credentials import Credentials
from containerize.registry.errors import LoginNeeded, RegistryError
from containerize.registry.image_reference import Reference

ATTEMPTS = 4
"""How often something is asked that a registry, or the way to it, was not able to do."""

LONGEST_WAIT = 30.0
"""Seconds that we wait at most before we ask again, whatever a registry asks for."""

_BLOCK = 1 << 18

_CODES: Mapping[str, str] = {
    "DENIED": "its permissions do not allow it",
    "UNAUTHORIZED": "its permissions do not allow it",
    "NAME_UNKNOWN": "it has no such repository, and makes none by itself",
    "NAME_INVALID": "it allows no such name",
    "MANIFEST_INVALID": "it does not take this form of image",
    "MANIFEST_UNVERIFIED": "it does not take this form of image",
    "MANIFEST_BLOB_UNKNOWN": "it has lost a layer meanwhile",
    "BLOB_UPLOAD_INVALID": "it does not take this upload",
    "BLOB_UPLOAD_UNKNOWN": "it has forgotten the upload",
    "DIGEST_INVALID": "what arrived is not what was sent",
    "SIZE_INVALID": "what arrived is not what was sent",
    "TOOMANYREQUESTS": "it was asked too often",
    "UNSUPPORTED": "it cannot do this",
    "TAG_INVALID": "it allows no such tag, or none that is there already",
}
"""Error codes of the specification, in our words. What a registry writes next to them is not shown."""

Sent = Callable[[int], None]
"""Gets the number of bytes that were sent since the last call; negative when they are sent again."""


class _Counted:
    """A file that is sent, and counted. requests needs a length and an iterator, urllib3 reads."""

    def __init__(self, file: BinaryIO, size: int, sent: Sent) -> None:
        self._file = file
        self._size = size
        self._sent = sent
        self.done = 0

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self.read(_BLOCK):
            yield chunk

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self.done += len(chunk)
        self._sent(len(chunk))
        return chunk


class _RegistryAdapter(HTTPAdapter):
    """Reads a file in larger pieces than urllib3 does by itself (16 KiB)."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        return super().init_poolmanager(*args, **{**kwargs, "blocksize": _BLOCK})


class RegistryClient:
    """One repository of one registry. All methods raise RegistryError.

    ``insecure`` means plain HTTP. A registry of this machine may have either; any other is asked with TLS alone.
    """

    def __init__(
        self,
        reference: Reference,
        credentials: Credentials,
        *,
        insecure: bool = False,
        ca_file: Path | None = None,
        pulls: tuple[str, ...] = (),
    ) -> None:
        self._reference = reference
        self._asked = Reference(_service(reference.registry), reference.repository, reference.tag)
        self._authorization = Authorization(self._asked, credentials, pulls)
        self._credentials = credentials
        self._session = requests.Session()
        self._session.auth = self._authorization
        self._session.headers["User-Agent"] = "brownfield"
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _RegistryAdapter())
        if ca_file is not None:
            self._session.verify = str(ca_file)
        if reference.is_loopback:
            self._session.trust_env = False  # a proxy has no way to our loopback
        self._schemes = ("http",) if insecure else ("https", "http") if reference.is_loopback else ("https",)
        self._challenge = ""

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def hello(self) -> None:
        """Find out how the registry is spoken to, and log in when that is required."""
        for scheme in self._schemes:
            self._scheme = scheme
            try:
                answer = self._send("GET", f"{scheme}://{self._asked.registry}/v2/")
                break
            except requests.exceptions.InvalidSchema as error:
                raise RegistryError(f"the proxy of this machine cannot be used to reach {self._name}") from error
            except requests.ConnectionError as error:
                if scheme == self._schemes[-1] or "CERTIFICATE_VERIFY_FAILED" in str(error):
                    raise RegistryError(self._unreachable(error)) from None
            except requests.RequestException as error:
                raise RegistryError(self._unreachable(error)) from None
        if answer.status_code == 401:
            self._log_in(answer)
            answer = self._request("GET", "", (200,))
        elif answer.status_code != 200:
            raise RegistryError(
                f"{self._name} answers, but not as a registry does (status {answer.status_code}); is the name right?"
            )

    def has_blob(self, digest: str) -> bool:
        """Whether the repository has a blob. A registry may lead to where the blob is stored: then it has it."""
        return self._request("HEAD", f"blobs/{digest}", (200, 302, 303, 307, 404)).status_code != 404

    def manifest_digest(self, tag: str, media_type: str) -> str:
        """The digest that a tag has now; "" for none."""
        answer = self._request("HEAD", f"manifests/{tag}", (200, 404), headers={"Accept": media_type})
        return answer.headers.get("Docker-Content-Digest", "") if answer.status_code == 200 else ""

    def manifest(self, tag: str, media_type: str, limit: int = 4 << 20) -> bytes:
        """The manifest or index with a tag; b"" for none, or one that is too large."""
        answer = self._request("GET", f"manifests/{tag}", (200, 404), headers={"Accept": media_type}, stream=True)
        with answer:
            if answer.status_code != 200:
                return b""
            content = answer.raw.read(limit + 1, decode_content=True)
            return content if len(content) <= limit else b""

    def put_bytes(self, content: bytes, digest: str) -> None:
        """Send a small blob."""
        self._put_blob(lambda: io.BytesIO(content), digest, len(content), lambda _size: None, "")

    def put_blob(self, path: Path, digest: str, size: int, sent: Sent, mount: str = "") -> bool:
        """Send a blob, or have the registry take it from its repository ``mount``; True when that was enough."""
        return self._put_blob(lambda: path.open("rb"), digest, size, sent, mount)

    def _put_blob(self, content: Callable[[], BinaryIO], digest: str, size: int, sent: Sent, mount: str) -> bool:
        for attempt in range(ATTEMPTS):
            question = f"?mount={digest}&from={mount}" if mount and not attempt else ""
            answer = self._request("POST", f"blobs/uploads/{question}", (201, 202), headers={"Content-Length": "0"})
            if answer.status_code == 201 and question:
                return True
            place = urljoin(answer.url or "", answer.headers.get("Location", ""))
            self._check_place(place)
            place += f"{'&' if urlsplit(place).query else '?'}digest={digest}"
            with content() as file:
                body = _Counted(file, size, sent)
                try:
                    answer = self._send("PUT", place, data=body, headers={"Content-Type": "application/octet-stream"})
                    if answer.status_code == 201:
                        return False
                    again = answer.status_code in (401, 404, 408, 429) or answer.status_code >= 500
                    words = self._refused(answer, "a layer")
                except requests.RequestException as error:
                    again, words = True, self._unreachable(error)
                    answer = requests.Response()
            sent(-body.done)
            if not again or attempt == ATTEMPTS - 1:
                raise RegistryError(words)
            if answer.status_code == 401:
                self._log_in(answer)
            else:
                time.sleep(_wait(answer, attempt))
        raise AssertionError

    def put_manifest(self, content: bytes, media_type: str, name: str) -> Mapping[str, str]:
        """Store a manifest under a tag or its digest; gives the headers of the answer."""
        return self._request(
            "PUT", f"manifests/{name}", (201,), data=content, headers={"Content-Type": media_type}
        ).headers

    @property
    def _name(self) -> str:
        return self._reference.registry

    def _check_place(self, place: str) -> None:
        """An upload may be told to go elsewhere, but not from TLS to none."""
        scheme = urlsplit(place).scheme
        if scheme not in ("http", "https") or (scheme == "http" and self._scheme == "https"):
            raise RegistryError(f"{self._name} wants layers to be sent without TLS, which is not done")

    def _request(self, method: str, path: str, expected: tuple[int, ...], **more: Any) -> requests.Response:
        """Ask, log in when that is wanted, and ask again what the registry was not able to do just now."""
        url = f"{self._scheme}://{self._asked.registry}/v2/"
        if path:
            url += f"{self._asked.repository}/{path}"
        logged_in = False
        for attempt in range(ATTEMPTS):
            try:
                answer = self._send(method, url, **more)
            except requests.RequestException as error:
                if attempt == ATTEMPTS - 1 or isinstance(error, requests.exceptions.SSLError):
                    raise RegistryError(self._unreachable(error)) from None
                time.sleep(_wait(None, attempt))
                continue
            status = answer.status_code
            if status in expected:
                return answer
            if status == 401 and not logged_in:
                self._log_in(answer)
                logged_in = True
            elif (status == 429 or status >= 500) and attempt < ATTEMPTS - 1:
                time.sleep(_wait(answer, attempt))
            else:
                break
        if answer.status_code == 401:
            known = "took neither the name nor the password" if self._credentials else "wants a login"
            raise LoginNeeded(self._authorization.login_words(known))
        raise RegistryError(self._refused(answer, self._reference.repository))

    def _send(self, method: str, url: str, **more: Any) -> requests.Response:
        if self._challenge and self._authorization.is_ending:
            self._authorization.answer(self._challenge, self._session, plain=self._scheme == "http")
        return self._session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **more)

    def _log_in(self, answer: requests.Response) -> None:
        self._challenge = answer.headers.get("WWW-Authenticate", "")
        try:
            self._authorization.answer(self._challenge, self._session, plain=self._scheme == "http")
        except requests.RequestException as error:
            raise RegistryError(f"the token server of {self._name} cannot be reached ({_cause(error)})") from None

    def _refused(self, answer: requests.Response, what: str) -> str:
        codes = [_CODES[code] for code in _codes(answer) if code in _CODES]
        why = codes[0] if codes else _STATUS.get(answer.status_code, "it gives no reason that is known")
        return f"{self._name} did not take {what}: {why} (status {answer.status_code})"

    def _unreachable(self, error: requests.RequestException) -> str:
        if isinstance(error, requests.exceptions.SSLError):
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                return (
                    f"the certificate of {self._name} is not one that this machine trusts; name the authority's with"
                    " --ca-file"
                )
            return f"{self._name} does not speak TLS; if it may be spoken to in the clear, add --insecure"
        return f"{self._name} cannot be reached ({_cause(error)}); is its name right, and does it run?"


_STATUS: Mapping[int, str] = {
    301: "it has moved elsewhere",
    307: "it leads elsewhere",
    308: "it has moved elsewhere",
    403: "its permissions do not allow it",
    404: "it has no such repository, and makes none by itself",
    405: "it cannot be written to",
    413: "a layer is too large for it, or for the proxy before it",
    429: "it was asked too often",
    507: "it has no space left",
}


def _service(registry: str) -> str:
    """The host to ask: Docker's own registry answers under another name."""
    known = data_table("registries")["images"]
    return str(known["docker-service"]) if registry in (known["docker"], known["docker-index"]) else registry


def _codes(answer: requests.Response) -> list[str]:
    try:
        errors = answer.json()["errors"]
        return [str(each["code"]) for each in errors]
    except (ValueError, KeyError, TypeError, requests.RequestException):
        return []


def _cause(error: requests.RequestException) -> str:
    """A description of an error; the library's own text may contain addresses with a proxy's credentials."""
    words = str(error)
    for mark, cause in (
        ("NameResolutionError", "no such name"),
        ("Name or service not known", "no such name"),
        ("Connection refused", "the connection was refused"),
        ("timed out", "no answer in time"),
        ("ProxyError", "the proxy rejected the request"),
        ("reset by peer", "the connection was cut"),
        ("Broken pipe", "the connection was cut"),
        ("Remote end closed", "the connection was cut"),
    ):
        if mark in words:
            return cause
    return "the connection failed"


def _wait(answer: requests.Response | None, attempt: int) -> float:
    """Seconds until the next attempt: what the registry says, else longer each time."""
    said = answer.headers.get("Retry-After", "") if answer is not None else ""
    seconds = float(said) if said.isdigit() and len(said) < 6 else float(2**attempt)
    return min(seconds, LONGEST_WAIT)
