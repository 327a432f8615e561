"""What of a conversation a local model reads again: `python -m bench.prompt_cache`.

The same llama.cpp with the same parameters, asked directly and through landbridge, in turns; smollm2 with one thread.
A conversation with a long prefix goes on turn by turn, then landbridge is restarted and it goes on. Then two
conversations and a background caller take turns, and what is read beyond the new is counted. Nearly all of the time
goes into reading the prefix twice.
"""

from __future__ import annotations

import http.client
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from landbridge.config import ModelSettings

from . import table
from .engine import MODEL, params, says_something, start_bare
from .subjects import ROOT, Subject, start_landbridge

CONTEXT = 8192
PREFIX, SHORT = 7200, 700
"""Words of the long prefix, and of those that take turns; a word is about a token."""
SETTINGS = f"\n[models.{MODEL}]\ncontext = {CONTEXT}\nthreads = 1\nslots = 1\n"
SECOND_GOAL, RESTART_GOAL = 1.10, 0.05
WORDS = ("alpha", "beta", "gamma", "delta", "house", "river", "stone", "cloud", "green", "table", "window", "letter")


class Said(Struct):
    """One answer."""

    first: float
    """Seconds to the first word."""
    text: str
    prompt: int
    cached: int


def words(seed: object, count: int) -> str:
    """Always the same for the same seed."""
    chosen = random.Random(str(seed))
    return " ".join(chosen.choice(WORDS) for _ in range(count))


class Talk:
    """A conversation with one model, which remembers what was said."""

    def __init__(self, name: str, port: int, headers: dict[str, str], seed: str, prefix: str) -> None:
        self._name, self._port, self._headers, self._seed = name, port, headers, seed
        self._messages: list[dict[str, str]] = [{"role": "system", "content": prefix}]
        self.turns = 0
        self.again = 0
        """Tokens that were read a second time."""
        self._before = 0

    def move(self, port: int) -> None:
        """Go on at another port."""
        self._port = port

    def turn(self) -> Said:
        """Say something and hear the answer."""
        self.turns += 1
        self._messages.append({"role": "user", "content": f"{self.turns} {words(self._seed + str(self.turns), 40)}"})
        said = self._ask()
        table.tell(f"{self._name}, turn {self.turns}: {said.prompt} tokens, {said.first:.3f} s to the first word")
        self._messages.append({"role": "assistant", "content": said.text})
        self.again += max(0, self._before - said.cached)
        self._before = said.prompt
        return said

    def _ask(self) -> Said:
        body: dict[str, Any] = {
            "model": MODEL,
            "messages": self._messages,
            "max_tokens": 4,
            "temperature": 0,
            "ignore_eos": True,
        }
        body |= {"stream": True, "stream_options": {"include_usage": True}}
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1800)
        headers = {"content-type": "application/json", **self._headers}
        began = time.perf_counter()
        connection.request("POST", "/v1/chat/completions", json.dumps(body), headers)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"{answer.status} {answer.read()[:500]!r}")
        lines = [(time.perf_counter(), line[6:]) for line in answer if line.startswith(b"data: {")]
        connection.close()
        records = [json.loads(line) for _, line in lines]
        text = "".join(choice["delta"].get("content") or "" for each in records for choice in each["choices"])
        usage = next(each["usage"] for each in reversed(records) if each.get("usage"))
        first = next(at for at, line in lines if says_something(line))
        return Said(first - began, text, usage["prompt_tokens"], usage["prompt_tokens_details"]["cached_tokens"])


def start(folder: Path) -> Subject:
    """Landbridge, with what it has saved before."""
    return start_landbridge(folder, 9, models=ROOT / ".cache" / "data" / "models", more=SETTINGS)


def again(folder: Path, ours: Subject) -> Subject:
    """The same after a restart."""
    ours.stop()
    fresh = folder.with_name(folder.name + "+")
    kept = (folder / "prompts").rename(folder.with_name("prompts"))
    ours = start(fresh)
    kept.rename(fresh / "prompts")
    return ours


def long_prefix(folder: Path, rounds: int) -> list[dict[str, str]]:
    """A conversation that goes on, and goes on after a restart."""
    prefix = words("prefix", PREFIX)
    bare, ours = (
        start_bare(folder / "bare", params(ModelSettings(context=CONTEXT, threads=1, slots=1))),
        start(folder / "ours"),
    )
    try:
        table.tell(f"both read {PREFIX} words, one after the other: minutes")
        direct = Talk("bare engine", bare.port, {"authorization": "Bearer bench"}, "t", prefix)
        through = Talk("landbridge", ours.port, {}, "t", prefix)
        direct.turn()
        cold = through.turn()
        pairs = [both(direct, through, ours_first=number % 2 == 1) for number in range(rounds)]
        ours = again(folder / "ours", ours)
        Talk("restarted", ours.port, {}, "w", "You warm up.").turn()  # loads the model
        through.move(ours.port)
        after = through.turn()
    finally:
        bare.stop()
        ours.stop()
    second = statistics.median(here.first / there.first for there, here in pairs)
    return [
        row("first turn, cold", [cold], "1", "-"),
        row("further turns, bare engine", [there for there, _ in pairs], "1", "-"),
        row("further turns", [here for _, here in pairs], f"{second:.2f} of bare", goal(second, SECOND_GOAL)),
        row("after a restart", [after], f"{after.first / cold.first:.1%} of cold",
            goal(after.first / cold.first, RESTART_GOAL)),
    ]  # fmt: skip


def both(direct: Talk, through: Talk, *, ours_first: bool) -> tuple[Said, Said]:
    """The next turn of each; each comes first in every other one."""
    if ours_first:
        here = through.turn()
        return direct.turn(), here
    return direct.turn(), through.turn()


def taking_turns(folder: Path, rounds: int) -> list[dict[str, str]]:
    """Two conversations and a background caller, in one slot."""
    ours = start(folder / "turns")
    try:
        talks = [Talk(name, ours.port, {}, name, f"{name} {words('shared', SHORT)}") for name in ("one", "two")]
        talks.append(Talk("title", ours.port, {}, "title", f"Make a title. {words('title', 80)}"))
        heard = [talk.turn() for _ in range(rounds + 1) for talk in talks]
    finally:
        ours.stop()
    read = sum(talk.again for talk in talks)
    return [row("two conversations and a background caller", heard, f"{read} tokens read again", goal(read, 0))]


def row(name: str, said: Sequence[Said], ratio: str, reached: str) -> dict[str, str]:
    """A line of the table."""
    return {
        "what": name,
        "prompt, tokens": str(said[-1].prompt),
        "read, tokens": f"{statistics.median(each.prompt - each.cached for each in said):.0f}",
        "first token, s": table.spread([each.first for each in said], ".3f"),
        "ratio": ratio,
        "goal": reached,
    }


def goal(reached: float, most: float) -> str:
    """Whether it is."""
    return f"<= {most:g} {'yes' if reached <= most else 'no'}"


def main() -> None:
    """Measure, print, and save where asked."""
    asked = table.options(__doc__).parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [*long_prefix(Path(folder), asked.rounds), *taking_turns(Path(folder), asked.rounds)]
    table.show("prompt_cache", "python -m bench.prompt_cache", rows, asked)


if __name__ == "__main__":
    main()
