"""REALITY: what rules foretell of containers, as pairs of starts: one that fails and one that works.

The programs are those of ``programs/`` and busybox.
"""

from __future__ import annotations

from .case import Case, Neighbour, fails, works

_OUTSIDE = Neighbour("speak", "--network host")
"""Stands for a server of the network that the container host is in; it speaks over the loopback only."""

KERNEL = (
    Case(
        "KRN001",
        "other-machine",
        "A program made for another kind of processor",
        fails("raw-for-another-machine", "exec format error"),
        works("raw"),
        done="the program made for this one",
    ),
    Case(
        "KRN006",
        "raw-socket",
        "Opens a raw socket of IP protocol 112 (VRRP)",
        fails("raw", "Operation not permitted", options="--cap-drop NET_RAW"),
        works("raw", options="--cap-drop ALL --cap-add NET_RAW"),
    ),
    Case(
        "KRN007",
        "device-node",
        "Makes the node of a device (/dev/kmsg) with mknod and opens it to write",
        fails("device /dev/kmsg 1 11", "open: Operation not permitted"),
        works("device /dev/kmsg 1 11", options="--device /dev/kmsg"),
        wants="kernel log",
    ),
    Case(
        "KRN008",
        "packet-socket",
        "Takes frames of the network outside with a packet socket",
        fails("hear frames", "heard nothing", neighbour=_OUTSIDE),
        works("hear frames", options="--network host --cap-add NET_RAW", neighbour=_OUTSIDE),
    ),
    Case(
        "KRN009",
        "routes",
        "Adds a route over netlink",
        fails("ip route add 198.51.100.0/24 dev lo", "Operation not permitted"),
        works("ip route add 198.51.100.0/24 dev lo", options="--cap-add NET_ADMIN"),
    ),
    Case(
        "KRN011",
        "vsock",
        "Opens a socket of the family AF_VSOCK",
        fails("virtual", "Operation not permitted"),
        works("virtual", options="--security-opt seccomp={profile}"),
        wants="vsock",
    ),
    Case(
        "KRN013",
        "shared-segment",
        "Attaches to the shared memory (System V) that a program in another container made",
        fails(
            "segment use",
            "shmget: No such file or directory",
            neighbour=Neighbour("segment make", "--ipc shareable"),
        ),
        works(
            "segment use",
            options="--ipc container:{neighbour}",
            neighbour=Neighbour("segment make", "--ipc shareable"),
        ),
    ),
    Case(
        "KRN014",
        "large-message",
        "Sends a message of 65536 bytes to a System V queue, as its server allowed",
        fails("message 65536", "msgsnd: Invalid argument"),
        works("message 65536", options="--sysctl kernel.msgmax=65536 --sysctl kernel.msgmnb=65536"),
    ),
    Case(
        "KRN015",
        "message-queue",
        "Sends to the message queue (POSIX) of a program in another container",
        fails(
            "queue use",
            "mq_open: No such file or directory",
            neighbour=Neighbour("queue make", "--ipc shareable"),
        ),
        works("queue use", options="--ipc container:{neighbour}", neighbour=Neighbour("queue make", "--ipc shareable")),
    ),
    Case(
        "KRN016",
        "shared-memory-size",
        "Writes to 80 MiB of shared memory in /dev/shm",
        fails("shared 80", "", status=128 + 7),
        works("shared 80", options="--shm-size 128m"),
        seen="ended by SIGBUS",
    ),
    Case(
        "KRN018",
        "locked-memory",
        "Locks 4 MiB of memory, under the limit that engines give with older kernels",
        fails("lock 4", "mlock: Cannot allocate memory", options="--ulimit memlock=65536"),
        works("lock 4", options="--ulimit memlock=8388608"),
    ),
    Case(
        "KRN018",
        "locked-memory-capability",
        "The same, with the capability instead of the limit",
        fails("lock 4", "mlock: Cannot allocate memory", options="--ulimit memlock=65536"),
        works("lock 4", options="--ulimit memlock=65536 --cap-add IPC_LOCK"),
    ),
    Case(
        "KRN020",
        "nice",
        "Raises its priority to the nice value -5",
        fails("priority", "setpriority: Permission denied"),
        works("priority", options="--cap-add SYS_NICE"),
    ),
    Case(
        "KRN021",
        "processor",
        "Binds itself to the processor 1",
        fails("processor 1", "sched_setaffinity: Invalid argument", options="--cpuset-cpus 0"),
        works("processor 1", options="--cpuset-cpus 1"),
        wants="two processors",
    ),
    Case(
        "KRN027",
        "bpf",
        "Makes a map for BPF programs",
        fails("bpf", "bpf: Operation not permitted"),
        works("bpf", options="--cap-add BPF --cap-add PERFMON"),
    ),
    Case(
        "KRN032",
        "setting-of-host",
        "Is given a setting of the whole kernel (vm.max_map_count)",
        fails("true", "is not allowed", options="--sysctl vm.max_map_count=262144", status=125),
        works("grep -q . /proc/sys/vm/max_map_count"),
        done="left to the container host, whose value the container has",
    ),
    Case(
        "KRN033",
        "setting-of-container",
        "Listens with a queue of 20000 connections, for which its server had raised net.core.somaxconn",
        fails("backlog 20000", "the queue was cut to"),
        works("backlog 20000", options="--sysctl net.core.somaxconn=20000"),
    ),
    Case(
        "KRN036",
        "fuse",
        "Mounts its own file system with FUSE",
        fails("fuse", "/dev/fuse: No such file or directory"),
        works("fuse", options="--device /dev/fuse --cap-add SYS_ADMIN --security-opt apparmor=unconfined"),
        wants="fuse",
    ),
)

