"""What of the ledger is lost when the router is killed: `python -m bench.ledger` sends 100,000 requests and kills it 20
times, at random.

A client that has its answer knows its id and when it came. Afterwards each id must be a row, but for those of the last
second before a kill; and the rows of `runs` must say exactly how many records each run lost. `--url` names another
database than SQLite's file, `--requests N` and `--kills N` make it shorter.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from msgspec import Struct
from sqlalchemy import select

from landbridge.store.database import Database
from landbridge.store.location import locate
from landbridge.store.tables import requests, runs

from . import table
from .subjects import SETTINGS, Provider, Subject, free_port
from .works import SMALL, Work

REQUESTS, KILLS, CONNECTIONS = 100_000, 20, 16
GRACE = 1.0
"""Seconds before a kill of which rows may be missing."""
WORK = Work("pass-through, whole, 140 B", "openai_chat", SMALL, stream=False, requests=0, goal=None)
ID = b"\r\nx-landbridge-id: "


class Run(Struct):
    """One life of the router."""

    answered: dict[str, float]
    """Ids of exchanges whose answer came, with when that was."""
    ended: float = 0.0
    killed: bool = True


class Client(asyncio.Protocol):
    """One connection, that asks as long as somebody else than it has not had enough."""

    def __init__(self, run: Run, left: list[int]) -> None:
        self._run, self._left, self._got = run, left, b""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._got += data
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not found or len(body) < int(_header(head, b"\r\ncontent-length: ")):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(f"not answered: {self._got[:1000].decode('latin-1')}")
        self._run.answered[_header(head, ID).decode()] = time.time()
        self._got = b""
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None
        if self._left[0] <= 0:
            self._transport.close()
            return
        self._left[0] -= 1
        self._transport.write(WORK.head + WORK.body)


def _header(head: bytes, name: bytes) -> bytes:
    at = head.lower().index(name) + len(name)
    return head[at:].partition(b"\r")[0]


async def send(port: int, run: Run, count: int) -> None:
    """Ask `count` times, or as long as there is somebody to ask."""
    loop, left = asyncio.get_running_loop(), [count]
    clients = [
        (await loop.create_connection(lambda: Client(run, left), "127.0.0.1", port))[1] for _ in range(CONNECTIONS)
    ]
    await asyncio.gather(*(client.done for client in clients))


async def until_killed(router: Subject, run: Run, after: int) -> None:
    """Ask, and kill the router once so many answers have come, wherever the others are then."""
    asking = asyncio.get_running_loop().create_task(send(router.port, run, sys.maxsize))
    while len(run.answered) < after:
        await asyncio.sleep(0.001)
    run.ended = time.time()
    router.kill()
    await asking


def start(folder: Path, upstream: int, url: str) -> Subject:
    """The router, always with the same data."""
    settings = folder / "settings" / "landbridge.toml"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text(SETTINGS.format(upstream=upstream) + f"[store]\nurl = {json.dumps(url)}\n")
    port = free_port()
    flags = ["--config", str(settings), "--data-dir", str(folder), "--port", str(port), "--no-openai", "--no-dashboard"]
    return Subject("landbridge", [sys.executable, "-m", "landbridge", "serve", *flags], port, folder / "log")


def live(folder: Path, upstream: int, asked: argparse.Namespace) -> list[Run]:
    """All lives of the router: killed ones, and one that ends as it should."""
    chance = random.Random(asked.seed)
    share = asked.requests // (asked.kills + 1)
    lives: list[Run] = []
    for number in range(asked.kills + 1):
        run = Run({})
        router = start(folder, upstream, asked.url)
        try:
            if number < asked.kills:
                asyncio.run(until_killed(router, run, chance.randint(share // 2, share * 3 // 2)))
            else:
                run.killed = False
                asyncio.run(send(router.port, run, max(share, asked.requests - sum(len(r.answered) for r in lives))))
                run.ended = time.time()
        finally:
            router.stop()
        lives.append(run)
        table.tell(f"life {number + 1} of {asked.kills + 1}: {len(run.answered)} answered")
    return lives


async def read(folder: Path, url: str) -> tuple[set[str], list[Any]]:
    """Ids of all rows, and the rows of `runs` in their order."""
    database = await Database.open(locate(url, folder, {}))
    try:
        async with database.connect() as connection:
            ids = set((await connection.execute(select(requests.c.id))).scalars())
            return ids, list(await connection.execute(select(runs).order_by(runs.c.started)))
    finally:
        await database.close()


def judge(lives: list[Run], ids: set[str], noted: list[Any]) -> tuple[list[Mapping[str, str]], bool]:
    """The table, and whether all of it is as it must be."""
    rows: list[Mapping[str, str]] = []
    missing_before = missing_late = lost = 0
    known = len(noted) == len(lives)
    oldest = 0.0
    for run, row in zip(lives, noted, strict=False):
        missing = [at for id, at in run.answered.items() if id not in ids]
        late = [at for at in missing if run.killed and run.ended - at <= GRACE]
        missing_late += len(late)
        missing_before += len(missing) - len(late)
        oldest = max(oldest, *(run.ended - at for at in missing), 0.0) if missing else oldest
        lost += row.lost
        # An answer leaves a moment before its record is made: each connection may have had one of that moment.
        known = known and row.lost + CONNECTIONS * run.killed >= len(missing) and row.killed == run.killed
    answered = sum(len(run.answered) for run in lives)
    rows.append({"what": "answers that clients had", "count": f"{answered:,}"})
    rows.append({"what": "rows in the ledger", "count": f"{len(ids):,}"})
    rows.append({"what": f"missing, from more than {GRACE:g} s before a kill", "count": f"{missing_before:,}"})
    rows.append(
        {"what": f"missing, from the last {GRACE:g} s before one of {len(lives) - 1} kills", "count": str(missing_late)}
    )
    rows.append({"what": "lost records that the ledger knows of", "count": f"{lost:,}"})
    rows.append({"what": "oldest of the missing, s before the kill", "count": f"{oldest:.2f}"})
    good = missing_before == 0 and known
    rows.append({"what": "nothing else lost, and all of it counted", "count": "yes" if good else "NO"})
    return rows, good


def main() -> None:
    """Send, kill, look, print."""
    parser = table.options(__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS, help=f"how many in all (default {REQUESTS})")
    parser.add_argument("--kills", type=int, default=KILLS, help=f"how often the router is killed (default {KILLS})")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="of the kills")
    parser.add_argument("--url", default="", help="database (default: SQLite's file)")
    asked = parser.parse_args()
    table.tell(f"seed {asked.seed}")
    with tempfile.TemporaryDirectory() as name:
        folder, provider = Path(name), Provider()
        try:
            lives = live(folder, provider.port, asked)
        finally:
            provider.stop()
        rows, good = judge(lives, *asyncio.run(read(folder, asked.url)))
    table.show("ledger", "python -m bench.ledger", rows, asked)
    if not good:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
