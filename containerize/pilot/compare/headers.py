"""The response headers that are compared, and their normal forms.

What belongs to one moment or one connection is left out; of what carries an identity the form is compared; a list of
directives is a set. ``Server`` is reported and never fails: an image may have a newer patch level on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from containerize.pilot.compare.tokens import shape

Headers = Sequence[tuple[str, str]]


def _exact(value: str) -> str:
    return value.strip()


def _set(value: str) -> str:
    return ", ".join(sorted({part.strip().lower() for part in value.split(",") if part.strip()}))


def _content_type(value: str) -> str:
    return "; ".join(map(str.strip, value.strip().lower().replace('"', "").split(";")))


def _entity_tag(value: str) -> str:
    """Apache's holds the modification time, others the inode: only whether it is weak is compared."""
    return "weak" if value.strip().startswith("W/") else "strong"


def _cookie(value: str) -> str:
    """Name and attributes; the value belongs to the session, a date to the moment."""
    first, *attributes = value.split(";")
    kept = sorted(
        attribute.strip().lower() for attribute in attributes if not attribute.strip().lower().startswith("expires=")
    )
    return "; ".join([first.partition("=")[0].strip(), *kept])


def _policy(value: str) -> str:
    return re.sub(r"'nonce-[^']*'", "'nonce'", value.strip())


def _challenge(value: str) -> str:
    """The scheme and the realm; a digest has a nonce too."""
    realm = re.search(r'realm="[^"]*"', value, re.IGNORECASE)
    return f"{value.split(' ')[0].lower()} {realm.group(0) if realm else ''}".strip()


def _present(_value: str) -> str:
    return "present"


COMPARED: dict[str, Callable[[str], str]] = {
    "location": _exact,
    "content-type": _content_type,
    "content-encoding": _set,
    "content-language": _set,
    "content-disposition": _exact,
    "cache-control": _set,
    "pragma": _set,
    "vary": _set,
    "www-authenticate": _challenge,
    "allow": _set,
    "set-cookie": _cookie,
    "etag": _entity_tag,
    "last-modified": _present,
    "expires": _present,
    "link": _exact,
    "refresh": _exact,
    "strict-transport-security": _set,
    "content-security-policy": _policy,
    "x-frame-options": _set,
    "x-content-type-options": _set,
    "x-ua-compatible": _exact,
    "dav": _set,
}
"""By name, and the form in which values are compared. A header that is neither here nor left out (``Access-Control-…``,
an application's own ``X-Shop-Version``) is compared by its exact value.
"""

LEFT_OUT = re.compile(
    r"date|age|connection|keep-alive|transfer-encoding|content-length|accept-ranges|via|x-cache.*|server|x-powered-by"
    r"|x-request-id|x-correlation-id|x-trace.*|traceparent|tracestate|x-runtime|x-response-time|server-timing"
    r"|cf-.*|x-amz-.*|nel|report-to|alt-svc|x-varnish.*|x-served-by|x-timer|content-md5|digest"
)


def compared_headers(headers: Headers) -> dict[str, tuple[str, ...]]:
    """Name to values in the form in which they are compared, sorted."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        if not LEFT_OUT.fullmatch(name):
            found.setdefault(name, []).append(COMPARED.get(name, _exact)(value))
    return {name: tuple(sorted(values)) for name, values in found.items()}


def differing_headers(lives: Sequence[Headers], containers: Sequence[Headers]) -> list[tuple[str, str, str]]:
    """(name, live, container) of what differs. A value is accepted where the live server gave it too; where the live
    answers differ among themselves, where it has the shape of one of theirs.
    """
    live_forms = [compared_headers(headers) for headers in lives]
    container_forms = [compared_headers(headers) for headers in containers]
    names = sorted({name for form in (*live_forms, *container_forms) for name in form})
    found = []
    for name in names:
        expected = {form.get(name, ()) for form in live_forms}
        actual = {form.get(name, ()) for form in container_forms}
        if expected & actual:
            continue
        shapes = {tuple(map(shape, values)) for values in expected}
        if len(expected) > 1 and all(tuple(map(shape, values)) in shapes for values in actual):
            continue
        found.append((name, _words(expected), _words(actual)))
    return found


def _words(values: set[tuple[str, ...]]) -> str:
    first = sorted(values)[0]
    return ", ".join(first) if first else "absent"
