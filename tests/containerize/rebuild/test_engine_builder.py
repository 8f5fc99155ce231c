"""How an engine is asked to build, and what is left when it cannot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from docker.errors import ImageNotFound

from containerize.data_tables import data_table
from containerize.rebuild.engine_builder import BaseMissing, EngineBuilder
from containerize.runtimes.engine_runtime import EngineRuntime
from containerize.runtimes.oci import OciRuntime
from containerize.runtimes.runtime import RuntimeFailed, RuntimeUnavailable

REGISTRIES = data_table("registries")["images"]


class PretendEngine:
    """The part of Docker's API that is used. ``answers`` is what a build says."""

    def __init__(self, *answers: dict[str, str] | BaseException) -> None:
        self.answers = answers
        self.asked: dict[str, Any] = {}
        self.removed: list[str] = []
        self.tagged = {"theirs:1": "aaaaaaaaaaaa"}
        self.digests: list[str] = []

    def images(self) -> list[dict[str, Any]]:
        return [{"RepoTags": [tag]} for tag in self.tagged]

    def inspect_image(self, name: str) -> dict[str, Any]:
        if name == "missing:1":
            raise ImageNotFound("no such image")
        return {
            "RootFS": {"Layers": ["sha256:1"]},
            "RepoTags": ["theirs:1"] if name == "aaaaaaaaaaaa" else [],
            "RepoDigests": self.digests,
        }

    def build(self, **asked: Any) -> Iterator[dict[str, str]]:
        self.asked = asked
        for answer in self.answers:
            if isinstance(answer, BaseException):
                raise answer
            yield answer

    def remove_image(self, name: str, **_: Any) -> None:
        self.removed.append(name)


def builder(engine: PretendEngine, network: str = "") -> EngineBuilder:
    return EngineBuilder(EngineRuntime(cast(Any, SimpleNamespace(api=engine))), network)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Containerfile").write_text("FROM x\n")
    return tmp_path


def steps(*identities: str) -> list[dict[str, str]]:
    return [{"stream": f"Step\n ---> {identity}\n"} for identity in identities]


def test_nothing_is_pulled_and_the_network_is_passed_on(folder: Path) -> None:
    engine = PretendEngine(*steps("000000000000", "111111111111"))
    built = builder(engine, "host")
    first, second = built.build(folder, "packages"), built.build(folder, "packages")

    assert (engine.asked["pull"], engine.asked["network_mode"]) == (False, "host")
    assert first != second  # the first would lose its name, and stay
    assert engine.removed == []
    built.remove_built()
    assert engine.removed == [second, first]


def test_programs_of_a_host_that_a_build_runs_have_no_network(folder: Path) -> None:
    """What is copied may hold a chown of its own, or a library for every program."""
    engine = PretendEngine(*steps("000000000000", "111111111111"))
    builder(engine, "host").build(folder, "image", "FROM packages\n")
    assert engine.asked["network_mode"] == "none"


def test_a_failed_build_says_why_and_leaves_only_what_others_named(folder: Path) -> None:
    engine = PretendEngine(
        *steps("000000000000", "bbbbbbbbbbbb", "aaaaaaaaaaaa"),
        {"stream": "\x1b[91mE: Version '1' for 'x' was not found\x1b[0m\nRemoved intermediate container 1\n"},
        {"error": "returned a non-zero code: 100"},
    )
    with pytest.raises(RuntimeFailed) as failed:
        builder(engine).build(folder, "image")

    assert str(failed.value).endswith("E: Version '1' for 'x' was not found")
    assert engine.removed == ["bbbbbbbbbbbb"]


def test_an_interrupted_build_leaves_nothing_either(folder: Path) -> None:
    engine = PretendEngine(*steps("000000000000", "bbbbbbbbbbbb"), KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        builder(engine).build(folder, "image")

    assert engine.removed == ["bbbbbbbbbbbb"]


def test_images_of_processes_that_are_gone_are_removed() -> None:
    engine = PretendEngine()
    gone, mine = (
        "localhost/brownfield-rebuild-4194999-x/image:0",
        f"localhost/brownfield-rebuild-{os.getpid()}-x/image:0",
    )
    engine.tagged |= {gone: "1", mine: "2", "localhost/brownfield-rebuild-x/y:1": "3"}
    builder(engine)

    assert engine.removed == [gone]


def test_a_base_that_is_not_there_is_named_with_what_to_do() -> None:
    with pytest.raises(BaseMissing, match="engine pull missing:1"):
        builder(PretendEngine()).layers_of("missing:1")


def test_the_embedded_runtime_builds_nothing() -> None:
    runtime = OciRuntime.__new__(OciRuntime)
    with pytest.raises(RuntimeUnavailable, match="takes Docker or Podman"):
        EngineBuilder(runtime)


@pytest.mark.parametrize(
    ("image", "known"),
    [
        ("debian:bookworm-slim", "debian"),
        ("debian:bookworm-slim", f"{REGISTRIES['docker']}/library/debian"),
        ("debian/eol:jessie-slim", f"{REGISTRIES['docker']}/debian/eol"),
        ("registry.example/centos/centos:stream9", "registry.example/centos/centos"),
        ("127.0.0.1:5000/base:1", "127.0.0.1:5000/base"),
    ],
)
def test_an_image_from_a_registry_is_known_by_its_digest(image: str, known: str) -> None:
    engine = PretendEngine()
    digest = f"sha256:{'a' * 64}"
    engine.digests = [f"other/image@sha256:{'b' * 64}", f"{known}@{digest}"]
    assert builder(engine).digest_of(image) == digest


def test_an_image_that_came_another_way_has_no_digest() -> None:
    engine = PretendEngine()
    assert builder(engine).digest_of("debian:12") == ""
    engine.digests = [f"evil/debian@sha256:{'b' * 64}", "debian@sha256:short"]
    assert builder(engine).digest_of("debian:12") == ""
