"""A pretend llama-server: a real process, the real argv, HTTP and SSE, and faults to order. Standard library only.

    engine.command = [sys.executable, "tests/fakes/engine.py", "--token-delay", "0.05", ...]

It takes llama-server's own flags (-m -c -ub -np --host --port --api-key-file; others are ignored), says
`listening on http://127.0.0.1:PORT`, and has /health, /props, /slots, /tokenize, /apply-template,
/v1/chat/completions and /v1/completions (streamed or whole). With --embeddings it has /v1/embeddings instead: vectors
of eight numbers, the same for the same text; a text must fit into the batch (-ub). A schema that refers to
`#/$defs/none` makes no grammar, as one that leads nowhere does not in llama.cpp. A token is a word; it answers
`one two three ...` up to `max_tokens`.

    --load-seconds S     /health says 503 for so long
    --prefill-seconds S  time before the first token; silent, but for progress events where they are asked for
    --token-delay S      between two tokens
    --answer-tokens N    length of an answer where the request says nothing (default 8)
    --window N           tokens per slot, instead of -c / -np
    --crash-after N      dies by SIGKILL after N tokens of an answer
    --crash-reading      dies by SIGKILL in the middle of a prompt
    --fail-reading TEXT  says this error in the middle of a prompt (_ for spaces)
    --crash-at-load      exit code 1 with an error in its log
    --killed-at-load     SIGKILL while it loads, as from a system without memory
    --crash-once FILE    the crashes only while FILE does not exist; it is made then
    --unhealthy          /health says 503 for ever
    --ignore-term        does not end on SIGTERM
    --fork               starts a grandchild that ignores SIGTERM too; its pid is in the log as `grandchild PID`
    --pid-file FILE      appends its process id to FILE, and the grandchild's
    --no-tools           the chat template shows no tools
    --vision             it sees pictures
    --searches N         calls the tool web_search, if it is offered, until the history holds N results
    --thinks             the chat template can be told not to think (`enable_thinking`)
    --embeddings         it makes embeddings and does not chat
    --leak MB            keeps so many megabytes more with each answer
    --heard FILE         appends the body of each chat request to FILE, one a line

Flags may also stand in the model file, after its magic: `GGUF --crash-after 3`. So several models of one router behave
differently.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MAGIC = b"GGUF"
NO_GRAMMAR = (
    "Unable to generate parser for this template. Automatic parser generation failed: "
    "JSON schema error at #/properties/a: cannot resolve $ref #/$defs/none, $defs not found"
)
SLEEPER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


class FakeEngine(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__((options.host, options.port), Handler)
        self.options = options
        self.key = Path(options.api_key_file).read_text().strip() if options.api_key_file else ""
        self.window = options.window or options.ctx // options.parallel
        self.ready_at = time.monotonic() + options.load_seconds
        self.busy = 0
        self.leaked: list[bytes] = []
        self.lock = threading.Lock()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeEngine

    def log_message(self, format: str, *args: object) -> None:
        """No access log."""

    def do_GET(self) -> None:
        if self.path == "/health":
            ready = time.monotonic() >= self.server.ready_at and not self.server.options.unhealthy
            self.answer(200, {"status": "ok"}) if ready else self.fault(503, "Loading model")
        elif self.allowed():
            self.answer(200, self.facts())

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if not self.allowed():
            return
        if '"#/$defs/none"' in json.dumps([body.get("tools"), body.get("response_format")]):
            self.fault(400, NO_GRAMMAR, "invalid_request_error")
        elif self.path == "/apply-template":
            self.answer(200, {"prompt": self.prompt(body)})
        elif self.path == "/tokenize":
            self.answer(200, {"tokens": list(range(len(words(body["content"]))))})
        elif self.path == "/v1/embeddings":
            self.embed(body)
        elif self.path in ("/v1/chat/completions", "/v1/completions"):
            self.chat(body)
        else:
            self.fault(404, "File Not Found")

    def facts(self) -> object:
        options, tools = self.server.options, not self.server.options.no_tools
        if self.path == "/slots":
            return [{"id": n, "is_processing": n < self.server.busy} for n in range(options.parallel)]
        return {
            "default_generation_settings": {"n_ctx": self.server.window},
            "total_slots": options.parallel,
            "chat_template_caps": {"supports_tools": tools, "supports_tool_calls": tools},
            "modalities": {"vision": options.vision},
        }

    def allowed(self) -> bool:
        if not self.server.key or self.headers.get("authorization") == f"Bearer {self.server.key}":
            return True
        self.fault(401, "Invalid API Key")
        return False

    def prompt(self, body: dict[str, Any]) -> str:
        if "prompt" in body:
            return body["prompt"] if isinstance(body["prompt"], str) else " ".join(map(str, body["prompt"]))
        tools = [] if self.server.options.no_tools else body.get("tools", [])
        lines = [json.dumps(tool) for tool in tools]
        lines += [f"<|{message['role']}|> {text_of(message)} <|end|>" for message in body["messages"]]
        quiet = self.server.options.thinks and body.get("chat_template_kwargs", {}).get("enable_thinking") is False
        return "\n".join([*lines, "<|assistant|><think></think>" if quiet else "<|assistant|>"])

    def embed(self, body: dict[str, Any]) -> None:
        if not self.server.options.embeddings:
            self.fault(
                501, "This server does not support embeddings. Start it with `--embeddings`", "not_supported_error"
            )
            return
        self.note(body)
        given = body["input"]
        inputs = given if isinstance(given, list) and not (given and isinstance(given[0], int)) else [given]
        sizes = [len(text) if isinstance(text, list) else len(words(text)) for text in inputs]
        if not all(sizes):
            self.fault(400, "Input content cannot be empty", "invalid_request_error")
            return
        if max(sizes) > self.server.options.physical:
            what = f"input ({max(sizes)} tokens) is too large to process. increase the physical batch size"
            self.fault(500, f"{what} (current batch size: {self.server.options.physical})", "server_error")
            return
        time.sleep(self.server.options.prefill_seconds)
        data = []
        for index, text in enumerate(inputs):
            numbers = [number / 256 - 0.5 for number in hashlib.sha256(str(text).encode()).digest()[:8]]
            vector = base64.b64encode(struct.pack("<8f", *numbers)).decode()
            shown = vector if body.get("encoding_format") == "base64" else numbers
            data.append({"embedding": shown, "index": index, "object": "embedding"})
        usage = {"prompt_tokens": sum(sizes), "total_tokens": sum(sizes)}
        self.answer(200, {"model": "fake", "object": "list", "usage": usage, "data": data})

    def note(self, body: dict[str, Any]) -> None:
        if self.server.options.heard:
            with self.server.lock, self.server.options.heard.open("a") as file:
                file.write(json.dumps(body) + "\n")

    def chat(self, body: dict[str, Any]) -> None:
        if self.server.options.embeddings:
            self.fault(500, "the current context does not support logits computation. skipping", "server_error")
            return
        self.note(body)
        prompt = len(words(self.prompt(body)))
        if prompt >= self.server.window:
            message = f"request ({prompt} tokens) exceeds the available context size ({self.server.window} tokens)"
            self.fault(400, message, "exceed_context_size_error")
            return
        with self.server.lock:
            self.server.busy += 1
            self.server.leaked.append(b"x" * self.server.options.leak * 1024 * 1024)
        try:
            self.generate(body, prompt)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            with self.server.lock:
                self.server.busy -= 1

    def generate(self, body: dict[str, Any], prompt: int) -> None:
        options = self.server.options
        count = min(body.get("max_tokens") or options.answer_tokens, self.server.window - prompt)
        usage = {"prompt_tokens": prompt, "completion_tokens": count, "total_tokens": prompt + count}
        if "prompt" in body:
            self.go_on(body, prompt, count, usage)
            return
        if not body.get("stream"):
            time.sleep(options.prefill_seconds)
            text = "".join(self.tokens(count))
            message = {"role": "assistant", "content": text}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            self.answer(200, {"id": "chatcmpl-fake", "object": "chat.completion", "choices": [choice], "usage": usage})
            return
        role = chunk({"role": "assistant", "content": None})
        self.begin(body, prompt, role)
        results = sum(message["role"] == "tool" for message in body["messages"])
        if results < options.searches and '"web_search"' in json.dumps(body.get("tools", [])):
            function = {"name": "web_search", "arguments": json.dumps({"query": f"query {results + 1}"})}
            self.event(chunk({"tool_calls": [{"index": 0, "id": "c", "type": "function", "function": function}]}))
            self.event(chunk({}, "tool_calls"))
        else:
            for token in self.tokens(count):
                self.event(chunk({"content": token}))
            self.event(chunk({}, "stop"))
        if body.get("stream_options", {}).get("include_usage"):
            self.event({**chunk({}), "choices": [], "usage": usage})
        self.write(b"data: [DONE]\n\n")
        self.write(b"")

    def begin(self, body: dict[str, Any], prompt: int, empty: dict[str, object]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        options, began = self.server.options, time.monotonic()
        for batch in range(5):
            if body.get("return_progress"):
                progress = {"total": prompt, "cache": 0, "processed": prompt * batch // 4}
                took = round(1000 * (time.monotonic() - began)) if batch else 0
                self.event({**empty, "prompt_progress": {**progress, "time_ms": took}})
            if batch < 4:
                self.wait(options.prefill_seconds / 4)
            if batch == 2 and options.crash_reading and due(options):
                os.kill(os.getpid(), signal.SIGKILL)
            if batch == 2 and options.fail_reading:
                words_said = options.fail_reading.replace("_", " ")
                self.event({"error": {"code": 500, "message": words_said, "type": "server_error"}})
        if "prompt" not in body:
            self.event(empty)

    def go_on(self, body: dict[str, Any], prompt: int, count: int, usage: dict[str, int]) -> None:
        """A prompt without a template."""
        if not body.get("stream"):
            self.answer(200, {**text_chunk("".join(self.tokens(count)), None, "length"), "usage": usage})
            return
        self.begin(body, prompt, text_chunk(""))
        for token in self.tokens(count):
            odds = {"content": [{"id": 1, "token": token, "bytes": [], "logprob": -0.5, "top_logprobs": []}]}
            self.event(text_chunk(token, odds if body.get("logprobs") else None))
        self.event({**text_chunk("", None, "length"), "usage": usage})
        self.write(b"data: [DONE]\n\n")
        self.write(b"")

    def tokens(self, count: int) -> Any:
        options = self.server.options
        for n in range(count):
            if options.crash_after is not None and n >= options.crash_after and due(options):
                os.kill(os.getpid(), signal.SIGKILL)
            self.wait(options.token_delay)
            yield (" " if n else "") + NUMBERS[n % len(NUMBERS)]

    def wait(self, seconds: float) -> None:
        """A pause in which a client that leaves is noticed, as llama-server does between two batches."""
        until = time.monotonic() + seconds
        self.connection.settimeout(0.02)
        try:
            while time.monotonic() < until:
                try:
                    if not self.connection.recv(1):
                        raise ConnectionResetError
                except TimeoutError:
                    continue
        finally:
            self.connection.settimeout(None)

    def event(self, data: object) -> None:
        self.write(b"data: " + json.dumps(data).encode() + b"\n\n")

    def write(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fault(self, status: int, message: str, kind: str = "fake_error") -> None:
        self.answer(status, {"error": {"code": status, "message": message, "type": kind}})


def chunk(delta: object, finish: str | None = None) -> dict[str, object]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    kind = "chat.completion.chunk"
    return {"id": "chatcmpl-fake", "object": kind, "created": 1, "model": "fake", "choices": [choice]}


def text_chunk(text: str, odds: object = None, finish: str | None = None) -> dict[str, object]:
    choice = {"text": text, "index": 0, "logprobs": odds, "finish_reason": finish}
    return {"id": "chatcmpl-fake", "object": "text_completion", "created": 1, "model": "fake", "choices": [choice]}


def text_of(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    text = content if isinstance(content, str) else " ".join(part.get("text", "") for part in content)
    return text + "".join(" " + json.dumps(call) for call in message.get("tool_calls", []))


def words(text: str) -> list[str]:
    return re.findall(r"\S+", text)


def due(options: argparse.Namespace) -> bool:
    """Whether to crash now."""
    if options.crash_once is None:
        return True
    first = not options.crash_once.exists()
    options.crash_once.touch()
    return first


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("-m", dest="model", type=Path, required=True)
    parser.add_argument("-c", dest="ctx", type=int, default=4096)
    parser.add_argument("-ub", dest="physical", type=int, default=512)
    parser.add_argument("-np", dest="parallel", type=int, default=1)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--api-key-file", type=Path)
    parser.add_argument("--load-seconds", type=float, default=0.0)
    parser.add_argument("--prefill-seconds", type=float, default=0.0)
    parser.add_argument("--token-delay", type=float, default=0.0)
    parser.add_argument("--answer-tokens", type=int, default=8)
    parser.add_argument("--window", type=int)
    parser.add_argument("--searches", type=int, default=0)
    parser.add_argument("--crash-after", type=int)
    parser.add_argument("--crash-reading", action="store_true")
    parser.add_argument("--fail-reading", default="")
    parser.add_argument("--crash-once", type=Path)
    parser.add_argument("--pid-file", type=Path)
    parser.add_argument("--leak", type=int, default=0)
    parser.add_argument("--heard", type=Path)
    for flag in (
        "--crash-at-load",
        "--killed-at-load",
        "--unhealthy",
        "--ignore-term",
        "--fork",
        "--no-tools",
        "--vision",
        "--thinks",
        "--embeddings",
    ):
        parser.add_argument(flag, action="store_true")
    options = parser.parse_known_args()[0]
    flags = options.model.read_bytes()[len(MAGIC) : 1000].decode("ascii", "ignore").split()
    return parser.parse_known_args([*sys.argv[1:], *flags])[0]


def main() -> int:
    options = read_options()
    if options.ignore_term:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if options.crash_at_load and due(options):
        print("0.00.004.182 E llama_model_load: error loading model: the fake was told to fail", file=sys.stderr)
        print("0.00.004.334 E srv          init: exiting due to model loading error", file=sys.stderr)
        return 1
    if options.killed_at_load and due(options):
        os.kill(os.getpid(), signal.SIGKILL)
    pids = [os.getpid()]
    if options.fork:
        pids.append(subprocess.Popen([sys.executable, "-c", SLEEPER]).pid)
        print(f"grandchild {pids[1]}", file=sys.stderr, flush=True)
    if options.pid_file:
        with options.pid_file.open("a") as file:
            file.writelines(f"{pid}\n" for pid in pids)
    server = FakeEngine(options)
    print(f"main: server is listening on http://127.0.0.1:{server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever(poll_interval=0.05)
    return 0


if __name__ == "__main__":
    sys.exit(main())
