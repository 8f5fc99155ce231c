"""Long commands on a host that end with their connection and clean up after themselves.

An SSH server that loses its client closes the streams of a command and does not end it (only a terminal hangs up). A
program that reads a large file then continues until it next writes. So a watch runs in parallel: once a second it
looks whether the processes above still have the parents that they had. When one has gone, so has the connection, and
the watch ends the work and all that it started.

Nothing but the shell and its tools of 2005 is used: no job control, which needs a terminal, and no ``timeout``.
"""

from __future__ import annotations

from containerize.host.answer_parts import PREAMBLE

SIGN_OF_LIFE = 20
"""Seconds after which a silent host sends a NUL, for readers that expect it: silence is taken for a dead host."""

# `above` lists the processes above one with their parents, down to the first that cannot be read. A command name may
# hold blanks and parentheses, so fields count from the last parenthesis.
#
# `finish` ends everything below the shell of the script. A process is stopped when it is found, so that it starts no
# other before all are found.
#
# The watch waits for a sleep of one second in the background, since a shell handles a signal only between commands. A
# signal that comes while a process is being started is lost on it. So the watch also ends by itself when the work has,
# who ends the watch waits for it, and the watch for its sleep: a second at most. The work runs in the background for
# the same reason, with its input on descriptor 3, since a shell gives a background command no input.
_FUNCTIONS = r"""
above() {
  chain= at=$1
  while [ "$at" -gt 1 ]; do
    { read -r row </proc/$at/stat; } 2>/dev/null || break
    set -- ${row##*") "}
    chain="$chain $at:$2" at=$2
  done
}
works() {
  { read -r row </proc/$work/stat; } 2>/dev/null || return
  set -- ${row##*") "}
  [ "$2" = $main ] || [ ! -r /proc/$main/stat ]
}
finish() {
  trap '' HUP INT TERM PIPE
  { read -r self rest </proc/self/stat; } 2>/dev/null
  again=1 family=" $main $work "
  while [ -n "$again" ]; do
    again=
    for stat in /proc/[0-9]*/stat; do
      { read -r row <$stat; } 2>/dev/null || continue
      pid=${row%% *} row=${row##*") "}
      set -- $row
      case $family in
        *" $pid "*) ;;
        *" $2 "*)
          [ $pid = "$self" ] || kill -STOP $pid 2>/dev/null
          family="$family$pid " again=1 ;;
      esac
    done
  done
  for pid in $family; do
    [ $pid = $main ] || [ $pid = "$self" ] || kill -9 $pid 2>/dev/null
  done
}
watch() {
  trap 'kill $! 2>/dev/null; wait; exit 0' TERM
  trap '' HUP PIPE
  ticks=0
  while :; do
    sleep 1 >/dev/null 2>&1 &
    wait $!
    works || exit 0
    above $main
    ticks=$((ticks + 1))
    if [ "$chain" != "$began" ]; then
      break
    elif [ $ticks = @SIGN@ ]; then
      ticks=0
      printf '\000' || break
    fi
  done
  finish
  case $chain in " $main:"*) kill -9 $main ;; esac
}
main=$$ work=
{ read -r main rest </proc/self/stat; } 2>/dev/null
above $main
began=$chain
exec 3<&0 </dev/null
trap 'finish; exit 1' HUP INT TERM
"""


def watched(command: str, *, sign_of_life: bool = False) -> str:
    """``command`` (shell text that may use what PREAMBLE defines) with a watch next to it, as shell text.

    Its standard input and its exit status are those of ``command``. With ``sign_of_life`` a NUL is sent between its
    bytes while it is silent.
    """
    functions = _FUNCTIONS.replace("@SIGN@", str(SIGN_OF_LIFE) if sign_of_life else "never")
    output = "" if sign_of_life else " >/dev/null"
    return (
        f"{PREAMBLE}{functions}"
        f"{{ {command}\n}} <&3 3<&- &\nwork=$!\n"
        f"watch 3<&- 2>/dev/null{output} &\nwatch=$!\n"
        "exec 3<&-\n"
        "wait $work\nstatus=$?\n"
        "trap '' HUP INT TERM\n"
        "kill $watch 2>/dev/null\nwait $watch 2>/dev/null\n"
        "exit $status"
    )
