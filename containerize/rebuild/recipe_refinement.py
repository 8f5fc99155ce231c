"""Refine a recipe against the contents of base and packages, so that only differences remain."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from containerize.closure.path_rules import below_any
from containerize.host.file_capabilities import ATTRIBUTE
from containerize.host.file_tree import FileEntry, HostTree
from containerize.plan.collected_workload import CollectedWorkload
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebuild.baseline import Baseline, ImageFile
from containerize.rebuild.copy_layout import CopyLayout, copy_layout
from containerize.rebuild.host_changes import (
    is_compared,
    made_again,
    only_merges,
    owners_above,
    planned_directories,
    twin,
)
from containerize.rebuild.host_records import PackageRecords
from containerize.rebuild.package_tools import Switched, alternative_commands, is_alternative, switch
from containerize.rebuild.recipe import Because, Recipe
from containerize.rebuild.recipe_draft import capabilities_of, commands_of, unusual, with_setcap

_LETTER = {"file": "f", "hardlink": "f", "directory": "d", "symlink": "l"}
_NEW = 0o755
"""The mode of a directory that COPY makes on the way."""

_WORDS = {"f": "a file", "d": "a directory", "l": "a link", "o": "something else"}


def refine(
    recipe: Recipe,
    gathered: CollectedWorkload,
    plan: ImagePlan,
    baseline: Baseline,
    records: PackageRecords = PackageRecords(),  # noqa: B008 - frozen
    *,
    compared: bool = True,
) -> Recipe:
    """The recipe with what is really different. ``baseline`` are the files of the image after its packages; where it is
    only expected, the result was not ``compared``.
    """
    made = _Refining(recipe, gathered, plan, baseline, records).recipe()
    return made if compared else replace(_needed_accounts(made, plan, gathered), compared=False)


def _needed_accounts(recipe: Recipe, plan: ImagePlan, gathered: CollectedWorkload) -> Recipe:
    """The recipe with the accounts whose numbers matter: of what it copies and makes, of volumes and of the process.
    Packages make the others.
    """
    uids, gids = {0}, {0}
    for files in (recipe.files, recipe.links, recipe.directories, recipe.modes):
        uids |= {each.uid for each in files}
        gids |= {each.gid for each in files}
    for places in (plan.volumes, plan.secrets, plan.run_directories):
        uids |= {each.uid for each in places}
        gids |= {each.gid for each in places}
    user, _, group = plan.start.user.partition(":")
    uids |= {int(user)} if user.isdecimal() else set()
    gids |= {int(group)} if group.isdecimal() else set()
    gids |= set(plan.start.groups)
    if plan.start.command:
        # The supervisor is root and starts them under their accounts.
        uids |= {process.uid for process in gathered.live}
        gids |= {gid for process in gathered.live if process.uid for gid in (process.gid, *process.groups)}
    accounts = tuple(each for each in recipe.accounts if each.uid in uids)
    own = {each.gid for each in accounts}
    names = {each.name for each in accounts}
    groups = tuple(each for each in recipe.groups if each.gid in gids | own or names & set(each.members))
    return replace(recipe, accounts=accounts, groups=groups)


@dataclass(frozen=True)
class _Refining:
    draft: Recipe
    gathered: CollectedWorkload
    plan: ImagePlan
    baseline: Baseline
    records: PackageRecords

    @cached_property
    def _tree(self) -> HostTree:
        return HostTree(
            {
                path: FileEntry(each.kind, each.mode, each.uid, each.gid, each.size, 0, -1, "", each.link)
                for path, each in self.baseline.items()
            }
        )

    def _name(self, path: str) -> str:
        """The real name of a path of the host in the image, whichever of /bin and /usr/bin is the link in each."""
        real = self._tree.canonical(path)
        for name in (path, twin(path)):
            found = self._tree.canonical(name) if name else None
            if found is not None and found.path in self.baseline:
                return found.path
        if real is not None:
            return real.path
        top = self.baseline.get("/" + path.split("/")[1])
        if top is not None and top.kind == "l":
            return f"/{top.link.strip('/')}/{'/'.join(path.split('/')[2:])}"
        return path

    def _named(self, file: PlannedFile) -> PlannedFile:
        name = self._name(file.path)
        return file if name == file.path else replace(file, path=name)

    def _there(self, path: str) -> ImageFile | None:
        """The file of the image at a path."""
        return self.baseline.get(self._name(path))

    def recipe(self) -> Recipe:
        files, modes = [], []
        for file in map(self._named, self.draft.files):
            there = self.baseline.get(file.path)
            if there is None or there.kind != "f" or there.digest != file.digest:
                files.append(file)
                if unusual(file):
                    modes.append(file)
            elif (there.mode, there.uid, there.gid) != (file.mode, file.uid, file.gid):
                modes.append(file)
        taken = {file.path for file in self.draft.files}
        for file in self.plan.files:
            there = self._there(file.path) if file.kind == "file" and file.path not in taken else None
            if there is None or there.kind != "f" or made_again(file.path):
                continue
            if (there.mode, there.uid, there.gid) != (file.mode, file.uid, file.gid):
                modes.append(self._named(file))
        found = [link for link in self._links() if not self._same_link(link)]
        # update-alternatives makes its links, and chooses as it did on the host.
        by_tool = self.draft.base.manager == "apt"
        links = [link for link in found if not (by_tool and is_alternative(link))]
        parents = self._parents(files)
        directories = tuple(self._directories(copy_layout(files, parents), links))
        capabilities = capabilities_of([*files, *self._other_capabilities(files)])
        packages = tuple(each for each in self.draft.packages if each.version or each.name == "locales")
        removals = tuple(self._removals([*files, *links, *directories]))
        tools = switch(links, removals) if by_tool else Switched((), tuple(links), removals)
        chosen = tuple(alternative_commands(self.records.chosen, self.plan.files)) if by_tool else ()
        return replace(
            self.draft,
            packages=with_setcap(packages, capabilities, self.draft.base),
            emptied=tuple(each for each in self.draft.emptied if self._there(each.path) is not None),
            removals=tools.removals,
            links=tools.links,
            directories=directories,
            files=tuple(files),
            parents=parents,
            modes=tuple(modes),
            capabilities=capabilities,
            commands=(*self.draft.commands, *commands_of(files), *tools.commands, *chosen),
            notes=(*self.draft.notes, *self._notes()),
            compared=True,
        )

    def _links(self) -> Iterator[PlannedFile]:
        yield from (link for link in map(self._named, self.draft.links) if not self._to_itself(link))
        own = {link.path for link in self.draft.links}
        for file in self.plan.files:
            # One of a package that is not there lies elsewhere in this release, or its package is another version.
            if file.kind != "symlink" or file.path in own or only_merges(file):
                continue
            if not made_again(file.path, link=True):
                there = self._there(file.path)
                if there is not None and there.kind == "l" and there.link != file.link:
                    link = self._named(file)
                    if not self._to_itself(link):
                        yield link

    def _to_itself(self, link: PlannedFile) -> bool:
        """Whether a link would take the place of what it leads to: /usr/bin/touch, where /bin is /usr/bin."""
        target = link.link if link.link.startswith("/") else f"{link.path.rpartition('/')[0]}/{link.link}"
        real = self._tree.canonical(target)
        return real is not None and real.path == link.path

    def _same_link(self, link: PlannedFile) -> bool:
        there = self._there(link.path)
        return there is not None and there.kind == "l" and there.link == link.link

    def _parents(self, files: Iterable[PlannedFile]) -> tuple[PlannedFile, ...]:
        above = owners_above(files)
        named = (self._named(file) for file in self.plan.files if file.kind == "directory")
        return tuple(file for file in named if file.path in above)

    def _directories(self, layout: CopyLayout, links: Iterable[PlannedFile]) -> Iterator[PlannedFile]:
        """Those that are missing, or different, or that COPY could leave with another owner or mode."""
        above = set(layout.made) | set(owners_above(links))
        uids = frozenset(process.uid for process in self.gathered.live)
        for file in planned_directories(self.plan, uids):
            there = self._there(file.path)
            if there is not None and there.kind == "l":
                continue  # /bin of one is /usr/bin of the other
            own = {(file.uid, file.gid)}
            if there is None or there.kind != "d":
                wanted = file.path in above or file.layer == "application"
                mode = file.mode == _NEW or (file.path in layout.given and file.mode & 0o700 == 0o700)
                if wanted and not (layout.made.get(file.path) == own and mode and not unusual(file)):
                    yield file
            elif (there.mode, there.uid, there.gid) != (file.mode, file.uid, file.gid) or (
                layout.given.get(file.path, own) != own
            ):
                yield file

    def _removals(self, placed: Iterable[PlannedFile]) -> Iterator[Because]:
        gone: list[str] = []
        kinds = {file.path: _LETTER[file.kind] for file in placed}
        for path, kind in sorted(kinds.items()):
            there = self._there(path)
            if there is not None and there.kind != kind and not (there.kind == "l" and kind == "d"):
                gone.append(path)
                yield Because(path, f"is {_WORDS[kind]} on the host, where a package brings {_WORDS[there.kind]}")
        for each in self.draft.removals:
            name = self._name(each.path)
            if name in self.baseline and not below_any(name, gone):
                gone.append(name)
                yield Because(name, each.reason)
        tree = self.gathered.files.tree
        planned = frozenset(file.path for file in self.plan.files if file.kind == "directory")
        for path in sorted(self.baseline, key=lambda each: each.split("/")):
            if path in tree or path in kinds or below_any(path, gone) or made_again(path, link=True):
                continue
            parent = path.rpartition("/")[0] or "/"
            if parent in tree and is_compared(parent, planned) and not below_any(path, tree.pruned):
                gone.append(path)
                yield Because(path, "comes with a package, and the host does not have it")

    def _other_capabilities(self, files: Iterable[PlannedFile]) -> Iterator[PlannedFile]:
        """Files of packages to which a person gave other capabilities than they have in the image."""
        taken = {file.path for file in files}
        for file in self.plan.files:
            value = dict(file.xattrs).get(ATTRIBUTE)
            if value is not None and file.path not in taken:
                there = self._there(file.path)
                if there is not None and there.kind == "f" and there.capability[:20] != value[:20]:
                    yield self._named(file)

    def _notes(self) -> Iterator[str]:
        """Files of packages that are not what they were on the host: another version of what comes by itself."""
        other: Counter[str] = Counter()
        absent: Counter[str] = Counter()
        taken = {file.path for file in self.draft.files}
        for file in self.plan.files:
            if file.kind != "file" or file.path in taken or made_again(file.path):
                continue
            owner = self.gathered.file_set.ownership.owner(file.path)
            if owner is None:
                continue
            there = self._there(file.path)
            name = self.gathered.file_set.database.packages[owner].name
            if there is None:
                absent[name] += 1
            elif there.digest != file.digest:
                other[name] += 1
        for found, words in ((other, "are of another version in the image"), (absent, "are not in the image")):
            if found:
                names = [name for name, _ in found.most_common(6)]
                more = f" and {len(found) - len(names)} more" if len(found) > len(names) else ""
                yield f"files of packages that {words}: {found.total()}, of {', '.join(names)}{more}"
