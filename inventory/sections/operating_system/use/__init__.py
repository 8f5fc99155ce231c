"""Usage over time without waiting on the host: counters of the kernel since it started, hours that sysstat recorded."""

from __future__ import annotations

from inventory.model.use import Use
from inventory.observation import Found, Gap, Observation, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import Section, Variant, redact_errors
from inventory.sections.operating_system.use.cgroup_counters import read_cgroups
from inventory.sections.operating_system.use.kernel_counters import read_counters
from inventory.sections.operating_system.use.sysstat_archives import read_hours

NAME = "use"

# The kernel's tables, without the numbers of each interrupt and each CPU, and the cgroups of services. A unit's name
# may hold a colon, which would end the name of its file too early: those are left out.
FILES = r"""
drop '^(intr|softirq)( [0-9]+){5,}$|^cpu[0-9]+( [0-9]+){4,}$'
set --
for bf_file in /proc/stat /proc/uptime /proc/loadavg /proc/meminfo /proc/vmstat /proc/diskstats /proc/net/dev \
  /proc/net/snmp /proc/net/netstat /proc/pressure/cpu /proc/pressure/memory /proc/pressure/io \
  /proc/sys/net/netfilter/nf_conntrack_count /proc/sys/net/netfilter/nf_conntrack_max \
  /proc/sys/net/ipv4/netfilter/ip_conntrack_count /proc/sys/net/ipv4/ip_conntrack_max; do
  [ -r "$bf_file" ] && set -- "$@" "$bf_file"
done
want 'counters=/*' "$@"
bf_cgroups() {
  set --
  for bf_root in /sys/fs/cgroup /sys/fs/cgroup/unified /sys/fs/cgroup/cpuacct /sys/fs/cgroup/memory \
    /sys/fs/cgroup/pids /sys/fs/cgroup/blkio /cgroup/cpuacct /cgroup/memory; do
    [ -d "$bf_root" ] || continue
    for bf_group in "$bf_root"/system.slice/*.service "$bf_root"/system.slice/*.scope "$bf_root"/machine.slice/*.scope \
      "$bf_root"/user.slice/user-*.slice "$bf_root"/docker/* "$bf_root"/lxc/* "$bf_root"/lxc.payload.*; do
      case $bf_group in *:*|*'*'*) continue ;; esac
      for bf_file in cpu.stat memory.current memory.peak memory.events pids.current pids.peak io.stat cpuacct.usage \
        memory.usage_in_bytes memory.max_usage_in_bytes memory.failcnt blkio.throttle.io_service_bytes; do
        [ -r "$bf_group/$bf_file" ] && set -- "$@" "$bf_group/$bf_file"
      done
    done
  done
  want_matching 'cgroups=/*' '^(usage_usec|throttled_usec|oom_kill) |^[0-9]+$|^[0-9]+:[0-9]+ ' "$@"
}
bf_cgroups
"""

# sadf reads an archive of sysstat and gives means of an hour. That costs some milliseconds of CPU for each day, so a
# quick scan leaves it out, and the usual one takes the last week at most.
FRAGMENT = r"""
bf_archives() {
  for bf_day in `ls -t /var/log/sysstat/sa[0-9]* /var/log/sa/sa[0-9]* 2>/dev/null | head -n 8`; do
    case $bf_day in *.*) continue ;; esac
    sadf -d 3600 "$bf_day" -- -u -r -b -n DEV
  done
}
if [ "$BF_DEPTH" != quick ]; then
  for bf_day in /var/log/sysstat/sa[0-9]* /var/log/sa/sa[0-9]*; do
    [ -e "$bf_day" ] || continue
    if type sadf >/dev/null 2>&1; then
      part archives bf_archives
    else
      part no-sadf echo "$bf_day"
    fi
    break
  done
fi
"""


def parse(recording: SectionRecording) -> Observation[Use]:
    """Unknown where the kernel's tables could not be read; without archives there are no hours."""
    part = recording.part("counters")
    if part is None or not part.content:
        return Unknown("/proc could not be read")
    use = read_counters(recording, read_cgroups(recording), read_hours(recording))
    gaps: list[Gap] = []
    if recording.part("no-sadf") is not None:
        gaps.append(Gap("the archives of sysstat", "sadf, which reads them, is not installed"))
    archives = recording.part("archives")
    if archives is not None and not use.hours:
        gaps.append(Gap("the archives of sysstat", "sadf could not read them: they may be of another version"))
    return Found(use, tuple(gaps))


SECTION: Section[Use] = Section(
    NAME,
    "Use of CPU, memory, disks and network since the start, of each service, and by hour where sysstat recorded it.",
    (Variant(Platform.POSIX, FRAGMENT, parse, seconds=15, cap=4 * 1024 * 1024, files=FILES),),
    redact_errors,
)
