"""The binaries: reproducible, static, for both processors, and one sentence where they cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from elftools.elf.elffile import ELFFile

from containerize.supervisor import compile as compiling
from containerize.supervisor.compile import ARCHITECTURES, CompilerMissing, compile_binary
from containerize.supervisor.supervisor_binary import SupervisorMissing, supervisor_binary

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_two_builds_are_equal(architecture: str, tmp_path: Path) -> None:
    compile_binary(architecture, tmp_path / "again")

    assert (tmp_path / "again").read_bytes() == supervisor_binary(architecture).read_bytes()


@pytest.mark.parametrize(("architecture", "machine"), [("amd64", "EM_X86_64"), ("arm64", "EM_AARCH64")])
def test_it_is_static_and_for_its_processor(architecture: str, machine: str) -> None:
    with supervisor_binary(architecture).open("rb") as file:
        elf = ELFFile(file)
        assert elf["e_machine"] == machine
        assert elf["e_type"] == "ET_EXEC"
        assert {segment["p_type"] for segment in elf.iter_segments()}.isdisjoint({"PT_INTERP", "PT_DYNAMIC"})
        stack = [segment for segment in elf.iter_segments() if segment["p_type"] == "PT_GNU_STACK"]
        assert stack
        assert not stack[0]["p_flags"] & 1


def test_no_path_of_the_build_is_in_it() -> None:
    assert str(ROOT).encode() not in supervisor_binary("amd64").read_bytes()


def test_without_a_compiler_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def missing() -> Path:
        raise CompilerMissing("the Python package ziglang is not installed")

    monkeypatch.setattr(compiling, "BINARIES", tmp_path)
    monkeypatch.setattr(compiling, "_zig_folder", missing)

    with pytest.raises(SupervisorMissing, match=r"needs the supervisor.*pip install ziglang=="):
        supervisor_binary("amd64")


def test_an_unknown_architecture_is_named() -> None:
    with pytest.raises(SupervisorMissing, match="riscv64"):
        supervisor_binary("riscv64")


def test_the_build_uses_the_version_that_the_code_names() -> None:
    assert (ROOT / "pyproject.toml").read_text().count(f'"ziglang=={compiling.ZIG_VERSION}"') == 2
