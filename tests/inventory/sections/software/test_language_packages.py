"""Packages of programming languages: on recorded hosts, in a tree of this machine, and as pip says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.depth import Depth
from inventory.model.language_packages import LanguagePackages
from inventory.observation import Found
from inventory.platforms import Platform
from inventory.section import ParseError
from inventory.sections.software.language_packages import SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded


def packages(**parts: bytes) -> list[tuple[str, str, str, str]]:
    """Language, name, version and place."""
    value = found(SECTION, answer("language_packages", **{"names": b"", **parts}))
    return [(one.language, one.name, one.version, one.place) for one in value.packages]


@pytest.mark.parametrize(
    ("path", "language", "name", "version"),
    [
        ("/v/site-packages/Flask-1.1.2.dist-info", "python", "Flask", "1.1.2"),
        ("/v/site-packages/ruamel.yaml-0.17.21-py3.9-nspkg.egg-info", "python", "ruamel.yaml", "0.17.21"),
        ("/v/dist-packages/Mako-1.1.3.egg-info", "python", "Mako", "1.1.3"),
        ("/v/site-packages/old_app-0.9-py2.7.egg", "python", "old_app", "0.9"),
        ("/v/src/shop.egg-info", "python", "shop", ""),
        ("/g/specifications/nokogiri-1.13.10-x86_64-linux.gemspec", "ruby", "nokogiri", "1.13.10"),
        ("/g/specifications/rack-test-2.0.2.gemspec", "ruby", "rack-test", "2.0.2"),
        ("/opt/a/lib/commons-lang3-3.12.0.jar", "java", "commons-lang3", "3.12.0"),
        ("/opt/a/lib/guava-31.1-jre.jar", "java", "guava", "31.1-jre"),
        ("/opt/a/shop.war", "java", "shop", ""),
        ("/usr/share/php/.registry/mail_mime.reg", "php", "mail_mime", ""),
        ("/usr/local/lib/perl/5.36/auto/DBD/mysql/.packlist", "perl", "DBD::mysql", ""),
    ],
)
def test_a_name_tells_of_a_package(path: str, language: str, name: str, version: str) -> None:
    ((found_language, found_name, found_version, place),) = packages(found=path.encode() + b"\n")

    assert (found_language, found_name, found_version) == (language, name, version)
    assert path.startswith(place + "/")


def test_a_pattern_that_matched_nothing_is_no_package() -> None:
    assert packages(names=b"/usr/lib/python3/dist-packages/*.dist-info\n/x\n.egg\n") == []


def test_the_version_of_node_is_read_from_its_file() -> None:
    node = (
        b'/srv/app/node_modules/@acme/a/package.json:  "version": "2.0.1",\n'
        b'/srv/app/node_modules/@acme/a/package.json:  "name": "@acme/a",\n'
        b'/srv/app/node_modules/x/node_modules/y/package.json:  "name": "y",\n'
    )

    assert packages(found=b"", node=node) == [
        ("node", "@acme/a", "2.0.1", "/srv/app/node_modules"),
        ("node", "y", "", "/srv/app/node_modules/x/node_modules"),
    ]


def test_composer_names_and_versions_come_in_turns() -> None:
    lines = b"".join(
        b'/srv/s/vendor/composer/installed.json:            "%s": "%s",\n' % pair
        for pair in [
            (b"name", b"monolog/monolog"),
            (b"version", b"2.9.1"),
            (b"name", b"psr/log"),
            (b"version", b"v1.1"),
        ]
    )

    assert packages(found=b"", composer=lines) == [
        ("php", "monolog/monolog", "2.9.1", "/srv/s/vendor"),
        ("php", "psr/log", "v1.1", "/srv/s/vendor"),
    ]


def test_an_archive_that_a_process_holds_open_is_said_to_be() -> None:
    value = found(
        SECTION,
        answer("language_packages", names=b"", found=b"/o/a-1.jar\n/o/b-2.jar\n", jars=b"/o/b-2.jar\n/p/c.jar\n"),
    )

    assert [(one.name, one.open) for one in value.packages] == [("a", False), ("b", True), ("c", True)]


def test_manifests_are_those_of_applications() -> None:
    listed = b"/srv/a/requirements.txt\n/srv/a/node_modules/x/yarn.lock\n/srv/b/composer.lock\n"
    value = found(SECTION, answer("language_packages", names=b"", found=listed))

    assert [(one.language, one.path) for one in value.manifests] == [
        ("python", "/srv/a/requirements.txt"),
        ("php", "/srv/b/composer.lock"),
    ]
    assert found(SECTION, answer("language_packages", names=b"")).manifests is None, "not searched"


def test_what_debian_installed_for_python_is_seen_by_an_ordinary_user() -> None:
    observation = SECTION.observe(recorded("app01-user", "language_packages"), Platform.POSIX)

    assert isinstance(observation, Found)
    assert ("Flask", "1.1.2") in [(one.name, one.version) for one in observation.value.packages]
    assert {gap.reason for gap in observation.gaps} == {"permission denied; scan with become"}


@pytest.fixture
def application() -> Iterator[Path]:
    """A folder where applications lie."""
    if not os.access("/srv", os.W_OK):
        pytest.skip("needs root")
    place = Path("/srv") / f"brownfield-test-{os.getpid()}"
    place.mkdir()
    yield place
    shutil.rmtree(place)


def test_a_deep_scan_finds_the_packages_of_applications(application: Path) -> None:
    """And a standard one only those of the environments that run."""
    for path, text in {
        "venv/lib/python3.9/site-packages/Flask-2.0.dist-info/METADATA": "",
        "node_modules/left-pad/package.json": '{\n  "name": "left-pad",\n  "version": "1.3.0"\n}\n',
        "node_modules/left-pad/lib/package.json": '{\n  "name": "no",\n  "version": "9"\n}\n',
        "vendor/composer/installed.json": '{\n    "packages": [\n        {\n            "name": "psr/log",\n'
        '            "version": "1.1.4",\n            "authors": [\n'
        '                {\n                    "name": "P"\n',
        "a folder/x-1.jar": "",
    }.items():
        file = application / path
        file.parent.mkdir(parents=True)
        file.write_text(text)
    for depth, names in ((Depth.DEEP, ["Flask", "left-pad", "psr/log", "x"]), (Depth.STANDARD, [])):
        value = found(SECTION, ask(SECTION, depth=depth)["language_packages"])
        assert isinstance(value, LanguagePackages)
        assert sorted(one.name for one in value.packages if one.path.startswith(f"{application}/")) == names


def test_pip_agrees_about_the_environment_that_runs_this() -> None:
    """The virtual environment of the tests is one that a process runs from."""
    if sys.prefix == sys.base_prefix or not Path(sys.argv[0]).is_absolute():
        pytest.skip("not in a virtual environment, or not started by its path")
    program = "import importlib.metadata as m; print(*{d.metadata['Name'] for d in m.distributions()}, sep='\\n')"
    running = subprocess.Popen([f"{sys.prefix}/bin/python", "-c", "input()"], stdin=subprocess.PIPE)
    try:
        value = found(SECTION, ask(SECTION, depth=Depth.STANDARD)["language_packages"])
    finally:
        running.communicate(b"\n")
    theirs = subprocess.run([f"{sys.prefix}/bin/python", "-c", program], capture_output=True, text=True, check=True)
    ours = {one.name for one in value.packages if one.place.startswith(f"{sys.prefix}/")}

    assert {name.replace("-", "_").replace(".", "_").lower() for name in ours} == {
        name.replace("-", "_").replace(".", "_").lower() for name in theirs.stdout.split()
    }


@given(
    st.sampled_from(["names", "found", "node", "composer", "jars"]),
    st.one_of(st.binary(max_size=80), st.text('\n/a-1.jegsonversin:" ', max_size=60).map(str.encode)),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    try:
        parse(answer("language_packages", **{"names": b"", name: content}))
    except ParseError as error:
        assert str(error)
