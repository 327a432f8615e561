"""Whether anything is lost when much goes wrong: `python -m bench.soak` sends 2,000 mixed requests to local models.

Two chat models and one for embeddings, of which two fit into the memory that is allowed; every dialect, streamed and
whole, counts and embeddings, from several clients at once. Some clients leave early, and every now and then an engine
is killed. In the end each request must have had an answer, or an error that says so and may be tried again; no process
may be left; and the router's memory must not have grown. It takes half an hour; `--requests N` makes it shorter.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import psutil
from msgspec import Struct

from tests.fakes.minilm import minilm

from . import table
from .engine import MODEL, model_file
from .subjects import ROOT, Subject, start_landbridge

REQUESTS, CLIENTS = 2000, 6
LEAVING = 0.1
"""Share of the requests whose client leaves within a second."""
KILL_EVERY = 50
"""Requests between two killed engines."""
RUN = 25
"""Requests that mostly want the same model: a swap takes as long as several answers."""
MEMORY = 600_000_000
"""Bytes for engines."""
GROWTH = 0.05
"""By which the router's memory may grow in the second half, beside `SLACK`."""
SLACK = 4e6
SETTINGS = f"""
[engine]
memory_limit = {MEMORY}
max_restarts = 1000
[models.{MODEL}]
threads = 1
context = 2048
[models.second]
threads = 1
context = 4096
slots = 2
[models.minilm]
threads = 1
"""
Outcome = Literal["answered", "client left", "refused, may be tried again", "broke off and said so", "lost"]
ENDS = {
    "anthropic": b"event: message_stop",
    "openai_chat": b"data: [DONE]",
    "openai_responses": b"event: response.",
    "gemini": b'"finishReason"',
}
"""What a stream ends with."""


class Ask(Struct):
    """One request."""

    path: str
    body: dict[str, Any]
    end: bytes = b""
    """What its stream must hold; empty: it is whole."""


