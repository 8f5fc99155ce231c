"""The fragment about executables: the parts ``links`` and ``heads``."""

from __future__ import annotations

from inventory.formats.procfs.probe_processes import FAMILY_FRAGMENT, STILL_FRAGMENT
from inventory.model.mounts import REMOTE_FILESYSTEMS

# For each distinct executable: its first kilobyte as 32-bit words, then the program headers, interpreter and notes
# beyond it (Debian 13 keeps the note of the oldest kernel in the middle of the file). The shell finds them in the words
# it is about to send. The first kilobytes of all are read at once; only places beyond take a program each.
#
# Words have the machine's byte order, as the running executables do. Offsets are below 2 GB: the upper half of a 64-bit
# offset is ignored. A file is read through /proc/PID/exe, which also serves what has been deleted or is in another
# mount namespace. Executables on a remote file system are not read: a dead server would hang the probe.
#
# Any user can run a program whose name holds a newline and a line that looks like a link of another process. So a
# process that is listed twice, or whose line is torn, is left out; root opens nothing that a listing names, only
# /proc/PID/exe; and nothing is sent of a file that does not begin like an ELF file. An ordinary user may open a path of
# the listing, with that user's own rights.
FRAGMENT = (
    FAMILY_FRAGMENT
    + r"""
bf_newline='
'
bf_remote=
bf_find_remote() {
  set -f
  IFS=$bf_newline
  for bf_mount in $BF_MOUNTS; do
    case ${bf_mount#* * } in
      """
    + "|".join(f"{kind}' '*" for kind in sorted(REMOTE_FILESYSTEMS) if not kind.startswith("fuse."))
    + r"""|fuse' '*|fuse.*|autofs' '*)
        bf_mount=${bf_mount#* }
        bf_remote="$bf_remote${bf_mount%% *}$bf_newline" ;;
    esac
  done
  unset IFS
  set +f
}
bf_is_remote() {
  for bf_mount in $bf_remote; do
    case $1 in "${bf_mount%/}"/*) return 0 ;; esac
  done
  return 1
}
bf_send() {
  [ "$bf_to" -gt 1024 ] || return 0
  echo "at $bf_from"
  od -An -v -tu4 -j $bf_from -N $((bf_to - bf_from)) "$bf_file" 2>/dev/null
}
# Of a deep scan: the dynamic section, whose words are its arguments, and the strings that it names libraries with.
bf_dynamic() {
  bf_strings= bf_low= bf_high=
  while [ $# -ge $((bf_size / 7 * 2)) ]; do
    case $bf_size$bf_order in
      14little) bf_tag=$1 bf_value=$3; shift 4 ;;
      14big) bf_tag=$2 bf_value=$4; shift 4 ;;
      *) bf_tag=$1 bf_value=$2; shift 2 ;;
    esac
    [ ${#bf_value} -lt 10 ] || continue
    case $bf_tag in
      0) break ;;
      1|15|29)
        [ -z "$bf_low" ] && bf_low=$bf_value bf_high=$bf_value
        [ $bf_value -lt $bf_low ] && bf_low=$bf_value
        [ $bf_value -gt $bf_high ] && bf_high=$bf_value ;;
      5) bf_strings=$bf_value ;;
    esac
  done
  [ -n "$bf_low" ] && [ -n "$bf_strings" ] && [ $((bf_high - bf_low)) -le 16384 ] || return 0
  for bf_load in $bf_loads; do
    bf_end=${bf_load##*:} bf_load=${bf_load%:*}
    if [ $bf_strings -ge ${bf_load%:*} ] && [ $bf_strings -lt $bf_end ]; then
      bf_at=$((bf_strings - ${bf_load%:*} + ${bf_load#*:} + bf_low))
      echo "at $bf_at"
      od -An -v -tu4 -j $bf_at -N $((bf_high - bf_low + 256)) "$bf_file" 2>/dev/null
      return 0
    fi
  done
}
bf_load() {
  [ ${#1} -lt 10 ] && [ ${#2} -lt 10 ] && [ ${#3} -lt 10 ] && bf_loads="$bf_loads $1:$2:$(($1 + $3))"
}
# Behind the head follow the program headers, of 14 words each in a 64-bit file and 8 in a 32-bit one. What lies close
# together is sent together.
bf_elf() {
  bf_file=$1 bf_head=$2
  [ -n "$bf_head" ] || bf_head=`od -An -v -tu4 -N 1024 "$bf_file" 2>/dev/null`
  set -- $bf_head
  case $1 in
    1179403647) bf_order=little bf_class=$(($2 % 256)) ;;
    2135247942) bf_order=big bf_class=$(($2 / 16777216)) ;;
    '') echo unreadable; return 0 ;;
    *) echo other; return 0 ;;
  esac
  echo 'at 0'
  echo "$bf_head"
  [ $# -ge 16 ] || return 0
  case $bf_class$bf_order in
    2little) bf_size=14 bf_table=$9 bf_count=$((${15} % 65536)) ;;
    2big) bf_size=14 bf_table=${10} bf_count=$((${15} / 65536)) ;;
    1little) bf_size=8 bf_table=$8 bf_count=$((${12} % 65536)) ;;
    1big) bf_size=8 bf_table=$8 bf_count=$((${12} / 65536)) ;;
    *) return 0 ;;
  esac
  [ ${#bf_table} -lt 10 ] && [ $bf_count -le 128 ] || return 0
  if [ $((bf_table % 4)) = 0 ] && [ $((bf_table + 4 * bf_size * bf_count)) -le 1024 ]; then
    [ $# -gt $((bf_table / 4)) ] || return 0
    shift $((bf_table / 4))
  else
    echo "at $bf_table"
    bf_more=`od -An -v -tu4 -j $bf_table -N $((4 * bf_size * bf_count)) "$bf_file" 2>/dev/null`
    echo "$bf_more"
    set -- $bf_more
  fi
  bf_from=0 bf_to=0 bf_loads= bf_linked=
  while [ $bf_count -gt 0 ] && [ $# -ge $bf_size ]; do
    case $1$BF_DEPTH in
      1deep)
        case $bf_size$bf_order in
          14little) bf_load $5 $3 $9 ;;
          14big) bf_load $6 $4 ${10} ;;
          *) bf_load $3 $2 $5 ;;
        esac ;;
      2deep)
        case $bf_size$bf_order in
          14little) bf_linked="$3 $9" ;;
          14big) bf_linked="$4 ${10}" ;;
          *) bf_linked="$2 $5" ;;
        esac ;;
    esac
    case $1 in
      3|4)
        case $bf_size$bf_order in
          14little) bf_at=$3 bf_bytes=$9 ;;
          14big) bf_at=$4 bf_bytes=${10} ;;
          *) bf_at=$2 bf_bytes=$5 ;;
        esac
        if [ ${#bf_at} -lt 10 ] && [ ${#bf_bytes} -lt 5 ] && [ $((bf_at + bf_bytes)) -gt 1024 ]; then
          if [ $bf_at -lt $bf_from ] || [ $((bf_at + bf_bytes)) -gt $((bf_from + 4096)) ]; then
            bf_send
            bf_from=$bf_at bf_to=0
          fi
          [ $((bf_at + bf_bytes)) -gt $bf_to ] && bf_to=$((bf_at + bf_bytes))
        fi ;;
    esac
    shift $bf_size
    bf_count=$((bf_count - 1))
  done
  bf_send
  [ -n "$bf_linked" ] || return 0
  set -- $bf_linked
  [ ${#1} -lt 10 ] && [ ${#2} -lt 5 ] || return 0
  bf_more=`od -An -v -tu4 -j $1 -N $2 "$bf_file" 2>/dev/null`
  echo "at $1"
  echo "$bf_more"
  bf_dynamic $bf_more
}
bf_show() { printf '%s\n' "$bf_links"; }
bf_add() {
  bf_count_of_files=$((bf_count_of_files + 1))
  eval "bf_says_$bf_count_of_files=\$1 bf_opens_$bf_count_of_files=\$2"
}
# Whether its arguments are the whole first kilobytes of so many files. (A file that is shorter by less than a line
# shifts the next one, which then does not begin like an ELF file.)
bf_are_whole() {
  bf_wanted=$1
  shift
  [ $# = $((64 * bf_wanted)) ] || return 1
  while [ $# != 0 ]; do
    case "$1 " in *' 1179403647 '*|*' 2135247942 '*) ;; *) return 1 ;; esac
    shift 64
  done
}
# Its arguments are those lines, 64 of each file. (The shell copies all of them at each call of a function.)
bf_say() {
  bf_at_file=0
  while [ $bf_at_file -lt $bf_count_of_files ]; do
    bf_at_file=$((bf_at_file + 1))
    eval "bf_label=\$bf_says_$bf_at_file bf_opened=\$bf_opens_$bf_at_file"
    printf '%s\n' "$bf_label"
    case $bf_opened in
      /*)
        bf_words=
        if [ $# != 0 ]; then
          bf_words="@LINES@"
          shift 64
        fi
        bf_elf "$bf_opened" "$bf_words" ;;
      *) echo "$bf_opened" ;;
    esac
  done
}
# A PID and a path for each executable, of processes that were listed once and whose line is whole.
bf_few_executables() {
  set -f
  IFS=$bf_newline
  bf_once=' ' bf_twice=' ' bf_pid= bf_rows=
  for bf_line in $bf_links; do
    case $bf_line in
      l?????????*' /proc/'[0-9]*'/exe'|l?????????*' /proc/'[0-9]*'/exe -> '*)
        bf_line=${bf_line#* /proc/}
        bf_pid=${bf_line%%/*}
        case $bf_once in *" $bf_pid "*) bf_twice="$bf_twice$bf_pid " ;; esac
        bf_once="$bf_once$bf_pid "
        case $bf_line in "$bf_pid/exe -> /"*) bf_rows="$bf_rows$bf_pid ${bf_line#*/exe -> }$bf_newline" ;; esac ;;
      l?????????*' /proc/'[0-9]*'/cwd'*|l?????????*' /proc/'[0-9]*'/root'*) bf_pid= ;;
      *) bf_twice="$bf_twice$bf_pid " ;;
    esac
  done
  # Of several processes the one with the lowest number, which is the least likely to end before it is read.
  [ -z "$bf_rows" ] || bf_rows=`printf '%s' "$bf_rows" | sort -n`
  bf_seen=$bf_newline
  for bf_line in $bf_rows; do
    bf_pid=${bf_line%% *} bf_path=${bf_line#* }
    case $bf_pid in *[!0-9]*) continue ;; esac
    case $bf_twice in *" $bf_pid "*) continue ;; esac
    case $bf_seen in *"$bf_newline$bf_path$bf_newline"*) continue ;; esac
    [ -d "/proc/$bf_pid" ] || continue
    bf_seen=$bf_seen$bf_path$bf_newline
    bf_distinct="$bf_distinct$bf_line$bf_newline"
  done
  unset IFS
  set +f
}
bf_many_executables() {
  bf_show | awk '
    /^l.* \/proc\/[0-9]*\/(exe|cwd|root)( -> |$)/ {
      match($0, / \/proc\/[0-9]*\//)
      pid = substr($0, RSTART + 7, RLENGTH - 8)
      rest = substr($0, RSTART + RLENGTH)
      if (rest !~ /^exe/) { pid = ""; next }
      if (pid in row) twice[pid] = 1
      row[pid] = substr(rest, 8)
      order[++count] = pid
      next
    }
    { twice[pid] = 1 }
    END {
      for (at = 1; at <= count; at++) {
        pid = order[at]
        path = row[pid]
        if (pid in twice || path !~ /^\//) continue
        if (!(path in lowest)) distinct[++paths] = path
        if (!(path in lowest) || pid + 0 < lowest[path] + 0) lowest[path] = pid
      }
      for (at = 1; at <= paths; at++) print lowest[distinct[at]] " " distinct[at]
    }'
}
bf_first_lines() { head -q -c 1024 "$@" 2>/dev/null | od -An -v -tu4; }
bf_heads() {
  bf_distinct=
  if [ $BF_PROCESSES -le 200 ]; then bf_few_executables; else bf_distinct=`bf_many_executables`; fi
  bf_find_remote
  bf_count_of_files=0
  set --
  set -f
  IFS=$bf_newline
  for bf_line in $bf_distinct; do
    bf_path=${bf_line#* }
    bf_opened=/proc/${bf_line%% *}/exe
    if bf_is_remote "$bf_path"; then bf_opened=remote
    elif [ -r "$bf_opened" ]; then :
    elif [ "$BF_UID" != 0 ] && [ -f "$bf_path" ] && [ ! -L "$bf_path" ] && [ -r "$bf_path" ]; then bf_opened=$bf_path
    else bf_opened=unreadable
    fi
    bf_add "file $bf_path" "$bf_opened"
    case $bf_opened in /*) set -- "$@" "$bf_opened" ;; esac
  done
  unset IFS
  set +f
  for bf_path in /lib/ld*.so.[0-9] /lib64/ld*.so.[0-9] /lib/libc.so.6 /lib64/libc.so.6 /lib/*/libc.so.6; do
    [ -f "$bf_path" ] || continue
    bf_add "library $bf_path" "$bf_path"
    set -- "$@" "$bf_path"
  done
  bf_wanted=$#
  [ $# = 0 ] || bf_lines=`bf_first_lines "$@"`
  IFS=$bf_newline
  set -- $bf_lines
  unset IFS
  bf_are_whole $bf_wanted "$@" || set --
  bf_say "$@"
}
bf_links=`each exe ls -ln 2>/dev/null`
if [ "$BF_UID" = 0 ]; then
  part links bf_show
else
  part links-own bf_show
  if [ -n "$BF_ESCALATE" ]; then
    bf_own=$bf_links
    bf_links=`$BF_ESCALATE /usr/bin/find /proc -mindepth 2 -maxdepth 2 '(' -name exe -o -name cwd -o -name root ')' \
      -exec /bin/ls -ln '{}' + 2>/dev/null`
    if [ -n "$bf_links" ]; then part links bf_show; else bf_links=$bf_own; fi
  else
    root links /usr/bin/find /proc -mindepth 2 -maxdepth 2 '(' -name exe -o -name cwd -o -name root ')' \
      -exec /bin/ls -ln '{}' +
  fi
fi
bf_lines=
part heads bf_heads
""".replace("@LINES@", " ".join(f"${{{number}}}" for number in range(1, 65)))
    + STILL_FRAGMENT
)
