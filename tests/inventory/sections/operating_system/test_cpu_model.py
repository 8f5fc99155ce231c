"""What processors are called, by their architectures."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from inventory.sections.operating_system.cpu_model import cpu_model
from inventory.sections.operating_system.system import FRAGMENT

LOONGARCH = """system type\t\t: generic-loongson-machine

processor\t\t: 0
package\t\t\t: 0
CPU Family\t\t: Loongson-64bit
Model Name\t\t: Loongson-3C5000
"""
ARM_5 = "Processor\t: Feroceon 88FR131 rev 1 (v5l)\nBogoMIPS\t: 1196.85\nCPU part\t: 0x131\n"
ARM_64 = "processor\t: 0\nBogoMIPS\t: 243.75\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"
RISC_V = "processor\t: 0\nhart\t\t: 1\nisa\t\t: rv64imafdc\nuarch\t\t: sifive,u74-mc\n"
X86 = "processor\t: 0\ncpu family\t: 6\nmodel name\t: Some CPU @ 2.00GHz\n"


@pytest.mark.parametrize(
    ("cpuinfo", "name"),
    [
        (LOONGARCH, "Loongson-3C5000"),
        (ARM_5, "Feroceon 88FR131 rev 1 (v5l)"),
        (ARM_64, "Neoverse-N1"),
        (RISC_V, "sifive,u74-mc"),
        (X86, "Some CPU @ 2.00GHz"),
        ("processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xfff\n", ""),
    ],
)
def test_the_name_is_in_what_the_shell_reads_of_the_first_processor(cpuinfo: str, name: str, tmp_path: object) -> None:
    """The second processor is not sent; a paragraph about the whole machine may stand before the first."""
    file = f"{tmp_path}/cpuinfo"
    second = "".join(f"{line}2\n" for line in cpuinfo.splitlines() if line)
    with open(file, "w") as stream:  # noqa: PTH123
        stream.write(f"{cpuinfo}\n{second}")
    function = FRAGMENT[FRAGMENT.index("bf_cpu()") : FRAGMENT.index("bf_online()")].replace("/proc/cpuinfo", file)
    for shell in filter(lambda words: shutil.which(words[0]), (["sh"], ["ksh"], ["busybox", "sh"])):
        done = subprocess.run([*shell, "-c", f"{function}\nbf_cpu"], capture_output=True, text=True, check=True)
        fields = {
            key.strip(): value.strip() for key, _, value in (line.partition(":") for line in done.stdout.splitlines())
        }
        assert cpu_model(fields) == name
        assert "2" not in fields.get("BogoMIPS", "")[-1:]
