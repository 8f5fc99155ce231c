"""The plan of the image with newer packages: changed files and the package database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from containerize.content_store import ContentStore
from containerize.image.package_lists import STATUS
from containerize.image.package_records import is_written_by_tool
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebase.errors import RebaseError
from containerize.rebase.file_replacement import Replacement, Replacer
from containerize.rebase.packaged_roots import PackagedRoot, packaged_image, packaged_root
from containerize.rebase.root_files import RootFiles
from containerize.rebase.update_choice import KeptPackage, Update, UpdateChoice, check_release, choose


@dataclass(frozen=True)
class RebasedPlan:
    """The plan with newer packages. ``stays`` are (path, reason) of files that newer packages would have replaced;
    numbers are of files and links.
    """

    plan: ImagePlan
    updates: tuple[Update, ...]
    kept: tuple[KeptPackage, ...]
    stays: tuple[tuple[str, str], ...]
    replaced: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    dangling: tuple[str, ...]
    """Links of the host that lead nowhere now, because a newer package does not have the file any more."""


def rebase_plan(
    plan: ImagePlan, root: RootFiles, content: ContentStore, step: Callable[[str], None] = lambda _words: None
) -> RebasedPlan:
    """Make it; the new content is in the store then. Raises RebaseError, WorkspaceError and ContentMismatch."""
    if plan.mode != "lift":
        raise RebaseError(
            f"{plan.workload} was rebuilt on a public base image: build it again, with that image as it is now"
        )
    image, newer = packaged_image(plan, content), packaged_root(root)
    check_release(image, newer, plan.distribution, root.name)
    choice = choose(image, newer, Replacer(plan, image, newer, content, root.chunks), step)
    if not any(each.newer for each in choice.kept) and not choice.updates:
        names = {package.name for package in newer.database.packages.values()}
        if not names & {package.name for package in image.database.packages.values()}:
            raise RebaseError(f"{root.name} has none of the packages of {plan.workload}")
    files = _files(plan, image, choice)
    if choice.updates:
        files = _with_status(files, image, newer, choice, content)
    old, new = {file.path for file in plan.files}, {file.path for file in files}
    stays = {path: why for each in choice.replacements.values() for path, why in each.stays.items()}
    replaced = sum(1 for each in choice.replacements.values() for path in each.files if path in old)
    words = f"{len(choice.updates)} packages were replaced by newer versions from {root.name}"
    notes = (*plan.notes, words) if choice.updates else plan.notes
    return RebasedPlan(
        replace(plan, files=files, notes=notes),
        choice.updates,
        choice.kept,
        tuple(sorted(stays.items())),
        replaced,
        tuple(sorted(new - old)),
        tuple(sorted(old - new)),
        _dangling(image, files, old - new),
    )


def _dangling(image: PackagedRoot, files: Iterable[PlannedFile], removed: set[str]) -> tuple[str, ...]:
    links = (file.path for file in files if file.kind == "symlink")
    return tuple(path for path in links if (led := image.tree.resolve(path)) is not None and led.path in removed)


def _files(plan: ImagePlan, image: PackagedRoot, choice: UpdateChoice) -> tuple[PlannedFile, ...]:
    rows = {file.path: file for file in plan.files}
    if not choice.replacements:
        return plan.files
    taken = {path for each in choice.replacements.values() for path in each.files}
    for replacement in choice.replacements.values():
        for path in replacement.gone - taken:
            if all(owner in choice.replacements for owner in image.ownership.owners(path)):
                rows.pop(path, None)
    for replacement in choice.replacements.values():
        rows.update(replacement.files)
    for path, file in rows.items():
        if is_written_by_tool(path) and file.layer == "application":
            rows[path] = replace(file, layer="records")
    _mend_hard_links(rows, {file.path: file for file in plan.files})
    _add_parents(rows, choice.replacements)
    return tuple(rows[path] for path in sorted(rows))


def _mend_hard_links(rows: dict[str, PlannedFile], before: Mapping[str, PlannedFile]) -> None:
    """A hard link whose first name has another content now becomes a file with the content that it had."""
    for path, file in list(rows.items()):
        if file.kind == "hardlink" and file is before.get(path):
            target, was = rows.get(file.link), before[file.link]
            if target is None or target.digest != was.digest or target.layer != file.layer:
                rows[path] = replace(file, kind="file", size=was.size, digest=was.digest, link="")


def _add_parents(rows: dict[str, PlannedFile], replacements: Mapping[str, Replacement]) -> None:
    for replacement in replacements.values():
        for path, file in replacement.files.items():
            at = path.rpartition("/")[0]
            while at and at not in rows:
                rows[at] = PlannedFile.directory(at, f"is above {path}", file.layer, mode=0o755, uid=0, gid=0)
                at = at.rpartition("/")[0]


def _with_status(
    files: tuple[PlannedFile, ...],
    image: PackagedRoot,
    newer: PackagedRoot,
    choice: UpdateChoice,
    content: ContentStore,
) -> tuple[PlannedFile, ...]:
    paragraphs = [
        newer.raw[choice.replacements[key].newer_key] if key in choice.replacements else image.raw[key]
        for key in image.database.packages
    ]
    data = "\n".join(paragraphs).encode("utf-8", "surrogateescape")
    digest = content.put(data)
    return tuple(replace(file, digest=digest, size=len(data)) if file.path == STATUS else file for file in files)
