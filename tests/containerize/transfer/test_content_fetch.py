"""What comes from a host: known content is not sent again, changed content is noticed, secrets never touch the disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast

import psutil
import pytest

from containerize.content_store import ContentStore
from containerize.host.answer_parts import PREAMBLE
from containerize.host.supervised_command import _FUNCTIONS
from containerize.plan.model import SecretMount
from containerize.secret_values.secret_sources import read_secret_file
from containerize.tar.reader import BLOCK, HostileStream
from containerize.tar.writer import TarMember, TarWriter
from containerize.transfer.content_fetch import fetch
from containerize.transfer.content_origins import Origins
from containerize.transfer.file_receiver import (
    CHANGING,
    HELD_BACK,
    VANISHED,
    WHOLE,
    WINDOW,
    Examiner,
    FileReceiver,
    TransferResult,
    WantedFile,
)
from containerize.transfer.host_hashes import hash_files, read_sums
from containerize.transfer.transfer_commands import rest_command
from inventory.errors import HostError
from inventory.privacy.secrets.file_examination import file_holds_secret
from inventory.transports.transport import Completed, Transport
from tests.containerize.conftest import WithTools

SECRET = b"password = correct-horse-battery-staple-7\n"


def _scan(path: str, content: bytes) -> str | None:
    return file_holds_secret(content, path)


def _wanted(path: Path, *, examine: bool = True, digest: str = "") -> WantedFile:
    content = path.read_bytes()
    return WantedFile(str(path), digest or hashlib.sha256(content).hexdigest(), len(content), examine)


def _fetch(transport: Transport, store: ContentStore, *wanted: WantedFile, host: str = "here") -> TransferResult:
    return fetch(transport, wanted, store, examiner=Examiner(_scan), origins=Origins(store.root, host))


def _on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture(params=["here", "plain"])
def anywhere(request: pytest.FixtureRequest) -> Transport:
    """A host with the GNU tools, and one with busybox's."""
    transport: Transport = request.getfixturevalue(request.param)
    return transport


def test_files_arrive_whatever_their_names(anywhere: Transport, store: ContentStore, tmp_path: Path) -> None:
    names = [b"plain", b"two\nlines", b"-rf", b"caf\xe9", b"back\\slash", b"quote'\"$(x)"]
    paths = [tmp_path / os.fsdecode(name) for name in names]
    for path in paths:
        path.write_bytes(b"content of " + os.fsencode(path.name))
    received = _fetch(anywhere, store, *map(_wanted, paths))
    assert received.missing == {}
    assert [store.read(_wanted(path).digest) for path in paths] == [path.read_bytes() for path in paths]


def test_hashes_are_those_of_the_files_whatever_their_names(here: Transport, tmp_path: Path) -> None:
    paths = [tmp_path / os.fsdecode(name) for name in (b"plain", b"two\nlines", b"caf\xe9", b"back\\slash")]
    for path in paths:
        path.write_bytes(os.fsencode(path.name))
    hashes = hash_files(here, [*map(str, paths), str(tmp_path / "missing")], "sha256")
    assert hashes == {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_no_name_tells_the_hash_of_another_file(anywhere: Transport, tmp_path: Path) -> None:
    """Busybox does not escape newlines, and whoever makes files on a host may name them as they like."""
    web = tmp_path / "bin" / "web"
    forged = tmp_path / f"z\n{'1' * 64}  {web}"
    for path in (web, forged):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"content")
    true = hashlib.sha256(b"content").hexdigest()
    hashes = hash_files(anywhere, [str(web), str(forged)], "sha256")
    assert hashes[str(web)] == true
    assert set(hashes.values()) == {true}


