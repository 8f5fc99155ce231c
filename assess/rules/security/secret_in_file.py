"""SEC002."""

from __future__ import annotations

from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.observation import value_or_none


@rule("SEC002", scope=Scope.WORKLOAD, needs=("processes", "configuration"))
def secret_in_file(subject: WorkloadSubject) -> RuleAnswer:
    """Files of the service hold secrets.

    Why:
        What is in an image is read by everyone who can pull it, for ever. A build therefore leaves such a file out
        whole, and the container does not start without it.
    Remedy:
        Mount the file at its path when the container runs (a secret of compose, Swarm or Kubernetes). In the long run
        let the program read the secret from a file of its own, so that the rest can go into the image.
    Source:
        Lines of its configuration in which a secret was recognised; the value was replaced before it was stored.
    """
    configuration = value_or_none(subject.host.snapshot.configuration)
    # What nothing reads need not be mounted, and what a package brings is public.
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
    others = f" and {more} more file{'s' * (more > 1)} hold secrets" if more else " holds a secret"
    yield Hit(
        Severity.MINOR,
        f"{first}{others}.",
        tuple(Evidence(f"{file.path}: {file.why}", file.origin) for file in found),
        f"Leave {first if not more else 'these files'} out of the image, and mount"
        f" {'it' if not more else 'them'} when the container runs.",
        settings=tuple(f"secret {file.path}" for file in found),
    )