def draw(chance: random.Random, number: int) -> Ask:
    """A request of some kind, unlike any other."""
    name = (MODEL, "second")[(number // RUN + (chance.random() < 0.1)) % 2]
    words = f"Number {number}. " + "Tell me about bridges over rivers. " * chance.randrange(1, 6)
    user = [{"role": "user", "content": words}]
    stream, tokens = chance.random() < 0.5, chance.randrange(1, 24)
    match chance.randrange(12):
        case 0:
            return Ask("/v1/messages/count_tokens", {"model": name, "messages": user})
        case 1:
            return Ask("/v1/embeddings", {"model": "minilm", "input": words})
        case 2 | 3:
            method = "streamGenerateContent?alt=sse" if stream else "generateContent"
            contents = [{"role": "user", "parts": [{"text": words}]}]
            body: dict[str, Any] = {"contents": contents, "generationConfig": {"maxOutputTokens": tokens}}
            return Ask(f"/v1beta/models/{name}:{method}", body, ENDS["gemini"] if stream else b"")
        case 4 | 5:
            body = {"model": name, "input": words, "max_output_tokens": tokens, "stream": stream}
            return Ask("/v1/responses", body, ENDS["openai_responses"] if stream else b"")
        case 6 | 7 | 8:
            body = {"model": name, "messages": user, "max_tokens": tokens, "stream": stream}
            return Ask("/v1/chat/completions", body, ENDS["openai_chat"] if stream else b"")
        case _:
            body = {"model": name, "messages": user, "max_tokens": tokens, "stream": stream}
            return Ask("/v1/messages", body, ENDS["anthropic"] if stream else b"")


def send(port: int, ask: Ask, leave: float | None) -> tuple[Outcome, str]:
    """What became of a request, and what was heard in the end. The client leaves after `leave` seconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    try:
        connection.request("POST", ask.path, json.dumps(ask.body), {"content-type": "application/json"})
        if leave is not None:
            time.sleep(leave)
            return "client left", ""
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return "lost", f"{ask.path}: {error!r}"
    finally:
        connection.close()
    return judge(ask, answer.status, answer.headers.get("x-should-retry") == "true", content)


def judge(ask: Ask, status: int, retryable: bool, content: bytes) -> tuple[Outcome, str]:
    """What an answer is worth."""
    said = f"{ask.path}: {status} {content[-300:].decode(errors='replace')}"
    if status != 200:
        return ("refused, may be tried again" if retryable else "lost"), said
    last = content.rstrip().rpartition(b"\n\n")[2]
    if ask.end and (b'"error"' in last or b"response.failed" in last):
        return "broke off and said so", said
    if ask.end:
        return ("answered" if ask.end in content[-4000:] else "lost"), said
    try:
        json.loads(content)
    except ValueError:
        return "lost", said
    return "answered", said


class Soak:
    """One run over one router."""

    def __init__(self, router: Subject, requests: int, seed: int) -> None:
        self._router, self._requests = router, requests
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._sent = 0
        self.outcomes: Counter[Outcome] = Counter()
        self.words: list[str] = []
        """Of what was lost."""
        self.engines: set[int] = set()
        """Every process the router was seen to have started."""
        self.killed = 0
        self.memory: list[tuple[int, int]] = []
        """Requests so far, and the router's own bytes."""

    def run(self) -> None:
        """Send all, and return when all have been answered."""
        clients = [threading.Thread(target=self._client) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        self._look()

    def _client(self) -> None:
        while (drawn := self._next()) is not None:
            outcome, said = send(self._router.port, *drawn)
            with self._lock:
                self.outcomes[outcome] += 1
                if outcome == "lost":
                    self.words.append(said)

    def _next(self) -> tuple[Ask, float | None] | None:
        with self._lock:
            if self._sent >= self._requests:
                return None
            self._sent += 1
            if self._sent % max(1, self._requests // 40) == 0:
                self._look()
            if self._sent % min(KILL_EVERY, max(8, self._requests // 3)) == 0:
                self._kill()
            leave = self._chance.random() if self._chance.random() < LEAVING else None
            return draw(self._chance, self._sent), leave

    def _look(self) -> None:
        router, *others = self._router.tree
        self.engines |= {each.pid for each in others}
        self.memory.append((self._sent, router.memory_info().rss))

    def _kill(self) -> None:
        """An engine dies, whichever it is and whatever it does."""
        engines = self._router.tree[1:]
        if not engines:
            return
        chosen = self._chance.choice(engines)
        self.engines.add(chosen.pid)
        try:
            os.kill(chosen.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        self.killed += 1

    def growth(self) -> float:
        """Bytes by which memory grew in the second half, by the line that fits best."""
        half = self.memory[len(self.memory) // 2 :]
        mean_x = sum(at for at, _ in half) / len(half)
        mean_y = sum(size for _, size in half) / len(half)
        spread = sum((at - mean_x) ** 2 for at, _ in half)
        slope = sum((at - mean_x) * (size - mean_y) for at, size in half) / spread if spread else 0.0
        return slope * (half[-1][0] - half[0][0])


def settle(router: Subject) -> None:
    """One exchange, and what is loaded with the first one: the ledger's library comes a moment after the answer."""
    send(router.port, draw(random.Random(0), 0), None)
    before, deadline = 0, time.monotonic() + 20
    while (now := router.tree[0].memory_info().rss) > before + SLACK / 10 and time.monotonic() < deadline:
        before = now
        time.sleep(1.5)


def soak(folder: Path, requests: int, seed: int) -> list[dict[str, str]]:
    """The table."""
    first = model_file().path
    models = folder / "models"
    models.mkdir()
    (models / f"{MODEL}.gguf").symlink_to(first)
    (models / "second.gguf").symlink_to(first)
    (models / "minilm.gguf").symlink_to(minilm(ROOT / ".cache" / "minilm"))
    router = start_landbridge(folder / "router", 9, models=models, more=SETTINGS)
    began = time.perf_counter()
    try:
        settle(router)
        run = Soak(router, requests, seed)
        run.run()
        alive = send(router.port, draw(random.Random(0), 0), None)[0] == "answered"
    finally:
        router.stop()
    left = [pid for pid in run.engines if psutil.pid_exists(pid)]
    for words in run.words[:10]:
        print(f"lost: {words}")
    size, grown = run.memory[-1][1], run.growth()
    rows = [row(name, f"{run.outcomes[name]}") for name in
            ("answered", "client left", "refused, may be tried again", "broke off and said so")]  # fmt: skip
    return [
        *rows,
        row("lost", f"{run.outcomes['lost']}", run.outcomes["lost"] == 0 and run.outcomes.total() == requests),
        row("engines seen, killed", f"{len(run.engines)}, {run.killed}"),
        row("router answers afterwards", "yes" if alive else "no", alive),
        row("processes left behind", f"{len(left)}", not left),
        row("router's memory, MB", f"{size / 1e6:.0f}"),
        row("its growth in the second half, MB", f"{grown / 1e6:+.1f}", grown <= GROWTH * size + SLACK),
        row("seconds", f"{time.perf_counter() - began:.0f}"),
    ]


def row(what: str, found: str, reached: bool | None = None) -> dict[str, str]:
    """A line of the table."""
    return {"what": what, "found": found, "as it should be": "-" if reached is None else "yes" if reached else "no"}


def main() -> None:
    """Run, print, and save where asked. Exits 1 where something is not as it should be."""
    parser = table.options(__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"how many in all (default {REQUESTS})")
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (default 1)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = soak(Path(folder), asked.requests, asked.seed)
    table.show("soak", f"python -m bench.soak --requests {asked.requests}", rows, asked)
    raise SystemExit(any(each["as it should be"] == "no" for each in rows))


if __name__ == "__main__":
    main()
