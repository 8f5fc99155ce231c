"""PRC012: services that use the kernel's asynchronous I/O."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.platforms import Platform


@rule("PRC012", scope=Scope.WORKLOAD, needs=("processes", "libraries"), platform=Platform.POSIX)
def asynchronous_io(subject: WorkloadSubject) -> RuleAnswer:
    """Service uses kernel asynchronous I/O (libaio).

    Why:
        The limit on these requests (fs.aio-max-nr, 65536 by default) applies to the whole kernel. Several databases on
        one container host exhaust it; the next one fails with "Resource temporarily unavailable", often at start.
    Remedy:
        Raise fs.aio-max-nr on the container host to the sum of what its databases need, or disable it in the program
        (innodb_use_native_aio=0).
    Source:
        The library libaio among the mapped files, and the host's fs.aio-nr; io_setup(2). Tested with several
        containers.
    """
    used = next((each.value for each in subject.host.settings if each.name == "fs.aio-nr"), "")
    for process, file in subject.host.mapped_by(subject.workload):
        if file.path.rpartition("/")[2].startswith("libaio.so"):
            now = f"; the host uses {used} requests (fs.aio-nr)" if used else ""
            yield Hit(
                Severity.MINOR,
                f"{process.name} has the asynchronous I/O library loaded.",
                (Evidence(f"{process.name} (pid {process.pid}) has {file.path} mapped{now}", file.origin),),
            )
            return
