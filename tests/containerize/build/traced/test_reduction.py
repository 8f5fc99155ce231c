"""What was opened stays with what it cannot do without; everything else is listed."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from containerize.build.explain_path import explain
from containerize.build.traced.package_database import with_packages_of
from containerize.build.traced.pilot_comparison import regressions
from containerize.build.traced.reduction import Breadth, observed_plan, stems_of
from containerize.content_store import ContentStore
from containerize.pilot.result import CheckResult, CheckVerdict, PilotResult, verdict_of
from containerize.plan.model import ImagePlan, LayerName, PlannedFile, PlannedPackage
from containerize.plan.plan_json import plan_from_json, plan_to_json
from tests.containerize.plans import directory, link, make_plan, planned

DAY = "2026-11-28"


@pytest.fixture
def files(store: ContentStore) -> list[PlannedFile]:
    def of(package: str, path: str, content: bytes = b"x", mode: int = 0o644) -> PlannedFile:
        made = planned(store, path, content, layer="packages", mode=mode)
        return replace(made, reason=f"belongs to {package}, which app depends on", package=f"{package}:amd64")

    def layered(file: PlannedFile, layer: LayerName = "packages") -> PlannedFile:
        return replace(file, layer=layer)

    return [
        *(layered(directory(path)) for path in ("/usr", "/usr/bin", "/usr/lib", "/usr/share", "/usr/share/app")),
        *(
            layered(directory(path))
            for path in ("/usr/share/poems", "/var", "/var/spool", "/var/spool/app", "/usr/lib/py")
        ),
        layered(directory("/usr/lib/py/__pycache__")),
        of("app", "/usr/bin/app", mode=0o755),
        of("app", "/usr/bin/app-admin", mode=0o755),
        of("app", "/usr/share/app/opened.sql"),
        of("app", "/usr/share/app/asked-for.sql"),
        of("app", "/usr/share/app/huge.sql", b"x" * (300 << 10)),
        of("libapp", "/usr/lib/libapp.so.1.2"),
        link("/usr/lib/libapp.so.1", "libapp.so.1.2", "packages"),
        link("/usr/bin/dangling", "app-admin", "packages"),
        link("/usr/share/app/state", "/var/lib/app", "packages"),
        of("poems", "/usr/share/poems/one"),
        of("py", "/usr/lib/py/a.py"),
        of("py", "/usr/lib/py/__pycache__/a.cpython-311.pyc"),
        of("py", "/usr/lib/py/b.py", b"x" * (300 << 10)),
        of("base", "/etc/app.conf"),
        planned(store, "/opt/shop/page.php"),
        replace(of("cron", "/usr/bin/nightly"), also=("is run by a job in /etc/crontab",)),
    ]


def _observed(files: list[PlannedFile], store: ContentStore, *opened: str, breadth: Breadth = "opened") -> ImagePlan:
    packages = tuple(PlannedPackage(name, ("which app depends on",)) for name in ("app", "libapp", "poems", "py"))
    plan = replace(make_plan(sorted(files, key=lambda file: file.path)), packages=packages)
    return observed_plan(plan, opened, DAY, lambda file: store.read(file.digest), breadth)


def test_what_was_opened_stays_and_says_when(files: list[PlannedFile], store: ContentStore) -> None:
    plan = _observed(files, store, "/usr/bin/app", "/usr/lib/libapp.so.1.2", "/tmp/made-while-it-ran")
    reasons = {file.path: file.reason for file in plan.files}
    assert reasons["/usr/bin/app"] == f"opened in the pilot of {DAY}; belongs to app, which app depends on"
    assert plan.level == "observed"
    assert not {"/usr/share/poems/one", "/usr/bin/app-admin", "/usr/share/poems"} & set(reasons)
    assert [package.name for package in plan.packages] == ["app", "libapp"]


def test_links_and_directories_follow_what_they_lead_to(files: list[PlannedFile], store: ContentStore) -> None:
    paths = {file.path for file in _observed(files, store, "/usr/bin/app", "/usr/lib/libapp.so.1.2").files}
    assert "/usr/lib/libapp.so.1" in paths
    assert "/usr/bin/dangling" not in paths
    assert "/usr/share/app/state" in paths, "it leads out of the image, to a volume"
    assert "/var/spool/app" in paths, "it was empty before, so that somebody fills it"


def test_small_files_beside_an_opened_one_stay_and_programs_do_not(
    files: list[PlannedFile], store: ContentStore
) -> None:
    paths = {file.path for file in _observed(files, store, "/usr/bin/app", "/usr/share/app/opened.sql").files}
    assert "/usr/share/app/asked-for.sql" in paths
    assert not {"/usr/share/app/huge.sql", "/usr/bin/app-admin"} & paths


def test_a_script_that_was_run_keeps_what_it_names_of_its_package(
    files: list[PlannedFile], store: ContentStore
) -> None:
    script = planned(
        store, "/usr/bin/app-init", b'#!/bin/sh\ntest -f "$share/huge.sql" || cp one .\n', layer="packages"
    )
    files.append(replace(script, package="app:amd64"))
    reasons = {file.path: file.reason for file in _observed(files, store, "/usr/bin/app-init").files}
    assert reasons["/usr/share/app/huge.sql"].startswith(
        f"is named in /usr/bin/app-init, which was opened in the pilot of {DAY}"
    )
    assert "/usr/share/poems/one" not in reasons, "another package's"


def test_bytecode_brings_its_source(files: list[PlannedFile], store: ContentStore) -> None:
    paths = {file.path for file in _observed(files, store, "/usr/lib/py/__pycache__/a.cpython-311.pyc").files}
    assert "/usr/lib/py/a.py" in paths
    assert "/usr/lib/py/b.py" not in paths


def test_settings_jobs_and_the_applications_own_files_stay(files: list[PlannedFile], store: ContentStore) -> None:
    plan = _observed(files, store, "/usr/bin/app")
    reasons = {file.path: file.reason for file in plan.files}
    assert reasons["/usr/bin/nightly"].startswith("a job of the schedule runs it")
    assert "settings are small" in reasons["/etc/app.conf"]
    assert "the application's own" in reasons["/opt/shop/page.php"]


def test_a_name_of_a_file_with_several_brings_the_one_with_the_content(store: ContentStore) -> None:
    content = replace(planned(store, "/usr/bin/a"), layer="packages")
    other = replace(content, path="/usr/bin/b", kind="hardlink", size=0, digest="", link="/usr/bin/a")
    plan = observed_plan(make_plan([content, other]), ["/usr/bin/b"], DAY, lambda file: store.read(file.digest))
    assert [file.path for file in plan.files] == ["/usr/bin/a", "/usr/bin/b"]


def test_what_stays_unopened_brings_its_libraries(store: ContentStore, tmp_path: Path) -> None:
    """A real program of this machine, and the library that its file names."""
    program = Path("/bin/sleep").read_bytes()
    needed = subprocess.run(["ldd", "/bin/sleep"], capture_output=True, text=True, check=True).stdout
    name = next(word for word in needed.split() if word.startswith("libc."))
    files = [
        replace(planned(store, "/bin/sleep", program, mode=0o755), layer="base"),
        replace(planned(store, f"/usr/lib/{name}", b"\x7fELF"), layer="base"),
        replace(planned(store, "/usr/lib/libother.so.1", b"\x7fELF"), layer="base"),
    ]
    plan = observed_plan(make_plan(files), [], DAY, lambda file: store.read(file.digest))
    assert [file.path for file in plan.files] == ["/bin/sleep", f"/usr/lib/{name}"]


def test_the_wider_form_keeps_whole_packages(files: list[PlannedFile], store: ContentStore) -> None:
    paths = {file.path for file in _observed(files, store, "/usr/bin/app", breadth="packages").files}
    assert {"/usr/bin/app-admin", "/usr/share/app/huge.sql", "/usr/bin/dangling"} <= paths
    assert "/usr/share/poems/one" not in paths


def test_what_went_is_listed_by_package_and_found_again(files: list[PlannedFile], store: ContentStore) -> None:
    plan = plan_from_json(plan_to_json(_observed(files, store, "/usr/bin/app")))
    groups = {group.name: group for group in plan.groups}
    assert groups["package poems"].paths == ("/usr/share/poems/one",)
    assert groups["package poems"].reason == f"nothing of it was opened in the pilot of {DAY}"
    assert groups["package app"].size > 300 << 10
    gone = {path for group in plan.groups for path in group.paths}
    assert not gone & {file.path for file in plan.files}
    assert gone | {file.path for file in plan.files} >= {file.path for file in files if file.kind != "directory"}
    answer = explain(plan, "/usr/share/poems/one")
    assert not answer.inside
    assert answer.reason.startswith("left out because of the level observed: package poems, nothing of it was opened")
    assert "1 files below it" in explain(plan, "/usr/share/poems").reason


def test_the_package_database_tells_of_what_is_left(store: ContentStore) -> None:
    def of(path: str, content: bytes, layer: LayerName = "packages") -> PlannedFile:
        return planned(store, path, content, layer=layer)

    status = b"Package: a\nArchitecture: amd64\n\nPackage: b\nArchitecture: all\n"
    files = [
        directory("/usr/lib"),
        link("/lib", "usr/lib"),
        of("/usr/lib/liba.so", b"a"),
        of("/usr/lib/libb.so", b"b"),
        of("/var/lib/dpkg/status", status, "application"),
        of("/var/lib/dpkg/info/a:amd64.list", b"/.\n/lib\n/lib/liba.so\n", "application"),
        of("/var/lib/dpkg/info/b.list", b"/usr/lib/libb.so\n", "application"),
    ]

    def read(file: PlannedFile) -> bytes:
        return store.read(file.digest)

    whole = make_plan(files)
    plan = observed_plan(whole, ["/usr/lib/liba.so"], DAY, read)
    plan = with_packages_of(plan, stems_of(whole, plan, read), store)
    inside = {file.path: file for file in plan.files}
    assert "/var/lib/dpkg/info/a:amd64.list" in inside
    assert "/var/lib/dpkg/info/b.list" not in inside
    assert store.read(inside["/var/lib/dpkg/status"].digest) == b"Package: a\nArchitecture: amd64\n"
    assert inside["/var/lib/dpkg/status"].size == len(b"Package: a\nArchitecture: amd64\n")
    assert {group.name for group in plan.groups} == {"package b"}


def test_why_gives_all_reasons(store: ContentStore) -> None:
    file = replace(
        planned(store, "/usr/bin/a", layer="packages"),
        reason="belongs to a, which b depends on",
        also=("is named in /etc/a",),
    )
    packages = (PlannedPackage("a", ("which b depends on", "which c depends on")),)
    plan = plan_from_json(plan_to_json(replace(make_plan([file]), packages=packages)))
    answer = explain(plan, "/usr/bin/a")
    assert answer.also == ("is named in /etc/a", "belongs to a, which c depends on")


def _result(**checks: CheckVerdict) -> PilotResult:
    rows = tuple(CheckResult(name, verdict, "", "what it said") for name, verdict in checks.items())
    return PilotResult("web01/apache2", "docker", verdict_of(rows), "x", "sha256:0", 0.0, 1.0, rows)


GOOD, BAD, OPEN = CheckVerdict.PASS, CheckVerdict.FAIL, CheckVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("first", "second", "worse"),
    [
        ({"a": GOOD, "b": GOOD}, {"a": GOOD, "b": GOOD}, []),
        ({"a": GOOD}, {"a": BAD}, ["a: what it said"]),
        ({"a": GOOD}, {"a": OPEN}, ["a: what it said"]),
        ({"a": OPEN}, {"a": BAD}, ["a: what it said"]),
        ({"a": BAD}, {"a": BAD}, []),
        ({"a": OPEN}, {"a": GOOD}, []),
        ({"a": GOOD, "b": GOOD}, {"a": GOOD}, ["b: was not checked any more"]),
        ({"a": GOOD}, {"a": GOOD, "starts": BAD}, ["starts: what it said"]),
        ({"a": GOOD}, {"a": GOOD, "peers": OPEN}, []),
    ],
)
def test_a_second_pilot_is_compared_check_by_check(
    first: dict[str, CheckVerdict], second: dict[str, CheckVerdict], worse: list[str]
) -> None:
    assert list(regressions(_result(**first), _result(**second))) == worse
