"""A host with a command line of Windows is seen as one, through the whole command: Wine behind a real SSH server."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.command import assess
from tests.inventory.probe.windows_shells.wine import VARIABLES, has_wine, wine_host

NAME = "win01"
# Rule, severity, what a piece of evidence says that was read on the host.
SHOWN = (
    ("PLT001", "blocker", f"the platform of {NAME} is Windows"),
    ("WIN006", "info", "the time zone is"),
    ("WIN028", "major", "the registry value Rpc\\Internet\\Ports is 5000-5100"),
    ("WIN036", "minor", "serial device COM1"),
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The export of a scan of the host, on a target of each system."""
    sshd_program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if not has_wine() or sshd_program is None:
        pytest.skip("no Wine or no sshd on this machine")
    folder = tmp_path_factory.mktemp("wine")
    with wine_host(folder, sshd_program) as (sshd, _):
        environment = {
            **os.environ,
            "WINEPREFIX": str(folder / "prefix"),
            "WINEDEBUG": "-all",
            "XDG_RUNTIME_DIR": "/tmp",
        }
        pin = ["reg", "add", "HKLM\\Software\\Microsoft\\Rpc\\Internet", "/v", "Ports", "/d", "5000-5100", "/f"]
        subprocess.run(["wine", *pin], env=environment, check=True, capture_output=True, timeout=120)
        settings = {
            "ansible_host": sshd.address,
            "ansible_port": sshd.port,
            "ansible_user": sshd.user,
            "ansible_ssh_private_key_file": sshd.key,
            "ansible_ssh_common_args": f"'-F none -o UserKnownHostsFile={sshd.known_hosts}'",
            **VARIABLES,
        }
        hosts = Path(folder / "hosts.ini")
        hosts.write_text(" ".join([NAME, *(f"{name}={value}" for name, value in settings.items())]) + "\n")
        targets = ("--target", "debian-13", "--target", "windows-2022")
        done = assess(folder / "workspace", "scan", str(hosts), "--json", "--connect-timeout", "60", *targets)
        assert done.status == 0, done.errors
        yield done.document


@pytest.mark.live
@pytest.mark.timeout(600)
class TestWine:
    def test_it_is_a_host_of_windows(self, document: dict[str, Any]) -> None:
        (host,) = document["hosts"]

        assert host["platform"] == "windows"
        assert {each["target"] for each in document["findings"] if each["rule"] == "PLT001"} == {"debian-13"}

    @pytest.mark.parametrize(("rule", "severity", "fact"), SHOWN, ids=[each[0] for each in SHOWN])
    def test_what_it_has_is_shown_with_evidence(
        self, document: dict[str, Any], rule: str, severity: str, fact: str
    ) -> None:
        found = [each for each in document["findings"] if (each["rule"], each["host"]) == (rule, NAME)]
        evidence = [each for finding in found for each in finding["evidence"] if each["section"] is not None]

        assert {each["severity"] for each in found} == {severity}
        assert [each for each in evidence if fact in each["fact"]], evidence

    def test_nothing_of_unix_is_found_on_it(self, document: dict[str, Any]) -> None:
        areas = {each["rule"][:3] for each in document["findings"]}

        assert areas == {"PLT", "WIN", "EOL"}
        assert not [each for each in document["undetermined"] if each["failed"] or each["rule"].startswith("KRN")]
