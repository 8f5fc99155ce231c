"""WIN018."""

from __future__ import annotations

from assess.model import Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from assess.subjects.windows_images import thirty_two_bit
from inventory.platforms import Platform


@rule("WIN018", scope=Scope.WORKLOAD, needs=("processes",), platform=Platform.WINDOWS)
def thirty_two_bit_windows_program(subject: WorkloadSubject) -> RuleAnswer:
    """The workload runs 32-bit programs on a 64-bit Windows.

    Why:
        The images servercore and the one with the whole API run them (WOW64), nanoserver does not. Parts that they
        load (OLE DB, ODBC, COM) must be installed in their 32-bit form, and 32-bit programs have at most 4 GB of
        memory.
    Remedy:
        Build on servercore, install 32-bit runtimes and drivers; turn on 32-bit applications for the application pool
        (appcmd set apppool /enable32BitAppOnWin64:true).
    Source:
        Microsoft, Windows container base images; 32-bit pools in applicationHost.config, else folders of 32-bit
        programs.
    """
    evidence = thirty_two_bit(subject.host, subject.workload)
    if evidence is not None:
        yield Hit(Severity.MINOR, "It runs 32-bit programs, which nanoserver does not.", (evidence,))
    elif any(process.executable is None for process in subject.workload.processes):
        yield Undecided("processes", "the executables of some processes could not be seen")
