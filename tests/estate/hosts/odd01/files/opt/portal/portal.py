#!/opt/portal/python-2.7/bin/python2.7
"""The portal of the works."""
# ruff: noqa: N802, PTH123, SIM115 - it is of Python 2

import BaseHTTPServer

PORT = 40080
DATABASE = "10.77.0.12:3306"
JOURNAL = "/var/opt/portal/journal"
STATE = "/etc/portal/state.ini"
NODE = "/sys/class/net/eth0/address"


class Page(BaseHTTPServer.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write("the works\n")


journal = open(JOURNAL, "a")
state = open(STATE, "a")
BaseHTTPServer.HTTPServer(("0.0.0.0", PORT), Page).serve_forever()
