"""Read files from the host for a closure and an image: hashes first, then unknown contents.

One object for one build: it remembers what was hashed, which files hold secrets and which could not be had.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from containerize.checksums import Algorithm, algorithm_of, fits
from containerize.closure.compiled_python import source_of
from containerize.closure.file_contents import READ_LIMIT, FileReferences, understand
from containerize.closure.file_set import FileSet
from containerize.closure.package_publishers import Publishers
from containerize.closure.path_rules import below_any
from containerize.content_store import ContentStore
from containerize.plan.planned_files import FileHashes
from containerize.secret_values.workload_secrets import LearnedSecrets
from containerize.transfer.content_fetch import fetch
from containerize.transfer.content_origins import Origins
from containerize.transfer.examined_content import Examined
from containerize.transfer.file_receiver import CHANGING, Examiner, Progress, TransferResult, WantedFile
from containerize.transfer.host_hashes import CannotHash, hash_files, sizes
from containerize.transfer.known_hashes import KnownHashes
from inventory.privacy.secrets.file_examination import (
    LARGEST,
    REPEATED,
    Examination,
    examine,
    examine_window,
    needs_whole,
)
from inventory.privacy.secrets.known_secrets import KnownSecrets
from inventory.privacy.secrets.secret_file_names import reason_by_name
from inventory.transports.transport import Transport

Witness = Callable[[str, bytes], None]
"""Sees the content of every file that is read; must not keep it."""

ATTEMPTS = 3
"""How often a file is taken that changes while it is copied."""

ASKED_WHY = 1000
"""For so many files that have no hash the host is asked whether they are there."""

ENCRYPTED = "encrypted"
"""How a sentence about a closed archive ends."""

UNREADABLE = "could not be read on the host, not even by root"
VANISHED_BEFORE = "vanished before it was copied"


class HostFileReader:
    """Implements :class:`containerize.closure.file_contents.FileFetcher`, and fetches the rest at the end."""

    def __init__(
        self,
        transport: Transport,
        file_set: FileSet,
        store: ContentStore,
        origins: Origins,
        *,
        witness: Witness = lambda _path, _content: None,
        progress: Progress = lambda _files, _size: None,
        bytes_per_second: int = 0,
        in_house: frozenset[str] = frozenset(),
        excepted: Iterable[str] = (),
        known_hashes: KnownHashes | None = None,
    ) -> None:
        self._transport = transport
        self._file_set = file_set
        self._store = store
        self._origins = origins
        self._witness = witness
        self._progress = progress
        self._rate = bytes_per_second
        self._sha256: dict[str, str] = {}
        self._others: dict[str, str] = {}
        self._examined: set[str] = set()
        self._publishers = Publishers(file_set, in_house)
        self._known_clean = Examined(store.root)
        self._known_hashes = known_hashes or KnownHashes()
        self._vouched: dict[str, bool] = {}
        self.secrets: dict[str, str] = {}
        tree = file_set.tree
        self.excepted = tuple(real.path if (real := tree.resolve(path)) else path for path in excepted)
        self.declared: dict[str, str] = {}
        self.learned: dict[str, LearnedSecrets] = {}
        self.not_examined: dict[str, tuple[str, ...]] = {}
        self.missing: dict[str, str] = {}
        self.unchecked: dict[Algorithm, int] = {}
        self.fetched = 0

    @property
    def hashes(self) -> FileHashes:
        """All hashes so far."""
        return FileHashes(self._sha256, self._others)

    def read(self, paths: Sequence[str]) -> Mapping[str, FileReferences]:
        """Fetch files and say what is in them."""
        self._hash(paths)
        insights: dict[str, FileReferences] = {}

        def look(path: str, content: bytes) -> None:
            insights[path] = understand(path, content)
            self._witness(path, content)

        self._fetch([self._wanted(path, examine=True) for path in paths if path in self._sha256], look)
        return insights

    def hash_all(self) -> None:
        """Hash every file that was collected."""
        tree = self._file_set.tree
        self._hash([path for path in self._file_set.claims if (entry := tree.get(path)) and entry.kind == "f"])

    def fetch_all(self) -> None:
        """Fetch every collected file that is not here yet, and look for secrets in those that no package vouches
        for.
        """
        self.fetch_these(self._sha256)

    def fetch_these(self, paths: Iterable[str]) -> None:
        """The same for some of the files that were hashed."""
        hashes = self.hashes
        wanted = []
        for path in sorted(self._sha256.keys() & set(paths)):
            if path not in self._file_set.claims or path in self._examined or path in self.secrets:
                continue
            # That a distribution vouches for it is what this host says, and is not recorded for others.
            wanted.append(self._wanted(path, examine=not self._vouches(path, hashes)))
        self._fetch(wanted, self._witness)
        self._same_content()
        self._known_clean.save()

    @property
    def public(self) -> frozenset[str]:
        """The digests of the files that a distribution vouches for."""
        hashes = self.hashes
        return frozenset(digest for path, digest in self._sha256.items() if self._vouches(path, hashes))

    def _vouches(self, path: str, hashes: FileHashes) -> bool:
        """Whether a distribution vouches for a file; asked several times of each, once all is hashed."""
        known = self._vouched.get(path)
        if known is None:
            known = self._vouched[path] = self._publishers.vouches(path, hashes)
        return known

    def remaining(self) -> tuple[int, int]:
        """(files, bytes) that would have to be sent."""
        sizes = {
            digest: self._size(path)
            for path, digest in self._sha256.items()
            if path in self._file_set.claims and path not in self.secrets and digest not in self._store
        }
        return len(sizes), sum(sizes.values())

    def _size(self, path: str) -> int:
        entry = self._file_set.tree.get(path)
        return entry.size if entry else 0

    def _wanted(self, path: str, *, examine: bool) -> WantedFile:
        shipped = "" if examine else (self._file_set.ownership.checksum(path) or "")
        # One that is sha256 is the digest by which the file is asked for.
        checksum = "" if algorithm_of(shipped) == "sha256" else shipped
        return WantedFile(path, self._sha256[path], self._size(path), examine, checksum)

    def _hash(self, paths: Sequence[str]) -> None:
        self._vouched.clear()
        new = sorted(path for path in paths if path not in self._sha256)
        with self._known_hashes.lock:
            self._sha256.update(self._hashes(new, "sha256"))
            self._say_why([path for path in new if path not in self._sha256])
            self._hash_as_packages(new)

    def _hashes(self, paths: Sequence[str], algorithm: Algorithm) -> dict[str, str]:
        """Hashes by path; those of packaged files that another build of this host asked for are not asked again."""
        known, tree = self._known_hashes, self._file_set.tree
        found = {path: digest for path in paths if (digest := known.get(algorithm, path, tree.get(path)))}
        asked = hash_files(self._transport, [path for path in paths if path not in found], algorithm)
        for path, digest in asked.items():
            if self._file_set.ownership.checksum(path):
                known.add(algorithm, path, tree.get(path), digest)
        return found | asked

    def _hash_as_packages(self, paths: Iterable[str]) -> None:
        """Hash files as their packages did, where that is another hash than ours."""
        groups: dict[Algorithm, list[str]] = {}
        for path in paths:
            algorithm = algorithm_of(self._file_set.ownership.checksum(path) or "")
            if algorithm is not None and algorithm != "sha256":
                groups.setdefault(algorithm, []).append(path)
        for algorithm, checked in sorted(groups.items()):
            try:
                self._others.update(self._hashes(checked, algorithm))
            except CannotHash:
                self.unchecked[algorithm] = self.unchecked.get(algorithm, 0) + len(checked)

    def _fetch(self, wanted: Sequence[WantedFile], look: Witness) -> None:
        """Fetch, and again what changed meanwhile: a file that never holds still is left out."""
        todo = list(wanted)
        for attempt in range(ATTEMPTS):
            received = self._fetch_once(todo, look)
            self.secrets.update(received.secrets)
            self.fetched += received.fetched
            for file in todo:
                if file.examine and file.path not in received.missing:
                    self._examined.add(file.path)
                    if not any(file.path in each for each in (received.secrets, self.not_examined, self.declared)):
                        self._known_clean.add(file.digest, file.path)
            if not received.missing or attempt == ATTEMPTS - 1:
                self.missing.update(received.missing)
                return
            changed = [path for path, why in received.missing.items() if why == CHANGING]
            self.missing.update({path: why for path, why in received.missing.items() if why != CHANGING})
            self._vouched.clear()
            for path in changed:
                self._sha256.pop(path, None)
                self._others.pop(path, None)
            todo = self._wanted_again(changed)
            if not todo:
                return

    def _wanted_again(self, changed: Sequence[str]) -> list[WantedFile]:
        """Files that changed, as they are now. Their package vouches for them no more."""
        for path, size in sizes(self._transport, changed).items():
            if path in changed and size >= 0:
                self._file_set.tree.note_size(path, size)
        again = hash_files(self._transport, changed, "sha256")
        self._sha256.update(again)
        self._say_why([path for path in changed if path not in again])
        return [WantedFile(path, digest, self._size(path), True) for path, digest in sorted(again.items())]

    def _say_why(self, missing: Sequence[str]) -> None:
        """Record why files have no hash."""
        there = sizes(self._transport, missing[:ASKED_WHY])
        for path in missing:
            self.missing[path] = UNREADABLE if path in there else VANISHED_BEFORE

    def _fetch_once(self, wanted: Sequence[WantedFile], look: Witness) -> TransferResult:
        return fetch(
            self._transport,
            wanted,
            self._store,
            examiner=Examiner(
                self._scan, self._scan_part, lambda file: self._known_clean.knows(file.digest, file.path), look
            ),
            origins=self._origins,
            progress=self._progress,
            bytes_per_second=self._rate,
        )

    def _scan(self, path: str, content: bytes) -> str | None:
        """The reason why a file must stay outside. Files of a distribution are public, whatever they look like."""
        if below_any(path, self.excepted):
            if why := examine(content, path).reason if content else reason_by_name(path):
                self.declared[path] = why
            return None
        if not content:
            return None if self._publishers.vouches(path, self.hashes) else reason_by_name(path)
        if self._is_public(path, content):
            return None
        if self._known_clean.knows(self._sha256.get(path, ""), path):
            return reason_by_name(path)
        examination = examine(content, path)
        why = self._judged(path, examination)
        if why is not None:
            self.learned[path] = LearnedSecrets.of(content, examination.values)
        return why

    def _scan_part(self, path: str, content: bytes) -> str | None:
        """The same of a part of a large file."""
        if below_any(path, self.excepted):
            self.declared.setdefault(path, "it is large, and was not examined")
            return None
        if needs_whole(content, path):
            self.not_examined[path] = (f"packed, and larger than {LARGEST >> 20} MB",)
        return self._judged(path, examine_window(content, path))

    def _judged(self, path: str, examination: Examination) -> str | None:
        if examination.reason is None and examination.not_examined:
            # What its owner closed on purpose is a secret more often than not, and no service reads it by itself.
            if closed := [why for why in examination.not_examined if why.endswith(ENCRYPTED)]:
                return f"an encrypted archive ({closed[0]})"
            self.not_examined[path] = examination.not_examined
        return examination.reason

    def _is_public(self, path: str, content: bytes) -> bool:
        shipped = self._file_set.ownership.checksum(path)
        if shipped:
            return len(content) <= READ_LIMIT and self._publishers.owns(path) and fits(content, shipped)
        source = source_of(path, content, self._file_set.tree)
        return source is not None and self._publishers.vouches(source, self.hashes)

    def leave_out_known(self, known: KnownSecrets) -> None:
        """Leave out every file of no distribution that holds one of these values in any form, packed or not."""
        hashes = self.hashes
        for path in sorted(self._sha256.keys() & self._file_set.claims.keys()):
            digest = self._sha256[path]
            if path in self.secrets or below_any(path, self.excepted) or digest not in self._store:
                continue
            if self._vouches(path, hashes):
                continue
            if self._holds(digest, path, known):
                self.secrets[path] = "repeats a secret of another file or of the service's environment"
        self._same_content()

    def _holds(self, digest: str, path: str, known: KnownSecrets) -> bool:
        if self._size(path) <= LARGEST and needs_whole(self._store.beginning(digest, 1 << 16), path):
            return REPEATED in (examine(self._store.read(digest), path, known).reason or "")
        held = b""
        for chunk in self._store.chunks(digest):
            if known.within(held + chunk):
                return True
            held = chunk[-known.overlap :] if known.overlap else b""
        return False

    def _same_content(self) -> None:
        """Leave out whatever else has the content of a file that holds a secret, and keep no blob of it."""
        hashes = self.hashes
        secret = {
            digest: path
            for path in self.secrets
            if (digest := self._sha256.get(path)) and self._size(path) and not reason_by_name(path)
        }
        kept = set()
        for path, digest in self._sha256.items():
            if digest in secret and path not in self.secrets and path in self._file_set.claims:
                if self._vouches(path, hashes) or below_any(path, self.excepted):
                    kept.add(digest)
                else:
                    self.secrets[path] = f"the same as {secret[digest]}"
                    self.missing.pop(path, None)
        for digest in secret.keys() - kept:
            self._store.remove(digest)
