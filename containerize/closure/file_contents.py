"""Follow the names that files mention: programs, modules, libraries and directories.

Only files that packages cannot speak for are read: those that no package owns, and configuration that people may have
edited. Reading brings files, which are read in turn, until nothing new comes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from containerize.closure import elf_libraries, path_rules, unowned_files
from containerize.closure.dependent_packages import add_search_directory
from containerize.closure.file_set import FileSet
from containerize.closure.implied_programs import add_implied
from containerize.closure.language_modules import ModuleFinder, active_languages, add_unowned_modules
from containerize.closure.references import MAX_NAMES, NOTHING, References, find_references
from containerize.data_tables import data_table
from inventory.cpu_limit import CpuLimitExceeded, limited

READ_LIMIT = 4 << 20
"""Text of more than this is data."""

AT_ONCE = 2000
"""Files that are read before what they say is followed. What a Python file says takes 40 KB."""

_UNREADABLE = (
    ".pyc",
    ".pyo",
    ".gz",
    ".xz",
    ".bz2",
    ".zip",
    ".png",
    ".jpg",
    ".jpeg",
    ".gif",
    ".ico",
    ".woff",
    ".woff2",
    ".mo",
)
"""Names of files that are no text; a guess that only saves time."""

MAX_ROUNDS = 12
"""A chain of scripts that call scripts is short; a host that makes up a longer one is not followed for ever."""


@dataclass(frozen=True, slots=True)
class FileReferences:
    """The references in one file: names, and its needs if it is a program.

    ``unread`` says why that is not all.
    """

    mentions: References = NOTHING
    needs: elf_libraries.ElfNeeds | None = None
    unread: str = ""


def understand(path: str, content: bytes) -> FileReferences:
    """Read one file's content."""
    if content.startswith(elf_libraries.MAGIC):
        return FileReferences(needs=elf_libraries.needs_of(content))
    if path == "/etc/nsswitch.conf":
        return FileReferences(mentions=References(objects=frozenset(_name_services(content))))
    try:
        mentions = limited(find_references, path, content)
    except CpuLimitExceeded as error:
        return FileReferences(unread=f"was not searched for what it names: {error}")
    return FileReferences(
        mentions, unread=f"names more than {MAX_NAMES} things; the others were not followed" * mentions.cut
    )


def _name_services(content: bytes) -> Iterator[str]:
    """The libraries of the name services that nsswitch.conf asks, without those that ask the host's init."""
    unwanted = set(data_table("places")["host_name_services"])
    for line in content.decode("utf-8", "replace").split("\n"):
        _, _, names = line.partition("#")[0].partition(":")
        for word in names.split():
            if word.isidentifier() and word not in unwanted:
                yield f"libnss_{word}.so.2"


class FileFetcher(Protocol):
    """Fetches files for reading."""

    def read(self, paths: Sequence[str]) -> Mapping[str, FileReferences]:
        """The references of each file; files that cannot be read are missing."""
        ...


@dataclass(frozen=True)
class LookupPaths:
    """Directories for looking up names: ``search`` is PATH, ``library_directories`` are the loader's."""

    search: tuple[str, ...]
    library_directories: tuple[str, ...]


def follow_references(
    file_set: FileSet,
    reader: FileFetcher,
    surroundings: LookupPaths,
    progress: Callable[[int], None] = lambda _claimed: None,
) -> tuple[str, ...]:
    """Follow what the collected files bring until nothing new comes. Returns notes for people."""
    applied = _Mentioned(file_set, surroundings)
    owned_directories = file_set.ownership.owned_directories()
    read: set[str] = set()
    notes: list[str] = []
    for _ in range(MAX_ROUNDS):
        add_implied(file_set)
        add_unowned_modules(file_set)
        unowned_files.add_unowned_files(file_set, owned_directories)
        unowned_files.add_directories_to_fill(file_set)
        unowned_files.add_links(file_set)
        wanted = [path for path in sorted(file_set.claims) if path not in read and _worth_reading(file_set, path)]
        progress(len(file_set.claims))
        if not wanted:
            return tuple(notes)
        read.update(wanted)
        for begin in range(0, len(wanted), AT_ONCE):
            for path, insight in sorted(reader.read(wanted[begin : begin + AT_ONCE]).items()):
                applied.apply(path, insight)
                if insight.unread:
                    notes.append(f"{path} {insight.unread}")
    return (*notes, f"scripts call scripts more than {MAX_ROUNDS} deep; what lies deeper was not followed")


