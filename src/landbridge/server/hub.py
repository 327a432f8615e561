"""What happens, for those who look on: the dashboard, and whoever else asks at `/api/v1/events`.

Two kinds of topics. A *state* is looked at every so often while somebody listens, and sent when it is another than
before; who falls behind gets the newest only. *Happenings* are told one by one; who falls behind by `BEHIND` loses the
oldest, and is told how many. While nobody listens both cost nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import suppress
from typing import Any

import msgspec

log = logging.getLogger("landbridge.server")

BEHIND = 1000
"""Happenings that are kept for one listener."""
LOST = "lost"
"""Topic of what a listener did not hear: `{"happenings": N}`."""

STATES = "x-landbridge-states"
"""Header that names the topics which are states: of those the newest is what is, others only happened."""

Sample = Callable[[], Any]
Said = tuple[str, bytes]
"""A topic, and a JSON value."""


class _State:
    def __init__(self, sample: Sample, every: float) -> None:
        self.sample, self.every = sample, every
        self.said = b""
        self.watch: asyncio.Task[None] | None = None


class _Listener:
    def __init__(self, topics: frozenset[str]) -> None:
        self.topics = topics
        self.states: dict[str, bytes] = {}
        self.happenings: deque[Said] = deque()
        self.lost = 0
        self.wake = asyncio.Event()

    def happen(self, topic: str, value: bytes) -> None:
        if len(self.happenings) >= BEHIND:
            self.happenings.popleft()
            self.lost += 1
        self.happenings.append((topic, value))
        self.wake.set()

    def take(self) -> list[Said]:
        found = list(self.happenings)
        if self.lost:
            found.insert(0, (LOST, b'{"happenings":%d}' % self.lost))
        found += self.states.items()
        self.states, self.lost = {}, 0
        self.happenings.clear()
        self.wake.clear()
        return found


class Hub:
    """Of one router. Used on its event loop alone."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._happenings: set[str] = set()
        self._listeners: set[_Listener] = set()
        self._closed = False

    @property
    def topics(self) -> list[str]:
        """All there are."""
        return sorted([*self._states, *self._happenings])

    @property
    def states(self) -> list[str]:
        """Those of which the newest is what is."""
        return sorted(self._states)

    def state(self, topic: str, sample: Sample, every: float = 0.5) -> None:
        """Offer a state: `sample` gives a value that becomes JSON, and is called every so many seconds.

        Said again of the same topic (each face of a router has its own API) it changes nothing.
        """
        self._states.setdefault(topic, _State(sample, every))

    def happening(self, topic: str) -> None:
        """Offer a topic of happenings."""
        self._happenings.add(topic)

    def heard(self, topic: str) -> bool:
        """Whether somebody listens to it: who would have to work for a value asks first."""
        return any(topic in listener.topics for listener in self._listeners)

    def tell(self, topic: str, value: Any) -> None:
        """Something has happened."""
        hearing = [listener for listener in self._listeners if topic in listener.topics]
        if hearing:
            encoded = msgspec.json.encode(value)
            for listener in hearing:
                listener.happen(topic, encoded)

    def changed(self, topic: str) -> None:
        """A state may be another by now: look at once instead of at its time."""
        if self.heard(topic):
            self._look(topic, self._states[topic])

    async def listen(self, topics: Iterable[str], idle: float = 15.0) -> AsyncGenerator[list[Said]]:
        """What is said from now on, beginning with every state; an empty list after `idle` seconds of silence.

        Ends with the router.
        """
        listener = _Listener(frozenset(topics))
        self._listeners.add(listener)
        try:
            for topic in listener.topics & self._states.keys():
                self._join(topic, listener)
            listener.wake.set()
            while not self._closed:
                with suppress(TimeoutError):
                    async with asyncio.timeout(idle):
                        await listener.wake.wait()
                yield listener.take()
        finally:
            self._listeners.discard(listener)
            for topic in listener.topics & self._states.keys():
                self._leave(topic)

    def close(self) -> None:
        """Let all listeners go."""
        self._closed = True
        for listener in self._listeners:
            listener.wake.set()

    def _join(self, topic: str, listener: _Listener) -> None:
        state = self._states[topic]
        if state.watch is None:
            state.said = b""
            state.watch = asyncio.get_running_loop().create_task(self._keep_looking(topic, state))
        self._look(topic, state)
        if state.said:
            listener.states[topic] = state.said

    def _leave(self, topic: str) -> None:
        state = self._states[topic]
        if state.watch is not None and not self.heard(topic):
            state.watch.cancel()
            state.watch = None

    async def _keep_looking(self, topic: str, state: _State) -> None:
        while True:
            await asyncio.sleep(state.every)
            self._look(topic, state)

    def _look(self, topic: str, state: _State) -> None:
        try:
            said = msgspec.json.encode(state.sample())
        except Exception:
            log.exception("the state of '%s' could not be told", topic)
            return
        if said == state.said:
            return
        state.said = said
        for listener in self._listeners:
            if topic in listener.topics:
                listener.states[topic] = said
                listener.wake.set()
