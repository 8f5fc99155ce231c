"""KRN034: hosts whose files set kernel settings that newer kernels lack."""

from __future__ import annotations

from fnmatch import fnmatchcase

from assess.knowledge.kernel_features import kernel_settings
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.kernel_requirements import ADMINISTRATORS, evidence_of
from assess.subjects.rule_subjects import HostSubject

_TOLD = 8


@rule("KRN034", scope=Scope.HOST, needs=("sysctls",), aliases=("setting-gone",))
def removed_sysctl(subject: HostSubject) -> RuleAnswer:
    """Configuration sets kernel settings that newer kernels no longer have.

    Why:
        A container with such a setting does not start (ENOENT), and sysctl reports an error on the container host. The
        kernel now does this itself, or the setting was harmful (tcp_tw_recycle).
    Remedy:
        Remove the setting.
    Source:
        The files of sysctl.d(5), compared with the sources of Linux 6.12. Tested with tcp_tw_recycle.
    """
    gone = kernel_settings().gone
    exact, patterns = frozenset(gone), tuple(name for name in gone if "*" in name)
    found = [
        setting
        for setting in subject.host.settings
        if setting.configured_in.startswith(ADMINISTRATORS)
        and (setting.name in exact or any(fnmatchcase(setting.name, pattern) for pattern in patterns))
    ]
    if found:
        names = ", ".join(setting.name for setting in found[:3]) + (" …" if len(found) > 3 else "")
        yield Hit(
            Severity.INFO,
            f"Files on {subject.host.name} set kernel settings that newer kernels do not have: {names}.",
            tuple(
                evidence_of(setting)
                if setting.live
                else Evidence(f"{setting.configured_in} sets {setting.name}", setting.configured_origin)
                for setting in found[:_TOLD]
            ),
        )
