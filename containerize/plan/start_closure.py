"""The files that the commands of a service's manager need: the start, and what is run before and after it."""

from __future__ import annotations

from collections.abc import Sequence

from containerize.closure.file_set import FileSet
from containerize.closure.references import find_references, references_in_arguments
from containerize.start.init_script import FUNCTION_FILES
from containerize.start.managed_start import ManagedStart


def add_managed_start(file_set: FileSet, managed: ManagedStart, search: Sequence[str]) -> None:
    """Bring the programs of all commands, and the files that their arguments name."""
    clause = f"is run by {managed.source}"
    for command in managed.commands:
        if command.manages_host and command is not managed.main:
            continue
        program, *rest = command.vector
        path = program if program.startswith("/") else file_set.tree.find_program(program, search)
        if path:
            file_set.use(path, clause)
        if rest[:1] == ["-c"] and len(rest) > 1:
            found = find_references("unit.sh", rest[1].encode("utf-8", "surrogateescape"))
            for name in sorted(found.programs):
                if inner := file_set.tree.find_program(name, search):
                    file_set.use(inner, clause)
            paths = found.paths
        else:
            paths = references_in_arguments(tuple(word.encode("utf-8", "surrogateescape") for word in rest)).paths
        for each in sorted(paths - {"/"}):
            file_set.use(each, clause)
    if managed.is_script:
        for path in FUNCTION_FILES:
            file_set.use(path, "holds the functions of init scripts")
