"""The script that a POSIX host runs: the questions of all sections, with what watches over them around.

It runs on dash, busybox ash, bash 3 and ksh with the tools of 2005, and writes nothing on the host. Its answer is
framed by a nonce (:mod:`inventory.probe.framing`), and each section has a watchdog: a question that hangs (a dead NFS
server, a stuck disk) is ended and the next one asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from inventory.depth import Depth
from inventory.formats.procfs.probe_processes import FAMILY_FRAGMENT
from inventory.limits import MAX_OUTPUT
from inventory.platforms import Platform
from inventory.probe import batched_reads
from inventory.section import Section
from inventory.transports.login_shell import PATH

COMMAND = "command -v nice >/dev/null 2>&1 && exec nice -n 10 /bin/sh -s; exec /bin/sh -s"
"""The command that runs on the host, by its ``/bin/sh``. Appliances and images with a small busybox have no ``nice``.
"""

# Everything stands in braces, so that the shell has read the script before it runs any of it: a command in a fragment
# that reads standard input would otherwise eat the rest of the script.
#
# A fork costs the host 0.2 ms and a program 0.8 ms more, so the frame around the questions may not cost programs: the
# worker of a crew asks all sections, one subshell each, through one `head` that caps what they say. Beside it a watch
# reads one pipe of events: which section begins or is over, and a tick each second. A section that is over its time is
# ended with all that it started; when even its shell cannot be ended (state D), a signal tells the worker to leave it
# behind (`wait` returns at a trapped signal). Who is left behind keeps the pipe to `head` open, so in the end `head`
# is ended too, after some padding, since it holds back the last few KB.
#
# `head` ends a crew that says more than its cap. The section that was being asked is asked again by a crew of its own
# with its own cap, since others may have said most of it, and the next crew goes on behind it.
#
# What is gathered for several sections stands before them as if it were one. It is asked once, by the first crew: in
# any other, and where it failed, sections read their own files. All sections of a quick look, of which little is left
# then, follow in the same shell. When that shell is ended, the crew ends with it, and the next one asks each by itself.
#
# An SSH server that loses its client closes the streams of a command and does not end it. So the watch also looks each
# second whether the processes above still have the parents that they had, and ends everything when one has gone.
#
# A section is started in the background because ksh93 would not fork for it, and then it could not be ended alone.
_PRELUDE = r"""{
N='@NONCE@'
LC_ALL=C; LANGUAGE=; export LC_ALL LANGUAGE
PATH=@PATH@; export PATH
unset CDPATH ENV BASH_ENV GREP_OPTIONS GREP_COLOR GREP_COLORS LS_COLORS TZ POSIXLY_CORRECT
umask 077
BF_DEPTH=@DEPTH@
BF_PID=$$
bf_user() {
  while read bf_word bf_real BF_UID bf_rest; do
    [ "$bf_word" != Uid: ] || return 0
  done </proc/self/status
  BF_UID=`id -u`
}
bf_user 2>/dev/null
set -- /proc/[0-9]*
BF_PROCESSES=$#
BF_ESCALATE='@ESCALATE@'
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
parts() {
  bf_names=@$1; shift
  part "$bf_names" "$@"
}
between() { printf '\n%s done 0\n\n%s part %s\n' "$N" "$N" "$1"; }
each() {
  bf_files=$1; shift
  if [ $BF_PROCESSES -gt 700 ]; then
    for bf_file in $bf_files; do echo /proc/[0-9]*/$bf_file; done | xargs "$@"
    return
  fi
  for bf_file in $bf_files; do set -- "$@" /proc/[0-9]*/$bf_file; done
  "$@"
}
shares_processes() { false; }
@GATHERING@bf_list_stats() {
  # Some builds of busybox cut a line at its first NUL: of their own arguments nothing is behind the name of the
  # program. Those of Alpine end a line there. A variable keeps no NUL, so whoever does neither says the arguments in
  # one word. A variable of hundreds of processes would cost more than to read them twice.
  BF_WHOLE= BF_STATS= BF_FAMILY=
  if [ $BF_PROCESSES -gt 120 ]; then
    case `grep -aH '' /proc/self/cmdline` in *grep-aH*) BF_WHOLE=yes ;; esac
    return
  fi
  BF_STATS=`grep -aH '' /proc/[0-9]*/stat /proc/self/cmdline`
  bf_rest=${BF_STATS%"
/proc/self/cmdline:"*grep-aH*}
  if [ ${#bf_rest} != ${#BF_STATS} ]; then
    BF_WHOLE=yes BF_STATS=$bf_rest
  else
    BF_STATS=${BF_STATS%%"
/proc/self/cmdline:"*}
  fi
}
bf_list_family() {
  [ -z "$BF_STATS" ] || return
  bf_row='^/proc/\([0-9]*\)/stat:\(.*\)) \([A-Za-z]\) \([0-9]*\) [-0-9]* \([-0-9]*\) [-0-9]* [-0-9]* \([0-9]*\) .*'
  BF_FAMILY=`each stat grep -aH '' | sed -n "s|$bf_row|\1 \4 \5 \6 \3 \2|p"`
}
bf_list_mounts() {
  BF_MOUNTS=
  # a quick look needs them for one thing, which is root's already
  [ "$BF_DEPTH$BF_UID" = quick0 ] || BF_MOUNTS=`cat /proc/mounts`
}
bf_ask_uname() {
  if read -r bf_machine </proc/sys/kernel/arch; then
    read -r bf_type </proc/sys/kernel/ostype
    read -r bf_release </proc/sys/kernel/osrelease
    read -r bf_version </proc/sys/kernel/version
    BF_UNAME="$bf_type $bf_release $bf_version $bf_machine"
  else
    BF_UNAME=`uname -s -r -v -m`
  fi
}
bf_list_words() {
  # The memory of a stuck process cannot be read, and who tries hangs with it. They were just read together.
  BF_WORDS=
  gathered_each && BF_WORDS=`each cmdline cat | tr '\000' '\n'`
}
bf_words() {
  if [ -n "$BF_WORDS" ]; then printf '%s\n' "$BF_WORDS"; else each cmdline cat 2>/dev/null | tr '\000' '\n'; fi
}
bf_stat() { printf '%s\n' "$BF_STATS"; }
bf_family() { printf 'probe %s\n%s\n' "$BF_PID" "$BF_STATS$BF_FAMILY"; }
bf_uname() { [ -n "$BF_UNAME" ] && printf '%s\n' "$BF_UNAME"; }
bf_machine() { [ -n "$BF_UNAME" ] && printf '%s\n' "${BF_UNAME##* }"; }
bf_ticks() {
  case "$BF_UNAME" in *' alpha'|*' ia64'|*' mips'*|'') getconf CLK_TCK 2>/dev/null || echo 100 ;; *) echo 100 ;; esac
}
bf_order() {
  case "$BF_UNAME" in
    *' x86_64'|*' i'[3-6]'86'|*' aarch64'|*' armv'*l|*' ppc64le'|*' riscv64'|*' loongarch64') echo 1 ;;
    *) printf '\001\000' | od -An -v -tu2 ;;
  esac
}
bf_mounts_with() {
  case "$BF_MOUNTS" in *"$1"*) ;; *) return 0 ;; esac
  set -f
  IFS='
