"""SHOWN: which host shows which rule, and by which evidence; NOT_SHOWN: which rules no host here can show, and why.

``web01`` to ``vm01`` show it as they are. On ``odd01`` there is a service for each thing, started by an init script; the
services whose names begin with ``odd-``, and the programs of a few bytes, are started by hand for the time of the test.
"""
# ruff: noqa: E501 - one row a line, to be read across

from __future__ import annotations

from .case import Shown

KERNEL = (
    Shown("old-kernel note", "KRN002", "odd01/new-kernel", r"new-kernel has 99\.1\.0 in its ABI note"),
    Shown("check of uname", "KRN003", "odd01/vrrp-watch", r"/etc/init\.d/vrrp-watch checks the kernel release"),
    Shown("32-bit binary", "KRN005", "odd01/old-cpu", r"/opt/odd-old-cpu/old-cpu is 32-bit"),
    Shown("raw socket", "KRN006", "odd01/vrrp-watch", "holds a raw socket for VRRP"),
    Shown("raw socket", "KRN006", "odd01/odd-raw", "holds a raw socket for ICMP"),
    Shown("/dev/net/tun", "KRN007", "odd01/openvpn", "openvpn .* holds /dev/net/tun open", "tun"),
    Shown("/dev/net/tun", "KRN007", "odd01/odd-device", "holds /dev/net/tun open", "tun"),
    Shown("/dev/fuse", "KRN007", "odd01/works", "bindfs .* holds /dev/fuse open", "fuse"),
    Shown("packet socket", "KRN008", "odd01/frame-logger", "socat .* holds a packet socket for all frames"),
    Shown("packet socket", "KRN008", "odd01/odd-sniffer", "holds a packet socket for LLDP frames"),
    Shown("netlink", "KRN009", "odd01/pcscd", "pcscd .* holds a netlink socket of family kobject_uevent"),
    Shown("netlink", "KRN009", "odd01/odd-devices", "holds a netlink socket of family kobject_uevent"),
    Shown("rare sockets", "KRN011", "odd01", "the kernel counts [0-9]+ XDP sockets", "AF_XDP"),
    Shown("rare sockets", "KRN012", "odd01/odd-lite", r"0\.0\.0\.0:9031/udplite", "UDP-Lite"),
    Shown("SysV shared memory", "KRN013", "odd01/clock-signal", r"key 0x4e545030\) of 96 bytes .* attached 1 times"),
    Shown(
        "SysV shared memory", "KRN013", "odd01/odd-shared1", r"key 0x0077aa01\) of 1048576 bytes .* attached 2 times"
    ),
    Shown(
        "SysV shared memory", "KRN013", "odd01/odd-shared2", r"key 0x0077aa01\) of 1048576 bytes .* attached 2 times"
    ),
    Shown("SysV queues", "KRN014", "odd01/odd-messages", "message queue [0-9]+ with 1 messages belongs to 4711"),
    Shown("POSIX queues", "KRN015", "odd01/odd-queue", "holds the queue /odd open"),
    Shown("shared memory", "KRN016", "odd01/odd-shm", "/dev/shm/odd has 100000000 bytes"),
    Shown("huge pages", "KRN017", "odd01/odd-huge", "has [24] MiB in huge pages", "huge pages"),
    Shown("locked memory", "KRN018", "odd01/memcached", "memcached .* locks [0-9]+ KiB"),
    Shown("locked memory", "KRN018", "odd01/odd-locked", "locks 1024 KiB"),
    Shown("real-time", "KRN019", "odd01/sampler", "has policy fifo", "real time"),
    Shown("real-time", "KRN019", "odd01/odd-urgent", "has policy fifo", "real time"),
    Shown("priority", "KRN020", "odd01/clock-signal", "gpsd .* has nice -10"),
    Shown("priority", "KRN020", "odd01/odd-niced", "has nice -5"),
    Shown("processor binding", "KRN021", "odd01/odd-pinned", "may use processors 0", "two processors"),
    Shown("kernel modules", "KRN026", "odd01/sip-gateway", r"/etc/init\.d/sip-gateway calls modprobe"),
    Shown("BPF", "KRN027", "odd01/odd-tracing", "holds anon_inode:bpf-map open"),
    Shown("cluster", "KRN029", "odd01", "corosync runs as process"),
    Shown("control groups", "KRN030", "odd01/mailbox", "uses /sys/fs/cgroup/cpuset"),
    Shown(
        "tuned global sysctl",
        "KRN032",
        "vm01/nginx",
        r"vm\.max_map_count is [0-9]+; /etc/sysctl\.d/60-odd\.conf:1 sets it",
        "vm",
    ),
    Shown(
        "tuned sysctl of the network",
        "KRN033",
        "odd01/memcached",
        r"net\.core\.somaxconn is 8192; /etc/sysctl\.d/60-works\.conf",
    ),
    Shown("sysctl that is gone", "KRN034", "odd01", r"60-works\.conf sets net\.ipv4\.tcp_tw_recycle"),
    Shown("FUSE", "KRN036", "odd01", "/srv/incoming is mounted on /srv/mirror", "fuse"),
)

