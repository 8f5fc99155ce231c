"""A Redis snapshot, requested like a replica and stored where the server loads it."""

from __future__ import annotations

import io
import re
import shlex
import tarfile
from collections.abc import Sequence
from typing import BinaryIO, cast

from containerize.host.supervised_command import watched
from containerize.pilot.seeds import file_copy
from containerize.pilot.seeds.seeding import (
    Bounded,
    CommandRunner,
    Measured,
    Seed,
    Seeded,
    SeedFailed,
    Seeding,
    last_words,
)

_KEYS = re.compile(r"^db(\d+):keys=(\d+)", re.MULTILINE)
_PASSWORD = re.compile(rb"^[ \t]*requirepass[ \t]+\"?([^\s\"]+)", re.MULTILINE)
# The password comes on standard input: a command line is seen by everybody on the host.
_WITH_PASSWORD = 'IFS= read -r REDISCLI_AUTH; [ -n "$REDISCLI_AUTH" ] && export REDISCLI_AUTH; '  # noqa: S105


def seed(seeding: Seeding) -> Seeded:
    """See the module. One that keeps an append-only file gets a copy of its files: it reads those, not a snapshot."""
    most = seeding.most()
    where = _where(seeding)
    password = next((found[1] for text in seeding.secrets.values() if (found := _PASSWORD.search(text))), b"")
    key = password + b"\n"

    def ask_live(*words: str) -> str:
        command = f"{_WITH_PASSWORD}redis-cli {shlex.join([*where, *words])} 2>&1"
        done = seeding.live.run(command, key, timeout=60)
        if done.exit_status:
            raise SeedFailed(f"Redis of {seeding.plan.host} does not answer: {last_words(done.stdout)}")
        return done.stdout.decode("utf-8", "replace")

    if "aof_enabled:1" in ask_live("INFO", "persistence"):
        before = _counts(ask_live("INFO", "keyspace"))
        copied = file_copy.seed(seeding)
        return Seeded(
            copied.words, before, _counts(ask_live("INFO", "keyspace")), lambda run: _measure(run, where, key)
        )
    name = (ask_live("CONFIG", "GET", "dbfilename").split() or ["dump.rdb"])[-1]
    before = _counts(ask_live("INFO", "keyspace"))
    command = f"{_WITH_PASSWORD}exec redis-cli {shlex.join(where)} --rdb - 2>/dev/null"
    with seeding.live.transport.stream(watched(command), key) as rdb:
        snapshot = _snapshot(cast(BinaryIO, Bounded(rdb, most, seeding)))
    entry = tarfile.TarInfo(name if re.fullmatch(r"[\w.-]+", name) else "dump.rdb")
    entry.size, entry.mode, entry.uid, entry.gid = len(snapshot), 0o640, seeding.volume.uid, seeding.volume.gid
    whole = io.BytesIO(entry.tobuf() + snapshot + b"\0" * (-len(snapshot) % 512) + b"\0" * 1024)
    seeding.runtime.fill_volume(seeding.pilot, seeding.name, cast(BinaryIO, whole), most=most)
    words = f"a snapshot of {sum(before.counts.values())} keys"
    return Seeded(words, before, _counts(ask_live("INFO", "keyspace")), lambda run: _measure(run, where, key))


_MOST = 4 << 30


def _snapshot(stream: BinaryIO) -> bytes:
    """The whole snapshot; a tar wants its size first. It begins with REDIS, whatever the tool prints before."""
    data = stream.read(_MOST + 1)
    begin = data.find(b"REDIS")
    if begin < 0 or len(data) > _MOST:
        raise SeedFailed("redis-cli gave no snapshot; may it replicate (ACL +psync)?")
    return data[begin:]


def _where(seeding: Seeding) -> list[str]:
    port = next((port.port for port in seeding.plan.ports if port.protocol == "tcp"), 0)
    if port:
        return ["-p", str(port)]
    socket = next((path for path in seeding.plan.unix_sockets if path.startswith("/")), "")
    return ["-s", socket] if socket else []


def _measure(run: CommandRunner, where: Sequence[str], key: bytes) -> Measured:
    script = f"{_WITH_PASSWORD}exec redis-cli {shlex.join([*where, 'INFO', 'keyspace'])}"
    done = run(["/bin/sh", "-c", script], stdin=key)
    if done.exit_code:
        raise SeedFailed(f"the copy of Redis does not answer: {last_words(done.stdout + done.stderr)}")
    return _counts(done.stdout.decode("utf-8", "replace"))


def _counts(keyspace: str) -> Measured:
    return Measured({f"keys of database {number}": int(keys) for number, keys in _KEYS.findall(keyspace)})


SEED = Seed("redis", seed)
