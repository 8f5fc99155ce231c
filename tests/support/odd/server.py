"""Does one thing that a rule looks for, and then waits. Which thing, its arguments say."""

import signal
import socket
import sys

held = []
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
    held.append(socket.create_connection((name, int(port)), timeout=20))
elif option == "--unix":
    held.append(socket.socket(socket.AF_UNIX))
    held[0].bind(value)
    held[0].listen()
signal.pause()
