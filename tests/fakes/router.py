"""A pretend landbridge on a real port: says it is well, knows one model, answers one sentence, or what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HEALTH: dict[str, Any] = {
    "status": "ok",
    "version": "0.1.0",
    "uptime": 1.5,
    "parts": {"settings": {"status": "ok"}, "listener router": {"status": "ok", "detail": "127.0.0.1"}},
}
MODEL: dict[str, Any] = {
    "type": "model",
    "id": "smollm2",
    "max_input_tokens": 8192,
    "max_tokens": 2048,
    "landbridge": {"window": 8192, "local": True, "tools": False, "dialect": "openai_chat"},
}
ANSWER: dict[str, Any] = {
    "type": "message",
    "content": [{"type": "text", "text": "Hello."}],
    "usage": {"input_tokens": 9, "output_tokens": 24},
}


class FakeRouter:
    """What it answers by path, and what it was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes]] = {
            "/health": (200, json.dumps(HEALTH).encode()),
            "/anthropic/v1/models/smollm2": (200, json.dumps(MODEL).encode()),
            "/anthropic/v1/messages": (200, json.dumps(ANSWER).encode()),
        }
        self.asked: list[tuple[str, str, bytes]] = []
        self.port = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, status: int, body: object) -> None:
        """Answer `path` so from now on."""
        self.answers[path] = (status, body if isinstance(body, bytes) else json.dumps(body).encode())


@contextmanager
def running(port: int = 0) -> Generator[FakeRouter]:
    """A pretend router until the block ends."""
    fake = FakeRouter()
    unknown = json.dumps({"type": "error", "error": {"type": "not_found_error", "message": "There is no model 'x'."}})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            fake.asked.append((self.command, self.path, body))
            status, answer = fake.answers.get(self.path, (404, unknown.encode()))
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
