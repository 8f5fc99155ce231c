"""The folder that holds everything of one assessment."""

from __future__ import annotations

import fcntl
import hashlib
import importlib
import os
import secrets
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from inventory.errors import WorkspaceError
from inventory.privacy.secrets.policy_version import POLICY
from inventory.transports.connect_options import ConnectOptions

if TYPE_CHECKING:
    from inventory.store.database import Store
    from inventory.store.redaction_upgrade import ExposedSecret

_held: set[int] = set()
"""Descriptors of the locks that this process holds."""


@cache
def _forks_hold_nothing() -> None:
    """A fork has our descriptors, and would hold a lock for as long as it outlives us."""

    def let_go() -> None:
        while _held:
            os.close(_held.pop())

    os.register_at_fork(after_in_child=let_go)


_NAME_LIMIT = 120  # file systems allow 255 bytes, and names get suffixes


def safe_name(name: str) -> str:
    """A name of a host or workload as the name of one file: readable, never ``.``, ``..`` or a path, never two alike.

    Everything but letters, digits and ``._-`` is percent-encoded, and so is a dot at the beginning.
    """
    encoded = quote(name, safe="", errors="surrogateescape").replace("~", "%7E")
    if encoded.startswith("."):
        encoded = "%2E" + encoded[1:]
    if not encoded:
        raise WorkspaceError("a host or workload has an empty name; give it one in the inventory")
    if len(encoded) > _NAME_LIMIT:
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:16]
        encoded = f"{encoded[: _NAME_LIMIT - 17]}%{digest}"
    return encoded