def test_a_host_that_is_long_over_a_file_is_not_taken_for_dead(
    here: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("sha256sum")
    slow = tmp_path / "bin" / "sha256sum"
    slow.parent.mkdir()
    slow.write_text(f'#!/bin/sh\nsleep 6\nexec {real} "$@"\n')
    slow.chmod(0o755)
    (tmp_path / "file").write_bytes(b"x")
    monkeypatch.setattr("inventory.transports.command_session.STALL_SECONDS", 3.0)
    monkeypatch.setattr("containerize.host.supervised_command.SIGN_OF_LIFE", 1)
    begun = time.monotonic()
    hashes = hash_files(cast(Transport, WithTools(here, slow.parent)), [str(tmp_path / "file")], "sha256")
    assert hashes == {str(tmp_path / "file"): hashlib.sha256(b"x").hexdigest()}
    assert time.monotonic() - begun < 60  # nothing of it holds the output open


@pytest.mark.parametrize("files", [1, 100])
def test_hashing_leaves_no_process_behind(
    here: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """What waits beside it would be taken for a service of the host by the next scan."""
    second = f"1.008{os.getpid():07}"  # no other run waits that long
    monkeypatch.setattr(
        "containerize.host.supervised_command._FUNCTIONS", _FUNCTIONS.replace("sleep 1 ", f"sleep {second} ")
    )
    paths = [tmp_path / str(number) for number in range(files)]
    for path in paths:
        path.write_bytes(b"x" * 1000)
    for _ in range(10):
        assert len(hash_files(here, map(str, paths), "sha256")) == files
        left = [each.pid for each in psutil.process_iter(["cmdline"]) if second in (each.info["cmdline"] or ())]
        assert left == []


@pytest.mark.parametrize("planted", ["a link", "a link above", "a pipe"])
def test_what_was_a_file_when_it_was_listed_is_read_only_if_it_still_is(
    anywhere: Transport, store: ContentStore, tmp_path: Path, planted: str
) -> None:
    """Whoever owns the directory could make root read a file of root's, or wait for ever."""
    closed = tmp_path / "private" / "settings"
    closed.parent.mkdir()
    closed.write_text("of root's")
    file = tmp_path / "app" / "conf" / "settings"
    file.parent.mkdir(parents=True)
    file.write_text("of root's")
    wanted = _wanted(file)
    file.unlink()
    if planted == "a link":
        file.symlink_to(closed)
    elif planted == "a pipe":
        os.mkfifo(file)
    else:
        file.parent.rmdir()
        file.parent.symlink_to(closed.parent)
    assert hash_files(anywhere, [str(file)], "sha256") == {}
    assert _fetch(anywhere, store, wanted).missing == {str(file): VANISHED}
    mount = SecretMount(str(file), 0, 0, 0o600, "a password")
    with pytest.raises(HostError, match="cannot be read on the host any more"):
        read_secret_file(anywhere, mount)
    with anywhere.stream(*rest_command(str(file), 0)) as source:
        assert source.read() == b""


def test_sums_are_read_whatever_comes_between_their_bytes() -> None:
    line = b"%s  /a b\n" % (b"1" * 64)
    assert dict(read_sums(BytesIO(line[:30] + b"\0" + line[30:] + b"\0"), "sha256")) == {"/a b": "1" * 64}


def test_a_host_that_answers_without_end_is_left() -> None:
    class _Endless(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return b"x" * max(size or 0, 1)

    with pytest.raises(HostError, match="something else than sha256 sums"):
        list(read_sums(_Endless(), "sha256"))


def test_only_sums_that_were_asked_for_are_kept(tmp_path: Path) -> None:
    class _Liar(_Hostile):
        @contextmanager
        def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
            yield BytesIO(b"".join(b"%s  /%d\n" % (b"1" * 64, number) for number in range(1000)))

    assert hash_files(_Liar(), ["/7"], "sha256") == {"/7": "1" * 64}  # type: ignore[arg-type]


def test_what_runs_on_a_host_gives_way_to_its_services(here: Transport) -> None:
    answer = here.run(f"{PREAMBLE}low sh -c 'nice; ionice -p $$'").stdout.decode()
    assert answer.split("\n")[0] == "19"
    if shutil.which("ionice"):
        assert answer.split("\n")[1].startswith("best-effort: prio 7")


def test_a_second_name_of_a_file_arrives_as_a_file(anywhere: Transport, store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    assert _fetch(anywhere, store, _wanted(tmp_path / "a"), _wanted(tmp_path / "b")).missing == {}


def test_known_content_is_not_sent_again(here: Transport, store: ContentStore, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"same" * 1000)
    (tmp_path / "b").write_bytes(b"same" * 1000)
    first = _fetch(here, store, _wanted(tmp_path / "a", examine=False), _wanted(tmp_path / "b", examine=False))
    assert first.fetched == 4000
    assert _fetch(here, store, _wanted(tmp_path / "b")).fetched == 0


def test_a_file_that_vanished_or_changed_is_named(here: Transport, store: ContentStore, tmp_path: Path) -> None:
    for name in ("gone", "changed", "grown"):
        (tmp_path / name).write_bytes(b"before")
    wanted = [_wanted(tmp_path / name) for name in ("gone", "changed", "grown")]
    (tmp_path / "gone").unlink()
    (tmp_path / "changed").write_bytes(b"after!")
    (tmp_path / "grown").write_bytes(b"before and more")
    received = _fetch(here, store, *wanted)
    assert [received.missing[each.path] for each in wanted] == [VANISHED, CHANGING, CHANGING]


@pytest.mark.parametrize("at", [0, WHOLE - 100, WHOLE + 100, WINDOW + HELD_BACK, 3 * WINDOW - 20])
def test_a_secret_never_touches_the_disk(here: Transport, store: ContentStore, tmp_path: Path, at: int) -> None:
    """Also in a large file, which is written window by window, and where the secret crosses the edge of one."""
    host, filler = tmp_path / "host", b"a line of no interest\n"
    host.mkdir()
    large = (filler * (at // len(filler) + 1))[:at] + b"\n" + SECRET + filler * 1000
    (host / "app.ini").write_bytes(large)
    received = _fetch(here, store, _wanted(host / "app.ini"))
    assert list(received.secrets) == [str(host / "app.ini")]
    assert b"correct-horse" not in _on_disk(tmp_path / "content")


def test_a_secret_that_is_known_already_is_a_secret_all_the_same(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    (tmp_path / "app.ini").write_bytes(SECRET)
    store.put(SECRET)
    assert _fetch(here, store, _wanted(tmp_path / "app.ini")).secrets


def test_a_large_file_that_is_known_by_another_name_may_be_a_secret_by_its_own(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    content = bytes(WHOLE + 1)
    store.put(content)
    digest = hashlib.sha256(content).hexdigest()
    received = _fetch(here, store, WantedFile("/etc/shadow", digest, len(content), examine=True))
    assert list(received.secrets) == ["/etc/shadow"]
    assert received.fetched == 0


def test_what_a_package_vouches_for_is_checked_against_its_checksum(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    """A host that vouches for a file with another file's checksum does not get it past the search for secrets."""
    (tmp_path / "app.ini").write_bytes(SECRET)
    wanted = _wanted(tmp_path / "app.ini")
    lie = WantedFile(wanted.path, wanted.digest, wanted.size, examine=False, checksum="0" * 32)
    assert _fetch(here, store, lie).missing == {wanted.path: CHANGING}
    assert wanted.digest not in store


class _Hostile:
    """A host that answers a request for files with an archive of its own."""

    user, privileged = "root", True

    def __init__(self, *members: tuple[TarMember, bytes]) -> None:
        self._members = members

    def run(self, command: str, stdin: bytes = b"", *, timeout: float = 120.0, limit: int = 64 << 20) -> Completed:
        return Completed(0, b"tar (GNU tar) 1.35", b"")

    @contextmanager
    def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
        out = BytesIO()
        writer = TarWriter(out)
        for member, content in self._members:
            writer.add(member, [content])
        writer.finish()
        yield BytesIO(out.getvalue())


def test_files_that_nobody_asked_for_are_read_over(store: ContentStore, tmp_path: Path) -> None:
    uninvited = TarMember("/etc/uninvited", "file", 0o644, 0, 0, 0, 4)
    invited = TarMember("/etc/app", "file", 0o644, 0, 0, 0, 2)
    wanted = WantedFile("/etc/app", hashlib.sha256(b"ok").hexdigest(), 2, True)
    host = _Hostile((uninvited, b"evil"), (invited, b"ok"), (invited, b"no"))
    received = fetch(host, [wanted], store, examiner=Examiner(_scan), origins=Origins(store.root, "here"))  # type: ignore[arg-type]
    assert (received.missing, store.read(wanted.digest)) == ({}, b"ok")
    assert b"evil" not in _on_disk(tmp_path / "content")


def test_one_host_cannot_slip_its_bytes_under_the_hash_of_others(store: ContentStore) -> None:
    wanted = WantedFile("/bin/sh", hashlib.sha256(b"good").hexdigest(), 4, False)
    host = _Hostile((TarMember("/bin/sh", "file", 0o755, 0, 0, 0, 4), b"evil"))
    received = fetch(host, [wanted], store, examiner=Examiner(_scan), origins=Origins(store.root, "here"))  # type: ignore[arg-type]
    assert received.missing == {"/bin/sh": CHANGING}
    assert wanted.digest not in store


def test_a_file_far_larger_than_it_was_listed_ends_the_stream(store: ContentStore) -> None:
    class _Huge(_Hostile):
        @contextmanager
        def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
            from containerize.tar.writer import headers

            yield BytesIO(headers(TarMember("/x", "file", 0o644, 0, 0, 0, 1 << 45)) + b"\0" * 4096)

    with pytest.raises(HostileStream, match="for a file of 1 bytes"):
        fetch(
            _Huge(),
            [WantedFile("/x", "0" * 64, 1, True)],
            store,
            examiner=Examiner(_scan),
            origins=Origins(store.root, "here"),
        )  # type: ignore[arg-type]


def test_small_files_that_came_before_the_connection_broke_are_kept(store: ContentStore) -> None:
    contents = [b"%d" % number for number in range(20)]
    wanted = [
        WantedFile(f"/app/{number}", hashlib.sha256(content).hexdigest(), len(content), number % 2 == 0)
        for number, content in enumerate(contents)
    ]

    class _Breaking(_Hostile):
        @contextmanager
        def stream(self, command: str, stdin: bytes = b"") -> Iterator[BinaryIO]:
            with super().stream(command, stdin) as whole:
                yield BytesIO(whole.read()[: -BLOCK * 3])  # the end of the archive, and the content of the last file

    members = [
        (TarMember(each.path, "file", 0o644, 0, 0, 0, each.size), content)
        for each, content in zip(wanted, contents, strict=True)
    ]
    with pytest.raises(HostileStream, match="middle of a file"):
        fetch(_Breaking(*members), wanted, store, examiner=Examiner(_scan), origins=Origins(store.root, "here"))  # type: ignore[arg-type]
    assert [each.digest in store for each in wanted] == [True] * 19 + [False]


@pytest.mark.parametrize("size", [100, WHOLE + 100])
def test_a_file_that_its_package_vouches_for_is_kept(
    here: Transport, store: ContentStore, tmp_path: Path, size: int
) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    (tmp_path / "tool").write_bytes(content)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    sha256 = hashlib.sha256(content).hexdigest()
    lie = WantedFile(str(tmp_path / "tool"), sha256, len(content), examine=False, checksum="0" * 32)
    assert _fetch(here, store, lie).missing == {lie.path: CHANGING}
    assert sha256 not in store
    truth = WantedFile(lie.path, sha256, len(content), examine=False, checksum=md5)
    assert _fetch(here, store, truth).missing == {}
    assert store.read(sha256) == content


def test_a_host_that_only_names_the_hash_of_anothers_file_does_not_get_it(
    anywhere: Transport, store: ContentStore, tmp_path: Path
) -> None:
    """It reports the hash of what it does not have: the content of another host must not end up in its image."""
    theirs, own = tmp_path / "theirs", tmp_path / "own"
    theirs.write_bytes(b"the price list of another host")
    own.write_bytes(b"nothing at all, of the same len")
    assert _fetch(anywhere, store, _wanted(theirs), host="db01").missing == {}

    lie = WantedFile(str(own), _wanted(theirs).digest, len(theirs.read_bytes()), examine=True)
    assert _fetch(anywhere, store, lie, host="evil01").missing == {lie.path: CHANGING}
    vouched = WantedFile(str(own), lie.digest, lie.size, examine=False)
    assert _fetch(anywhere, store, vouched, host="evil01").missing == {lie.path: CHANGING}
    # What no one examines is sent once for all its names: none of them gets it without.
    again = WantedFile(str(tmp_path / "again"), lie.digest, lie.size, examine=False)
    assert _fetch(anywhere, store, vouched, again, host="evil01").missing == {
        vouched.path: CHANGING, again.path: VANISHED
    }  # fmt: skip


@pytest.mark.parametrize("size", [30, WHOLE + 1])
def test_what_a_killed_build_left_is_known_as_its_hosts(
    here: Transport, store: ContentStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """A host that names the hash of another's file, and calls it a distribution's, gets nothing of it."""
    theirs, own = tmp_path / "theirs", tmp_path / "own"
    theirs.write_bytes(b"x" * size)
    own.write_bytes(b"y" * size)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    monkeypatch.setattr("containerize.transfer.file_receiver.FileReceiver.receive", _then(killed))
    with pytest.raises(Killed):
        _fetch(here, store, _wanted(theirs), host="db01")
    monkeypatch.undo()
    assert _wanted(theirs).digest in store
    for examine in (False, True):
        lie = WantedFile(str(own), _wanted(theirs).digest, size, examine)
        assert _fetch(here, store, lie, host="evil01").missing == {lie.path: CHANGING}


def _then(end: Callable[[], None]) -> Callable[..., None]:
    receive = FileReceiver.receive

    def both(self: FileReceiver, left: dict[str, WantedFile]) -> None:
        receive(self, left)
        end()

    return both


def test_what_several_hosts_have_is_sent_once(anywhere: Transport, store: ContentStore, tmp_path: Path) -> None:
    files = [tmp_path / os.fsdecode(name) for name in (b"a", b"two\nlines", b"-rf")]
    for number, path in enumerate(files):
        path.write_bytes(bytes([number]) * (WHOLE + 1 if number == 1 else 100))
    wanted = [_wanted(path) for path in files]
    assert _fetch(anywhere, store, *wanted, host="web01").fetched > WHOLE
    for _ in range(2):
        again = _fetch(anywhere, store, *wanted, host="web02")
        assert (again.fetched, again.missing) == (0, {})


def test_a_host_that_cannot_prove_one_file_sends_all_that_were_asked_for(
    here: Transport, store: ContentStore, tmp_path: Path
) -> None:
    same, changed = tmp_path / "same", tmp_path / "changed"
    same.write_bytes(b"an application")
    changed.write_bytes(b"its settings")
    wanted = [_wanted(same), _wanted(changed)]
    _fetch(here, store, *wanted, host="web01")
    changed.write_bytes(b"other words!")
    received = _fetch(here, store, *wanted, host="web02")
    assert received.missing == {str(changed): CHANGING}
    assert received.fetched == len(b"an application") + len(b"other words!")