NETWORK = (
    Shown("port of several", "NET001", "web01/apache2", r"0\.0\.0\.0:80|\[::\]:80"),
    Shown("port of several", "NET001", "app01/inventory-app", "0.0.0.0:80"),
    Shown("port of the container host", "NET002", "app01/tomcat9", r"(0\.0\.0\.0|\[::\]):8080"),
    Shown("hard-wired port", "NET003", "app01/inventory-app", "PORT = 80"),
    Shown("hard-wired port", "NET003", "odd01/portal", "PORT = 40080"),
    Shown("hard-wired address", "NET004", "web01/apache2", r"/etc/app/app\.ini:17 names 10\.77\.0\.12"),
    Shown("hard-wired address", "NET004", "odd01/portal", r"/opt/portal/portal\.py:[0-9]+ names 10\.77\.0\.12"),
    Shown("hard-wired address", "NET004", "odd01/memcached", r"/etc/memcached\.conf:[0-9]+ names 10\.77\.0\.16"),
    Shown("name of a host", "NET005", "web01/apache2", r"/etc/app/app\.ini:[0-9]+ names"),
    Shown("address-bound listener", "NET006", "odd01/memcached", r"listens on 10\.77\.0\.16:11211/tcp"),
    Shown("address-bound listener", "NET006", "odd01/odd-bound", r"listens on 10\.77\.0\.16:9001/tcp"),
    Shown("loopback", "NET007", "odd01/mailbox", r"a connection to 127\.0\.0\.1:4369"),
    Shown("loopback", "NET007", "odd01/odd-caller", r"a connection to 127\.0\.0\.1:9002"),
    Shown("multicast", "NET010", "odd01/feed-receiver", r"interface eth0 listens to 239\.77\.0\.1"),
    Shown("broadcast", "NET011", "odd01/odd-browser", r"0\.0\.0\.0:1434/udp"),
    Shown("virtual address", "NET012", "odd01", r"keepalived has 10\.77\.0\.216 in works"),
    Shown("tunnels and bridges", "NET013", "odd01", "tun0 is", "tun"),
    Shown("routing", "NET014", "odd01", r"rule 1000: from 10\.77\.0\.116"),
    Shown(
        "packet filter", "NET016", "odd01", "nat PREROUTING: .* --dport 8099 -j REDIRECT --to-ports 40080", "iptables"
    ),
    Shown("sniffing", "NET017", "odd01", "eth0 has the flags 0x1103"),
    Shown("ephemeral range", "NET020", "odd01/portal", "40080"),
    Shown("NodePort", "NET021", "odd01/vsftpd", "vsftpd listens on 21/tcp"),
    Shown("privileged port", "NET022", "odd01/vsftpd", "vsftpd listens on .*:21"),
    Shown("address of clients", "NET023", "odd01/portal", r"hosts_allow = 10\.77\.0\.0/24"),
    Shown("own address", "NET024", "odd01/poller", r"a connection to 10\.77\.0\.16:21000"),
    Shown("own address", "NET024", "odd01/odd-home", r"a connection to 10\.77\.0\.16:9001"),
    Shown("own address", "NET024", "odd01/odd-client", r"a connection to 10\.77\.0\.16:7"),
    Shown("FTP", "NET025", "odd01/vsftpd", "vsftpd .* runs"),
    Shown("voice", "NET026", "odd01/sip-gateway", r"0\.0\.0\.0:5060/udp"),
    Shown("portmapper", "NET027", "odd01/who-is-on", r"rpc\.rusersd .* runs"),
    Shown("RMI", "NET028", "app01/rmiregistry", "rmiregistry .* is started this way"),
    Shown("redirection", "NET029", "odd01/epmd", "epmd .* runs"),
    Shown("reserved client ports", "NET030", "odd01/openbsd-inetd", r"0\.0\.0\.0:513/tcp"),
    Shown("keytab", "NET031", "odd01/portal", r"keytab = /etc/portal/http\.keytab"),
    Shown("many ports", "NET032", "odd01/poller", r"0\.0\.0\.0:21000/tcp"),
)

