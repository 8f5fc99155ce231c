"""Executors on other machines, from which the hosts of a scan are asked."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from inventory.errors import BrownfieldError

_PORT = 8786
_SECONDS = 15

_LOOK = 2.0
_PATIENCE = 30.0
"""Seconds for which a cluster may be without workers: they may be on their way."""


class ExecutorError(BrownfieldError):
    """The cluster cannot be used: not installed, not reachable, without workers, or of another version."""


@contextmanager
def executor_at(url: str | None, *, insecure: bool = False) -> Iterator[Executor | None]:
    """The executor at ``dask://host:port`` (a scheduler) or ``dasks://host:port`` (one that speaks TLS); None: here.

    With ``dasks`` the certificates are those of Dask's own configuration. Workers get the passwords of hosts and the
    redaction key, and what they return is unpickled here: off loopback this needs TLS, or ``insecure``. Raises
    ExecutorError.
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
        raise ExecutorError(f"unknown executor {url}; use dask://scheduler:{_PORT}, or dasks:// with TLS")
    if scheme == "dask" and not insecure and not _is_loopback(host):
        raise ExecutorError(
            f"{url} has no TLS: whoever is on the way to {host} could read the passwords of the hosts and run code"
            f" here; use dasks://{host}:{port} with certificates in Dask's configuration, or --insecure-executor"
        )
    try:
        import distributed
    except ImportError as error:
        raise ExecutorError(
            "a Dask cluster needs the Python package distributed; pip install 'brownfield[dask]'"
        ) from error
    address = f"{'tls' if scheme == 'dasks' else 'tcp'}://{f'[{host}]' if ':' in host else host}:{port}"
    # Its own threads report a lost connection as a traceback; our message is one sentence.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        make: Any = distributed.Client
        client = make(address, timeout=_SECONDS, set_as_default=False)
    except (OSError, ValueError, RuntimeError) as error:
        words = " ".join(str(error).split())[:150]
        raise ExecutorError(f"the Dask scheduler at {host}:{port} cannot be used ({words}); is it running?") from error
    cluster = None
    try:
        if not client.scheduler_info(n_workers=-1)["workers"]:
            raise ExecutorError(f"the Dask scheduler at {host}:{port} has no workers; start some, and scan again")
        cluster = _Cluster(client)
        yield cluster
    finally:
        if cluster is not None:
            cluster.shutdown(wait=False)
        client.close(timeout=5)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ClusterLost(Exception):
    """The scheduler has gone, or all workers have for a while."""


class _Cluster(Executor):
    """Dask's executor with an end to waiting: a cluster whose workers are all gone would hold tasks for ever.

    The scheduler gives a dead worker's unfinished tasks to another one.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        # Each call counts as new, although it may look like the last: a host is asked again on purpose.
        self._dask: Executor = client.get_executor(pure=False)
        self._waiting: set[Future[Any]] = set()
        self._lock = threading.Lock()
        self._lost = ""
        self._ended = threading.Event()
        threading.Thread(target=self._watch, name="assess-cluster", daemon=True).start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """See ``concurrent.futures.Executor``."""
        ours: Future[Any] = Future()
        if self._lost:
            ours.set_exception(ClusterLost(self._lost))
            return ours
        with self._lock:
            self._waiting.add(ours)
        try:
            theirs = self._dask.submit(fn, *args, **kwargs)
        except Exception as error:  # the client was closed under us, or it cannot be pickled
            self._settle(ours, error=error)
            return ours
        theirs.add_done_callback(lambda done: self._copy(done, ours))
        ours.add_done_callback(lambda done: theirs.cancel() if done.cancelled() else None)
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take back what has not begun."""
        self._ended.set()
        with suppress(Exception):  # a scheduler that has gone has nothing to take back
            self._dask.shutdown(wait=wait)

    def _copy(self, theirs: Future[Any], ours: Future[Any]) -> None:
        if theirs.cancelled():
            self._settle(ours, error=ClusterLost("the scheduler is gone"))
        elif (error := theirs.exception()) is not None:
            self._settle(ours, error=error)
        else:
            self._settle(ours, theirs.result())

    def _settle(self, ours: Future[Any], result: Any = None, error: BaseException | None = None) -> None:
        with self._lock:
            if ours not in self._waiting:
                return
            self._waiting.discard(ours)
        if ours.set_running_or_notify_cancel():
            if error is not None:
                ours.set_exception(error)
            else:
                ours.set_result(result)

    def _watch(self) -> None:
        alone_since: float | None = None
        while not self._ended.wait(_LOOK):
            words = self._trouble()
            if not words:
                alone_since, self._lost = None, ""
                continue
            alone_since = alone_since or time.monotonic()
            if time.monotonic() - alone_since >= _PATIENCE:
                self._lost = words
                with self._lock:
                    waiting = list(self._waiting)
                for ours in waiting:
                    self._settle(ours, error=ClusterLost(words))

    def _trouble(self) -> str:
        if self._client.status != "running":
            return "the scheduler is gone"
        try:
            return "" if self._client.nthreads() else "all workers are gone"
        except Exception:  # whatever a broken connection raises
            return "the scheduler is gone"
