"""Starts a host as a virtual machine, with a kernel and an init of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.estate import processes
from tests.estate.build import Built
from tests.estate.errors import EstateError
from tests.estate.recipe import Recipe

_EMULATED = ("-accel", "tcg,thread=multi", "-cpu", "max")

# mov al, 16; out 0xf4, al; hlt; jmp back. QEMU's debug device ends QEMU with twice that number, plus one.
_BOOT_SECTOR = bytes.fromhex("b010e6f4f4ebfd").ljust(510, b"\0") + b"\x55\xaa"
_BOOT_SECTOR_RAN = 33


def start(recipe: Recipe, built: Built, run: Path) -> None:
    """Start QEMU; returns while the machine boots."""
    if shutil.which("qemu-system-x86_64") is None:
        raise EstateError(f"{recipe.name} needs QEMU; install it (on Debian: apt install qemu-system-x86).")
    log = run / "qemu.log"
    forwards = "".join(
        f",hostfwd=tcp:{recipe.loopback}:{outside}-:{inside}" for inside, outside in sorted(recipe.publish.items())
    )
    command_line = "root=/dev/vda ro console=ttyS0 net.ifnames=0 quiet"
    argv = [
        "qemu-system-x86_64",
        *("-name", recipe.name, "-nodefaults", "-display", "none", "-no-reboot"),
        *_accelerator(run),
        *("-m", str(recipe.memory_mb), "-smp", "2"),
        *("-kernel", str(built.folder / "vmlinuz"), "-initrd", str(built.folder / "initrd.img")),
        *("-append", command_line),
        # What the machine writes goes to a file that QEMU has already deleted; the image stays as it was built.
        *("-drive", f"file={built.folder / 'disk.img'},format=raw,if=virtio,snapshot=on"),
        # Shut off from everything but the ports that are forwarded to it.
        *("-netdev", f"user,id=net0,restrict=on{forwards}", "-device", "virtio-net-pci,netdev=net0,romfile="),
        # Without a source of entropy sshd waits for one.
        *("-device", "virtio-rng-pci", "-serial", f"file:{run / 'console.log'}"),
    ]
    processes.start("host", recipe.name, argv, errors=log, answers=False).wait()


def _accelerator(run: Path) -> tuple[str, ...]:
    kvm = ("-accel", "kvm", "-cpu", "host")
    return kvm if os.access("/dev/kvm", os.R_OK | os.W_OK) and _runs(kvm, run) else _EMULATED


def _runs(accelerator: tuple[str, ...], run: Path) -> bool:
    """Whether a guest gets as far as its first instructions.

    Nothing less tells: inside some virtual machines /dev/kvm opens and makes guests, which then abort or stand still.
    """
    disk = run / "probe.img"
    disk.write_bytes(_BOOT_SECTOR)
    argv = [
        *("qemu-system-x86_64", "-nodefaults", "-display", "none", "-m", "16", *accelerator),
        *("-device", "isa-debug-exit,iobase=0xf4,iosize=1"),
        *("-drive", f"file={disk},format=raw,if=floppy,readonly=on", "-boot", "a"),
    ]
    try:
        done = subprocess.run(argv, capture_output=True, stdin=subprocess.DEVNULL, timeout=3, check=False)
    except subprocess.TimeoutExpired:
        return False
    finally:
        disk.unlink()
    return done.returncode == _BOOT_SECTOR_RAN