class Workspace:
    """A workspace on disk. Make one with :meth:`create` (scan) or :meth:`open` (everything else)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @staticmethod
    def default_path() -> Path:
        """``ASSESS_WORKSPACE``, else ``./assessment``."""
        return Path(os.environ.get("ASSESS_WORKSPACE") or "assessment")

    @classmethod
    def create(cls, path: Path | None = None) -> Workspace:
        """The workspace at ``path`` (default: :meth:`default_path`), made with mode 0700 when there is none.

        A folder that has other things in it keeps its mode, for it is not only ours; what is made in it is closed to
        others. A folder of another user, or one that others can write to, is rejected: they could replace its content.
        """
        path = (path or cls.default_path()).absolute()
        if path.exists() and not path.is_dir():
            raise WorkspaceError(f"{path} is not a folder; choose another with --workspace")
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _check_owner(path)
            # Others may not read here: it would show them everything about every server.
            if (path / "redaction.key").exists() or not any(path.iterdir()):
                path.chmod(0o700)
            elif _others_write(path):
                raise WorkspaceError(
                    f"other users can write to {path}, which has other files in it; choose another with --workspace"
                )
        except OSError as error:
            raise _refused(path, error) from error
        workspace = cls(path)
        workspace._close_folders()
        if not (path / "redaction.key").exists():
            workspace._note_policy()
        workspace.redaction_key()
        workspace._clean()
        return workspace

    def _clean(self) -> None:
        """Remove, once, what an earlier version stored and this one would not. Of the database: see :meth:`store`."""
        if not (self.path / "redaction.key").exists() or self._policy() >= POLICY:
            return
        # Named, not imported, as commands are in the root of the command line: what knows builds is downstream.
        cleaning = importlib.import_module("containerize.workspace_cleaning")
        with self.lock():
            with self._telling() as expose:
                cleaning.clean_workspace(self, _tell, expose)
            self._note_policy()

    def _policy(self) -> int:
        """The policy by which everything outside of the database was redacted; 0 before there was a record of it."""
        try:
            return int((self.path / "policy").read_text(encoding="ascii"))
        except (OSError, ValueError):
            return 0

    def _note_policy(self) -> None:
        file = self.path / "policy"
        try:
            with open(file, "w", encoding="ascii", opener=closed_to_others) as policy:
                policy.write(f"{POLICY}\n")
        except OSError as error:
            raise _refused(file, error) from error

    @contextmanager
    def _telling(self) -> Iterator[Callable[[Sequence[ExposedSecret]], None]]:
        """Add places where secrets were stored in clear text to ``rotate.txt``, each before it is cleaned: a run that
        is killed must not lose them. It holds no values. At the end, report it.
        """
        file = self.path / "rotate.txt"
        found: list[ExposedSecret] = []

        def expose(exposed: Sequence[ExposedSecret]) -> None:
            if not exposed:
                return
            found.extend(exposed)
            try:
                with open(file, "a", encoding="utf-8", errors="backslashreplace", opener=closed_to_others) as listed:
                    listed.writelines(f"{each.host}: {each.place}\n" for each in exposed)
                    listed.flush()
                    os.fsync(listed.fileno())
            except OSError as error:
                raise _refused(file, error) from error

        try:
            yield expose
        finally:
            if found:
                self._tell_exposed(found, file)

    def _tell_exposed(self, exposed: Sequence[ExposedSecret], file: Path) -> None:
        _tell("an earlier version stored these secrets in clear text; they are removed now. Rotate them:")
        for each in exposed[:_SHOWN]:
            _tell(f"  {each.host}: {each.place}")
        more = f"{len(exposed) - _SHOWN} more are in {file}" if len(exposed) > _SHOWN else f"the list is in {file}"
        _tell(f"  {more}; copies and backups of the workspace hold the values still")

    def _close_folders(self) -> None:
        """Give the folders of earlier versions, and those that a person made, the mode of ours."""
        for folder in (self.content, self.path / "builds", self.report, self.logs, self.ran):
            with suppress(FileNotFoundError, PermissionError):
                if not folder.is_symlink():
                    folder.chmod(0o700)

    @classmethod
    def open(cls, path: Path | None = None) -> Workspace:
        """An existing workspace; raises WorkspaceError when there is none."""
        path = (path or cls.default_path()).absolute()
        if not path.is_dir():
            raise WorkspaceError(
                f"there is no workspace at {path}; run: assess scan hosts.ini, or name another folder with -w"
            )
        if not os.access(path, os.R_OK | os.X_OK):
            raise WorkspaceError(f"the workspace {path} cannot be read; it belongs to another user")
        _check_owner(path)
        workspace = cls(path)
        workspace._close_folders()
        workspace._clean()
        return workspace

    @property
    def known_hosts(self) -> Path:
        """Host keys that the user accepted for this assessment."""
        return self.path / "known_hosts"

    @property
    def report(self) -> Path:
        """The folder of the report."""
        return self.path / "report"

    @property
    def content(self) -> Path:
        """The folder of blobs by sha256."""
        return self.path / "content"

    @property
    def ran(self) -> Path:
        """The folder of the log of what was run on hosts."""
        return self.path / "ran"

    @property
    def logs(self) -> Path:
        """The folder of logs: one file for each host that a bug of ours stopped."""
        return self.path / "logs"

    def build(self, host: str, workload: str) -> Path:
        """The folder of one build. It is not made."""
        return self.path / "builds" / safe_name(host) / safe_name(workload)

    def connect_options(
        self, *, accept_new_host_keys: bool = False, connect_timeout: float = 10.0, legacy_crypto: bool = False
    ) -> ConnectOptions:
        """The connect options with the host keys of this workspace."""
        return ConnectOptions(self.known_hosts, accept_new_host_keys, connect_timeout, legacy_crypto)

    def redaction_key(self) -> bytes:
        """The key that makes equal secrets recognisable; made once, mode 0600, never exported."""
        file = self.path / "redaction.key"
        try:
            if not file.exists():
                self._make_key(file)
            _check_owner(file)
            key = file.read_bytes()
        except OSError as error:
            raise _refused(file, error) from error
        if len(key) < 32:
            raise WorkspaceError(f"{file} is damaged; put the saved one back, or remove it and scan again with --new")
        return key

    @staticmethod
    def _make_key(file: Path) -> None:
        """Two first runs at once agree on one key: it is written aside and linked, and a link never replaces."""
        aside = file.with_name(f"redaction.key.{secrets.token_hex(8)}")
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(descriptor, secrets.token_bytes(32))
            os.fsync(descriptor)
            if not file.exists():
                os.link(aside, file)
        except FileExistsError:
            pass
        finally:
            os.close(descriptor)
            aside.unlink(missing_ok=True)

    @contextmanager
    def lock(self, name: str = "lock") -> Iterator[None]:
        """Hold the workspace for writing; raises WorkspaceError at once when another run holds it.

        The kernel frees it when a run dies, however it dies. Another ``name`` is another lock: that of work which goes
        on for hours and must be done by one run only, but lets others write.
        """
        file = self.path / name
        _forks_hold_nothing()
        try:
            descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _refused(file, error) from error
        _held.add(descriptor)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
                who = f"process {holder}" if holder.isdigit() else "another run"
                raise WorkspaceError(
                    f"{who} is writing to the workspace {self.path}; wait for it, or choose another with --workspace"
                ) from None
            try:
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
            except OSError as error:
                raise _refused(file, error) from error
            yield
        finally:
            _held.discard(descriptor)
            os.close(descriptor)

    def write_log(self, name: str, text: str) -> Path:
        """Keep the traceback of a bug; ``text`` is redacted already. Returns the file; raises WorkspaceError."""
        file = self.logs / f"{safe_name(name)}.log"
        try:
            self.logs.mkdir(mode=0o700, exist_ok=True)
            file.unlink(missing_ok=True)
            with open(file, "x", encoding="utf-8", errors="surrogateescape", opener=closed_to_others) as log:
                log.write(text)
        except OSError as error:
            raise _refused(file, error) from error
        return file

    def store(self, url: str | None = None) -> Store:
        """The database: ``url`` (any SQLAlchemy URL), else ``assessment.db`` here. Raises WorkspaceError."""
        from sqlalchemy import URL

        from inventory.store.database import Store

        if url is not None:
            return self._cleaned(Store(url))
        file = self.path / "assessment.db"
        if not file.exists() and not (self.path / "redaction.key").exists():
            # A folder that was named by mistake gets no database of ours.
            raise WorkspaceError("there is no scan in this workspace yet; run: assess scan hosts.ini")
        try:
            file.touch(mode=0o600)
            _check_owner(file)
        except OSError as error:
            raise _refused(file, error) from error
        # Not a string: a folder may be called "50%" or "a?b".
        return self._cleaned(Store(URL.create("sqlite", database=str(file))))

    def _cleaned(self, store: Store) -> Store:
        """The database, without what an earlier version did not recognise as a secret."""

        def step(done: int, of: int) -> None:
            if done % 200 == 0:
                _tell(f"redacting the recordings of an earlier version again: {done} of {of} hosts")

        try:
            if store.older_than(POLICY):
                from inventory.store.redaction_upgrade import upgrade_redaction

                with self.lock("upgrade"), self._telling() as expose:
                    upgrade_redaction(store, self.redaction_key(), step, expose)
        except BaseException:
            store.close()
            raise
        return store


_SHOWN = 40
"""Places of secrets that are printed; all are in a file."""


def _tell(sentence: str) -> None:
    """Write a notice to standard error. A host may have a part in it."""
    shown = "".join(each if each.isprintable() else "?" for each in sentence)
    sys.stderr.write(f"assess: {shown}\n")


def closed_to_others(path: str, flags: int) -> int:
    """An opener for ``open()``: a new file has mode 0600."""
    return os.open(path, flags, 0o600)


def _check_owner(path: Path) -> None:
    """Reject a folder that another user made: it may be a trap for what is written there. Under sudo the user who
    called it counts as well. Raises OSError and WorkspaceError.
    """
    allowed = {os.geteuid()}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdigit():
        allowed.add(int(os.environ["SUDO_UID"]))
    for status in (path.lstat(), path.stat()):
        if status.st_uid not in allowed:
            raise WorkspaceError(
                f"{path} belongs to user {status.st_uid}, not to you; choose another folder with --workspace"
            )


def _others_write(path: Path) -> bool:
    """Whether other users may make files there. A folder for the user's own group is common and counts as theirs."""
    status = path.stat()
    return bool(status.st_mode & 0o002) or (bool(status.st_mode & 0o020) and status.st_gid != os.getegid())


def _refused(path: Path, error: OSError) -> WorkspaceError:
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return WorkspaceError(
            f"no space left for {path}; free some space and run the command again: it resumes where it stopped"
        )
    if error.errno in (errno.EACCES, errno.EPERM):
        return WorkspaceError(f"no permission to write {path}; choose another folder with --workspace")
    if error.errno == errno.EROFS:
        return WorkspaceError(f"{path} is on a read-only file system; choose another folder with --workspace")
    return WorkspaceError(f"{path} cannot be used: {error.strerror or error}")
