"""Remove files of earlier versions from a workspace that this version would not store.

An earlier policy recognised fewer secrets, and the files next to an image granted whatever a host claimed. Recordings
are redacted again (:mod:`inventory.store.redaction_upgrade`); images, contents and what was written from them can be
made again, so they are examined for what has to be rotated, and removed. What a person decided stays.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from containerize.closure.package_publishers import is_distributor
from containerize.content_store import ContentMismatch, ContentStore
from containerize.grants.grants_json import NAME as GRANTS
from containerize.plan.model import ImagePlan
from containerize.plan.plan_json import load_plan
from containerize.registry.push_records import NAME as PUSHED
from containerize.registry.push_records import pushes
from containerize.secret_values.secret_sources import SecretTest
from inventory.errors import BrownfieldError
from inventory.privacy.secrets.file_examination import examine
from inventory.store.redaction_upgrade import ExposedSecret
from inventory.store.workspace import Workspace

_STAYS = frozenset({GRANTS, PUSHED})
_LARGEST = 128 << 20
_DPKG = re.compile(rb"(?m)^(Package|Maintainer): ([^\n]{1,500})$")


def clean_workspace(
    workspace: Workspace, tell: Callable[[str], None], expose: Callable[[Sequence[ExposedSecret]], None]
) -> None:
    """Remove images, contents, reports and logs of an earlier version. ``expose`` is told before where their secrets
    are: afterwards it cannot be determined. The caller holds the workspace.
    """
    tell("the workspace is of an earlier version: its images, contents, report and logs are examined and removed")
    store = ContentStore(workspace.content)
    test = SecretTest()
    found: set[ExposedSecret] = set()
    builds = sorted((workspace.path / "builds").glob("*/*"))
    for folder in builds:
        for place in (folder, *sorted(folder.glob("before/*"))):
            try:
                plan = load_plan(place)
            except BrownfieldError:
                continue  # it is removed all the same
            exposed = {ExposedSecret(plan.host, words) for words in _secrets(plan, store, test)}
            found |= exposed
            for push in pushes(folder) if exposed else ():
                tell(f"the image {push.reference} was pushed and holds secrets: remove it from the registry")
    expose(sorted(found))
    for folder in builds:
        for path in folder.iterdir():
            if path.name not in _STAYS:
                _remove(path)
    for path in (workspace.content, workspace.report, workspace.logs):
        _remove(path)
    if builds:
        tell(f"Builds removed: {len(builds)}. Run assess build to make them again.")


def _secrets(plan: ImagePlan, store: ContentStore, test: SecretTest) -> Iterator[str]:
    """The places of secrets in an image: files, variables, arguments."""
    makers = dict(_makers(plan, store))
    for file in plan.files:
        public = file.package and is_distributor(makers.get(file.package.partition(":")[0], ""))
        if file.kind != "file" or public or file.size > _LARGEST or file.digest not in store:
            continue
        try:
            reason = examine(store.read(file.digest), file.path).reason
        except ContentMismatch:
            continue
        if reason:
            yield f"{file.path} ({reason})"
    for name, value in plan.start.environment:
        if test.variable(f"{name}={value}".encode("utf-8", "surrogateescape")):
            yield f"the variable {name} of {plan.workload}"
    vector = [each.encode("utf-8", "surrogateescape") for each in plan.start.service]
    for at in sorted(test.arguments(vector)):
        yield f"argument {at} of {plan.workload}"


def _makers(plan: ImagePlan, store: ContentStore) -> Iterator[tuple[str, str]]:
    """(package, maintainer) of the image's own dpkg database. Other lists name no maker, so their packages are examined
    as if they were made in house.
    """
    for file in plan.files:
        if file.path != "/var/lib/dpkg/status" or file.digest not in store:
            continue
        try:
            content = store.read(file.digest)
        except ContentMismatch:
            continue
        package = ""
        for match in _DPKG.finditer(content):
            text = match[2].decode("utf-8", "replace")
            if match[1] == b"Package":
                package = text
            else:
                yield package, text


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
