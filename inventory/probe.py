"""The probe: every section's question composed into one shell script, sent on the standard input of one command.

The script runs on dash, busybox ash, bash 3 and ksh with the tools of 2005. It writes nothing on the host. Its answer
is framed by a nonce (:mod:`inventory.framing`), and each section has a watchdog: a question that hangs (a dead NFS
server, a stuck disk) is ended and the next one asked.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from inventory.depth import Depth
from inventory.errors import ProbeFailed
from inventory.framing import Frames, read_frames
from inventory.platforms import Platform
from inventory.recording import Recording, SectionRecording
from inventory.redaction import POLICY, Redactor
from inventory.section import Section
from inventory.sections import SECTIONS
from inventory.transports.transport import Interrupted, Transport
from inventory.windows.probe import ask_windows

COMMAND = "exec nice -n 10 /bin/sh -s"
"""What is executed on the host. The login shell may be csh or fish: all of them understand this line."""

OUTSIDE_LIMIT = 16 * 1024

# Everything stands in braces, so that the shell has read the script before it runs any of it: a command in a fragment
# that reads standard input would otherwise eat the rest of the script.
#
# The watchdog is one process for the whole probe that sends USR1 to the shell each second; `wait` returns at a trapped
# signal (POSIX), so a section whose process cannot be killed (state D) is left behind instead of waited for. Its status
# is not asked: ksh93 does not return the "more than 128" of the standard. `head` is spared at first, because it still
# holds what the section said before it hung.
_PRELUDE = r"""{
N='@NONCE@'
LC_ALL=C; LANGUAGE=; export LC_ALL LANGUAGE
PATH=/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin:$PATH; export PATH
unset CDPATH ENV BASH_ENV GREP_OPTIONS GREP_COLOR GREP_COLORS LS_COLORS TZ POSIXLY_CORRECT
umask 077
BF_DEPTH=@DEPTH@
BF_PID=$$
BF_UID=`id -u 2>/dev/null`
[ -t 1 ] && stty -echo -opost 2>/dev/null
part() {
  bf_part=$1; shift
  printf '\n%s part %s\n' "$N" "$bf_part"
  "$@"
  printf '\n%s done %s\n' "$N" "$?"
}
root() {
  if [ "$BF_UID" = 0 ]; then part "$@"; return; fi
  bf_part=$1; shift
  if [ -n "$BF_ESCALATE" ]; then part "$bf_part" $BF_ESCALATE "$@"; return; fi
  printf '\n%s part %s\n\n%s done 126\n' "$N" "$bf_part" "$N"
}
bf_end_children() {
  read bf_self bf_rest </proc/self/stat
  bf_parents=" $BF_PID "
  bf_again=1
  while [ -n "$bf_again" ]; do
    bf_again=
    for bf_stat in /proc/[0-9]*/stat; do
      read bf_line 2>/dev/null <"$bf_stat" || continue
      bf_pid=${bf_line%% *}
      bf_line=${bf_line##*") "}
      set -- $bf_line
      case $bf_parents in
        *" $bf_pid "*) ;;
        *" $2 "*)
          if [ "$bf_pid" != "$bf_self" ] && [ "$bf_pid" != "$BF_WATCH" ]; then
            bf_parents="$bf_parents$bf_pid "; bf_again=1
          fi ;;
      esac
    done
  done
  for bf_pid in $bf_parents; do
    case $bf_pid in "$BF_PID"|"$bf_head") ;; *) kill -9 "$bf_pid" 2>/dev/null ;; esac
  done
}
section() {
  printf '\n%s begin %s\n' "$N" "$1"
  printf '\n%s begin %s\n' "$N" "$1" >&2
  bf_over=no; bf_ticks=0
  { "bf_$1"; printf '\n%s end\n' "$N"; } </dev/null | head -c "$3" &
  bf_head=$!
  while :; do
    wait $bf_head 2>/dev/null
    kill -0 $bf_head 2>/dev/null || break
    [ $bf_ticks -lt "$2" ] && continue
    if [ $bf_over = no ]; then
      bf_over=yes
      ( bf_end_children ) 2>/dev/null
    elif [ $bf_ticks -ge `expr "$2" + 3` ]; then
      kill -9 $bf_head
      break
    fi
  done
  printf '\n%s over %s\n' "$N" "$bf_over"
}
trap 'bf_ticks=`expr $bf_ticks + 1`' USR1
(
  trap 'kill $bf_sleep 2>/dev/null; exit 0' TERM
  while :; do
    sleep 1 & bf_sleep=$!
    wait $bf_sleep
    kill -USR1 $BF_PID || exit 0
  done
) >/dev/null 2>&1 </dev/null &
BF_WATCH=$!
BF_ESCALATE='@ESCALATE@'
printf '\n%s hello %s %s\n' "$N" "$BF_UID" "$BF_PID"
"""

_POSTLUDE = r"""kill $BF_WATCH 2>/dev/null
printf '\n%s bye\n' "$N"
exit 0
}
"""


def compose(sections: Iterable[Section[Any]], nonce: str, *, escalate: str = "", depth: Depth = Depth.STANDARD) -> str:
    """The whole script for a POSIX host: the questions of ``sections`` that are asked at ``depth``.

    ``escalate`` is put before commands that need root (``sudo -n``), if given.
    """
    functions: list[str] = []
    calls: list[str] = []
    for section in sections:
        variant = section.variant(Platform.POSIX)
        if variant is None or not depth.includes(section.depth):
            continue
        functions.append(f"bf_{section.name}() {{\n{variant.fragment.strip()}\n}}\n")
        calls.append(f"section {section.name} {variant.seconds} {variant.cap}\n")
    prelude = _PRELUDE.replace("@NONCE@", nonce).replace("@ESCALATE@", escalate).replace("@DEPTH@", depth.value)
    return prelude + "".join(functions) + "".join(calls) + _POSTLUDE


def run_probe(
    transport: Transport,
    platform: Platform,
    redactor: Redactor,
    host: str,
    now: Callable[[], float],
    *,
    sections: tuple[Section[Any], ...] = SECTIONS,
    escalate: str = "",
    timeout: float = 300.0,
    depth: Depth = Depth.STANDARD,
) -> Recording:
    """Ask ``host`` everything that is asked at ``depth`` and return its redacted recording.

    ``now`` gives seconds since the epoch. Raises ProbeFailed when the answer has no frames at all; a single section
    without an answer is named in ``Recording.missing``.
    """
    sections = tuple(section for section in sections if depth.includes(section.depth))
    if platform is Platform.OTHER:
        reason = f"{platform.value} hosts cannot be asked this yet"
        missing = {section.name: reason for section in sections}
        return Recording(host, platform.value, now(), (), transport.user, False, b"", missing, POLICY, depth)
    sections = tuple(section for section in sections if section.variant(platform) is not None)
    if platform is Platform.WINDOWS:
        answer = ask_windows(transport, sections, timeout=timeout)
        answered = _recording(answer.frames, sections, redactor, host, transport.user, now(), answer.cut, platform)
        return replace(answered, depth=depth)
    nonce = secrets.token_hex(16)
    script = compose(sections, nonce, escalate=escalate, depth=depth)
    limit = sum(variant.cap for section in sections if (variant := section.variant(platform))) + (1 << 20)
    cut = "the answer of the host ended before this question"
    interrupted: Interrupted | None = None
    try:
        completed = transport.run(COMMAND, script.encode(), timeout=timeout, limit=limit)
    except Interrupted as error:
        # The sections that were answered before are worth as much as ever.
        interrupted, completed, cut = error, error.partial, str(error)
    frames = read_frames(completed.noise + completed.stdout, completed.stderr, nonce)
    if not frames.hello:
        if interrupted is not None:
            raise interrupted
        raise ProbeFailed(_no_frames(completed.stdout, completed.stderr, redactor))
    recording = _recording(frames, sections, redactor, host, transport.user, now(), cut)
    return replace(recording, depth=depth)


def _recording(
    frames: Frames,
    sections: tuple[Section[Any], ...],
    redactor: Redactor,
    host: str,
    user: str,
    taken: float,
    cut: str,
    platform: Platform = Platform.POSIX,
) -> Recording:
    kept: list[SectionRecording] = []
    missing: dict[str, str] = {}
    for section in sections:
        raw = frames.sections.get(section.name)
        if raw is None:
            missing[section.name] = cut
            continue
        try:
            kept.append(section.redacted(raw, redactor, platform))
        except Exception as error:  # what cannot be redacted must not be kept
            missing[section.name] = f"the answer could not be redacted ({type(error).__name__}) and was thrown away"
    outside = redactor.text(frames.outside[:OUTSIDE_LIMIT])
    return Recording(
        host, platform.value, taken, tuple(kept), user, frames.uid == 0, outside, missing, redaction_policy=POLICY
    )


def _no_frames(stdout: bytes, stderr: bytes, redactor: Redactor) -> str:
    said = redactor.text((stderr.strip() or stdout.strip())[-300:]).decode("utf-8", "replace")
    words = " ".join("".join(character if character.isprintable() else " " for character in said).split())
    if not words:
        return "the login shell ended without running the probe: is the account allowed to run commands?"
    return f"the login shell did not run the probe; it said: {words}"