'
  for bf_row in $BF_MOUNTS; do
    case "$bf_row" in *"$1"*) printf '%s\n' "$bf_row" ;; esac
  done
  unset IFS
  set +f
}
section() {
  bf_at=$((bf_at + 1))
  [ $bf_at -ge $bf_from ] && [ $bf_at -le $bf_to ] || return 0
  printf '\n%s begin %s\n' "$N" "$1"
  printf '\n%s begin %s\n' "$N" "$1" >&2
  echo "begin $bf_at $2" >&3
  bf_over=no
  { "bf_$1"; printf '\n%s end\n' "$N"; } </dev/null 3>&- &
  wait $! 2>/dev/null
  case $? in 137|265) bf_over=yes ;; esac
  echo over >&3
  [ $bf_over = no ] || bf_left=yes
  printf '\n%s over %s\n' "$N" $bf_over
}
together() {
  bf_at=1
  [ $bf_from = 1 ] || return 1
  printf '\n%s begin gathered\n' "$N"
  echo "begin 1 $1" >&3
  bf_over=no
  { bf_together "$@"; } </dev/null &
  wait $! 2>/dev/null
  bf_status=$?
  [ $bf_status -le 1 ] || bf_over=yes
  printf '\n%s over %s\n' "$N" $bf_over && [ $bf_over = no ] || exit 1
  [ $bf_status = 0 ] && BF_GATHERED=yes
}
bf_together() {
  bf_gathered 3>&-
  BF_GATHERED=yes BF_AT=1
  while [ $# -gt 1 ]; do
    BF_AT=$((BF_AT + 1))
    printf '\n%s end\n\n%s over no\n\n%s begin %s\n' "$N" "$N" "$N" "$2"
    # A packet for each of root's sections, of which nothing is refused, would be a fourth of all that is sent.
    [ "$BF_UID" = 0 ] || printf '\n%s begin %s\n' "$N" "$2" >&2
    echo "begin $BF_AT $3" >&3
    "bf_$2" 3>&-
    shift 2
  done
  printf '\n%s end\n' "$N"
  exit 0
}
bf_crew() {
  bf_from=$1; bf_to=$2
  read bf_self bf_rest </proc/self/stat
  echo "crew $bf_self" >&3
  (
    trap 'kill $!; wait; exit 0' TERM
    while :; do
      sleep 1 3>&- &
      wait $!
      echo tick >&3 || exit 0
    done
  ) >/dev/null 2>&1 </dev/null &
  bf_ticker=$!
  {
    read bf_self bf_rest </proc/self/stat
    echo "worker $bf_self" >&3
    trap 'bf_over=yes' USR1
    bf_at=0; bf_left=no
    bf_all
    [ $bf_left = no ] || printf '\n%s pad\n%16384s' "$N" ' '
    echo "asked $bf_left" >&3
  } | head -c "$3" 3>&-
  kill $bf_ticker 2>/dev/null
  wait $bf_ticker 2>/dev/null
  echo left >&3
}
bf_end() {
  bf_top=$1; bf_itself=$2
  bf_family=" $bf_top "
  bf_again=1
  while [ -n "$bf_again" ]; do
    bf_again=
    for bf_stat in /proc/[0-9]*/stat; do
      read bf_line <"$bf_stat" || continue
      bf_pid=${bf_line%% *}
      bf_line=${bf_line##*") "}
      set -- $bf_line
      case $bf_family in
        *" $bf_pid "*) ;;
        *" $2 "*) bf_family="$bf_family$bf_pid "; bf_again=1 ;;
      esac
    done
  done
  for bf_pid in $bf_family; do
    [ "$bf_pid" = "$bf_top" ] && [ -z "$bf_itself" ] || kill -9 "$bf_pid"
  done
}
bf_above() {
  bf_chain= bf_up=$BF_PID
  while [ "$bf_up" -gt 1 ]; do
    { read -r bf_line </proc/$bf_up/stat; } 2>/dev/null || break
    set -- ${bf_line##*") "}
    bf_chain="$bf_chain $bf_up:$2" bf_up=$2
  done
}
bf_lost() {
  ( bf_end $bf_crew itself ) 2>/dev/null
  case $bf_chain in " $BF_PID:"*) kill -9 $BF_PID ;; esac
  exit
}
bf_watch() {
  bf_at=0; bf_limit=30; bf_ticks=0; bf_done= bf_ended=
  while read bf_word bf_one bf_two; do
    case $bf_word in
      crew) bf_crew=$bf_one ;;
      worker) bf_worker=$bf_one ;;
      begin) bf_at=$bf_one; bf_limit=$bf_two; bf_ticks=0 ;;
      over) bf_limit= ;;
      asked) bf_done=yes; [ "$bf_one" = no ] || bf_limit=0; bf_ticks=0 ;;
      left) break ;;
      tick)
        bf_above
        [ "$bf_chain" = "$BF_ABOVE" ] || bf_lost
        [ -n "$bf_limit" ] || continue
        bf_ticks=$((bf_ticks + 1))
        if [ $bf_ticks -gt $((bf_limit + 5)) ]; then
          ( bf_end $bf_crew itself ) 2>/dev/null
          [ -z "$bf_done" ] || return 0
          printf '\n%s over yes\n' "$N"
          return $((bf_at + 101))
        elif [ $bf_ticks -ge $bf_limit ] && [ -z "$bf_done" ]; then
          ( bf_end $bf_worker ) 2>/dev/null
          bf_ended=$bf_at
          [ $bf_ticks -lt $((bf_limit + 2)) ] || kill -USR1 $bf_worker
        fi ;;
    esac
  done
  [ -z "$bf_done" ] || return 0
  [ $bf_at != 0 ] || return 255
  [ "$bf_ended" != $bf_at ] || return $((bf_at + 101))
  [ $bf_alone = yes ] || return $bf_at
  printf '\n%s over no\n' "$N"
  return $((bf_at + 101))
}
"""

# The status of the watch shows how to continue: 0 all were asked, below 100 with the section of that number alone,
# above with the section of that number less 100 and all after it.
_POSTLUDE = r"""printf '\n%s hello %s %s\n' "$N" "$BF_UID" "$BF_PID"
bf_above
BF_ABOVE=$bf_chain
exec 4>&1
bf_next=1; bf_alone=no
while [ $bf_next -le @COUNT@ ]; do
  if [ $bf_alone = no ]; then
    bf_last=@COUNT@; bf_cap=@MOST@
  else
    set -- @CAPS@
    shift $((bf_next - 1))
    bf_last=$bf_next; bf_cap=$1
  fi
  { bf_crew $bf_next $bf_last $bf_cap; } 3>&1 1>&4 4>&- | ( exec 4>&-; bf_watch )
  bf_status=$?
  if [ $bf_status = 0 ]; then bf_next=$((bf_last + 1)); bf_alone=no
  elif [ $bf_status -gt 100 ]; then bf_next=$((bf_status - 100)); bf_alone=no
  elif [ $bf_status = 1 ] && [ @FIRST@ = gathered ]; then bf_next=2
  elif [ $bf_alone = no ]; then bf_next=$bf_status; bf_alone=yes
  else break
  fi
