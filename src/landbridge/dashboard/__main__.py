"""`python -m landbridge.dashboard`: the process of the pages, which the router starts and tells what to do."""

from __future__ import annotations

import asyncio
import socket
import sys

import msgspec

from ..server.pages import Told
from .serving import serve


def main() -> int:
    """Serve at the router's socket until the router is gone, or nobody has had a page open for a while."""
    line = sys.stdin.buffer.readline()
    if not line:
        print("This is started by `landbridge serve`.", file=sys.stderr)
        return 2
    told = msgspec.json.decode(line, type=Told)
    listener = socket.socket(fileno=told.listener)
    try:
        import uvloop
    except ImportError:
        factory = None
    else:
        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(told, listener))
    return 0


if __name__ == "__main__":
    sys.exit(main())
