"""Does one thing that a rule looks for, and then waits. Which thing, its arguments say."""

import ctypes
import mmap
import os
import signal
import socket
import struct
import subprocess
import sys
import time

held = []
libc = ctypes.CDLL(None, use_errno=True)
option, _, value = " ".join(sys.argv[1:]).partition(" ")
if option == "--raw":
    held += [socket.socket(socket.AF_INET, socket.SOCK_RAW, int(number)) for number in value.split(",")]
elif option == "--hold":
    held.append(open(value, "rb"))  # noqa: PTH123, SIM115 - held open is the point
elif option == "--write":
    held.append(open(value, "wb"))  # noqa: PTH123, SIM115
elif option == "--listen":
    name, _, port = value.rpartition(":")
    held.append(socket.create_server((name, int(port))))
elif option == "--call":
    name, _, port = value.rpartition(":")
    for _ in range(100):  # whom it calls may have been started a moment ago
        try:
            held.append(socket.create_connection((name, int(port)), timeout=20))
            break
        except ConnectionRefusedError:
            time.sleep(0.1)
elif option == "--unix":
    held.append(socket.socket(socket.AF_UNIX))
    held[0].bind(value)
    held[0].listen()
elif option == "--udp":
    held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    held[0].bind(("0.0.0.0", int(value)))
elif option == "--multicast":
    group, port, own = value.split(":")
    held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    held[0].bind((group, int(port)))
    held[0].setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(own))
elif option == "--packet":
    held.append(socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(int(value, 16))))
elif option == "--netlink":
    held.append(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, int(value)))
    held[0].bind((0, 1))
elif option == "--segment":
    libc.shmat.restype = ctypes.c_void_p
    held.append(libc.shmat(libc.shmget(int(value, 16), 1 << 20, 0o1600), None, 0))
elif option == "--memory":
    name, _, size = value.rpartition(":")
    with open(name, "w+b") as file:  # noqa: PTH123
        file.truncate(int(size))
        held.append(mmap.mmap(file.fileno(), int(size)))
elif option == "--lock":
    held.append(mmap.mmap(-1, int(value)))
    libc.mlock(ctypes.byref(ctypes.c_char.from_buffer(held[0])), ctypes.c_size_t(int(value)))
elif option == "--real-time":
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(int(value)))
elif option == "--nice":
    os.setpriority(os.PRIO_PROCESS, 0, int(value))
elif option == "--processor":
    os.sched_setaffinity(0, {int(value)})
elif option == "--inotify":
    held += [libc.inotify_init() for _ in range(int(value))]
elif option == "--dead-children":
    for _ in range(int(value)):
        if os.fork() == 0:
            os._exit(0)
elif option == "--queue":
    held.append(ctypes.CDLL("librt.so.1").mq_open(value.encode(), os.O_CREAT | os.O_RDWR, 0o600, None))
elif option == "--messages":
    user, _, key = value.partition(":")
    os.setuid(int(user))
    libc.msgsnd(libc.msgget(int(key, 16), 0o1600), struct.pack("l8s", 1, b"standing"), ctypes.c_size_t(8), 0)
elif option == "--io-uring":
    held.append(libc.syscall(425, int(value), ctypes.create_string_buffer(120)))  # io_uring_setup
elif option == "--fanotify":
    held.append(libc.fanotify_init(0, 0))
elif option == "--bpf":
    array = struct.pack("IIIII", 2, 4, 4, 1, 0)
    held.append(libc.syscall(321, 0, array, len(array)))  # bpf(BPF_MAP_CREATE)
elif option == "--key":
    libc.syscall(248, b"user", value.encode(), b"0", ctypes.c_size_t(1), -2)  # add_key to the process's own keyring
elif option == "--family":
    held.append(socket.socket(int(value), socket.SOCK_RAW, 0))
elif option == "--udplite":
    held.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDPLITE))
    held[0].bind(("0.0.0.0", int(value)))
elif option == "--huge-pages":
    held.append(mmap.mmap(-1, int(value) << 21, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | 0x40000))  # MAP_HUGETLB
    held[0][0] = 1
elif option == "--start":
    held.append(subprocess.Popen([sys.executable, value]))
elif option == "--machine-number":
    with open(value, "w") as file:  # noqa: PTH123
        file.write("id_file = /etc/" + "machine-id\nmac_file = /sys/class" + "/net/eth0/address\n")  # not in this one
with open(f"/run/odd/{os.getpid()}.ready", "w"):  # noqa: PTH123
    pass
signal.pause()
