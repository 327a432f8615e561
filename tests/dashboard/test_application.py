"""The application is put together: its gate in front, its files, and pages that are loaded when they are opened."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.io

LOOK = """
import asyncio, sys
from landbridge.dashboard.application import application
from landbridge.dashboard.gate import Gate
from landbridge.server.pages import Told

gate = application(Told(0, "127.0.0.1", 38090, "/nonexistent/control.sock"))
assert isinstance(gate, Gate)

async def ask(path, host):
    sent = []
    async def send(message): sent.append(message)
    async def receive(): return {"type": "http.disconnect"}
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "root_path": "", "headers": [(b"host", host)], "client": ("127.0.0.1", 1),
             "server": ("127.0.0.1", 38090), "scheme": "http", "http_version": "1.1"}
    await gate(scope, receive, send)
    return sent[0]["status"]

async def main():
    print("css", await ask("/static/landbridge.css", b"127.0.0.1:38090"))
    print("strange", await ask("/static/landbridge.css", b"evil.example"))
    pages = [name for name in sys.modules if name.startswith("landbridge.dashboard.pages.")]
    print("pages", pages)

asyncio.run(main())
"""


def test_it_is_put_together() -> None:
    """In a process of its own: NiceGUI has one application a process."""
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines())
    assert said["css"] == "200"
    assert said["strange"] == "403"
    assert said["pages"] == "[]", "pages are loaded when they are opened"
