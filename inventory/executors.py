"""Where a scan's hosts are asked from, when not from this machine."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from inventory.errors import BrownfieldError

_PORT = 8786
_SECONDS = 15


class ExecutorError(BrownfieldError):
    """The cluster cannot be used: not installed, not reachable, without workers, or of another version."""


@contextmanager
def executor_at(url: str | None) -> Iterator[Executor | None]:
    """The executor at ``dask://host:port`` (a scheduler) or ``dasks://host:port`` (one that speaks TLS); None: here.

    With ``dasks`` the certificates are those of Dask's own configuration. Raises ExecutorError.
    """
    if url is None:
        yield None
        return
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname, parts.port or _PORT
    except ValueError:
        scheme = host = ""
        port = _PORT
    if scheme not in ("dask", "dasks") or not host:
        raise ExecutorError(f"{url} is no executor; write dask://scheduler:{_PORT}, or dasks:// for one with TLS")
    try:
        import distributed
    except ImportError as error:
        raise ExecutorError(
            "a Dask cluster needs the Python package distributed; pip install 'brownfield[dask]'"
        ) from error
    address = f"{'tls' if scheme == 'dasks' else 'tcp'}://{f'[{host}]' if ':' in host else host}:{port}"
    # What its own threads have to say of a lost connection comes as a traceback; we say it in a sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        make: Any = distributed.Client
        client = make(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        words = " ".join(str(error).split())[:150]
        raise ExecutorError(f"the Dask scheduler at {host}:{port} cannot be used ({words}); is it running?") from error
    try:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise ExecutorError(f"the Dask scheduler at {host}:{port} has no workers; start some, and scan again")
        # Each call is one of its own, although it may look like the last: a host is asked again on purpose.
        yield client.get_executor(pure=False, retries=0)
    finally:
        client.close(timeout=5)
