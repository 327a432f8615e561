"""The ledger of somebody who has worked for a month: rows as a router would have written them, the same every time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from landbridge.store.location import locate
from landbridge.store.tables import access_keys
from tests.store.rows import ledger


class Model(NamedTuple):
    """Who answers, and what that is like."""

    target: str
    weight: int
    prices: tuple[float, float, float, float] | None
    """Micro-dollars a token: prompt, answer, read from the cache, written to it; None: nobody knows."""
    speed: float
    """Tokens a second."""
    first: float

    @property
    def provider(self) -> str:
        """Its name."""
        return self.target.partition("/")[0] if "/" in self.target else "local"


MODELS = (
    Model("anthropic/claude-opus-5-5", 26, (5.0, 25.0, 0.5, 6.25), 62.0, 1.6),
    Model("anthropic/claude-sonnet-5-5", 30, (3.0, 15.0, 0.3, 3.75), 88.0, 1.1),
    Model("openai/gpt-5.4-mini", 16, (0.75, 4.5, 0.075, 0.75), 120.0, 0.7),
    Model("lab/qwen3-coder-480b", 12, None, 45.0, 2.2),
    Model("qwen2.5-coder-7b-instruct", 12, (0.0, 0.0, 0.0, 0.0), 24.0, 0.9),
    Model("smollm2", 9, (0.0, 0.0, 0.0, 0.0), 95.0, 0.08),
)
CLIENTS = {"claude-cli": 60, "codex": 18, "opencode": 12, "gemini-cli": 6, "landbridge-chat": 4}
AGENTS = ("Explore", "code-reviewer", "Plan")
KEYS = {"": 70, "k_laptop": 20, "k_build": 10}
FAULTS = (
    ("overloaded", 529, "The provider is overloaded. Another model of the list was asked."),
    ("rate_limited", 429, "Requests per minute are used up; try again in 12 s."),
    ("too_long", 400, "prompt is too long: 212430 tokens > 200000 maximum"),
    ("timeout", 504, "The provider sent nothing for 120 s."),
    ("unknown_model", 404, "There is no model 'claude-opus-9'."),
)
HOURS = (1, 0, 0, 0, 0, 1, 2, 5, 12, 20, 24, 20, 10, 18, 24, 26, 22, 14, 8, 6, 7, 6, 4, 2)
"""How much is done in each hour of the day."""


def rows(now: datetime, days: int = 30, a_day: int = 260) -> list[dict[str, Any]]:
    """Rows of so many days before `now`, in order."""
    chance = Random(20260401)
    found: list[dict[str, Any]] = []
    for back in range(days, -1, -1):
        day = (now - timedelta(days=back)).replace(hour=0, minute=0, second=0, microsecond=0)
        many = round(a_day * (0.35 if day.weekday() > 4 else 1.0) * chance.uniform(0.7, 1.3))
        for session in range(max(many // 12, 1)):
            begin = day + timedelta(hours=chance.choices(range(24), HOURS)[0], minutes=chance.uniform(0, 59))
            found += _session(chance, begin, f"{back:02}{session:02}", round(many / max(many // 12, 1)))
    found = sorted((row for row in found if row["at"] <= now.timestamp()), key=lambda row: float(row["at"]))
    return [{"id": f"req_{number:08x}", **row} for number, row in enumerate(found)]


def _session(chance: Random, begin: datetime, name: str, many: int) -> Iterator[dict[str, Any]]:
    client = chance.choices(list(CLIENTS), list(CLIENTS.values()))[0]
    key = chance.choices(list(KEYS), list(KEYS.values()))[0]
    model = chance.choices(MODELS, [each.weight for each in MODELS])[0]
    id = f"{chance.getrandbits(32):08x}-{name}-4c1d-9e7a-{chance.getrandbits(48):012x}"
    at, known, agent = begin.timestamp(), 0, ""
    for turn in range(many):
        at += chance.expovariate(1 / 95)
        if client == "claude-cli":
            agent = chance.choice(AGENTS) if chance.random() < (0.75 if agent else 0.12) else ""
        row = _turn(chance, model, known, turn)
        yield {**row, "at": at, "client": client, "key": key, "session": id, "agent": agent, "model": model.target}
        known = min(known + row["input"] + row["cache_write"] + row["output"], 160_000)


def _turn(chance: Random, model: Model, known: int, turn: int) -> dict[str, Any]:
    new, output = round(chance.lognormvariate(6.6, 0.9)), round(chance.lognormvariate(5.3, 0.8))
    cached = round(known * 0.98) if turn and chance.random() < 0.93 else 0
    written = new + known - cached if model.provider == "anthropic" else 0
    prompt = 24 if written else new + known - cached
    first = model.first * chance.lognormvariate(0, 0.45) + prompt / 40_000
    row: dict[str, Any] = {
        "target": model.target,
        "provider": model.provider,
        "path": "passthrough" if model.provider == "anthropic" else "converted",
        "input": prompt, "output": output, "cache_read": cached, "cache_write": written, "cost": None,
        "first": first, "seconds": first + output / (model.speed * chance.uniform(0.7, 1.2)),
    }  # fmt: skip
    if model.prices is not None:
        used = (prompt, output, cached, written)
        row["cost"] = round(sum(price * tokens for price, tokens in zip(model.prices, used, strict=True)))
    fate = chance.random()
    if fate < 0.025:
        kind, status, message = chance.choice(FAULTS)
        row |= {"outcome": kind, "status": status, "message": message, "first": None, "seconds": 0.4, "output": 0}
        row |= {"input": 0, "cache_read": 0, "cache_write": 0, "cost": 0}
    elif fate < 0.04:
        row |= {"outcome": "cancelled"}
    return row


async def fill(data_dir: Path, now: datetime, days: int = 30) -> int:
    """Write them to the ledger of a router that does not run; how many there are."""
    written = rows(now, days)
    async with ledger(locate("", data_dir, {}), *written) as database, database.begin() as connection:
        for id, name in (("k_laptop", "laptop"), ("k_build", "build server")):
            key = {"id": id, "name": name, "hash": id, "created": now.timestamp(), "grants": "{}"}
            await connection.execute(access_keys.insert().values(**key))
    return len(written)
