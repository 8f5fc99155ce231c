"""The text of a Containerfile for Linux, with a reason for each line.

Every word of the host goes through :mod:`containerize.rebuild.shell_words` or the filters of
:mod:`containerize.emitters.emission`; what no line can hold is named in a comment and left out.
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from containerize.emitters.emission import docker_json, docker_value, docker_word, to_json
from containerize.plan.model import ImagePlan, PlannedFile
from containerize.rebuild.account_commands import account_lines, memberships
from containerize.rebuild.base_images import Manager, how_to_pin
from containerize.rebuild.copy_layout import copy_layout, copy_lines
from containerize.rebuild.package_choice import argument
from containerize.rebuild.recipe import Because, Recipe
from containerize.rebuild.shell_words import Unwritable, gathered, path_word, remark, runs, word

UNTESTED = "No test of this product builds an image of this kind: read it before you rely on it."

DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""PATH of every container without another."""

_TESTED: tuple[Manager, ...] = ("apt",)

_INSTALL: dict[Manager, tuple[str, str, tuple[str, ...]]] = {
    "apt": (
        "apt-get update",
        "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends",
        # The official images are set up to keep no packages and no index of them; others keep a hundred megabytes.
        ("apt-get clean", "rm -rf /var/lib/apt/lists/*"),
    ),
    "dnf": ("", "dnf --assumeyes --setopt=install_weak_deps=False --setopt=tsflags=nodocs install", ("dnf clean all",)),
    "yum": ("", "yum --assumeyes --setopt=tsflags=nodocs install", ("yum clean all",)),
    "zypper": (
        "zypper --non-interactive refresh",
        "zypper --non-interactive install --no-recommends",
        ("zypper clean --all",),
    ),
    "apk": ("", "apk add --no-cache", ()),
}
"""What is run before, what installs, and what is run after, by package manager."""

Step = Sequence[str]


def containerfile(recipe: Recipe, plan: ImagePlan) -> str:
    """All of it."""
    return _text([*_head(recipe, plan), *_packages(recipe), *_changes(recipe), *_settings(plan)])


def packages_only(recipe: Recipe, plan: ImagePlan) -> str:
    """The beginning, up to the packages: what the rest is compared with."""
    return _text([*_head(recipe, plan), *_packages(recipe)])


def on_packages(recipe: Recipe, plan: ImagePlan, image: str) -> str:
    """The rest, on an image of the beginning. From here on the programs that run may be the host's."""
    return _text([f"FROM {image}", *_changes(recipe), *_settings(plan)])


