"""How one download stands, and what is told of it: never a password."""

from __future__ import annotations

import threading
import time

from landbridge.manage.download import Job, Kept, shown, told


def job(**kept: str) -> Job:
    return Job(Kept("https://me:secret@host/m.gguf", "m", **kept))  # type: ignore[arg-type]


def state(one: Job) -> str:
    return one.state


def test_states() -> None:
    one = job()
    assert state(one) == "paused"
    one.thread = threading.current_thread()
    assert state(one) == "fetching"
    one.note = "checking sha256"
    assert state(one) == "checking"
    one.waits = "It broke off."
    assert (state(one), told(one).fault) == ("waiting", "It broke off.")
    one.stop.set()
    assert state(one) == "stopping"
    one.thread = None
    one.kept.fault = "Nobody answers."
    assert (state(one), told(one).fault) == ("failed", "Nobody answers.")
    one.whole = True
    assert state(one) == "done"


def test_what_is_told() -> None:
    one = job()
    one.thread, one.total, now = threading.current_thread(), 100, time.monotonic()
    one.pace.mark(now - 5, 0)
    one.pace.mark(now, 50)
    one.done = 50
    said = told(one)
    assert said.speed is not None and 9 < said.speed <= 10
    assert said.left is not None and 5 <= said.left < 6
    assert said.source == "https://host/m.gguf"
    one.thread = None
    assert (told(one).speed, told(one).left) == (None, None)


def test_sources() -> None:
    assert shown("smollm2") == "smollm2"
    assert shown("hf:org/repo:Q4_K_M") == "hf:org/repo:Q4_K_M"
