"""PRC012."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("PRC012", scope=Scope.WORKLOAD, needs=("processes", "libraries"), platform=Platform.POSIX)
def asynchronous_io(subject: WorkloadSubject) -> RuleAnswer:
    """It uses the kernel's asynchronous input and output.

    Why:
        The number of such requests (fs.aio-max-nr, 65536 at first) is one for the whole kernel. Several databases on
        one container host use it up; the next one fails with "Resource temporarily unavailable", often at its start.
    Remedy:
        Raise fs.aio-max-nr on the container host to the sum of what its databases want, or turn it off in the program
        (innodb_use_native_aio=0).
    Source:
        The library libaio among its mapped files, and fs.aio-nr of the host; io_setup(2). Tested with several
        containers.
    """
    used = next((each.value for each in subject.host.settings if each.name == "fs.aio-nr"), "")
    for process, file in subject.host.mapped_by(subject.workload):
        if file.path.rpartition("/")[2].startswith("libaio.so"):
            now = f"; {used} requests of the host are in use (fs.aio-nr)" if used else ""
            yield Hit(
                Severity.MINOR,
                f"{process.name} has the library of asynchronous input and output loaded.",
                (Evidence(f"{process.name} (pid {process.pid}) has {file.path} mapped{now}", file.origin),),
            )
            return
