"""Lines of configuration and code of one host, by the directory or file that contains them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain

from assess.configuration_text.ip_addresses import addresses_in
from inventory.model.configuration import ConfigLine, Configuration

# The library of a run-time among an application's files, as in one that was compiled there. What its
# code can do says nothing of what the application does.
_LIBRARY_OF_RUN_TIME = re.compile(r"/lib(?:64|exec)?/(?:python[0-9.]+|perl5?|ruby|tcl[0-9.]*|R/library)/")

HOST_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9-]{1,63})*")
"""A name of a host, or part of one, within a line."""


class ConfigurationLines:
    """An index over the section configuration, without the code of run-times and the files ``left_out``. Roots are
    files or directories.
    """

    def __init__(self, configuration: Configuration | None = None, left_out: frozenset[str] = frozenset()) -> None:
        # Lines may be decoded when they are asked for, and most files are of no interest to anybody.
        self._by_path: Mapping[str, Sequence[ConfigLine]] = configuration.by_path if configuration else {}
        if not left_out.isdisjoint(self._by_path):
            self._by_path = {path: lines for path, lines in self._by_path.items() if path not in left_out}
        libraries = [path for path in self._by_path if _LIBRARY_OF_RUN_TIME.search(path)]
        self._of_libraries = {path: [line for line in self._by_path[path] if not line.code] for path in libraries}
        self._paths = sorted(path for path in self._by_path if self._of_libraries.get(path, True))
        # Dozens of rules walk through the lines of the same roots.
        self._files: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._under: dict[tuple[str, ...], tuple[ConfigLine, ...]] = {}
        self._in_force: dict[tuple[str, ...], tuple[ConfigLine, ...]] = {}
        self._addresses: dict[str, list[tuple[ConfigLine, tuple[str, ...]]]] = {}
        self._texts: dict[str, str] = {}
        self._words: dict[str, frozenset[str]] = {}
        self._lower_texts: dict[str, str] = {}

    def paths_under(self, root: str) -> Iterator[str]:
        """The files that are ``root`` or lie beneath it, in order."""
        if root in self._by_path and self._of_libraries.get(root, True):
            yield root
        prefix = root.rstrip("/") + "/"
        for index in range(bisect_left(self._paths, prefix), len(self._paths)):
            path = self._paths[index]
            if not path.startswith(prefix):
                return
            yield path

    def of(self, path: str) -> Sequence[ConfigLine]:
        """The lines of one file, () when there are none."""
        of_library = self._of_libraries.get(path)
        return self._by_path.get(path, ()) if of_library is None else of_library

    def holds(self, root: str) -> bool:
        """Whether there is a line under ``root``."""
        return next(self.paths_under(root), None) is not None

    def files(self, roots: Iterable[str]) -> tuple[str, ...]:
        """The files under ``roots``, each once, those of the first root first."""
        key = tuple(roots)
        known = self._files.get(key)
        if known is None:
            known = self._files[key] = tuple(dict.fromkeys(path for root in key for path in self.paths_under(root)))
        return known

    def under(self, roots: Iterable[str]) -> tuple[ConfigLine, ...]:
        """The lines of all files under ``roots``, each once, files of the first root first."""
        key = tuple(roots)
        known = self._under.get(key)
        if known is None:
            of_files = (self.of(path) for path in self.files(key))
            known = self._under[key] = tuple(chain.from_iterable(of_files))
        return known

    def in_force(self, roots: Iterable[str]) -> tuple[ConfigLine, ...]:
        """Those of :meth:`under` that are no comments."""
        key = tuple(roots)
        known = self._in_force.get(key)
        if known is None:
            known = self._in_force[key] = tuple(line for line in self.under(key) if not is_comment(line))
        return known

    def naming_addresses(self, roots: Iterable[str]) -> Iterator[tuple[ConfigLine, tuple[str, ...]]]:
        """Those of :meth:`in_force` that name addresses of hosts, with these."""
        for path in self.files(roots):
            known = self._addresses.get(path)
            if known is None:
                known = self._addresses[path] = list(_with_addresses(self.of(path)))
            yield from known

    def mentioning(self, roots: Iterable[str], words: Sequence[str], *, any_case: bool = False) -> Iterator[ConfigLine]:
        """Those of :meth:`under`, comments too, in which one of ``words`` stands. With ``any_case`` the words have to
        be given in lower case.

        Most files have none of them, which is seen at once for the whole file.
        """
        for path in self.files(roots):
            text = self._text(path, any_case)
            there = [word for word in words if word in text]
            if not there:
                continue
            for line in self.of(path):
                of_line = line.text.lower() if any_case else line.text
                for word in there:
                    if word in of_line:
                        yield line
                        break

    def names(self, path: str) -> frozenset[str]:
        """The words of a file that may be names of hosts, in lower case."""
        known = self._words.get(path)
        if known is None:
            text = self._text(path, False)
            # What distributions bring is the same on many hosts.
            known = self._words[path] = _names_in_short(text) if len(text) < _SHORT else _names_in(text)
        return known

    def _text(self, path: str, lower: bool) -> str:
        texts = self._lower_texts if lower else self._texts
        known = texts.get(path)
        if known is None:
            lines = self.of(path)
            known = texts[path] = "\n".join([line.text.lower() if lower else line.text for line in lines])
        return known


def _with_addresses(lines: Iterable[ConfigLine]) -> Iterator[tuple[ConfigLine, tuple[str, ...]]]:
    """Lines that are no comments, with the addresses that they name."""
    for line in lines:
        text = line.text
        # Most lines name no address: they have too few dots and colons.
        if (text.count(".") > 2 or text.count(":") > 1) and not is_comment(line):
            addresses = tuple(addresses_in(without_comment(text)))
            if addresses:
                yield line, addresses


_SHORT = 8192
"""Characters of a file up to which what it names is remembered for the next host."""


@lru_cache(maxsize=512)
def _names_in_short(text: str) -> frozenset[str]:
    return _names_in(text)


def _names_in(text: str) -> frozenset[str]:
    """Return the matches of HOST_NAME in lower case. Most words are one label, which needs no expression."""
    words = set(text.encode("ascii", "replace").translate(_NAME_BYTES).decode("ascii").split())
    plain = {word for word in words if len(word) < 64 and word.isalnum()}
    return frozenset(plain.union(HOST_NAME.findall(" ".join(words - plain))))


_NAME_BYTES = bytes(
    ord(chr(byte).lower()) if byte < 128 and (chr(byte).isalnum() or chr(byte) in ".-") else 32 for byte in range(256)
)
"""Each byte in lower case; those that are in no name of a host become blanks."""


def is_code(line: ConfigLine) -> bool:
    """Whether a line is of a program. Settings that are written in a programming language (puma.rb, settings.py,
    wp-config.php) and configuration that begins with ``#!`` (kamailio.cfg) are no programs: people change them.
    """
    if not line.code:
        return False
    name = line.path.rpartition("/")[2].lower()
    return not (name in _SETTINGS or name.endswith(_SETTING_ENDINGS))


_SETTINGS = frozenset(
    ["puma.rb", "unicorn.rb", "thin.rb", "config.ru", "gitlab.rb", "settings.py", "local_settings.py", "config.py",
     "gunicorn.py", "gunicorn.conf.py", "uwsgi.py", "config.php", "settings.php", "localsettings.php", "parameters.php",
     "configuration.php", "config.js", "settings.js", "config.pl"]
)  # fmt: skip
_SETTING_ENDINGS = (
    ".cfg", ".conf", ".ini", ".cnf", ".config.js", ".config.cjs", ".conf.js", "-config.php", "config.inc.php",
    "_config.py", "_config.rb",
)  # fmt: skip


def without_comment(text: str) -> str:
    """A line without the comment behind it: `` # was 10.0.0.5``. A ``#`` within a word or a URL is none."""
    return _TRAILING.split(text, maxsplit=1)[0] if "#" in text or "//" in text else text


_TRAILING = re.compile(r"\s#\s|\s//\s")


def is_comment(line: ConfigLine) -> bool:
    """Whether a line only comments. What it names is then not in force."""
    return line.text.lstrip().startswith(_COMMENTS)


_COMMENTS = ("#", ";", "//", "--", "<!--", "*", "/*", "dnl ", "REM ")
