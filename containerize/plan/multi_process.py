"""Several services in one container: a shell script that starts all, forwards the stop signal, and ends with the first
that ends.

Only what cannot live apart comes together (PHP behind a unix socket), and what brownfield.yaml says is one workload.
The script is plain sh, written here and carried in the argument vector, so that no file has to be added. Each service
gets its own environment, directory and account; ``chroot --userspec`` of the coreutils changes the account without a
new session or PAM.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import replace

from containerize.plan.model import Start
from containerize.plan.start import Starting

_SCRIPT = """set -u
pids=
stop() {{ trap - TERM INT; for pid in $pids; do kill -TERM "$pid" 2>/dev/null; done; }}
trap stop TERM INT
{starts}
while :; do
  for pid in $pids; do kill -0 "$pid" 2>/dev/null || break 2; done
  sleep 1 & wait $!
done
stop
wait
"""


def combined_start(starts: Sequence[Starting]) -> Starting:
    """One start for all; the first is the main service's."""
    script = _SCRIPT.format(starts="\n".join(f'{command(each.start)} &\npids="$pids $!"' for each in reversed(starts)))
    main = starts[0]
    names = [each.start.arguments[0] for each in starts]
    start = replace(
        main.start,
        arguments=("/bin/sh", "-c", script, "together"),
        secret_environment=tuple(sorted({name for each in starts for name in each.start.secret_environment})),
        user="0:0",
        working_directory="/",
        stop_signal="SIGTERM",
        init=True,
        reason=f"starts {', '.join(names)} together, in one container",
        groups=(),
    )
    notes = tuple(dict.fromkeys(note for each in starts for note in each.notes))
    return Starting(start, max(each.shm_bytes for each in starts), notes)


def command(start: Start) -> str:
    """One service as a simple command of sh. Secrets come from the script's own environment, by name."""
    words = ["env", "-i", *(f"{name}={value}" for name, value in start.environment)]
    text = " ".join(shlex.quote(word) for word in words)
    for name in start.secret_environment:
        text += f' {name}="${{{name}?}}"'
    change = f"cd {shlex.quote(start.working_directory)} && "
    if start.user != "0:0":
        groups = ",".join(str(group) for group in start.groups)
        text = f"chroot --userspec={shlex.quote(start.user)} --groups={shlex.quote(groups)} --skip-chdir / {text}"
    return f"({change}exec {text} {shlex.join(start.arguments)})"
