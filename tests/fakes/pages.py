"""A pretend process of the dashboard: `python -m tests.fakes.pages`, started as the router starts the real one.

It answers each connection with what it was told and its own id. `/end/N` ends it with that code, `/deaf` makes it
overlook the end of its standard input.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys


def main() -> int:
    """Serve until told to end."""
    told = json.loads(os.read(0, 65536))
    answer = json.dumps({**told, "pid": os.getpid(), "told": True}).encode()
    listener = socket.socket(fileno=told["listener"])
    watched: list[socket.socket | int] = [listener, 0]
    while True:
        ready, _, _ = select.select(watched, [], [])
        if 0 in ready and not os.read(0, 65536):
            return 0
        if listener not in ready:
            continue
        with listener.accept()[0] as connection:
            connection.setblocking(True)
            path = connection.recv(65536).decode().split(" ")[1]
            head = f"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {len(answer)}\r\n\r\n"
            connection.sendall(head.encode() + answer)
        if path == "/deaf":
            watched.remove(0)
        if path.startswith("/end/"):
            return int(path.rpartition("/")[2])


if __name__ == "__main__":
    sys.exit(main())
