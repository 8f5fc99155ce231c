"""Rates of the redactor over the secret corpus, for both of its halves, and its false positives over real trees.

``--misses tuning`` names what was missed or wrongly hit in the half that patterns may be tuned on. What the held-out
half misses is not printed: it measures what was not looked at. ``--tree PATH`` (several times) examines ``etc`` and
``usr/share`` below PATH as if nothing vouched for them and lists each file that would be kept out of images. Whether
that is right is told by ``corpus/genuine.txt``, for packages of Debian. A build examines no file that is as a package
of a distribution brought it: those are counted apart.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from containerize.transfer.host_file_reader import READ_LIMIT
from inventory.privacy.redaction import Redactor
from inventory.privacy.secrets.file_examination import file_holds_secret
from tests.secrets.corpus import load
from tests.secrets.corpus.carriers import carriers

HALVES: tuple[load.Half, ...] = ("tuning", "held out")
_TREES = ("etc", "usr/share")


@dataclass(frozen=True)
class Outcome:
    """One secret or case: the name that puts it into a half, whether it was treated rightly, what to print if not."""

    name: str
    right: bool
    detail: str = ""


def main() -> None:
    """Print the rates, then what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks secrets")
    parser.add_argument("--misses", choices=["tuning"], help="name the misses of this half")
    parser.add_argument("--tree", action="append", default=[], type=Path, metavar="PATH", help="root of a host's files")
    options = parser.parse_args()
    measured = {title: tuple(measure()) for title, measure in MEASURES.items()}
    Console(width=120).print(_rates(measured))
    if options.misses:
        for title, outcomes in measured.items():
            for outcome in outcomes:
                if not outcome.right and load.half(outcome.name) == options.misses:
                    print(f"{title}: {outcome.name}{outcome.detail}")
    for tree in options.tree:
        _print_tree(tree)


def rate(outcomes: Iterable[Outcome], part: load.Half) -> float:
    """The share of one half that was treated rightly, from 0 to 1."""
    chosen = [outcome.right for outcome in outcomes if load.half(outcome.name) == part]
    return sum(chosen) / len(chosen)


def redacted_secrets() -> Iterator[Outcome]:
    """Secrets that cannot be read in the redacted text of their file."""
    for case in load.files():
        text = _redactor().within(case.path.encode()).text(case.content)
        for secret in case.secrets:
            shown = load.remains(secret, text)
            yield Outcome(case.path, not shown, f": {secret.decode()}")


def files_kept_out() -> Iterator[Outcome]:
    """Text files with secrets that are kept out of images."""
    return (Outcome(case.path, bool(file_holds_secret(case.content, case.path))) for case in load.files())


def redacted_commands() -> Iterator[Outcome]:
    """Command lines of which no secret is left."""
    return _redacted_lines(load.commands(), lambda case: _redactor().arguments(case.arguments))


def redacted_lines() -> Iterator[Outcome]:
    """Lines of units, crontabs, mount tables and repository lists of which no secret is left."""
    return _redacted_lines(load.lines(), lambda case: _redactor().text(case.line.encode() + b"\n"))


def carriers_kept_out() -> Iterator[Outcome]:
    """Packed and binary files that are kept out of images."""
    return (Outcome(case.path, bool(file_holds_secret(case.content, case.path))) for case in carriers())


def harmless_lines_kept() -> Iterator[Outcome]:
    """Harmless lines that redaction does not change."""
    for line in load.harmless_lines():
        text = _redactor().text(line.encode() + b"\n")
        yield Outcome(line, text == line.encode() + b"\n", f" -> {text.decode()}".rstrip())


def harmless_lines_admitted() -> Iterator[Outcome]:
    """Harmless lines that keep no file out of images."""
    return (_admitted(line, line.encode() + b"\n", "/etc/app/app.conf") for line in load.harmless_lines())


def harmless_files_admitted() -> Iterator[Outcome]:
    """Harmless files that are not kept out of images."""
    return (_admitted(case.path, case.content, case.path) for case in load.harmless_files())


MEASURES: dict[str, Callable[[], Iterable[Outcome]]] = {
    "secrets redacted in files": redacted_secrets,
    "files kept out of images": files_kept_out,
    "command lines redacted": redacted_commands,
    "unit, cron, mount and repository lines redacted": redacted_lines,
    "packed and binary carriers kept out of images": carriers_kept_out,
    "harmless lines left as they are": harmless_lines_kept,
    "harmless lines admitted to images": harmless_lines_admitted,
    "harmless files admitted to images": harmless_files_admitted,
}


def _redactor() -> Redactor:
    return Redactor(b"a key of the benchmark")


def _redacted_lines(cases: Iterable[load.SecretLine], redact: Callable[[load.SecretLine], bytes]) -> Iterator[Outcome]:
    for case in cases:
        text = redact(case)
        yield Outcome(case.line, not any(load.remains(secret, text) for secret in case.secrets))


def _admitted(name: str, content: bytes, path: str) -> Outcome:
    reason = file_holds_secret(content, path)
    return Outcome(name, not reason, f" ({reason})")


def _rates(measured: dict[str, Sequence[Outcome]]) -> Table:
    table = Table(title="The secret corpus")
    table.add_column("")
    for part in HALVES:
        table.add_column(part, justify="right")
        table.add_column("%", justify="right")
    for title, outcomes in measured.items():
        cells = []
        for part in HALVES:
            chosen = [outcome for outcome in outcomes if load.half(outcome.name) == part]
            right = sum(outcome.right for outcome in chosen)
            cells += [f"{right} of {len(chosen)}", f"{100 * rate(chosen, part):.1f}"]
        table.add_row(title, *cells)
    return table


def _print_tree(root: Path) -> None:
    count = 0
    shipped = _shipped(root)
    hits: dict[str, list[str]] = {"rightly": [], "wrongly": [], "wrongly, but no build asks: as shipped": []}
    for path, content in _files(root):
        count += 1
        if reason := file_holds_secret(content, path):
            title = "rightly" if load.genuine(path) else "wrongly"
            if title == "wrongly" and shipped.get(path) == _md5(Path(f"{root}{path}")):
                title = "wrongly, but no build asks: as shipped"
            hits[title].append(f"{path}: {reason}")
    print(f"{root}: {count:,} files, {sum(map(len, hits.values()))} kept out")
    for title, found in hits.items():
        print(f"  {title}: {len(found)}, {100 * len(found) / max(count, 1):.3f} %")
        for hit in found:
            print(f"    {hit}")


def _md5(path: Path) -> str:
    return hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()


def _shipped(root: Path) -> dict[str, str]:
    """The MD5 of each file as its package of Debian brought it."""
    database = root / "var/lib/dpkg"
    found: dict[str, str] = {}
    for listed in database.glob("info/*.md5sums"):
        for line in listed.read_text("utf-8", "surrogateescape").splitlines():
            digest, _, path = line.partition("  ")
            found[f"/{path}"] = digest
    status = database / "status"
    text = status.read_text("utf-8", "surrogateescape") if status.exists() else ""
    found.update(re.findall(r"(?m)^ (/\S+) ([0-9a-f]{32})$", text))
    return found


def _files(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every regular file below the examined folders, by its path on the host, as far as a build reads it."""
    for top in _TREES:
        for folder, folders, names in os.walk(root / top):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                if stat.S_ISREG(path.lstat().st_mode):
                    with path.open("rb") as file:
                        yield f"/{path.relative_to(root)}", file.read(READ_LIMIT)


if __name__ == "__main__":
    main()
