"""Containerfiles: read by BuildKit's parser, run by shells whose commands only tell how they were called."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from containerize.data_tables import data_table
from containerize.plan.model import PlannedFile, Start, Volume
from containerize.rebuild.base_images import Base, base_of
from containerize.rebuild.containerfile import UNTESTED, containerfile, packages_only
from containerize.rebuild.recipe import Because, ChosenPackage, Recipe, RecipeAccount, RecipeGroup
from tests.containerize.plans import make_plan
from tests.containerize.rebuild.parsing import SHELLS, calls, commands, instructions
from tests.containerize.rebuild.test_shell_words import NAMES, encoded, writable

PATHS = NAMES.map(lambda name: "/" + name.replace("/", "") + "x").filter(writable)

SERVERS = data_table("registries")["packages"]
APT = Base("debian:bookworm-slim", "apt")


def file(path: str, kind: str = "file", **changes: object) -> PlannedFile:
    made = PlannedFile(path, "file", 0o644, 0, 0, 0, 1, "0" * 64, "", "application", "is needed")
    return replace(made, kind=kind, **changes)  # type: ignore[arg-type]


def recipe(**changes: object) -> Recipe:
    return replace(Recipe(APT, (ChosenPackage("apache2", "2.4-1", "it runs"),), compared=True), **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("shell", SHELLS)
@settings(max_examples=40, deadline=None)
@given(
    removed=st.lists(PATHS, max_size=3, unique=True),
    linked=st.lists(st.tuples(PATHS, NAMES.filter(writable).filter(bool)), max_size=3),
    directories=st.lists(PATHS, max_size=3, unique=True),
    modes=st.lists(PATHS, max_size=2, unique=True),
    reason=NAMES,
)
def test_whatever_a_host_calls_its_files_only_these_are_touched(
    shell: str,
    removed: list[str],
    linked: list[tuple[str, str]],
    directories: list[str],
    modes: list[str],
    reason: str,
) -> None:
    made = recipe(
        packages=(),
        removals=tuple(Because(path, reason) for path in removed),
        links=tuple(file(path, "symlink", link=target, reason=reason) for path, target in linked),
        directories=tuple(file(path, "directory", mode=0o750, uid=33, gid=34) for path in directories),
        modes=tuple(file(path, mode=0o4755, reason=reason) for path in modes),
        notes=(reason,),
    )
    text = containerfile(made, make_plan(()))

    assert {name for name, _, _ in instructions(text)} <= {
        "FROM", "RUN", "ENV", "EXPOSE", "VOLUME", "WORKDIR", "USER", "STOPSIGNAL", "ENTRYPOINT",
    }  # fmt: skip
    found = [call for command in commands(text) for call in calls(command, shell)]
    expected = [[b"rm", b"-rf", b"--", *sorted(each for path in removed if (each := encoded(path)) is not None)]]
    assert sorted([*call[:3], *sorted(call[3:])] for call in found if call[0] == b"rm") == (expected if removed else [])
    assert [call for call in found if call[0] == b"ln"] == [
        [b"ln", b"-sfn", b"--", encoded(target), encoded(path)] for path, target in linked
    ]
    owned = [call for call in found if call[0] in (b"mkdir", b"chown", b"chmod")]
    touched = {word for call in owned for word in call[2:]}
    assert touched == {encoded(path) for path in (*directories, *modes)}
    assert {call[1] for call in owned} <= {b"-p", b"33:34", b"0750", b"0:0", b"4755"}


@settings(max_examples=40, deadline=None)
@given(
    name=st.from_regex(r"[a-z_][a-z0-9._-]{0,12}\$?", fullmatch=True),
    gecos=NAMES.map(lambda text: text.replace(":", "").replace("\n", "")).filter(
        lambda text: encoded(text) is not None
    ),
)
def test_the_comment_of_an_account_runs_nothing(name: str, gecos: str) -> None:
    made = recipe(packages=(), accounts=(RecipeAccount(name, 900, 901, gecos, "/nonexistent", "/bin/false"),))
    text = packages_only(made, make_plan(()))

    for command in commands(text):
        # Nothing is written here: each account "is there already".
        assert calls(f"grep() {{ return 0; }}\n{command}") == []


def test_packages_come_with_versions_and_reasons() -> None:
    made = recipe(
        packages=(ChosenPackage("apache2", "2.4-1", "it runs"), ChosenPackage("php", "8.2", "it is loaded")),
        emptied=(Because("/var/lib/mysql", "the server writes it"),),
    )
    text = packages_only(made, make_plan(()))
    (command,) = commands(text)

    assert "apt-get install --yes --no-install-recommends" in command
    assert command.index("apt-get update") < command.index("apache2=2.4-1") < command.index("php=8.2")
    assert "rm -rf /var/lib/mysql; mkdir /var/lib/mysql" in command
    assert command.rstrip().endswith("apt-get clean;     rm -rf /var/lib/apt/lists/*")
    assert "# apache2: it runs" in text


def test_settings_are_those_of_the_plan_and_no_secret() -> None:
    start = Start(
        ("/usr/sbin/apache2", "-D", "FOREGROUND"),
        (("LANG", 'de $HOME \\ "x"'), ("TWO", "a\nb")),
        ("DB_PASSWORD",),
        "33:33",
        "/srv/x y",
        "SIGWINCH",
        init=False,
        reason="stays in the foreground",
    )
    plan = replace(
        make_plan(()), start=start, volumes=(Volume("/var/lib/$app", 33, 33, 0o750, "copy", "holds uploads"),)
    )
    text = containerfile(recipe(), plan)
    told = {name: values for name, _, values in instructions(text)}

    assert told["FROM"] == ("debian:bookworm-slim",)
    assert told["USER"] == ("33:33",)
    assert told["STOPSIGNAL"] == ("SIGWINCH",)
    assert told["WORKDIR"] == ("/srv/x y",)
    assert told["ENTRYPOINT"] == ("/usr/sbin/apache2", "-D", "FOREGROUND")
    assert told["VOLUME"] == ("/var/lib/\\$app",)
    assert told["ENV"] == ("LANG", '"de \\$HOME \\\\ \\"x\\""')
    assert "# DB_PASSWORD holds a secret" in text
    assert "# TWO cannot be set in a Containerfile" in text


def test_a_base_is_named_by_its_digest_and_one_without_says_how_to_get_it() -> None:
    digest = f"sha256:{'a' * 64}"
    pinned = containerfile(recipe(base=replace(APT, digest=digest)), make_plan(()))
    assert instructions(pinned)[0] == ("FROM", (), (f"debian:bookworm-slim@{digest}",))
    assert "not pinned" not in pinned

    mine = Base(f"registry.example/base@{digest}", "apt", digest=digest)
    assert instructions(containerfile(recipe(base=mine), make_plan(())))[0][2] == (mine.image,)

    text = containerfile(recipe(), make_plan(()))
    assert "# The base is not pinned" in text
    assert "docker image inspect --format '{{index .RepoDigests 0}}' debian:bookworm-slim" in text


def test_each_directory_of_one_owner_is_copied_as_a_whole() -> None:
    files = (
        file("/etc/app/a"),
        file("/etc/hosts.allow"),
        file("/srv/b", uid=33, gid=33),
        file("/srv/c d", uid=33, gid=33),
    )
    copies = [
        (flags, values)
        for name, flags, values in instructions(containerfile(recipe(files=files), make_plan(())))
        if name == "COPY"
    ]

    assert copies == [
        ((), ("files/etc/hosts.allow", "/etc/")),
        ((), ("files/etc/app/", "/etc/app/")),
        (("--chown=33:33",), ("files/srv/b", "/srv/")),
        (("--chown=33:33",), ("owners/33-33/", "/")),
    ]


def test_accounts_are_made_once_and_groups_joined() -> None:
    made = recipe(
        accounts=(RecipeAccount("shop", 900, 901, "", "/srv", "/bin/sh"),), groups=(RecipeGroup("web", 950, ("shop",)),)
    )
    text = containerfile(made, make_plan(()))

    assert "grep -q '^shop:' /etc/passwd || echo shop:x:900:901::/srv:/bin/sh >> /etc/passwd" in text
    assert "grep -q '^web:' /etc/group || echo web:x:950: >> /etc/group" in text
    assert "\\1,shop/" in text


@pytest.mark.parametrize(
    ("distribution", "version", "words"),
    [
        ("rocky", "9.4", ["dnf --assumeyes", "httpd-2.4.57-5.el9", "dnf clean all"]),
        ("centos", "6.10", [f"{SERVERS['centos']}/6.10", "yum --assumeyes", "httpd-2.4.57-5.el9"]),
        ("opensuse-leap", "15.6", ["zypper --non-interactive install", "httpd=2.4.57-5.el9"]),
        ("alpine", "3.20.3", ["apk add --no-cache", "httpd=2.4.57-5.el9"]),
        ("debian", "8", [f"{SERVERS['debian']}/debian jessie", "apt-get install"]),
        ("debian", "6.0.10", ["debian squeeze-lts", "gpgv-of-archives", "apt-get install"]),
        ("fedora", "25", [SERVERS["fedora"], "dnf --assumeyes"]),
    ],
)
def test_every_package_manager_has_a_form_that_parsers_and_shells_read(
    distribution: str, version: str, words: list[str]
) -> None:
    base = base_of(distribution, version)
    assert base is not None
    made = recipe(
        base=base,
        packages=(ChosenPackage("httpd", "2.4.57-5.el9", "it runs"),),
        emptied=(Because("/var/lib/x", "data"),),
        links=(file("/etc/httpd/x", "symlink", link="y"),),
        capabilities=(("/usr/sbin/httpd", "cap_net_bind_service=ep"),),
        commands=(("update-ca-trust", "takes them in"),),
        compared=False,
    )
    text = containerfile(made, make_plan(()))
    script = "\n".join(commands(text))

    assert all(word in script for word in words)
    assert (UNTESTED in text) == (base.manager != "apt")
    assert "not compared" in text
    for command in commands(text):
        # Only whether it is a sentence of the shell.
        calls(f"check() {{ :\n{command}\n}}")


def test_a_package_that_cannot_be_asked_for_is_told_of() -> None:
    text = containerfile(recipe(packages=(ChosenPackage("evil\nRUN id", "1", "x"),)), make_plan(()))

    assert "RUN id" not in [line.strip() for line in text.splitlines()]
    assert "it is left out" in text
