"""A lean image lacks what nothing reads at run time, by explicit groups, and nothing that something was seen to use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from containerize.closure.file_set import FileSet
from containerize.closure.lean_image import languages_of, lean_groups, make_lean
from containerize.plan.model import LeftOutGroup
from tests.containerize.closure.pretend_host import PretendHost, process


@pytest.fixture
def host() -> PretendHost:
    made = PretendHost()
    made.package(
        "app",
        "/usr/bin/app",
        "/usr/lib/x86_64-linux-gnu/libapp.so.1",
        "/usr/lib/x86_64-linux-gnu/libapp.a",
        "/usr/include/app/app.h",
        "/usr/share/locale/de/LC_MESSAGES/app.mo",
        "/usr/share/locale/fr/LC_MESSAGES/app.mo",
        "/usr/share/locale/pt_BR/LC_MESSAGES/app.mo",
        "/usr/share/bash-completion/completions/app",
        "/usr/lib/python3/dist-packages/app.py",
        "/usr/lib/python3/dist-packages/__pycache__/app.cpython-311.pyc",
        "/usr/lib/python3/dist-packages/__pycache__/frozen.cpython-311.pyc",
        "/usr/lib/jvm/java-17/lib/ct.sym",
        "/usr/lib/jvm/java-17/lib/server/classes_nocoops.jsa",
        "/usr/share/app/README",
    )
    return made


def _lean(host: PretendHost, *opened: str, language: str = "de_DE.UTF-8") -> tuple[FileSet, list[LeftOutGroup]]:
    file_set = host.close(process("/usr/bin/app", opened=opened))
    return file_set, list(make_lean(file_set, languages_of([[f"LANG={language}".encode()]])))


def test_each_group_says_what_it_took_and_why(host: PretendHost) -> None:
    file_set, groups = _lean(host)
    taken = {group.name: group.paths for group in groups}
    assert taken["static libraries"] == ("/usr/lib/x86_64-linux-gnu/libapp.a",)
    assert taken["headers"] == ("/usr/include/app/app.h",)
    assert taken["completion of shells"] == ("/usr/share/bash-completion/completions/app",)
    assert all(group.reason and group.size > 0 for group in groups)
    gone = [path for group in groups for path in group.paths]
    assert len(gone) == len(set(gone))
    assert not set(gone) & set(file_set.claims)
    assert {"/usr/bin/app", "/usr/lib/x86_64-linux-gnu/libapp.so.1", "/usr/share/app/README"} <= set(file_set.claims)


def test_the_languages_of_the_service_stay(host: PretendHost) -> None:
    file_set, _ = _lean(host, language="pt_BR.UTF-8")
    languages = {path.split("/")[4] for path in file_set.claims if path.endswith(".mo")}
    assert languages == {"pt_BR"}


def test_bytecode_goes_only_where_its_source_stays(host: PretendHost) -> None:
    file_set, groups = _lean(host)
    places = "/usr/lib/python3/dist-packages/__pycache__"
    assert {group.name: group.paths for group in groups}["Python bytecode"] == (f"{places}/app.cpython-311.pyc",)
    assert f"{places}/frozen.cpython-311.pyc" in file_set.claims


def test_what_a_process_has_open_stays_whatever_it_is_called(host: PretendHost) -> None:
    archive = "/usr/lib/jvm/java-17/lib/server/classes_nocoops.jsa"
    file_set, groups = _lean(host, archive)
    assert archive in file_set.claims
    assert "Java for compilers" in {group.name for group in groups}


def test_links_and_directories_of_what_went_go_along(host: PretendHost) -> None:
    host.package("app-dev", "/usr/lib/x86_64-linux-gnu/libother.a")
    host.link("/usr/include/old", "app/app.h")
    file_set = host.close(process("/usr/bin/app"))
    file_set.claim("/usr/include/old", "is a link")
    make_lean(file_set, frozenset())
    assert not [path for path in file_set.claims if path.startswith("/usr/include")]
    assert "/usr/lib/x86_64-linux-gnu" in file_set.claims


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("de_DE.UTF-8", {"de_DE.UTF-8", "de_DE", "de"}),
        ("sr_RS@latin", {"sr_RS@latin", "sr_RS", "sr"}),
        ("fr:en_GB", {"fr", "en_GB", "en"}),
        ("C", set()),
        ("POSIX", set()),
    ],
)
def test_languages_are_read_from_the_environment(value: str, expected: set[str]) -> None:
    assert languages_of([[b"PATH=/bin", f"LANGUAGE={value}".encode()]]) == expected


@given(st.lists(st.binary(max_size=30), max_size=5))
def test_any_environment_can_be_read(environment: list[bytes]) -> None:
    assert all(languages_of([[b"LANG=" + each for each in environment]]))


def test_groups_have_names_of_their_own() -> None:
    names = [group.name for group in lean_groups()]
    assert len(names) == len(set(names)) > 10


def test_without_takes_a_path_out_with_what_only_it_brings_and_says_who_asked(host: PretendHost) -> None:
    host.package("codec", "/usr/bin/encode", depends="libcodec")
    host.package("libcodec", "/usr/lib/libcodec.so")
    host.file("/opt/shop/run.sh", "#!/bin/sh\nencode a b\n", mode=0o755)
    service = process("/opt/shop/run.sh")
    assert {"/usr/bin/encode", "/usr/lib/libcodec.so"} <= set(host.close(service).claims)
    file_set = host.close(service, without=["/usr/bin/encode"])
    assert not {"/usr/bin/encode", "/usr/lib/libcodec.so"} & set(file_set.claims)
    assert file_set.depended == {"/usr/bin/encode": ["is run by /opt/shop/run.sh"]}


def test_without_a_directory_names_each_path_that_was_asked_for(host: PretendHost) -> None:
    file_set = host.close(process("/usr/bin/app"), without=["/usr/share/app", "/usr/share/nothing"])
    assert file_set.depended["/usr/share/nothing"] == []
    assert [each for each in file_set.depended["/usr/share/app"] if each.startswith("/usr/share/app/README belongs")]
    assert not [path for path in file_set.claims if path.startswith("/usr/share/app")]


def test_without_a_link_leaves_out_the_link_alone(host: PretendHost) -> None:
    host.link("/usr/bin/shop", "app")
    host.file("/opt/shop/run.sh", "#!/bin/sh\nshop\n", mode=0o755)
    file_set = host.close(process("/usr/bin/app"), process("/opt/shop/run.sh"), without=["/usr/bin/shop"])
    assert "/usr/bin/app" in file_set.claims
    assert "/usr/bin/shop" not in file_set.claims
    assert "is run by /opt/shop/run.sh" in file_set.depended["/usr/bin/shop"]


def test_further_reasons_are_kept(host: PretendHost) -> None:
    host.package("other", "/usr/bin/other", depends="app")
    host.file("/opt/shop/run.sh", "#!/bin/sh\napp\nother\n", mode=0o755)
    file_set = host.close(process("/opt/shop/run.sh"), process("/usr/bin/app"))
    first, also = file_set.claims["/usr/bin/app"], file_set.also["/usr/bin/app"]
    assert {"is the program of the service", "is run by /opt/shop/run.sh"} <= {first, *also}
    clauses = {file_set.packages["app"], *file_set.also_packages["app"]}
    assert "which other depends on" in clauses
