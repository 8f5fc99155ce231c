"""Lines of configuration and code that tie a service to addresses, ports and directories."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inventory.observation import Origin

ROOTS = ("/etc", "/opt", "/srv", "/usr/local", "/var/www", "/home", "/root")
"""The directories that are searched. Nothing that a file names elsewhere is opened."""


@dataclass(frozen=True, slots=True)
class ConfigLine:
    """A line that names an address, a port, a directory or another host. ``number`` counts from 1 in the file.

    ``code``: the file is a program (by its name or first line), not configuration. ``text`` is redacted.
    """

    path: str
    number: int
    text: str
    code: bool
    origin: Origin


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A file that holds a secret: only its path and what kind of line gave it away."""

    path: str
    why: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Configuration:
    """``lines`` in path order; ``secret_files`` are those among them in which redaction found something.

    ``whole_files`` are the files of which every line but comments is there, in order; of others only those that name
    something.
    """

    lines: tuple[ConfigLine, ...]
    secret_files: tuple[SecretFile, ...]
    whole_files: tuple[str, ...] = ()

    @property
    def by_path(self) -> Mapping[str, Sequence[ConfigLine]]:
        """The lines of each file."""
        files: dict[str, list[ConfigLine]] = {}
        for line in self.lines:
            files.setdefault(line.path, []).append(line)
        return files
