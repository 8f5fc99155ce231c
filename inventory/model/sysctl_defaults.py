"""The kernel's own defaults of its settings, where they are the same on every machine.

The values are those of the kernel's own source and of its documentation (Documentation/admin-guide/sysctl/,
Documentation/networking/ip-sysctl.rst, sched(7), proc(5), mq_overview(7)). Settings are left out that depend on the
size of the machine (``fs.file-max``, ``net.ipv4.tcp_mem``), on how the kernel was built (``kernel.sysrq``,
``net.core.default_qdisc``) or on patches of distributions (``kernel.perf_event_paranoid``): their values alone do not
show whether they were changed. A distribution's kernel may have adopted a younger value.
"""

from __future__ import annotations

import re
from typing import Final

_Version = tuple[int, int]

_ALWAYS: Final[_Version] = (2, 6)
_64BIT: Final = "18446744073692774399"  # ULONG_MAX - (1 << 24), since Linux 3.16

_KNOWN: Final[dict[str, str | list[tuple[_Version, str]]]] = {
    "fs.aio-max-nr": "65536",
    "fs.inotify.max_queued_events": "16384",
    "fs.inotify.max_user_instances": "128",
    "fs.lease-break-time": "45",
    "fs.leases-enable": "1",
    "fs.mount-max": "100000",
    "fs.mqueue.msg_max": "10",
    "fs.mqueue.msgsize_max": "8192",
    "fs.mqueue.queues_max": "256",
    "fs.nr_open": "1048576",
    "fs.overflowgid": "65534",
    "fs.overflowuid": "65534",
    "fs.pipe-max-size": "1048576",
    "fs.pipe-user-pages-hard": "0",
    "fs.pipe-user-pages-soft": "16384",
    "fs.protected_fifos": "0",
    "fs.protected_hardlinks": "0",
    "fs.protected_regular": "0",
    "fs.protected_symlinks": "0",
    "fs.suid_dumpable": "0",
    "kernel.core_pattern": "core",
    "kernel.core_uses_pid": "0",
    "kernel.ctrl-alt-del": "0",
    "kernel.msgmax": "8192",
    "kernel.msgmnb": "16384",
    "kernel.msgmni": [((3, 19), "32000")],  # scaled by memory before
    "kernel.sched_rt_period_us": "1000000",
    "kernel.sched_rt_runtime_us": "950000",
    "kernel.sem": [(_ALWAYS, "250 32000 32 128"), ((3, 19), "32000 1024000000 500 32000")],
    "kernel.shm_rmid_forced": "0",
    "kernel.shmall": [((3, 16), _64BIT)],
    "kernel.shmmax": [(_ALWAYS, "33554432"), ((3, 16), _64BIT)],
    "kernel.shmmni": "4096",
    "net.core.dev_weight": "64",
    "net.core.netdev_budget": "300",
    "net.core.netdev_max_backlog": [((3, 0), "1000")],
    "net.core.somaxconn": [(_ALWAYS, "128"), ((5, 4), "4096")],
    "net.ipv4.conf.all.accept_redirects": "1",
    "net.ipv4.conf.all.accept_source_route": "0",
    "net.ipv4.conf.all.arp_accept": "0",
    "net.ipv4.conf.all.arp_announce": "0",
    "net.ipv4.conf.all.arp_filter": "0",
    "net.ipv4.conf.all.arp_ignore": "0",
    "net.ipv4.conf.all.forwarding": "0",
    "net.ipv4.conf.all.log_martians": "0",
    "net.ipv4.conf.all.proxy_arp": "0",
    "net.ipv4.conf.all.rp_filter": "0",
    "net.ipv4.conf.all.secure_redirects": "1",
    "net.ipv4.conf.all.send_redirects": "1",
    "net.ipv4.conf.default.accept_redirects": "1",
    "net.ipv4.conf.default.accept_source_route": "1",
    "net.ipv4.conf.default.arp_announce": "0",
    "net.ipv4.conf.default.arp_ignore": "0",
    "net.ipv4.conf.default.forwarding": "0",
    "net.ipv4.conf.default.log_martians": "0",
    "net.ipv4.conf.default.rp_filter": "0",
    "net.ipv4.conf.default.secure_redirects": "1",
    "net.ipv4.conf.default.send_redirects": "1",
    "net.ipv4.icmp_echo_ignore_all": "0",
    "net.ipv4.icmp_echo_ignore_broadcasts": "1",
    "net.ipv4.icmp_ignore_bogus_error_responses": "1",
    "net.ipv4.icmp_ratelimit": "1000",
    "net.ipv4.icmp_ratemask": "6168",
    "net.ipv4.igmp_max_memberships": "20",
    "net.ipv4.igmp_max_msf": "10",
    "net.ipv4.ip_default_ttl": "64",
    "net.ipv4.ip_forward": "0",
    "net.ipv4.ip_local_port_range": [((3, 0), "32768 61000"), ((4, 2), "32768 60999")],
    "net.ipv4.ip_local_reserved_ports": "",
    "net.ipv4.ip_no_pmtu_disc": "0",
    "net.ipv4.ip_nonlocal_bind": "0",
    "net.ipv4.ip_unprivileged_port_start": "1024",
    "net.ipv4.ipfrag_time": "30",
    "net.ipv4.neigh.default.gc_thresh1": "128",
    "net.ipv4.neigh.default.gc_thresh2": "512",
    "net.ipv4.neigh.default.gc_thresh3": "1024",
    "net.ipv4.ping_group_range": "1 0",
    "net.ipv4.tcp_abort_on_overflow": "0",
    "net.ipv4.tcp_fastopen": [((3, 13), "1")],
    "net.ipv4.tcp_fin_timeout": "60",
    "net.ipv4.tcp_keepalive_intvl": "75",
    "net.ipv4.tcp_keepalive_probes": "9",
    "net.ipv4.tcp_keepalive_time": "7200",
    "net.ipv4.tcp_moderate_rcvbuf": "1",
    "net.ipv4.tcp_mtu_probing": "0",
    "net.ipv4.tcp_no_metrics_save": "0",
    "net.ipv4.tcp_orphan_retries": "0",
    "net.ipv4.tcp_reordering": "3",
    "net.ipv4.tcp_retries1": "3",
    "net.ipv4.tcp_retries2": "15",
    "net.ipv4.tcp_rfc1337": "0",
    "net.ipv4.tcp_sack": "1",
    "net.ipv4.tcp_slow_start_after_idle": "1",
    "net.ipv4.tcp_stdurg": "0",
    "net.ipv4.tcp_syn_retries": [(_ALWAYS, "5"), ((3, 7), "6")],
    "net.ipv4.tcp_synack_retries": "5",
    "net.ipv4.tcp_syncookies": [((3, 0), "1")],
    "net.ipv4.tcp_timestamps": "1",
    "net.ipv4.tcp_tw_recycle": "0",
    "net.ipv4.tcp_tw_reuse": [(_ALWAYS, "0"), ((4, 19), "2")],
    "net.ipv4.tcp_window_scaling": "1",
    "net.ipv4.udp_rmem_min": [((3, 0), "4096")],
    "net.ipv4.udp_wmem_min": [((3, 0), "4096")],
    "net.ipv6.bindv6only": "0",
    "net.ipv6.conf.all.disable_ipv6": "0",
    "net.ipv6.conf.all.forwarding": "0",
    "net.ipv6.conf.default.disable_ipv6": "0",
    "net.ipv6.conf.default.forwarding": "0",
    "net.unix.max_dgram_qlen": "10",
    "vm.dirty_background_bytes": "0",
    "vm.dirty_background_ratio": [((3, 0), "10")],
    "vm.dirty_bytes": "0",
    "vm.dirty_expire_centisecs": "3000",
    "vm.dirty_ratio": [((3, 0), "20")],
    "vm.dirty_writeback_centisecs": "500",
    "vm.laptop_mode": "0",
    "vm.legacy_va_layout": "0",
    "vm.max_map_count": [((3, 0), "65530")],
    "vm.nr_hugepages": "0",
    "vm.nr_overcommit_hugepages": "0",
    "vm.oom_dump_tasks": [((3, 0), "1")],
    "vm.oom_kill_allocating_task": "0",
    "vm.overcommit_kbytes": "0",
    "vm.overcommit_memory": "0",
    "vm.overcommit_ratio": "50",
    "vm.page-cluster": "3",
    "vm.panic_on_oom": "0",
    "vm.stat_interval": "1",
    "vm.swappiness": "60",
    "vm.vfs_cache_pressure": "100",
    "vm.watermark_scale_factor": "10",
    "vm.zone_reclaim_mode": [((3, 16), "0")],  # on many NUMA machines 1 before
}

DEFAULTS: Final[dict[str, tuple[tuple[_Version, str], ...]]] = {
    name: ((_ALWAYS, rows),) if isinstance(rows, str) else tuple(rows) for name, rows in _KNOWN.items()
}
"""Values by setting: the versions of Linux from which each holds. Before the first row the table has none."""


def version_of(release: str) -> _Version | None:
    """The first two numbers of ``5.10.0-32-cloud-amd64``; None when it has none."""
    match = re.match(r"(\d{1,4})\.(\d{1,4})", release, re.ASCII)
    return (int(match[1]), int(match[2])) if match else None


def default_of(name: str, release: str) -> str | None:
    """The kernel's own value of a setting, with one space between words; None when this table has none.

    ``release`` is that of ``uname -r``. The values of kernel.shmmax and kernel.shmall are those of 64 bit machines.
    """
    version = version_of(release)
    if version is None:
        return None
    known = [value for since, value in DEFAULTS.get(name, ()) if since <= version]
    return known[-1] if known else None
