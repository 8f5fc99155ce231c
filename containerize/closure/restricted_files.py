"""Files that other accounts protect, and the decision whether an image may hold them.

Nothing comes that no account of the workload can read. And what an unprivileged account wrote (a configuration file, a
job, the arguments of its process) brings only what that account or an unprivileged one of the workload can read: a user
must not have root's files copied by naming them. The workload's own configuration roots are excepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from containerize.closure import path_rules
from containerize.closure.permissions import ANYBODY, Permissions, RunningAccount
from containerize.host.access_lists import Attributes

Ask = Callable[[Iterable[str]], Mapping[str, Attributes]]
"""Gives the access lists of paths."""

_MOST_ASKED = 300
"""Access lists are asked for where the mode alone refuses, so many times; then the mode counts."""


class RestrictedPath(Exception):
    """A path stays out. ``place`` is the topmost directory that cannot be passed, or the path itself."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(why)
        self.place = place
        self.why = why


class FileAccess:
    """Answers for one workload. ``accounts`` run it, root among them where it is started as root."""

    def __init__(
        self,
        permissions: Permissions,
        accounts: Iterable[RunningAccount],
        roots: Iterable[str] = (),
        ask: Ask = lambda _paths: {},
    ) -> None:
        self._permissions = permissions
        self._accounts = tuple(accounts)
        self._root = any(account.uid == 0 for account in self._accounts)
        self._roots = tuple(roots)
        self._ask = ask
        self._asked = 0
        self._lists: set[str] = set()
        self._behalf: tuple[tuple[RunningAccount, ...], str] | None = None

    @property
    def behalf(self) -> tuple[RunningAccount, ...] | None:
        """The accounts for which something unprivileged is being followed now; None when nothing is."""
        return self._behalf[0] if self._behalf is not None else None

    @property
    def guarded(self) -> bool:
        """Whether something unprivileged is being followed now."""
        return self._behalf is not None

    @contextmanager
    def on_behalf_of(self, path: str) -> Iterator[None]:
        """Follow what the file at a real path names."""
        writers = self._permissions.writers(path)
        with self._as(writers, f"{path} names it, which unprivileged accounts can change") if writers else _nothing():
            yield

    @contextmanager
    def on_behalf_of_account(self, uid: int, words: str) -> Iterator[None]:
        """Follow what an account says, unless it is root. ``words`` say what it is."""
        with self._as(frozenset([uid]), f"{words} names it") if uid else _nothing():
            yield

    @contextmanager
    def _as(self, uids: frozenset[int], words: str) -> Iterator[None]:
        before = self._behalf
        groups = self._permissions.groups
        allowed = tuple(RunningAccount(uid, groups.of(uid) if uid != ANYBODY else frozenset()) for uid in sorted(uids))
        unprivileged = tuple(account for account in self._accounts if account.uid)
        self._behalf = (*allowed, *unprivileged), words
        try:
            yield
        finally:
            self._behalf = before

    def check(self, path: str) -> None:
        """Raise Refused when the real path must stay out."""
        if self._behalf is not None and path_rules.below_any(path, self._roots) is None:
            accounts, words = self._behalf
            self._check(path, accounts, f"{words}, and no unprivileged account of the service or of these can read it")
        if not self._root:
            self._check(path, self._accounts, "none of the service's accounts can read it")

    def _check(self, path: str, accounts: tuple[RunningAccount, ...], words: str) -> None:
        if self._may(path, accounts):
            return
        if self._asked < _MOST_ASKED:
            parts = [each for each in (*self._permissions.tree.parents(path), path) if each not in self._lists]
            if parts:
                self._asked += 1
                self._lists.update(parts)
                self._permissions.learn(self._ask(parts))
                if self._may(path, accounts):
                    return
        parents = self._permissions.tree.parents(path)
        blocker = next((each for each in parents if not self._passes(each, accounts)), path)
        entry = self._permissions.tree.get(blocker)
        owner = f" (owner {entry.uid}:{entry.gid}, mode {entry.mode:o})" if entry else ""
        raise RestrictedPath(blocker, words + owner)

    def _may(self, path: str, accounts: tuple[RunningAccount, ...]) -> bool:
        entry = self._permissions.tree.get(path)
        if entry is None or entry.kind != "f":
            # A directory is only a name here: what is in it is asked about by itself.
            return any(self._permissions.can_reach(account, path) for account in accounts)
        return any(self._permissions.can_read(account, path) for account in accounts)

    def _passes(self, directory: str, accounts: tuple[RunningAccount, ...]) -> bool:
        return any(self._permissions.can_pass(account, directory) for account in accounts)


@contextmanager
def _nothing() -> Iterator[None]:
    yield