STATE = (
    Shown("state", "DAT001", "odd01/odd-writer", r"holds /opt/odd-writer/state\.db open for writing"),
    Shown("state", "DAT001", "odd01/portal", r"holds /etc/portal/state\.ini open for writing"),
    Shown("state", "DAT002", "db01/mariadb", "/var/lib/mysql"),
    Shown("logs", "DAT003", "odd01/memcached", r"holds /var/log/memcached\.log open for writing"),
    Shown("network file system", "DAT004", "odd01/feed-receiver", "/srv/incoming is mounted at /srv/mirror", "fuse"),
    Shown("network file system", "DAT004", "odd01/works", "/srv/incoming is mounted at /srv/mirror", "fuse"),
    Shown("mounts on demand", "DAT005", "odd01/portal", "/etc/cron.d/portal calls mount"),
    Shown("mount options", "DAT006", "odd01/portal", "rw,noexec"),
    Shown("state of users", "DAT007", "web01/apache2", "uploads"),
    Shown("state of users", "DAT007", "odd01/works", "/srv/incoming"),
    Shown("written configuration", "DAT008", "odd01/portal", r"holds /etc/portal/state\.ini open for writing"),
    Shown("system log", "DAT009", "odd01/poller", "/dev/log"),
)

PROCESS = (
    Shown("unmanaged process", "PRC001", "odd01/odd-bound", "python3 /opt/odd-bound/server.py --listen"),
    Shown("unmanaged process", "PRC002", "odd01/portal", r"/opt/portal/portal\.py"),
    Shown("deleted program", "PRC003", "odd01/replaced", "is marked as deleted"),
    Shown("cron", "PRC004", "odd01/portal", r"/etc/cron\.d/portal: 15 3 \* \* \* root su portal"),
    Shown("background", "PRC005", "vm01/nginx", "Type=forking", "vm"),
    Shown("background", "PRC005", "odd01/epmd", "epmd .* runs with -daemon"),
    Shown("background", "PRC005", "odd01/openvpn", "openvpn .* runs with --daemon"),
    Shown("background", "PRC005", "odd01/pcscd", "starts pcscd, which then runs as a child of init"),
    Shown("dead children", "PRC006", "odd01/odd-parent", "is a zombie"),
    Shown("inetd", "PRC007", "odd01/echo", "inetd .* is the parent of"),
    Shown("descriptors", "PRC008", "odd01/vsftpd", "vsftpd .* has a limit of [0-9]+ open files"),
    Shown("limits", "PRC009", "odd01/portal", r"/etc/init\.d/portal:[0-9]+ has ulimit -n 8192"),
    Shown("sizes itself", "PRC010", "odd01/mailbox", r"beam\.smp .* runs"),
    Shown("inotify", "PRC011", "odd01/odd-watcher", "has inotify open as descriptor"),
    Shown("asynchronous I/O", "PRC012", "db01/mariadb", r"libaio\.so"),
    Shown("io_uring", "PRC013", "odd01/odd-rings", "has io_uring open as descriptor", "io_uring"),
    Shown("fanotify", "PRC014", "odd01/odd-scanner", "has fanotify open as descriptor"),
    Shown("debugger", "PRC016", "odd01/odd-local", "strace -o /dev/null -p"),
    Shown("container engine", "PRC017", "odd01/portal", r"unix:///var/run/docker\.sock"),
    Shown("several services", "PRC019", "odd01", "has pid"),
    Shown("login records", "PRC021", "odd01/poller", "holds /var/log/wtmp open for writing"),
)