NETWORK = (
    Case(
        "NET001",
        "port-of-another",
        "Publishes a port that another container has published",
        fails(
            "true",
            "port is already allocated",
            options="--publish 127.0.0.1:{port}:80",
            status=125,
            neighbour=Neighbour("listen 0.0.0.0 80 stay", "--publish 127.0.0.1:{port}:80"),
        ),
        works(
            "true",
            options="--publish 127.0.0.2:{port}:80",
            neighbour=Neighbour("listen 0.0.0.0 80 stay", "--publish 127.0.0.1:{port}:80"),
        ),
    ),
    Case(
        "NET002",
        "port-of-host",
        "Publishes a port on which a program of the container host listens",
        fails(
            "true",
            "address already in use",
            options="--publish 127.0.0.1:{port}:80",
            status=125,
            neighbour=Neighbour("listen 127.0.0.1 {port} stay", "--network host"),
        ),
        works(
            "true",
            options="--publish 127.0.0.1:{other_port}:80",
            neighbour=Neighbour("listen 127.0.0.1 {port} stay", "--network host"),
        ),
    ),
    Case(
        "NET006",
        "own-address",
        "Listens on the address of its old server",
        fails("listen 198.51.100.11 8080", "bind: Cannot assign requested address"),
        works("listen 0.0.0.0 8080"),
    ),
    Case(
        "NET007",
        "loopback",
        "Connects over 127.0.0.1 to a server that runs in another container",
        fails(
            "connect 127.0.0.1 8080",
            "connect: Connection refused",
            neighbour=Neighbour("listen 127.0.0.1 8080 stay"),
        ),
        works(
            "connect 127.0.0.1 8080",
            options="--network container:{neighbour}",
            neighbour=Neighbour("listen 127.0.0.1 8080 stay"),
        ),
    ),
    Case(
        "NET010",
        "multicast",
        "Waits for messages to a multicast group of the network outside",
        fails("hear group", "heard nothing", neighbour=_OUTSIDE),
        works("hear group", options="--network host", neighbour=_OUTSIDE),
    ),
    Case(
        "NET022",
        "privileged-port",
        "Listens on port 80 as an ordinary user, where the target does not allow that",
        fails(
            "listen 0.0.0.0 80",
            "bind: Permission denied",
            options="--user 1000 --sysctl net.ipv4.ip_unprivileged_port_start=1024",
        ),
        works("listen 0.0.0.0 80", options="--user 1000 --sysctl net.ipv4.ip_unprivileged_port_start=80"),
    ),
)