def _worth_reading(file_set: FileSet, path: str) -> bool:
    entry = file_set.tree.get(path)
    if entry is None or entry.kind != "f" or not 0 < entry.size <= READ_LIMIT:
        return False
    owners = file_set.ownership.owners(path)
    if path_rules.below_any(path, path_rules.not_read()) or path.endswith(_UNREADABLE):
        return False
    if not owners:
        return not path.startswith(("/usr/share/", "/usr/lib/locale/", "/var/lib/dpkg/"))
    return file_set.ownership.editable(path) and not file_set.essential.intersection(owners)


class _Mentioned:
    """Turns names into claims."""

    def __init__(self, file_set: FileSet, surroundings: LookupPaths) -> None:
        self._file_set = file_set
        self._surroundings = surroundings
        self._modules = ModuleFinder(file_set.tree)
        self._objects: dict[str, list[str]] | None = None

    def apply(self, source: str, insight: FileReferences) -> None:
        """Bring everything that one file names."""
        with self._file_set.on_behalf_of(source):
            self.names(source, insight.mentions)
            if insight.needs is not None:
                self._libraries(source, insight.needs)

    def names(self, source: str, mentions: References) -> None:
        file_set = self._file_set
        clause = f"is named in {source}"
        for path in sorted(mentions.paths):
            file_set.use(path, clause)
            add_search_directory(file_set, path)
        for name in sorted(mentions.programs):
            if found := file_set.tree.find_program(name, self._surroundings.search):
                file_set.use(found, f"is run by {source}")
        for name in sorted(mentions.objects):
            self._object(name, clause)
        if mentions.modules or mentions.words:
            self._languages(source, mentions)

    def _languages(self, source: str, mentions: References) -> None:
        for language in active_languages(self._file_set):
            for name in sorted(name for spoken, name in mentions.modules if spoken == language.name):
                if found := self._modules.find(language, name):
                    self._file_set.use(found, f"is a module that {source} loads")
            for word in sorted(word for spoken, word in mentions.words if spoken == language.name):
                if found := self._modules.top(language, word):
                    self._file_set.use(found, f"is a module that {source} names")

    def _object(self, name: str, clause: str) -> None:
        """A shared object without a path: whichever files of the host have that name, unless the image has one."""
        path_rules = self._shared_objects().get(name, [])
        if len(path_rules) <= 4 and not any(place in self._file_set.claims for place in path_rules):
            for place in path_rules:
                self._file_set.use(place, clause)

    def _shared_objects(self) -> dict[str, list[str]]:
        if self._objects is None:
            self._objects = {}
            for path in self._file_set.tree.paths():
                name = path.rpartition("/")[2]
                if ".so" in name and path.startswith(("/usr/lib", "/lib", "/usr/local/lib", "/opt/")):
                    self._objects.setdefault(name, []).append(path)
        return self._objects

    def _libraries(self, source: str, needs: elf_libraries.ElfNeeds) -> None:
        file_set = self._file_set
        if needs.interpreter:
            file_set.use(needs.interpreter, f"loads {source}")
        origin = source.rpartition("/")[0]
        search = (*needs.search, *self._surroundings.library_directories, *elf_libraries.DEFAULT_DIRECTORIES)
        for name in needs.libraries:
            if found := elf_libraries.find_library(file_set.tree, name, search, origin):
                file_set.use(found, f"is a library that {source} needs")
