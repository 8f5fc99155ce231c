"""Use is read from the kernel's counters and from archives of sysstat, in the units that the model says.

The archive of ``trixie01`` was written by sadc itself, its clock moved on by ten minutes between samples.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.model.use import Use, percentile
from inventory.observation import Found, Unknown
from inventory.platforms import Platform
from inventory.recording import SectionRecording
from inventory.section import ParseError
from inventory.sections.operating_system.use import SECTION, parse
from tests.support.live import ask, found
from tests.support.recordings import answer, recorded

STAT = "/proc/stat:cpu  100 0 300 500 100 0 0 0 0 0\n/proc/stat:ctxt 42\n/proc/stat:processes 7\n"


def use(recording: SectionRecording) -> Use:
    value = found(SECTION, recording)
    assert isinstance(value, Use)
    return value


def counted(text: str = "", **parts: bytes) -> Use:
    return use(answer("use", counters=(STAT + text).encode(), **parts))


def test_time_of_the_cpu_is_in_seconds_since_the_start() -> None:
    value = counted("/proc/uptime:100.5 200.1\n/proc/loadavg:0.10 0.20 0.30 1/200 99\n")

    assert (value.cpu.user, value.cpu.system, value.cpu.idle, value.cpu.iowait) == (1.0, 3.0, 5.0, 1.0)
    assert value.cpu.busy_fraction == pytest.approx(0.4)
    assert (value.uptime_seconds, value.load) == (100.5, (0.1, 0.2, 0.3))
    assert (value.number("context_switches"), value.number("forks")) == (42, 7)


def test_a_kernel_of_2005_counts_less() -> None:
    value = use(answer("use", counters=b"/proc/stat:cpu  100 0 300 500\n/proc/net/dev:  eth0:17 1 0 0 0 0 0 0 9 1 2 3 0 0 0 0\n"))  # fmt: skip  # noqa: E501

    assert (value.cpu.steal, value.load, value.pressure) == (0.0, (0.0, 0.0, 0.0), ())
    assert [(each.name, each.received_bytes, each.sent_bytes, each.send_drops) for each in value.interfaces] == [
        ("eth0", 17, 9, 3)
    ]


def test_memory_is_in_bytes_and_pages_are_counted() -> None:
    value = counted("/proc/meminfo:MemTotal:  2048 kB\n/proc/meminfo:HugePages_Total:  3\n/proc/vmstat:oom_kill 2\n")

    assert (value.number("MemTotal"), value.number("HugePages_Total")) == (2 << 20, 3)
    assert value.number("oom_kill") == 2
    assert value.number("pswpin") is None, "not counted is not zero"


def test_only_whole_disks_are_counted_and_sectors_have_512_bytes() -> None:
    value = counted(
        "/proc/diskstats:   8   0 sda 10 0 100 5 20 0 200 9 0 1500 14\n"
        "/proc/diskstats:   8   1 sda1 10 0 100 5 20 0 200 9 0 1500 14\n"
        "/proc/diskstats: 259   0 nvme0n1 1 0 1 0 0 0 0 0 0 0 0 0 0 0 0\n"
        "/proc/diskstats: 253   0 dm-0 10 0 100 5 20 0 200 9 0 1500 14\n"
        "/proc/diskstats:   7   0 loop0 10 0 100 5 20 0 200 9 0 1500 14\n"
        "/proc/diskstats:   8  16 sdb 0 0 0 0 0 0 0 0 0 0 0\n"
    )

    assert [disk.name for disk in value.disks] == ["sda", "nvme0n1"]
    assert (value.disks[0].read_bytes, value.disks[0].written_bytes, value.disks[0].busy_seconds) == (
        51200,
        102400,
        1.5,
    )


def test_errors_of_the_network_have_the_kernels_names() -> None:
    value = counted(
        "/proc/net/snmp:Tcp: RtoAlgorithm MaxConn RetransSegs\n/proc/net/snmp:Tcp: 1 -1 77\n"
        "/proc/net/netstat:TcpExt: SyncookiesSent ListenOverflows\n/proc/net/netstat:TcpExt: 0 5\n"
        "/proc/sys/net/netfilter/nf_conntrack_count:9\n/proc/sys/net/netfilter/nf_conntrack_max:262144\n"
    )

    assert value.number("Tcp.RetransSegs") == 77
    assert value.number("TcpExt.ListenOverflows") == 5
    assert (value.number("conntrack.count"), value.number("conntrack.max")) == (9, 262144)


def test_a_service_has_what_its_cgroup_counted() -> None:
    groups = {group.path: group for group in use(recorded("vm01", "use")).cgroups}
    gateway = groups["system.slice/meter-gateway.service"]

    assert gateway.cpu_seconds == pytest.approx(4.565785)
    assert (gateway.memory_bytes, gateway.tasks, gateway.memory_failures) == (16146432, 1, 0)
    assert gateway.memory_peak_bytes is None, "kernel 5.10 does not keep it"


def test_version_1_of_cgroups_spreads_a_service_over_hierarchies() -> None:
    base = "/sys/fs/cgroup/{}/system.slice/db.service/{}\n"
    value = counted(
        cgroups="".join(
            base.format(root, line)
            for root, line in (
                ("cpuacct", "cpuacct.usage:2500000000"), ("memory", "memory.usage_in_bytes:100"),
                ("memory", "memory.max_usage_in_bytes:900"), ("memory", "memory.failcnt:4"),
                ("pids", "pids.current:12"),
                ("blkio", "blkio.throttle.io_service_bytes:8:0 Read 10"),
                ("blkio", "blkio.throttle.io_service_bytes:8:16 Read 20"),
                ("blkio", "blkio.throttle.io_service_bytes:8:0 Total 30"),
            )
        ).encode()
    )  # fmt: skip
    (group,) = value.cgroups

    assert (group.path, group.cpu_seconds, group.memory_peak_bytes) == ("system.slice/db.service", 2.5, 900)
    assert (group.memory_failures, group.tasks, group.read_bytes, group.written_bytes) == (4, 12, 30, None)


def test_hours_of_a_real_archive_have_shares_and_bytes() -> None:
    first, second = use(recorded("trixie01", "use")).hours

    assert second.end - first.end == 3600
    assert (first.cpu_busy, first.cpu_iowait) == (pytest.approx(0.5556), 0.0)
    assert first.memory_used_bytes == 1096048 * 1024
    assert first.memory_used == pytest.approx(0.0444, abs=0.0001)
    assert (first.received_bytes, first.disk_read_bytes) == (0.0, 0.0)


def test_an_archive_of_an_older_sysstat_has_other_columns() -> None:
    """Version 7 (EL5) counts bytes, calls all CPUs "-1", and its used memory holds the page cache."""
    archive = (
        "# hostname;interval;timestamp;CPU;%user;%nice;%system;%iowait;%steal;%idle\n"
        "old;3600;2009-03-01 01:00:01 UTC;-1;10.0;0.0;5.0;20.0;0.0;65.0\n"
        "old;-1;2009-03-01 01:30:00 UTC;LINUX-RESTART\n"
        "# hostname;interval;timestamp;kbmemfree;kbmemused;%memused;kbbuffers;kbcached\n"
        "old;3600;2009-03-01 01:00:01 UTC;1000;3000;75.0;500;1500\n"
        "# hostname;interval;timestamp;tps;rtps;wtps;bread/s;bwrtn/s\n"
        "old;3600;2009-03-01 01:00:01 UTC;1.0;1.0;0.0;8.0;2.0\n"
        "# hostname;interval;timestamp;IFACE;rxpck/s;txpck/s;rxbyt/s;txbyt/s\n"
        "old;3600;2009-03-01 01:00:01 UTC;lo;9.0;9.0;900.0;900.0\n"
        "old;3600;2009-03-01 01:00:01 UTC;eth0;9.0;9.0;100.0;50.0\n"
        "old;3600;2009-03-01 01:00:01 UTC;eth1;9.0;9.0;1.0;2.0\n"
    )
    (hour,) = counted(archives=archive.encode()).hours

    assert (hour.cpu_busy, hour.cpu_iowait) == (pytest.approx(0.15), 0.2)
    assert (hour.memory_used_bytes, hour.memory_used) == (1000 * 1024, 0.25)
    assert (hour.received_bytes, hour.sent_bytes) == (101.0, 52.0)
    assert (hour.disk_read_bytes, hour.disk_written_bytes) == (4096.0, 1024.0)


def test_placement_can_ask_for_the_95th_percentile() -> None:
    assert percentile([float(value) for value in range(1, 101)], 95) == 95
    assert percentile([3.0], 95) == 3
    assert counted().cpu_busy_p95 is None
    assert use(recorded("trixie01", "use")).cpu_busy_p95 == pytest.approx(0.5714)


def test_archives_that_nothing_can_read_are_a_gap() -> None:
    for parts in ({"no_sadf": b"/var/log/sa/sa01\n"}, {"archives": b""}):
        observation = SECTION.observe(answer("use", counters=STAT.encode(), **parts), Platform.POSIX)
        assert isinstance(observation, Found)
        assert [gap.what for gap in observation.gaps] == ["the archives of sysstat"]


def test_a_host_without_proc_is_unknown() -> None:
    assert isinstance(SECTION.observe(answer("use", counters=b""), Platform.POSIX), Unknown)


def test_this_machine_says_what_its_own_tools_say() -> None:
    """free(1) and the kernel's own table of interfaces are the witnesses."""
    if shutil.which("free") is None:
        pytest.skip("free is not installed")
    value = use(ask(SECTION)["use"])
    words = subprocess.run(["free", "-b"], capture_output=True, text=True, check=True).stdout.split("Mem:")[1].split()

    assert value.number("MemTotal") == int(words[0])
    assert {each.name for each in value.interfaces} >= {"lo"}
    assert value.uptime_seconds <= float(Path("/proc/uptime").read_text().split()[0])
    assert 0 <= value.cpu.busy_fraction <= 1


@given(
    st.sampled_from(["counters", "cgroups", "archives"]),
    st.one_of(
        st.binary(max_size=80),
        st.text("0123456789. ;:-\n#%CPUidle", max_size=60).map(str.encode),
        st.text("0123456789 -.:", max_size=40).map(lambda text: f"/proc/diskstats:{text}\n".encode()),
        st.text("0123456789 -.:", max_size=40).map(lambda text: f"/proc/net/dev:{text}\n".encode()),
    ),
)
def test_nothing_but_a_parse_error_comes_of_rubbish(name: str, content: bytes) -> None:
    content = STAT.encode() + content if name == "counters" else content
    try:
        parse(answer("use", **({"counters": STAT.encode()} | {name: content})))
    except ParseError as error:
        assert str(error)
