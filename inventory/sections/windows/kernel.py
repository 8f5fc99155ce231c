"""Section kernel on Windows: the build, on which the images depend that a container host can run."""

from __future__ import annotations

from inventory.formats.windows_registry import first
from inventory.model.kernel import Kernel
from inventory.observation import Found, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Variant
from inventory.sections.windows.system import architecture, version_of

NAME = "kernel"

FRAGMENT = r"""
reg version "HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
reg environment "HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
reg control "HKLM\SYSTEM\CurrentControlSet\Control"
"""


def parse(recording: SectionRecording) -> Observation[Kernel]:
    """``release`` is version, build and revision (``10.0.17763.5830``); ``command_line`` the options of the start."""
    key = first(recording.part("version"))
    if key is None:
        return Unknown("the registry of the host could not be read")
    environment, control = first(recording.part("environment")), first(recording.part("control"))
    revision = key.number("UBR")
    build = key.value("CurrentBuildNumber")
    kernel = Kernel(
        name="Windows NT",
        release=version_of(key) + (f".{revision}" if revision is not None else ""),
        version=key.text("BuildLabEx") or key.text("BuildLab"),
        architecture=architecture(environment.text("PROCESSOR_ARCHITECTURE") if environment else ""),
        command_line=control.text("SystemStartOptions") if control else "",
        tainted=0,
        modules=(),
        security_modules=(),
        config=None,
        origin=Origin(NAME, "version", build.line if build else key.line),
    )
    return Found(kernel)


VARIANT = Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=30, cap=1024 * 1024, redact=redact_windows)
