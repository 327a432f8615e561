"""What a local model loses through landbridge: `python -m bench.runtime`.

The same llama.cpp with the same parameters, asked directly and through landbridge in turns, with one thread: four
streams at once, a cold load, a prompt that nobody wants any more, and a stream beside a long prompt. What is read again
is measured by `bench.prompt_cache`. It takes ten minutes; `--quick` tries everything in two.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct

from landbridge.config import ModelSettings
from landbridge.engines.library import Library

from . import table
from .engine import MODEL, params, start_bare
from .subjects import ROOT, Subject, start_landbridge

MODELS = ROOT / ".cache" / "data" / "models"
STREAMS = 4
CONTEXT = 1024
"""Of each stream."""
TOKENS = 128
LONG, QUICK, CONTEXT_OF_LONG = 3500, 600, 8192
"""Tokens of a long prompt: one that is left in its middle, or read beside a stream; and of one for a quick try."""
LEAVE_AT = 20
"""Percent of what is left of a prompt that are read before it is left."""
QUIET = 0.1
"""Seconds without a tick of the CPU's clock (10 ms) that are idleness."""
SPEED_GOAL, LOAD_GOAL, IDLE_GOAL, GAP_GOAL = 0.97, 0.1, 1.0, 2.0


Found = TypeVar("Found")


class Door(Struct):
    """A way to the model."""

    name: str
    port: int
    model: str
    headers: dict[str, str] = {}

    def body(self, prompt: str, tokens: int) -> bytes:
        """The request."""
        wish: dict[str, Any] = {"max_tokens": tokens, "temperature": 0, "ignore_eos": True, "stream": True}
        return json.dumps({"model": self.model, "messages": [{"role": "user", "content": prompt}], **wish}).encode()

    def times(self, prompt: str, tokens: int) -> list[float]:
        """When each piece of an answer's text came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1200)
        headers = {**self.headers, "content-type": "application/json"}
        connection.request("POST", "/v1/chat/completions", self.body(prompt, tokens), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {answer.status} {answer.read()[:500]!r}")
        lines = [(time.perf_counter(), line) for line in answer if line.startswith(b"data: {")]
        connection.close()
        return [at for at, line in lines if any(said(choice) for choice in json.loads(line[6:]).get("choices", ()))]


def said(choice: Mapping[str, Any]) -> bool:
    """Whether a choice of a chunk has text."""
    return bool(choice["delta"].get("content"))


class Bench:
    """One model, asked through landbridge and directly."""

    def __init__(self, folder: Path, model: str) -> None:
        self._folder, self.model = folder, model
        self._number = 0

    def ours(self, more: str = "") -> Subject:
        """A fresh landbridge; no engine runs yet."""
        settings = f"\n[models.{self.model}]\nthreads = 1\n{more}"
        return start_landbridge(self._new(), 9, models=MODELS, more=settings)

    def bare(self, slots: int, context: int) -> Subject:
        """The engine alone, loaded."""
        found = Library(MODELS).find(self.model)
        if found is None:
            raise SystemExit(f"Fetch it first: landbridge models pull {self.model} --data-dir {MODELS.parent}")
        settings = ModelSettings(context=context // slots, slots=slots, threads=1)
        return start_bare(self._new(), params(settings, found))

    def doors(self, bare: Subject, ours: Subject) -> tuple[Door, Door]:
        """Both ways."""
        return (
            Door("bare engine", bare.port, "m", {"authorization": "Bearer bench"}),
            Door("landbridge", ours.port, self.model),
        )

    def count(self, port: int) -> None:
        """Ask landbridge for a count: it comes when the model is loaded."""
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
        body = json.dumps({"model": self.model, "messages": [{"role": "user", "content": "Hi"}]})
        connection.request("POST", "/v1/messages/count_tokens", body, {"content-type": "application/json"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            raise SystemExit(f"landbridge: {answer.status} {content[:500]!r}")

    def _new(self) -> Path:
        self._number += 1
        return self._folder / str(self._number)


def prompt(tokens: int) -> str:
    """A text of about so many tokens, unlike any other."""
    return f"{time.time_ns()} " + "one two three four five six seven eight nine ten " * (tokens // 10)


def together(*jobs: Callable[[], Found]) -> list[Found]:
    """What all of them give, done at once."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result() for each in [pool.submit(job) for job in jobs]]


