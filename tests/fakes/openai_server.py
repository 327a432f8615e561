"""A small server that speaks OpenAI's API and nothing else, as vLLM, SGLang and MLX do: a real process for tests.

    command = [sys.executable, "tests/fakes/openai_server.py", "--port", "{port}", "--model", "org/name"]

It is well at /health (with `--health PATH` elsewhere), lists its model with its window at /v1/models, answers
/v1/chat/completions as a stream or whole (`tests/fakes/answers.py` writes the wire) and /v1/embeddings, and has 404 for
all else, noted in `--asked FILE`. Another model than its own is refused, and so is a field that OpenAI's API lacks.

    --load-seconds S    /health says 503 for so long       --key KEY         asks for this key
    --crash-at-load     exit code 7 with a reason          --crash-after N   dies by SIGKILL after N answers
    --pid-file FILE     appends its process id             --no-list         404 at /v1/models
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.fakes.answers import Tokens, chat_stream, chat_whole

WORDS = "one two three four five"


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(("127.0.0.1", options.port), Handler)
        self.options = options
        self.ready_at = time.monotonic() + options.load_seconds
        self.answered = 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def log_message(self, format: str, *args: object) -> None:
        """No access log."""

    def do_GET(self) -> None:
        options = self.server.options
        if self.path == options.health:
            self.answer(200 if time.monotonic() >= self.server.ready_at else 503, {})
        elif self.path == "/v1/models" and not options.no_list and self.allowed():
            model = {"id": options.model, "object": "model", "max_model_len": options.window}
            self.answer(200, {"object": "list", "data": [model]})
        else:
            self.unknown()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path not in ("/v1/chat/completions", "/v1/embeddings"):
            self.unknown()
        elif not self.allowed():
            return
        elif body["model"] != self.server.options.model:
            self.fault(404, f"The model `{body['model']}` does not exist.")
        elif extra := {"return_progress", "id_slot", "cache_prompt"} & body.keys():
            self.fault(400, f"Extra inputs are not permitted: {sorted(extra)}")
        elif self.path == "/v1/embeddings":
            self.answer(
                200, {"object": "list", "model": body["model"], "data": [vector(n) for n in range(len(body["input"]))]}
            )
        else:
            self.chat(body)

    def allowed(self) -> bool:
        key = self.server.options.key
        if not key or self.headers.get("authorization") == f"Bearer {key}":
            return True
        self.fault(401, "Unauthorized")
        return False

    def chat(self, body: dict[str, object]) -> None:
        options = self.server.options
        if options.crash_after is not None and self.server.answered >= options.crash_after:
            os.kill(os.getpid(), signal.SIGKILL)
        self.server.answered += 1
        usage = Tokens(7, 5)
        if not body.get("stream"):
            self.send(200, "application/json", chat_whole(WORDS, usage=usage))
            return
        self.send(200, "text/event-stream", chat_stream(WORDS, usage=usage))

    def unknown(self) -> None:
        if self.server.options.asked:
            with self.server.options.asked.open("a") as file:
                file.write(f"{self.path}\n")
        self.fault(404, "Not Found")

    def fault(self, status: int, message: str) -> None:
        self.answer(status, {"error": {"message": message, "type": "invalid_request_error", "code": status}})

    def answer(self, status: int, value: object) -> None:
        self.send(status, "application/json", json.dumps(value).encode())

    def send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def vector(index: int) -> dict[str, object]:
    return {"object": "embedding", "index": index, "embedding": [0.5, -0.5]}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", default="org/name")
    parser.add_argument("--window", type=int, default=5000)
    parser.add_argument("--health", default="/health")
    parser.add_argument("--key", default="")
    parser.add_argument("--load-seconds", type=float, default=0.0)
    parser.add_argument("--crash-after", type=int)
    parser.add_argument("--pid-file", type=Path)
    parser.add_argument("--asked", type=Path)
    parser.add_argument("--crash-at-load", action="store_true")
    parser.add_argument("--no-list", action="store_true")
    options = parser.parse_args()
    if options.pid_file:
        with options.pid_file.open("a") as file:
            file.write(f"{os.getpid()}\n")
    if options.crash_at_load:
        print("RuntimeError: CUDA out of memory. Tried to allocate 20.00 GiB", file=sys.stderr)
        return 7
    Server(options).serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
