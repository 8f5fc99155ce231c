"""SEC002: services whose files contain secrets."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("SEC002", scope=Scope.WORKLOAD, needs=("processes", "configuration"))
def secret_in_file(subject: WorkloadSubject) -> RuleAnswer:
    """Files of the service contain secrets.

    Why:
        Everyone who can pull an image can read its contents, permanently. The build therefore omits such files
        completely, and the container does not start without them.
    Remedy:
        Mount the file at its path when the container runs (a compose, Swarm or Kubernetes secret). In the long run, let
        the program read the secret from a separate file, so that the rest can be part of the image.
    Source:
        Configuration lines in which a secret was recognised; the value was replaced before it was stored.
    """
    configuration = value_or_none(subject.host.snapshot.configuration)
    # A file that nothing reads need not be mounted, and a package's own file is public.
    unused = subject.host.not_written
    roots = subject.workload.configuration_roots
    found = [
        file
        for file in (configuration.secret_files if configuration else ())
        if file.path not in unused
        and any(file.path == root or file.path.startswith(root.rstrip("/") + "/") for root in roots)
    ]
    if not found:
        return
    first, more = found[0].path, len(found) - 1
    others = f" and {more} more file{'s' * (more > 1)} contain secrets" if more else " contains a secret"
    yield Hit(
        Severity.MINOR,
        f"{first}{others}.",
        tuple(Evidence(f"{file.path}: {file.why}", file.origin) for file in found),
        f"Leave {first if not more else 'these files'} out of the image, and mount"
        f" {'it' if not more else 'them'} when the container runs.",
        settings=tuple(f"secret {file.path}" for file in found),
    )
