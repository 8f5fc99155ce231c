#!/usr/bin/python3
"""Starts the inventory of spare parts."""

import os
import pwd
import socketserver
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from inventory_app import web

PORT = 80
USER = "app"


class Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    request_queue_size = 64


class Handler(WSGIRequestHandler):
    protocol_version = "HTTP/1.0"


def drop_root():
    """Only the port needs root."""
    user = pwd.getpwnam(USER)
    os.initgroups(USER, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir
    os.umask(0o027)


if __name__ == "__main__":
    server = make_server("0.0.0.0", PORT, web.application, server_class=Server, handler_class=Handler)
    drop_root()
    web.prepare()
    server.serve_forever()