done
printf '\n%s bye\n' "$N"
exit 0
}
"""


class _Shared(NamedTuple):
    """The facts that several sections need and one program finds out: the names by which they ask for it (functions of
    the prelude and variables), and what the worker does before all sections where any of them has one.
    """

    names: tuple[str, ...]
    preparation: str


_LISTING = (
    _Shared(("bf_family", "bf_stat", "BF_WHOLE"), "bf_list_stats 2>/dev/null\n"),
    _Shared(("bf_family",), "bf_list_family 2>/dev/null\n"),
)
"""Where processes are not read in the batch, see ``bf_list_processes`` in :mod:`inventory.probe.batched_reads`."""
_SHARED = (
    _Shared(("bf_uname", "bf_machine", "bf_ticks", "bf_order"), "bf_ask_uname 2>/dev/null\n"),
    _Shared(("bf_mounts_with", "BF_MOUNTS"), "bf_list_mounts 2>/dev/null\n"),
)


def compose(
    sections: Iterable[Section[Any]],
    nonce: str,
    *,
    escalate: str = "",
    depth: Depth = Depth.STANDARD,
    most: int = MAX_OUTPUT,
    seconds: int | None = None,
) -> str:
    """The whole script for a POSIX host: the questions of ``sections`` that are asked at ``depth``.

    ``escalate`` is put before commands that need root (``sudo -n``), if given. ``seconds`` and ``most`` (bytes) hold
    for each section, if given.
    """
    return _script(tuple(sections), escalate, depth, most, seconds).replace("@NONCE@", nonce)


@lru_cache(maxsize=64)
def _script(sections: tuple[Section[Any], ...], escalate: str, depth: Depth, most: int, seconds: int | None) -> str:
    """The script but for its nonce: all hosts of a scan get the same."""
    functions: list[str] = []
    calls: list[str] = []
    caps: list[int] = []
    files: dict[str, str] = {}
    relatives: list[str] = []
    for section in sections:
        variant = section.variant(Platform.POSIX)
        if variant is None or not depth.includes(section.depth):
            continue
        fragment = variant.fragment.strip()
        if variant.files:
            files[section.name] = f"bf_files_{section.name}() {{\n{variant.files.strip()}\n}}\n"
            fragment = batched_reads.with_own_files(section.name, variant.files, fragment)
        functions.append(f"bf_{section.name}() {{\n{fragment}\n}}\n")
        calls.append(f"section {section.name} {seconds or variant.seconds}\n")
        caps.append(min(variant.cap, most))
        if FAMILY_FRAGMENT.strip() in variant.fragment:
            relatives.append(section.name)
    functions[:0] = files.values()
    if len(files) > 1:
        functions.append(batched_reads.batch_function(files, relatives))
        limits = [call.removeprefix("section ").strip() for call in calls] if depth is Depth.QUICK else []
        words = " ".join([str(seconds or batched_reads.SECONDS), *limits])
        calls.insert(0, f"together {words}{' && return 0' if limits else ''}\n")
        caps.insert(0, 0)
    values = {
        "@PATH@": PATH,
        "@GATHERING@": batched_reads.FUNCTIONS.lstrip("\n") if files else "",
        "@FIRST@": batched_reads.BATCH_PART if len(files) > 1 else "none",
        "@ESCALATE@": escalate,
        "@DEPTH@": depth.value,
        "@COUNT@": str(len(calls)),
        "@CAPS@": " ".join(map(str, caps)),
        "@MOST@": str(min(most, sum(caps))),
    }
    before, after = _PRELUDE, _POSTLUDE
    for name, value in values.items():
        before, after = before.replace(name, value), after.replace(name, value)
    names = set(re.findall(r"\w+", "".join(functions)))
    shared = "".join(each.preparation for each in _SHARED if not names.isdisjoint(each.names))
    listing = "".join(each.preparation for each in _LISTING if not names.isdisjoint(each.names))
    if "processes" in files and len(files) > 1:
        listing = "bf_list_processes '' 2>/dev/null\n"
        calls.insert(1, '[ -z "$BF_SHARES" ] || gathered || bf_list_processes again 2>/dev/null\n')
        if "bf_words" in names:
            calls.insert(2, "bf_list_words 2>/dev/null\n")
    shared = listing + shared
    return f"{before}{''.join(functions)}bf_all() {{\n{shared}{''.join(calls)}}}\n{after}"
