"""What landbridge adds to a local model: `python -m bench.engine`.

The same llama.cpp with the same parameters, asked directly and through landbridge, in turns. Every prompt is new, so
that nothing comes from a prefix cache; the model is smollm2 with one thread.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil
from msgspec import Struct

from landbridge.config import ModelSettings
from landbridge.engines.companions import Companions
from landbridge.engines.fit import NOTHING_AROUND
from landbridge.engines.library import Library, LocalModel
from landbridge.engines.llamacpp import write_params
from landbridge.engines.machine import look
from landbridge.engines.order import Order
from landbridge.engines.plan import plan

from . import table
from .subjects import ROOT, Subject, free_port, start_landbridge

MODEL = "smollm2"
CONTEXT = 4096
TOKENS = 128
SPEED_GOAL, FIRST_GOAL = 0.97, 0.020
SETTINGS = f"\n[models.{MODEL}]\ncontext = {CONTEXT}\nthreads = 1\nslots = 1\n"

BARE = """
import json, sys, time, xllamacpp
params = xllamacpp.CommonParams()
for name, value in json.loads(sys.argv[1]).items():
    owner = params
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    setattr(owner, last, value)
server = xllamacpp.Server(params)
time.sleep(1e9)
"""


class Heard(Struct):
    """One streamed answer."""

    first: float
    """Seconds to the first piece of text."""
    speed: float
    """Tokens per second after it."""


class Door(Struct):
    """A way to the model."""

    name: str
    port: int
    path: str
    model: str
    headers: dict[str, str]

    def ask(self, prompt: str) -> Heard:
        """Stream an answer of `TOKENS` tokens."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": prompt}],
            "max_tokens": TOKENS,
            "temperature": 0,
            "stream": True,
        }
        if "messages" not in self.path:
            body["ignore_eos"] = True
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        began = time.perf_counter()
        connection.request("POST", self.path, json.dumps(body), {**self.headers, "content-type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{self.name}: {answer.status} {answer.read()[:500]!r}")
        lines = [(time.perf_counter(), line) for line in answer]
        connection.close()
        times = [at for at, line in lines if line.startswith(b"data: {") and says_something(line[6:])]
        return Heard(times[0] - began, (len(times) - 1) / (times[-1] - times[0]))


def says_something(record: bytes) -> bool:
    """Whether a record of either dialect has text."""
    event = json.loads(record)
    if "choices" in event:
        return any(choice["delta"].get("content") for choice in event["choices"])
    return event["type"] == "content_block_delta" and bool(event["delta"].get("text"))


def start_bare(folder: Path, params: Mapping[str, object]) -> Subject:
    """The engine alone, with its model loaded."""
    folder.mkdir()
    port = free_port()
    arguments = json.dumps({**params, "port": port})
    return Subject("bare engine", [sys.executable, "-c", BARE, arguments], port, folder / "log", health="/health")


def model_file() -> LocalModel:
    """The model, fetched if it is not here yet."""
    data = ROOT / ".cache" / "data"
    subprocess.run(
        [sys.executable, "-m", "landbridge", "models", "pull", MODEL, "--data-dir", str(data)],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    found = Library(data / "models").find(MODEL)
    assert found is not None, "it was fetched"
    return found


def params(settings: ModelSettings, found: LocalModel | None = None) -> dict[str, object]:
    """What landbridge would give the engine of a model with such settings; of `MODEL` where none is given."""
    found = found or model_file()
    order = Order(
        name=found.name,
        path=found.path.absolute(),
        facts=found.facts,
        template=found.template or "",
        settings=settings,
        saves_prompts=True,
        machine=look(),
        companions=Companions(),
        around=NOTHING_AROUND,
        plan=plan,
    )
    return write_params(order.run(order.fit(psutil.virtual_memory().available)), "bench")


def measure(folder: Path, rounds: int) -> dict[str, list[Heard]]:
    """A figure a round for each door."""
    bare = start_bare(folder / "bare", params(ModelSettings(context=CONTEXT, threads=1, slots=1)))
    ours = start_landbridge(folder / "landbridge", 9, models=ROOT / ".cache" / "data" / "models", more=SETTINGS)
    doors = [
        Door("bare engine", bare.port, "/v1/chat/completions", "m", {"authorization": "Bearer bench"}),
        Door("through landbridge, OpenAI", ours.port, "/v1/chat/completions", MODEL, {}),
        Door("through landbridge, Anthropic", ours.port, "/anthropic/v1/messages", MODEL, {}),
    ]
    heard: dict[str, list[Heard]] = {door.name: [] for door in doors}
    try:
        for number in range(rounds + 1):
            turn = number % len(doors)  # who comes first finds the freshest machine: each in its turn
            for at, door in enumerate([*doors[turn:], *doors[:turn]]):
                answer = door.ask(f"Number {number * 10 + at}. Tell a very long story about a bridge. " * 6)
                if number:
                    heard[door.name].append(answer)
    finally:
        bare.stop()
        ours.stop()
    return heard


def rows(heard: Mapping[str, Sequence[Heard]]) -> list[dict[str, str]]:
    """The table."""
    bare = heard["bare engine"]
    table_rows = []
    for name, answers in heard.items():
        speed = statistics.median(ours.speed / theirs.speed for ours, theirs in zip(answers, bare, strict=True))
        first = statistics.median(ours.first - theirs.first for ours, theirs in zip(answers, bare, strict=True))
        reached = speed >= SPEED_GOAL and first <= FIRST_GOAL
        table_rows.append(
            {
                "way": name,
                "tokens/s": table.spread([answer.speed for answer in answers], ".1f"),
                "first token, s": table.spread([answer.first for answer in answers], ".3f"),
                "speed, bare = 1": f"{speed:.3f}",
                "first token later by, ms": f"{first * 1000:+.0f}",
                "goal": "-" if answers is bare else f">= {SPEED_GOAL}, <= 20 ms {'yes' if reached else 'no'}",
            }
        )
    return table_rows


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        heard = measure(Path(folder), asked.rounds)
    table.show("engine", "python -m bench.engine", rows(heard), asked)


if __name__ == "__main__":
    main()
