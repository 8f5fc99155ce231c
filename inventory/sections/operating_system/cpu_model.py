"""The name of a processor, from /proc/cpuinfo, whose fields differ from one architecture to the next."""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = ("model name", "cpu model", "cpu", "Model Name", "uarch")
"""x86 and others; MIPS and Loongson; PowerPC and SPARC; LoongArch; RISC-V."""
# 64-bit ARM shows only the maker of the core and its number there (MIDR_EL1 in Arm's manuals of the cores).
_PARTS = {
    "0x41": {
        "0xb76": "ARM1176", "0xc07": "Cortex-A7", "0xc08": "Cortex-A8", "0xc09": "Cortex-A9", "0xc0f": "Cortex-A15",
        "0xd03": "Cortex-A53", "0xd04": "Cortex-A35", "0xd05": "Cortex-A55", "0xd07": "Cortex-A57",
        "0xd08": "Cortex-A72", "0xd09": "Cortex-A73", "0xd0a": "Cortex-A75", "0xd0b": "Cortex-A76",
        "0xd0c": "Neoverse-N1", "0xd40": "Neoverse-V1", "0xd49": "Neoverse-N2", "0xd4f": "Neoverse-V2",
    },
    "0x43": {"0x0a1": "ThunderX 88XX", "0x0af": "ThunderX2 99xx"},
    "0x48": {"0xd01": "TaiShan-v110"},
    "0xc0": {"0xac3": "Ampere-1", "0xac4": "Ampere-1a"},
}  # fmt: skip


def cpu_model(cpu: Mapping[str, str]) -> str:
    """The name of the processor; "" where nothing names it. ``cpu`` are the fields of the first one."""
    named = next((cpu[name] for name in _NAMES if cpu.get(name)), "")
    part = _PARTS.get(cpu.get("CPU implementer", ""), {}).get(cpu.get("CPU part", ""), "")
    older = cpu.get("Processor", "")
    return named or part or cpu.get("Hardware", "") or ("" if older.isdigit() else older)