OTHERS = (
    Shown("other platform", "PLT002", "odd01", "the platform of odd01 is POSIX"),
    Shown("root", "SEC001", "odd01/vsftpd", "vsftpd"),
    Shown("system users", "SEC011", "odd01/vsftpd", r"has loaded .*/libpam\.so"),
    Shown("secrets", "SEC002", "odd01/portal", r"/etc/portal/portal\.ini: line 6: value of admin_password"),
    Shown("secrets", "SEC002", "odd01/openvpn", r"/etc/openvpn/"),
    Shown("secrets", "SEC003", "odd01/odd-secret", "--password=<redacted:"),
    Shown("secrets", "SEC003", "odd01/odd-keyring", "--key <redacted:"),
    Shown("secrets", "SEC003", "odd01/odd-environment", "has DB_PASSWORD in its environment"),
    Shown("capabilities", "SEC004", "odd01/clock-setter", "has CapEff 0000000002000000"),
    Shown("setuid", "SEC005", "odd01/portal", "su portal -s /bin/sh"),
    Shown("confinement", "SEC007", "vm01/meter-gateway", "[A-Z][A-Za-z]+", "vm"),
    Shown("keyring", "SEC008", "odd01", "odd:ticket", "keyrings"),
    Shown("licence", "IDN001", "odd01/portal", "SERVER odd01 001a2b3c4d5e 27000"),
    Shown("hardware key", "IDN002", "odd01/pcscd", "pcscd .* runs"),
    Shown("machine number", "IDN003", "odd01/portal", "/sys/class/net/eth0/address"),
    Shown("machine number", "IDN003", "odd01/odd-bound-to-machine", "id_file = /etc/machine-id"),
    Shown("host name", "IDN004", "odd01/portal", r"portal\.lic:1 names odd01"),
    Shown("companions", "CPL001", "odd01/odd-frontend", r"is given /run/odd/backend\.sock, where odd-backend listens"),
    Shown("companions", "CPL001", "odd01/odd-shared1", "/SYSV0077aa01"),
    Shown("companions", "CPL001", "odd01/odd-shared2", "/SYSV0077aa01"),
    Shown("shared files", "CPL002", "odd01/portal", "readings|journal"),
    Shown("shared files", "CPL002", "odd01/poller", "readings|journal"),
    Shown("pid file of another", "CPL003", "odd01/portal", r"/run/poller\.pid"),
    Shown("shared account", "CPL004", "odd01/portal", "has user id"),
    Shown("shared account", "CPL004", "odd01/poller", "has user id"),
    Shown("account of a directory", "CPL005", "odd01/odd-messages", "has user id 4711, which is in no local file"),
    Shown("parent and child", "CPL006", "odd01/echo", "cat .* is a child of"),
    Shown("end-of-life distribution", "EOL001", "app01", r"Debian GNU/Linux 11 \(bullseye\)"),
    Shown("end-of-life distribution", "EOL001", "odd01", r"Debian GNU/Linux 11 \(bullseye\)"),
    Shown("end-of-life runtime", "EOL002", "odd01/portal", r"/opt/portal/python-2\.7/bin/python2\.7"),
    Shown("end-of-life library", "EOL003", "odd01/portal", r"is Django 1\.11\.29"),
)

SHOWN: tuple[Shown, ...] = (*KERNEL, *NETWORK, *STATE, *PROCESS, *OTHERS)

OF_WINDOWS = "a host with a command line of Windows: see test_windows_host.py"
NOT_SHOWN: dict[str, str] = {
    "KRN001": "a program for another processor does not run here; the recorded web01 is judged on a target of ARM",
    "KRN004": "which level a processor lacks is the machine's; recorded on app01-odd and judged on a target of level 3",
    "KRN010": "the kernels that this runs on seldom have SCTP; needs its module",
    "KRN022": "options at boot are those of the machine",
    "KRN023": "a swap is the machine's, and may be missing",
    "KRN024": "modules are built into the kernels that this runs on, or are the machine's",
    "KRN025": "needs a module that no distribution has",
    "KRN028": "the kernel's NFS server is the machine's",
    "KRN031": "no Java of the suites in the archive is old enough",
    "KRN035": "needs two kernels with settings that exclude each other; only vm01 has its own",
    "KRN037": "needs two kernels with security modules or modules that exclude each other",
    "NET034": "needs a host that reports what is not its own; snapshots made by hand do",
    "KRN038": "needs the module of VirtualBox or VMware",
    "NET015": "needs the module ip_vs",
    "NET033": "needs a Docker Swarm as the target",
    "PRC015": "kernel.core_pattern is the machine's",
    "PRC018": "an engine within the hosts would be a container in a container",
    "PRC020": "binfmt_misc is the machine's",
    "SEC006": "needs a kernel with SELinux",
    "SEC009": "no host has a unit that names a profile",
    "SEC010": "needs a target that enforces SELinux",
    "IDN005": "products that are licensed by processors cannot be had",
    "PLT001": OF_WINDOWS,
    "PLT003": "no AIX, HP-UX, Solaris or BSD runs here",
}  # fmt: skip

MUST_BE_SHOWN = (
    "multicast", "raw socket", "SysV shared memory", "/dev/net/tun", "real-time", "locked memory", "32-bit binary",
    "old-kernel note", "tuned global sysctl", "FTP", "hard-wired port", "hard-wired address", "secrets",
    "end-of-life runtime", "cron", "unmanaged process",
)  # fmt: skip
"""Families that some host shows whatever else changes here."""

BROAD = frozenset(
    {
        "DAT002",
        "DAT003",
        "DAT005",
        "DAT006",
        "KRN033",
        "NET004",
        "NET020",
        "NET021",
        "NET022",
        "PLT002",
        "PRC001",
        "PRC002",
        "PRC004",
        "SEC001",
    }
)
"""Rules of which more is shown than is told here: it is true of many services of a host."""