def _text(lines: Iterable[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(recipe: Recipe, plan: ImagePlan) -> Iterator[str]:
    yield remark("Written by assess rebuild. Build it in this folder:")
    yield remark(f"  docker build -t {plan.image} -f Containerfile .")
    yield remark(f"{plan.workload}, rebuilt as it is on {plan.host} ({plan.distribution}).")
    if recipe.base.manager not in _TESTED:
        yield remark(UNTESTED)
    if not recipe.compared:
        yield remark(
            "It was not compared with its base and packages: what these bring is known from the host's records alone."
        )
    for note in recipe.notes:
        yield remark(f"Note: {note}.")
    if not recipe.base.pinned:
        yield remark(
            "The base is not pinned: its registry decides what the name means. This prints it with its digest:"
        )
        yield remark(f"  {how_to_pin(recipe.base.image)}")
    yield f"FROM {recipe.base.reference}"
    yield ""
    if recipe.base.archive_lines:
        yield remark(f"The usual servers do not hold this release any more; {recipe.base.archive} does.")
        if recipe.base.expired_keys:
            yield remark("apt verifies its signatures, and accepts keys that have expired since.")
        for block in runs([[line] for line in recipe.base.archive_lines]):
            yield from block
        yield ""
    steps = list(_account_steps(recipe))
    if steps:
        yield remark("Users and groups with the numbers of the host, before the packages make them with others.")
        for block in runs(steps):
            yield from block
        yield ""


def _account_steps(recipe: Recipe) -> Iterator[Step]:
    for group in recipe.groups:
        yield from _tried(partial(_line_of, f"{group.name}:x:{group.gid}:", "/etc/group"))
    for row in account_lines(recipe.accounts):
        yield from _tried(partial(_line_of, row, "/etc/passwd"))
    for account in recipe.accounts:
        row = f"{account.name}:!:::::::"
        yield [f"if [ -f /etc/shadow ]; then {_line_of(row, '/etc/shadow')[-1]}; fi"]


def _line_of(row: str, path: str) -> Step:
    name = row.partition(":")[0].replace(".", "[.]").replace("$", "[$]")
    return [f"grep -q {word(f'^{name}:')} {path} || echo {_printed(row)} >> {path}"]


def _printed(row: str) -> str:
    """A row for ``echo``, which in some shells takes backslashes for escapes."""
    if "\\" in row:
        raise Unwritable("echo is not the same everywhere")
    return word(row)


def _packages(recipe: Recipe) -> Iterator[str]:
    manager = recipe.base.manager
    before, install, after = _INSTALL[manager]
    named = [(each, text) for each in recipe.packages if (text := argument(each, manager))]
    for each in recipe.packages:
        if not argument(each, manager):
            yield remark(f"{each.name} {each.version} has no name or version that {manager} takes; it is left out.")
    emptied = list(_steps(partial(_emptied, each) for each in recipe.emptied))
    if not named:
        for block in runs(emptied):
            yield from block
        return
    yield remark("Versions are the host's; what they depend on follows. Where a server does not hold a version any")
    yield remark("more, take the one it has, or a snapshot of that time.")
    yield "RUN set -e; \\"
    if before:
        yield f"    {before}; \\"
    yield f"    {install} \\"
    rest: list[Step] = [*emptied, *([line] for line in after)]
    last = "; \\" if rest else ""
    for number, (package, text) in enumerate(named):
        if not package.reason.startswith("installed on purpose"):
            yield remark(f"{package.name}: {package.reason}")
        yield f"        {text}" + (" \\" if number < len(named) - 1 else last)
    for number, step in enumerate(rest):
        yield from step[:-1]
        yield f"    {step[-1]}" + ("; \\" if number < len(rest) - 1 else "")
    yield ""


def _emptied(each: Because) -> Step:
    place = path_word(each.path)
    return [
        remark(f"{each.path} is a volume ({each.reason}): what a package's script put there goes."),
        f"if [ -d {place} ]; then rm -rf {place}; mkdir {place}; fi",
    ]


def _changes(recipe: Recipe) -> Iterator[str]:
    yield from _removals(recipe)
    yield from _copies(recipe)
    yield from _finish(recipe)
    yield from _tools(recipe)


def _removals(recipe: Recipe) -> Iterator[str]:
    steps: list[Step] = []
    for reason, group in groupby(sorted(recipe.removals, key=lambda each: each.reason), key=lambda each: each.reason):
        words, skipped = _words(each.path for each in group)
        yield from skipped
        steps += [[remark(f"{reason[:1].upper()}{reason[1:]}."), line] for line in gathered("rm -rf --", words)]
    if not steps:
        return
    yield remark("What the packages bring and the host does not have.")
    for block in runs(steps):
        yield from block
    yield ""


def _copies(recipe: Recipe) -> Iterator[str]:
    lines = list(copy_lines(copy_layout(recipe.files, recipe.parents)))
    if lines:
        yield remark("Files that were changed on the host or belong to no package.")
    for text, copy in lines:
        reasons = Counter(file.reason for file in copy.files)
        ((reason, _),) = reasons.most_common(1)
        more = f", and {len(reasons) - 1} more reasons" if len(reasons) > 1 else ""
        many = f"{len(copy.files)} files" if len(copy.files) > 1 else "1 file"
        yield remark(f"{many}: {reason}{more}")
        yield text
    if lines:
        yield ""


def _finish(recipe: Recipe) -> Iterator[str]:
    steps: list[Step] = []
    skipped: list[str] = []
    for (uid, gid, mode), group in _by(recipe.directories):
        words, unwritten = _words(file.path for file in group)
        skipped += unwritten
        for line in gathered("", words):
            paths = line.strip()
            steps.append([f"mkdir -p {paths}; chown {uid}:{gid} {paths}; chmod {mode:04o} {paths}"])
    for link in recipe.links:
        try:
            steps.append(_linked(link))
        except Unwritable:
            skipped.append(remark(f"No line can hold this name, so the link is left out: {link.path}"))
    # chown takes special bits away, so modes come after it, and capabilities last.
    for (uid, gid, mode), group in _by(recipe.modes):
        words, unwritten = _words(file.path for file in group)
        skipped += unwritten
        for line in gathered("", words):
            paths = line.strip()
            steps.append([f"chown {uid}:{gid} {paths}; chmod {mode:04o} {paths}"])
    for place, text in recipe.capabilities:
        steps += _tried(partial(_given, text, place))
    steps += [[_joined(name, member)] for name, member in memberships(recipe.groups)]
    yield from skipped
    if steps:
        yield remark("Directories, links, owners, modes and capabilities as on the host.")
        for block in runs(steps):
            yield from block
        yield ""


def _tools(recipe: Recipe) -> Iterator[str]:
    """Commands of the distribution's own tools, with a reason for each that differs from the one before."""
    steps: list[Step] = []
    for reason, group in groupby(recipe.commands, key=lambda each: each[1]):
        lines = [command for command, _ in group]
        steps.append([remark(f"{reason[:1].upper()}{reason[1:]}."), lines[0]])
        steps += [[line] for line in lines[1:]]
    for block in runs(steps):
        yield from block
    if steps:
        yield ""


def _linked(link: PlannedFile) -> Step:
    place, target = path_word(link.path), word(link.link)
    owner = f"; chown -h {link.uid}:{link.gid} {place}" if link.uid or link.gid else ""
    return [f"ln -sfn -- {target} {place}{owner}"]


def _given(text: str, place: str) -> Step:
    return [f"setcap {word(text)} {path_word(place)}"]


def _joined(group: str, member: str) -> str:
    """Puts an account into a group that packages made or the base has; both names are plain."""
    there = shlex.quote(f"^{group}:.*[:,]{member}\\(,\\|$\\)")
    change = shlex.quote(
        f"s/^\\({group}:[^:]*:[^:]*:.*[^:]\\)$/\\1,{member}/; s/^\\({group}:[^:]*:[^:]*:\\)$/\\1{member}/"
    )
    return f"grep -q {there} /etc/group || sed -i {change} /etc/group"


def _settings(plan: ImagePlan) -> Iterator[str]:
    start = plan.start
    environment = [each for each in start.environment if each != ("PATH", DEFAULT_PATH)]
    written = [(name, value) for name, value in environment if _fits(docker_value, value) and _variable(name)]
    if written:
        yield remark("The environment of the service's main process.")
        for name, value in written:
            yield f"ENV {name}={docker_value(value)}"
    names = {name for name, _ in written}
    for name, _ in environment:
        if name not in names:
            yield remark(f"{name} cannot be set in a Containerfile; pass it when you start the container.")
    for name in start.secret_environment:
        yield remark(f"{name} holds a secret: pass it when the container is started.")
    for number, protocol in sorted({(port.port, port.protocol) for port in plan.ports if port.published}):
        yield f"EXPOSE {number}/{protocol}"
    if plan.volumes:
        yield remark("Data stays outside of the image.")
        yield f"VOLUME {docker_json(sorted(volume.path for volume in plan.volumes))}"
    for secret in plan.secrets:
        yield remark(f"Mount at run time (it holds a secret): {secret.path}")
    directory = start.working_directory if _fits(docker_word, start.working_directory) else "/"
    yield f"WORKDIR {docker_word(directory or '/')}"
    yield f"USER {docker_word(start.user)}"
    yield f"STOPSIGNAL {docker_word(start.stop_signal)}"
    yield remark(start.reason)
    yield f"ENTRYPOINT {to_json(list(start.arguments))}"


def _variable(name: str) -> bool:
    return name.replace("_", "a").isalnum() and name.isascii() and not name[:1].isdigit()


def _fits(quote: Callable[[str], str], value: str) -> bool:
    try:
        quote(value)
    except ValueError:
        return False
    return True


def _tried(make: Callable[[], Step]) -> Iterator[Step]:
    """A step, or nothing when no line can hold it."""
    try:
        yield make()
    except Unwritable:
        return


def _steps(makers: Iterable[Callable[[], Step]]) -> Iterator[Step]:
    for make in makers:
        yield from _tried(make)


def _words(paths: Iterable[str]) -> tuple[list[str], list[str]]:
    """Paths as words, and a comment for each that no line can hold."""
    words, skipped = [], []
    for path in paths:
        try:
            words.append(path_word(path))
        except Unwritable:
            skipped.append(remark(f"No line can hold this name, so it is left as it is: {path}"))
    return words, skipped


def _by(files: Iterable[PlannedFile]) -> Iterator[tuple[tuple[int, int, int], list[PlannedFile]]]:
    """Files by owner, group and mode, each group by path, so that what lies above comes first."""
    groups: dict[tuple[int, int, int], list[PlannedFile]] = {}
    for file in sorted(files, key=lambda each: each.path):
        groups.setdefault((file.uid, file.gid, file.mode), []).append(file)
    yield from groups.items()
