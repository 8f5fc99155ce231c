"""COM applications that run in a separate process, and applications of COM+."""

from __future__ import annotations

from inventory.formats.windows_registry import keys
from inventory.formats.windows_tables import answered, rows
from inventory.model.windows import ComApplication
from inventory.observation import Found, Gap, Observation, Origin, Unknown
from inventory.platforms import Platform
from inventory.privacy.windows_redaction import redact_windows
from inventory.recording import SectionRecording
from inventory.section import Section, Variant

NAME = "com_applications"

FRAGMENT = r"""
reg appid HKLM\SOFTWARE\Classes\AppID /s
ps complus $c = (New-Object -ComObject COMAdmin.COMAdminCatalog).GetCollection('Applications'); $c.Populate(); bf_rows @($c | ForEach-Object { $a = @{ Name = $_.Name; Key = $_.Key }; foreach ($n in 'Identity', 'Activation', 'IsSystem') { $a[$n] = $_.Value($n) }; New-Object PSObject -Property $a }) 'Name', 'Key', 'Identity', 'Activation', 'IsSystem'
"""  # noqa: E501 - a question is one line


def parse(recording: SectionRecording) -> Observation[tuple[ComApplication, ...]]:
    """Applications with a service, a surrogate or a separate account; those of the system's COM+ are left out."""
    found: list[ComApplication] = []
    registered = keys(recording.part("appid"))
    for key in registered:
        service, surrogate = key.text("LocalService"), key.value("DllSurrogate")
        account = key.text("RunAs")
        if service or account or surrogate is not None:
            host = f"service {service}" if service else "surrogate" if surrogate is not None else ""
            name = next((value.data for value in key.values if value.name.startswith("(")), "")
            found.append(ComApplication(key.name, name, host, account, Origin(NAME, key.part, key.line)))
    complus = recording.part("complus")
    for row in rows(complus):
        if not row.flag("IsSystem"):
            origin = Origin(NAME, row.part, row.line)
            found.append(ComApplication(row.text("Key"), row.text("Name"), "COM+", row.text("Identity"), origin))
    if not registered and not answered(complus):
        return Unknown("the registry of the host could not be read")
    gaps = () if answered(complus) else (Gap("applications of COM+", "only PowerShell can list them"),)
    return Found(tuple(found), gaps)


SECTION: Section[tuple[ComApplication, ...]] = Section(
    NAME,
    "COM applications in separate processes, and COM+ applications",
    (Variant(Platform.WINDOWS, FRAGMENT, parse, seconds=60, cap=4 * 1024 * 1024, redact=redact_windows),),
)