def tell(what: str, door: str, figure: float) -> float:
    """Say a figure as it comes."""
    table.tell(f"{what}: {door}: {figure:.3f}")
    return figure


# -- the figures -----------------------------------------------------------------------------------------------------


def four_streams(bench: Bench, rounds: int) -> dict[str, str]:
    """Tokens a second of four streams together."""
    what = f"{STREAMS} streams at once, tokens/s together"
    bare = bench.bare(STREAMS, STREAMS * CONTEXT)
    ours = bench.ours(f"slots = {STREAMS}\ncontext = {CONTEXT}\n")
    speeds: dict[str, list[float]] = {}
    try:
        for number in range(rounds + 1):
            doors = bench.doors(bare, ours)
            for door in doors if number % 2 else reversed(doors):  # a machine that grows slower is unfair to neither
                speed = tell(what, door.name, speed_of_all(door))
                if number:
                    speeds.setdefault(door.name, []).append(speed)
    finally:
        bare.stop()
        ours.stop()
    there, here = (speeds[door.name] for door in doors)
    ratio = statistics.median(mine / theirs for mine, theirs in zip(here, there, strict=True))
    return row(what, there, here, f"{ratio:.3f}", ratio >= SPEED_GOAL, f">= {SPEED_GOAL}", ".1f")


def speed_of_all(door: Door) -> float:
    """Tokens a second of all streams together, from the asking to the last: no stream that begins early counts less."""
    asked = time.perf_counter()
    heard = together(*[partial(door.times, prompt(60), TOKENS) for _ in range(STREAMS)])
    pieces = [at for stream in heard for at in stream]
    return len(pieces) / (max(pieces) - asked)


def cold_load(bench: Bench, rounds: int) -> dict[str, str]:
    """From nothing to a model that answers; landbridge runs already, its engine does not."""
    what = "cold load to ready, s"
    bare_seconds: list[float] = []
    our_seconds: list[float] = []
    for number in range(rounds + 1):
        bare = bench.bare(1, CONTEXT_OF_LONG)
        bare.stop()
        ours = bench.ours(f"context = {CONTEXT_OF_LONG}\nslots = 1\n")
        try:
            idle_at(ours)  # it runs already, and has done what it does beside its start
            asked = time.perf_counter()
            bench.count(ours.port)
            loaded = time.perf_counter()
            bench.count(ours.port)
            counted = time.perf_counter() - loaded
        finally:
            ours.stop()
        took = tell(what, "bare engine", bare.ready_seconds), tell(what, "landbridge", loaded - asked - counted)
        if number:
            bare_seconds.append(took[0])
            our_seconds.append(took[1])
    later = statistics.median(mine - theirs for mine, theirs in zip(our_seconds, bare_seconds, strict=True))
    return row(what, bare_seconds, our_seconds, f"{later * 1000:+.0f} ms", later <= LOAD_GOAL,
               f"<= {LOAD_GOAL * 1000:+.0f} ms", ".3f")  # fmt: skip


