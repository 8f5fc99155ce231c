"""Objects that processes of a host share through the kernel: System V IPC, POSIX message queues, /dev/shm."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.observation import Origin


@dataclass(frozen=True, slots=True)
class SharedSegment:
    """A segment of System V, from /proc/sysvipc/shm (proc(5), shmctl(2)).

    ``key`` 0 is private to its creator and the processes that inherited it. ``attached`` counts attachments now;
    ``creator_pid`` made it and ``last_pid`` attached or detached last, and either process may be gone. ``uid`` owns it,
    ``creator_uid`` made it. ``removed``: it is deleted with its last attachment. Sizes are bytes; times seconds since
    the epoch.
    """

    key: int
    id: int
    mode: int
    size_bytes: int
    creator_pid: int
    last_pid: int
    attached: int
    uid: int
    gid: int
    creator_uid: int
    changed: int
    removed: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class MessageQueue:
    """A message queue of System V, from /proc/sysvipc/msg. ``last_sender`` and ``last_receiver`` are PIDs, or 0."""

    key: int
    id: int
    mode: int
    bytes: int
    messages: int
    last_sender: int
    last_receiver: int
    uid: int
    gid: int
    creator_uid: int
    changed: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class SemaphoreSet:
    """A set of semaphores of System V, from /proc/sysvipc/sem."""

    key: int
    id: int
    mode: int
    count: int
    uid: int
    gid: int
    creator_uid: int
    changed: int
    origin: Origin


@dataclass(frozen=True, slots=True)
class PosixFile:
    """A file of /dev/shm (shm_overview(7), sem_overview(7)) or /dev/mqueue (mq_overview(7)).

    ``name`` is what a program gives to shm_open, sem_open or mq_open, without the slash. ``kind`` is ``memory``,
    ``semaphore``, ``queue``, or ``directory`` and ``other`` for what programs put there by other means.
    ``size_bytes`` of a queue is of the waiting messages, and None when they could not be counted.
    """

    name: str
    kind: str
    mode: int
    uid: int
    gid: int
    size_bytes: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class Ipc:
    """All of it. ``system_v`` is False when the kernel was built without System V IPC."""

    segments: tuple[SharedSegment, ...]
    message_queues: tuple[MessageQueue, ...]
    semaphores: tuple[SemaphoreSet, ...]
    posix: tuple[PosixFile, ...]
    system_v: bool = True
