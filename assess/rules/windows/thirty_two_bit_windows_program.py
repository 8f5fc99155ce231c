"""WIN018: 32-bit programs on 64-bit Windows."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_images import thirty_two_bit
from inventory.platforms import Platform


@rule("WIN018", scope=Scope.WORKLOAD, needs=("processes",), platform=Platform.WINDOWS)
def thirty_two_bit_windows_program(subject: WorkloadSubject) -> RuleAnswer:
    """Service runs 32-bit programs on 64-bit Windows.

    Why:
        The servercore and full Windows images run them (WOW64), nanoserver does not. Components that they load (OLE DB,
        ODBC, COM) must be installed in their 32-bit versions, and 32-bit programs have at most 4 GB of memory.
    Remedy:
        Build on servercore and install 32-bit runtimes and drivers; enable 32-bit applications for the application pool
        (appcmd set apppool /enable32BitAppOnWin64:true).
    Source:
        Microsoft, Windows container base images; 32-bit pools in applicationHost.config, otherwise folders for 32-bit
        programs.
    """
    evidence = thirty_two_bit(subject.host, subject.workload)
    if evidence is not None:
        yield Hit(Severity.MINOR, "The service runs 32-bit programs, which nanoserver does not support.", (evidence,))
    elif any(process.executable is None for process in subject.workload.processes):
        yield Undecided("processes", "the executables of some processes could not be read")