def cancelled(bench: Bench, rounds: int, tokens: int) -> dict[str, str]:
    """Seconds from a client's leaving a prompt until nothing works any more: each time further on in it."""
    what = f"left in a prompt of {tokens} tokens: CPU idle after, s"
    ours = bench.ours(f"context = {CONTEXT_OF_LONG}\nslots = 1\nshow_progress = true\n")
    door = Door("landbridge", ours.port, bench.model)
    body, found = door.body(prompt(tokens), 8), list[float]()
    try:
        bench.count(ours.port)
        for _ in range(rounds):
            leave_at(door, body, LEAVE_AT)
            left = time.perf_counter()
            found.append(tell(what, door.name, idle_at(ours) - left))
    finally:
        ours.stop()
    return row(what, [], found, "-", max(found) <= IDLE_GOAL, f"<= {IDLE_GOAL:g}", ".2f")


def leave_at(door: Door, body: bytes, percent: int) -> None:
    """Ask, and hang up when so much of the prompt is read."""
    with socket.create_connection(("127.0.0.1", door.port)) as client, client.makefile("rb") as answer:
        head = f"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(body)}\r\n"
        client.sendall(f"{head}content-type: application/json\r\n\r\n".encode() + body)
        for line in answer:
            read = re.search(rb"Reading the prompt: (\d+) %", line)
            if read is not None and int(read[1]) >= percent:
                return
            if b"[DONE]" in line:
                raise SystemExit(f"{door.name} had read the prompt before anybody could leave")


def idle_at(subject: Subject) -> float:
    """When its CPU clock stood still, by the first moment at which it did."""
    since, spent = time.perf_counter(), subject.cpu_seconds()
    while time.perf_counter() - since < QUIET:
        time.sleep(0.01)
        if (now := subject.cpu_seconds()) > spent + 0.011:  # a tick may be anybody's
            since, spent = time.perf_counter(), now
    return since


def gaps(bench: Bench, tokens: int) -> dict[str, str]:
    """The longest silence in a stream while another client's long prompt is read beside it."""
    what = f"longest gap in a stream beside a prompt of {tokens} tokens, s"
    bare, ours = bench.bare(2, 2 * CONTEXT_OF_LONG), bench.ours(f"slots = 2\ncontext = {CONTEXT_OF_LONG}\n")
    try:
        there, here = (tell(what, door.name, gap(door, tokens)) for door in bench.doors(bare, ours))
    finally:
        bare.stop()
        ours.stop()
    return row(what, [there], [here], f"{here / there:.2f}", here <= GAP_GOAL, f"<= {GAP_GOAL:g}", ".2f")


def gap(door: Door, tokens: int) -> float:
    """The longest of one stream."""
    door.times(prompt(20), 4)

    def beside() -> list[float]:
        time.sleep(2)
        return door.times(prompt(tokens), 1)

    heard, _ = together(partial(door.times, prompt(20), 60 + tokens // 20), beside)
    return max(later - earlier for earlier, later in pairwise(heard))


def row(
    what: str, bare: Sequence[float], ours: Sequence[float], ratio: str, reached: bool, goal: str, form: str
) -> dict[str, str]:
    """A line of the table."""
    return {
        "what": what,
        "bare engine": table.spread(bare, form) if bare else "-",
        "landbridge": table.spread(ours, form),
        "ratio or difference": ratio,
        "goal": f"{goal} {'yes' if reached else 'no'}",
    }


def measure(folder: Path, asked: argparse.Namespace) -> list[dict[str, str]]:
    """All rows of the table."""
    bench = Bench(folder, asked.model)
    rounds, tokens = (1, QUICK) if asked.quick else (asked.rounds, LONG)
    return [
        four_streams(bench, rounds),
        cold_load(bench, rounds),
        cancelled(bench, rounds, tokens),
        gaps(bench, tokens),
    ]


def main() -> None:
    """Measure, print, and save where asked."""
    parser = table.options(__doc__)
    parser.add_argument("--model", default=MODEL, help=f"a local model (default {MODEL})")
    parser.add_argument("--quick", action="store_true", help="one round, with shorter prompts")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(Path(folder), asked)
    table.show("runtime", f"python -m bench.runtime{' --quick' if asked.quick else ''}", rows, asked)


if __name__ == "__main__":
    main()
