"""Bring file contents from a host into the content store.

One tar stream brings all files that are not known yet. Content that arrived is never fetched again, and a blob of an
earlier build in which a secret is found now is removed.
"""

from __future__ import annotations

from collections.abc import Sequence

from containerize.content_store import ContentStore
from containerize.transfer.blobs_in_flight import blobs_in_flight
from containerize.transfer.content_origins import Origins
from containerize.transfer.content_proof import proves
from containerize.transfer.file_receiver import (
    VANISHED,
    WHOLE,
    Examiner,
    FileReceiver,
    Progress,
    TransferResult,
    WantedFile,
    is_judged_whole,
)
from containerize.transfer.transfer_commands import BLOCK
from inventory.transports.transport import Transport


def fetch(
    transport: Transport,
    wanted: Sequence[WantedFile],
    store: ContentStore,
    *,
    examiner: Examiner,
    origins: Origins,
    progress: Progress = lambda _files, _size: None,
    bytes_per_second: int = 0,
) -> TransferResult:
    """Make every wanted content known to ``store``; what cannot be is named in the result.

    Content that only other hosts brought so far counts as known when this host proves that it has it; otherwise it is
    sent. What another build fetches at the moment is waited for.
    """
    unexamined = frozenset(file.digest for file in wanted if not file.examine)
    receiver = FileReceiver(transport, store, examiner, progress, bytes_per_second, unexamined, origins)
    received = receiver.received
    flight = blobs_in_flight(store.root)
    todo: Sequence[WantedFile] = wanted
    while todo:
        send, unproved = _not_here(todo, receiver)
        with flight.claimed(file.digest for file in send) as ours:
            # What arrived since it was missed is looked at in the next round.
            mine = [
                file for file in send if file.digest in ours and (file.digest in unproved or file.digest not in store)
            ]
            _receive(mine, receiver)
        done = {id(file) for file in mine}
        todo = [file for file in send if id(file) not in done]
        flight.wait(file.digest for file in todo)
    # A file that shares its content with one that did not arrive is no better off, also where another host brought it.
    failed = {file.digest for file in wanted if not file.examine and file.path in received.missing}
    for file in wanted:
        arrived = file.digest in store and (file.examine or file.digest not in failed)
        if file.path not in received.secrets and not arrived:
            received.missing.setdefault(file.path, VANISHED)
    origins.add(
        file.digest
        for file in wanted
        if file.examine and file.path not in received.missing and file.path not in received.secrets
    )
    return received


def _receive(files: Sequence[WantedFile], receiver: FileReceiver) -> None:
    """Have these files sent; those that do not arrive are missing."""
    begun = [file for file in files if _resumes(file, receiver.store)]
    for file in begun:
        receiver.receive_rest(file)
    left = {file.path: file for file in files if file not in begun}
    if left:
        receiver.receive(left)
    for path in left:
        receiver.received.missing.setdefault(path, VANISHED)


def _not_here(wanted: Sequence[WantedFile], receiver: FileReceiver) -> tuple[list[WantedFile], frozenset[str]]:
    """The files that have to be sent, content that is not examined once; those that are here are examined.

    The second value are digests of content that is here and that this host did not prove to have.
    """
    store, origins = receiver.store, receiver.origins
    # First: who brought a content is recorded before it is in the store, so of what is here now it is known.
    here = {file.digest: file for file in wanted if file.digest in store}
    others = origins.foreign(here)
    foreign = {digest: file for digest, file in here.items() if digest in others}
    if foreign and proves(receiver.transport, [(file.path, digest) for digest, file in foreign.items()], store):
        origins.add(foreign)
        foreign = {}
    send: list[WantedFile] = []
    sent_digests: set[str] = set()
    for file in wanted:
        if file.digest in here and file.digest not in foreign and file.digest in store:
            if file.examine:
                receiver.examine_known(file)
            receiver.progress(1, 0)
        elif file.examine:
            send.append(file)
        elif file.digest not in sent_digests:
            sent_digests.add(file.digest)
            send.append(file)
    return send, frozenset(foreign)


def _resumes(file: WantedFile, store: ContentStore) -> bool:
    """Whether a file that was interrupted resumes where it stopped."""
    if file.size <= WHOLE or store.partial(file.digest) < BLOCK:
        return False
    return not (file.examine and is_judged_whole(file, store.beginning(file.digest, BLOCK)))
