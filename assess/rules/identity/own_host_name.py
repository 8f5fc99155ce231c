"""IDN004: services whose configuration or code contains the host's own name."""

from __future__ import annotations

import re

from assess.configuration_text.configuration_lines import is_comment
from assess.model import Evidence, Severity
from assess.rule import Hit, RuleAnswer, Scope, Undecided, rule
from assess.subjects.rule_subjects import WorkloadSubject
from inventory.model.configuration import ConfigLine
from inventory.observation import value_or_none


@rule("IDN004", scope=Scope.WORKLOAD, needs=("processes", "configuration", "system"))
def own_host_name(subject: WorkloadSubject) -> RuleAnswer:
    """Configuration or code contains the host's own name.

    Why:
        A container's host name is random unless it is set, and the program cannot set it itself. A cluster member, a
        mail server, a queue directory or a certificate under the old name is then not recognised, and clients that the
        program redirects reach the old server.
    Remedy:
        Start the container with --hostname and the old name, and make the name resolve to the container; or change the
        setting.
    Source:
        The host's own name in lines of the workload's configuration and code. That containers get a random name and
        sethostname is denied was tested with Docker.
    """
    system = value_or_none(subject.host.snapshot.system)
    name = system.hostname.lower() if system else ""
    if not name:
        yield Undecided("system", "the host name could not be read")
        return
    short = name.partition(".")[0]
    if short == "localhost" or len(short) < 3:
        return
    # A name that is an ordinary word (www, mail) proves little on its own; as part of the full name it counts.
    plain = short.isalpha()
    pattern = re.compile(
        rf"(?i)(?<![A-Za-z0-9._/-]){re.escape(short)}(?:\.[A-Za-z0-9-]+)*(?![A-Za-z0-9_-])(?!\.[A-Za-z0-9])"
    )
    lines: list[tuple[ConfigLine, str]] = []
    roots = subject.workload.configuration_roots
    for line in subject.host.written_configuration.mentioning(roots, (short,), any_case=True):
        if is_comment(line):
            continue
        match = pattern.search(line.text)
        if match and (not plain or (name != short and match[0].lower() == name)):
            lines.append((line, match[0]))
    if lines:
        first, word = lines[0]
        more = f" and {len(lines) - 1} more lines" if len(lines) > 1 else ""
        yield Hit(
            Severity.MINOR,
            f"{first.path}:{first.number}{more} names the host itself ({word}).",
            tuple(
                Evidence(f"{line.path}:{line.number} names {word}", line.origin, line.text) for line, word in lines[:3]
            ),
            f"Start the container with --hostname {word}, or change the setting.",
        )
