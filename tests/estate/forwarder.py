"""Forwards TCP connections from loopback addresses to a host: ``forwarder.py LISTEN:PORT=TO:PORT ...``.

A program of its own that imports nothing from the package, so that it starts fast and is small.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

_CHUNK = 256 * 1024


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        # One side may have finished sending while the other still answers.
        writer.write_eof()
    except OSError:
        # A reset must reach the other side as one, and not look like a regular end.
        writer.transport.abort()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, address: str, port: int) -> None:
    try:
        to_reader, to_writer = await asyncio.open_connection(address, port, limit=_CHUNK)
    except OSError:
        # What is refused behind us is reset before us; a forwarder that has accepted cannot refuse any more.
        writer.transport.abort()
        return
    for each in (writer, to_writer):
        each.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    await asyncio.gather(_copy(reader, to_writer), _copy(to_reader, writer))
    for each in (writer, to_writer):
        each.close()
        with contextlib.suppress(OSError):
            await each.wait_closed()


async def _main(pairs: list[str]) -> None:
    servers = []
    for pair in pairs:
        listen, _, to = pair.partition("=")
        address, _, port = listen.rpartition(":")
        to_address, _, to_port = to.rpartition(":")

        async def serve(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to: tuple[str, int] = (to_address, int(to_port))
        ) -> None:
            await _serve(reader, writer, *to)

        try:
            servers.append(await asyncio.start_server(serve, address, int(port), limit=_CHUNK, backlog=256))
        except OSError as error:
            sys.stdout.write(
                f"Port {port} of {address} cannot be used ({os.strerror(error.errno or 0)}); stop what listens there.\n"
            )
            return
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
