"""Archives of old releases: what they signed is verified, even where the key has expired since."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from containerize.data_tables import data_table
from containerize.rebuild.base_images import VERIFIER, base_of

_MADE, _SIGNED = "20120101T000000", "20120601T000000"


@dataclass(frozen=True)
class Signer:
    """A key that was made in 2012 and expired a year later. ``keyring`` is what apt gets of it."""

    home: Path
    keyring: Path

    def run(self, when: str, *arguments: str) -> None:
        command = ["gpg", "--homedir", str(self.home), "--batch", "--yes", "--no-tty", "--faked-system-time", when]
        subprocess.run([*command, *arguments], capture_output=True, check=True)

    def sign(self, file: Path) -> Path:
        target = file.with_name(f"{file.name}.gpg")
        self.run(_SIGNED, "--armor", "--output", str(target), "--detach-sign", str(file))
        return target


@pytest.fixture(scope="module")
def signers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Signer]]:
    if shutil.which("gpg") is None or shutil.which("gpgv") is None:
        pytest.skip("no gpg")

    homes: list[Path] = []

    def made(name: str) -> Signer:
        # The path of a socket in it must be short.
        home = tmp_path_factory.mktemp("k")
        home.chmod(0o700)
        homes.append(home)
        signer = Signer(home, home / "keyring.gpg")
        signer.run(_MADE, "--passphrase", "", "--quick-gen-key", name, "rsa2048", "sign", "1y")
        signer.run(_MADE, "--output", str(signer.keyring), "--export")
        return signer

    yield made
    for home in homes:
        subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=False)


@pytest.fixture(scope="module")
def expired(signers: Callable[[str], Signer]) -> Signer:
    return signers("archive@debian.example")


@pytest.fixture
def verifier(tmp_path: Path) -> Path:
    """The program as the lines of the Containerfile make it."""
    base = base_of("debian", "6")
    assert base is not None
    target = tmp_path / "verifier"
    for line in base.archive_lines:
        if VERIFIER in line and "apt.conf" not in line:
            subprocess.run(["sh", "-c", line.replace(VERIFIER, str(target))], check=True)
    return target


def verified(program: Path | str, signer: Signer, signature: Path, signed: Path) -> tuple[int, str]:
    """How it ended, and what it said on the descriptor that apt reads."""
    command = 'exec "$0" --status-fd 3 --keyring "$1" "$2" "$3" 3>&1 2>/dev/null'
    argv = ["sh", "-c", command, str(program), str(signer.keyring), str(signature), str(signed)]
    done = subprocess.run(argv, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_no_package_is_installed_without_its_signature_verified() -> None:
    assert any("archived" in row for row in data_table("base_images")["distribution"])
    for row in data_table("base_images")["distribution"]:
        for version in row.get("archived", {}):
            base = base_of(row["id"], version)
            assert base is not None
            text = " ".join(base.archive_lines).lower()
            for words in ("unauthenticated", "trusted=yes", "force-yes", "gpgcheck=0", "allow-untrusted"):
                assert words not in text, (row["id"], version)


def test_all_archives_of_debian_accept_keys_that_have_expired() -> None:
    for version in ("6", "7", "8", "9", "10"):
        base = base_of("debian", version)
        assert base is not None
        assert base.expired_keys
    other = base_of("ubuntu", "19.10")
    assert other is not None
    assert not other.expired_keys


def test_a_signature_of_an_expired_key_counts_and_gpgv_alone_refuses_it(
    expired: Signer, verifier: Path, tmp_path: Path
) -> None:
    (tmp_path / "Release").write_text("Suite: squeeze\n")
    signature = expired.sign(tmp_path / "Release")
    assert " EXPKEYSIG " in verified("gpgv", expired, signature, tmp_path / "Release")[1]
    result, said = verified(verifier, expired, signature, tmp_path / "Release")
    assert result == 0
    assert "[GNUPG:] GOODSIG " in said
    assert "[GNUPG:] VALIDSIG " in said
    assert "EXPKEYSIG" not in said


def test_what_was_changed_after_it_was_signed_is_refused(expired: Signer, verifier: Path, tmp_path: Path) -> None:
    (tmp_path / "Release").write_text("Suite: squeeze\n")
    signature = expired.sign(tmp_path / "Release")
    (tmp_path / "Release").write_text("Suite: evil\n")
    result, said = verified(verifier, expired, signature, tmp_path / "Release")
    assert result != 0
    assert "[GNUPG:] BADSIG " in said
    assert "GOODSIG" not in said


def test_the_key_of_another_is_refused(
    signers: Callable[[str], Signer], expired: Signer, verifier: Path, tmp_path: Path
) -> None:
    (tmp_path / "Release").write_text("Suite: squeeze\n")
    # Whoever signs chooses the name of the key, which gpgv repeats.
    signature = signers("[GNUPG:] EXPKEYSIG archive@debian.example").sign(tmp_path / "Release")
    result, said = verified(verifier, expired, signature, tmp_path / "Release")
    assert result != 0
    assert "GOODSIG" not in said


def test_without_a_descriptor_it_is_gpgv(expired: Signer, verifier: Path, tmp_path: Path) -> None:
    (tmp_path / "Release").write_text("Suite: squeeze\n")
    signature = expired.sign(tmp_path / "Release")
    argv = [str(verifier), "--keyring", str(expired.keyring), str(signature), str(tmp_path / "Release")]
    assert subprocess.run(argv, capture_output=True).returncode == 0
    (tmp_path / "Release").write_text("Suite: evil\n")
    assert subprocess.run(argv, capture_output=True).returncode != 0


@pytest.mark.live
@pytest.mark.parametrize("changed", [False, True])
def test_apt_reads_an_archive_whose_key_has_expired_and_no_changed_one(
    changed: bool, expired: Signer, verifier: Path, tmp_path: Path
) -> None:
    if shutil.which("apt-get") is None:
        pytest.skip("no apt")
    archive = tmp_path / "archive"
    archive.mkdir()
    packages = archive / "Packages"
    packages.write_text("")
    release = archive / "Release"
    digest = subprocess.run(["sha256sum", str(packages)], capture_output=True, text=True, check=True).stdout.split()[0]
    release.write_text(f"Suite: squeeze\nDate: Sun, 01 Jan 2012 00:00:00 UTC\nSHA256:\n {digest} 0 Packages\n")
    expired.sign(release)
    if changed:
        release.write_text(release.read_text().replace("squeeze", "evil"))

    def update(program: str) -> str:
        state = tmp_path / f"state-{Path(program).name}"
        (state / "lists/partial").mkdir(parents=True)
        (state / "list").write_text(f"deb [signed-by={expired.keyring}] file:{archive} ./\n")
        options = {
            "Dir::Etc::sourcelist": state / "list",
            "Dir::Etc::sourceparts": "-",
            "Dir::State::lists": state / "lists",
            "Dir::Cache": state,
            "APT::Key::gpgvcommand": program,
            "APT::Sandbox::User": "root",
        }
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        done = subprocess.run(
            ["apt-get", *words, "update"],
            capture_output=True,
            text=True,
            env={"LC_ALL": "C", "PATH": "/usr/bin:/bin:/usr/sbin:/sbin"},
        )
        return done.stdout + done.stderr

    refused = update(shutil.which("gpgv") or "")
    assert "EXPKEYSIG" in refused or changed, refused
    said = update(str(verifier))
    assert ("BADSIG" in said) == changed, said
    assert ("is not signed" in said) == changed, said
