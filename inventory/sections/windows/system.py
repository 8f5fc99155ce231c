"""Section system on Windows: name, version, size, time zone, kind of machine."""

from __future__ import annotations

import re

from inventory.formats.windows_registry import RegistryKey, first
from inventory.formats.windows_tables import rows
from inventory.model.system import Distribution, System
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant

NAME = "system"

FRAGMENT = r"""
reg version "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
reg name "HKLM\SYSTEM\CurrentControlSet\Control\ComputerName\ComputerName"
reg environment "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
reg cpu "HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
reg bios "HKLM\HARDWARE\DESCRIPTION\System\BIOS"
reg zone "HKLM\SYSTEM\CurrentControlSet\Control\TimeZoneInformation"
wmi os Win32_OperatingSystem LastBootUpTime,LocalDateTime,TotalVisibleMemorySize,Locale
wmi machine Win32_ComputerSystem Manufacturer,Model,NumberOfProcessors,TotalPhysicalMemory
"""

_MACHINES = (
    (re.compile(r"vmware", re.I), "vmware"),
    (re.compile(r"virtualbox|innotek", re.I), "oracle"),
    (re.compile(r"microsoft corporation.{0,200}virtual machine", re.I), "microsoft"),
    (re.compile(r"\bxen\b", re.I), "xen"),
    (re.compile(r"amazon ec2", re.I), "amazon"),
    (re.compile(r"kvm|qemu|red hat|ovirt|openstack|nutanix|google compute engine", re.I), "kvm"),
    (re.compile(r"parallels", re.I), "parallels"),
)


def parse(recording: SectionRecording) -> Observation[System]:
    """The system. ``distribution.version`` is that of Windows with its build (``10.0.17763``)."""
    key = first(recording.part("version"))
    if key is None:
        return Unknown("the registry of the host could not be read")
    environment, cpu = first(recording.part("environment")), first(recording.part("cpu"))
    name, zone, bios = first(recording.part("name")), first(recording.part("zone")), first(recording.part("bios"))
    os = next(iter(rows(recording.part("os"))), None)
    machine = next(iter(rows(recording.part("machine"))), None)
    gaps: list[Gap] = []
    if os is None:
        gaps.append(Gap("memory and time of the last start", "the host has no WMI that answers"))
    kilobytes = os.number("TotalVisibleMemorySize") if os else None
    system = System(
        hostname=name.text("ComputerName") if name else "",
        architecture=architecture(environment.text("PROCESSOR_ARCHITECTURE") if environment else ""),
        distribution=distribution(key),
        cpus=_cpus(environment),
        cpu_model=" ".join(cpu.text("ProcessorNameString").split()) if cpu else "",
        cpu_flags=(),
        memory_bytes=(kilobytes or 0) * 1024,
        timezone=(zone.text("TimeZoneKeyName").split("\\0")[0] or zone.text("StandardName")) if zone else "",
        locale=os.text("Locale") if os else "",
        cgroup_version=0,
        virtualization=_virtualization(
            f"{machine.text('Manufacturer')} {machine.text('Model')}"
            if machine
            else f"{bios.text('SystemManufacturer')} {bios.text('SystemProductName')}"
            if bios
            else ""
        ),
        init="",
        boot_time=(os.time("LastBootUpTime") if os else None) or 0.0,
        clock=(os.time("LocalDateTime") if os else None) or 0.0,
        ticks_per_second=0,
    )
    return Found(system, tuple(gaps))


def version_of(key: RegistryKey) -> str:
    """``10.0.17763``. From version 10 on CurrentVersion stays at 6.3 for old programs."""
    major, minor = key.number("CurrentMajorVersionNumber"), key.number("CurrentMinorVersionNumber")
    release = f"{major}.{minor or 0}" if major is not None else key.text("CurrentVersion")
    build = key.text("CurrentBuildNumber") or key.text("CurrentBuild")
    return f"{release}.{build}" if build else release


def distribution(key: RegistryKey) -> Distribution:
    """The edition in the registry; ``codename`` is the release (``1809``, ``21H2``) or the service pack."""
    product = key.text("ProductName")
    pack = key.text("CSDVersion")
    where = key.value("ProductName")
    return Distribution(
        id="windows",
        version=version_of(key),
        pretty_name=f"{product} {pack}".strip() or "Windows",
        like=(),
        codename=key.text("DisplayVersion") or key.text("ReleaseId") or pack,
        origin=Origin(NAME, key.part, where.line if where else key.line),
    )


def architecture(word: str) -> str:
    """The value of PROCESSOR_ARCHITECTURE as ``uname -m`` would print it."""
    known = {"AMD64": "x86_64", "X86": "i686", "ARM64": "aarch64", "IA64": "ia64", "ARM": "armv7l"}
    return known.get(word.upper(), word.lower())


def _cpus(environment: RegistryKey | None) -> int:
    text = environment.text("NUMBER_OF_PROCESSORS") if environment else ""
    return int(text) if re.fullmatch(r"\d{1,5}", text, re.ASCII) else 0


def _virtualization(words: str) -> str:
    if not words.strip():
        return ""
    return next((kind for pattern, kind in _MACHINES if pattern.search(words)), "none")


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=1024 * 1024, redact=redact_windows)