PROCESS = (
    Case(
        "PRC005",
        "background",
        "Serves after it put itself into the background",
        fails(
            "connect 127.0.0.1 8080",
            "non running container",
            options="--network container:{neighbour}",
            neighbour=Neighbour("listen 0.0.0.0 8080 background", ends=True),
        ),
        works(
            "connect 127.0.0.1 8080",
            options="--network container:{neighbour}",
            neighbour=Neighbour("listen 0.0.0.0 8080 stay"),
        ),
        seen="the container has ended when a client comes",
    ),
    Case(
        "PRC006",
        "zombies",
        "Leaves a child of its child to init",
        fails("orphan", "a zombie is left"),
        works("orphan", options="--init"),
    ),
    Case(
        "PRC009",
        "open-files",
        "Holds 5000 files open, where the engine allows 1024",
        fails("files 5000", "open: Too many open files", options="--ulimit nofile=1024"),
        works("files 5000", options="--ulimit nofile=8192"),
    ),
    Case(
        "PRC013",
        "io-uring",
        "Sets up io_uring",
        fails("uring", "io_uring_setup: Operation not permitted"),
        works("uring", options="--security-opt seccomp={profile}"),
        wants="io_uring",
    ),
    Case(
        "PRC014",
        "fanotify",
        "Watches accesses to a file system with fanotify",
        fails("scan", "fanotify_init: Operation not permitted"),
        works("scan", options="--cap-add SYS_ADMIN"),
    ),
    Case(
        "PRC016",
        "debugger",
        "Attaches to a process of another container as a debugger",
        fails("trace listen", "no such process", neighbour=Neighbour("listen 127.0.0.1 8080 stay")),
        works(
            "trace listen",
            options="--pid container:{neighbour} --cap-add SYS_PTRACE",
            neighbour=Neighbour("listen 127.0.0.1 8080 stay"),
        ),
    ),
)

OTHERS = (
    Case(
        "SEC004",
        "mount",
        "Mounts a file system",
        fails("mount -t tmpfs none /mnt", "permission denied"),
        works("mount -t tmpfs none /mnt", options="--cap-add SYS_ADMIN --security-opt apparmor=unconfined"),
    ),
    Case(
        "SEC004",
        "interface",
        "Takes down a network interface",
        fails("ip link set lo down", "Operation not permitted"),
        works("ip link set lo down", options="--cap-add NET_ADMIN"),
    ),
    Case(
        "SEC005",
        "setuid",
        "Gains rights by the setuid bit of its file, where the target forbids that",
        fails("rights", "effective user 1000", options="--user 1000 --security-opt no-new-privileges"),
        works("rights", options="--user 1000", says="effective user 0"),
    ),
    Case(
        "SEC008",
        "keyring",
        "Puts a key into the kernel's keyring",
        fails("key", "add_key: Operation not permitted"),
        works("key", options="--security-opt seccomp={profile}"),
        wants="keyrings",
    ),
    Case(
        "IDN004",
        "host-name",
        "Sets the host name that its cluster knows",
        fails("hostname web01", "Operation not permitted"),
        works("grep -qx web01 /proc/sys/kernel/hostname", options="--hostname web01"),
        done="the container has it from the start",
    ),
    Case(
        "DAT009",
        "system-log",
        "Logs to /dev/log",
        fails("log send", "/dev/log: No such file or directory"),
        works(
            "log send",
            options="--volume {directory}/log:/dev/log",
            neighbour=Neighbour("log serve /shared/log", "--volume {directory}:/shared"),
        ),
    ),
)

REALITY: tuple[Case, ...] = (*KERNEL, *NETWORK, *PROCESS, *OTHERS)
