"""What is asked of the host about each file, and what follows where it cannot answer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from containerize.checksums import Algorithm
from containerize.content_store import ContentStore
from containerize.plan.planned_files import as_shipped
from containerize.transfer import host_file_reader
from containerize.transfer.content_origins import Origins
from containerize.transfer.host_file_reader import HostFileReader
from containerize.transfer.host_hashes import CannotHash
from inventory.transports.transport import Transport
from tests.containerize.closure.pretend_host import PretendHost, process


@pytest.mark.parametrize("able", [True, False])
def test_no_package_vouches_for_files_whose_checksums_the_host_cannot_compute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, able: bool
) -> None:
    host = PretendHost(manager="apk")
    host.package("web", "/usr/sbin/web", "/usr/lib/web.so")
    host.package("other", "/usr/bin/other")
    for name, algorithm in (("web", "sha1"), ("other", "sha256")):
        package = host.packages[name]
        sums = {path: hashlib.new(algorithm, host.contents[path]).hexdigest() for path in package.checksums}
        host.packages[name] = replace(package, checksums=sums)
    file_set = host.close(process("/usr/sbin/web", opened=["/usr/bin/other"]))

    def hash_files(_transport: Transport, paths: Iterable[str], algorithm: Algorithm) -> dict[str, str]:
        if algorithm != "sha256" and not able:
            raise CannotHash(f"the host has no {algorithm}sum")
        return {path: hashlib.new(algorithm, host.contents[path]).hexdigest() for path in paths}

    monkeypatch.setattr(host_file_reader, "hash_files", hash_files)
    reader = HostFileReader(cast(Transport, None), file_set, ContentStore(tmp_path), Origins(tmp_path, "here"))
    reader.hash_all()

    vouched = {path for path in reader.hashes.sha256 if as_shipped(file_set, path, reader.hashes)}
    assert vouched == {"/usr/bin/other"} | ({"/usr/sbin/web", "/usr/lib/web.so"} if able else set())
    assert reader.unchecked == ({} if able else {"sha1": 2})
