"""How long a local model will read a prompt before its first word, and whether the client will wait for that (P83).

A prompt whose reading outlasts its client's patience is given up and sent again, for ever. So it is refused before
dispatch, in words that say what would help. What an engine has read before is in a slot or a file and costs nothing: a
conversation that has grown step by step is not refused for its length.
"""

from __future__ import annotations

import asyncio
import logging

from ..engines.lease import Lease
from ..engines.speed import Headway
from ..errors import BadRequest
from ..neutral.events import Usage
from ..neutral.progress import Progress
from .call import Call
from .shown import span

log = logging.getLogger("landbridge.gateway")

SLOW = 300.0
"""Seconds of reading from which on it is said."""
LONG = 30.0
"""Seconds of reading from which on the log follows it."""
STEPS = 10
"""Lines of the log about one long reading, at most."""
CLAUDE_CODE = 1800.0
"""Seconds Claude Code waits at most for a stream's first event, pings or not."""
CLAUDE_CODE_WHOLE = 300.0
"""Seconds it waits for an answer that is not streamed."""
MOSTLY_NEW = 0.9
"""Share of a prompt that must have been new to the engine for its time to tell something of the model's speed."""


def patience(call: Call, *, stream: bool) -> float | None:
    """Seconds this client waits for the first word at most; None where nobody knows of a limit."""
    claude_code = call.headers.get("user-agent", "").startswith("claude-cli/")
    if stream:
        return CLAUDE_CODE if claude_code else None
    try:
        return float(call.headers["x-stainless-timeout"])
    except (KeyError, ValueError):
        return CLAUDE_CODE_WHOLE if claude_code else None


class Reading:
    """One prompt's reading by an engine: foretold before it, measured after it."""

    def __init__(self, lease: Lease, body: bytes) -> None:
        self._lease, self._body = lease, body
        self._began = self._first = self._told = 0.0
        self.seconds = 0.0
        """What it will take, if that is long enough to be said."""

    async def foretell(self, counted: int | None, limit: float | None) -> None:
        """Find out how long it will take. `counted` are the prompt's tokens if known, `limit` the client's patience.

        Raises `BadRequest` where the client will not wait so long.
        """
        most = self._lease.predict(counted or len(self._body))  # a token has at least one byte
        if most is None or most < SLOW:
            return
        tokens = counted or await self._lease.count(self._body)
        new = round(tokens * (1 - self._lease.knows(self._body)))
        seconds = (self._lease.predict(tokens) or 0.0) - (self._lease.predict(tokens - new) or 0.0)
        if seconds < SLOW:
            return
        if limit is not None and seconds > limit:
            raise _hopeless(self._lease.name, new, seconds, limit)
        self.seconds = seconds
        log.warning("model %s will read for about %s: %s", self._lease.name, _span(seconds), _speed(new, seconds))

    def begin(self) -> None:
        """The request goes out."""
        self._began = asyncio.get_running_loop().time()

    def read_on(self, progress: Progress) -> Headway:
        """The engine says how far it is: what that means, told in the log at each tenth of a long reading."""
        headway = self._lease.read_on(progress)
        whole = progress.seconds + (headway.seconds or 0.0)
        if whole >= LONG and progress.seconds >= self._told + whole / STEPS and headway.percent < 100:
            self._told = progress.seconds
            left = "" if headway.seconds is None else f", {span(headway.seconds)} left"
            log.info("model %s has read %d %% of %d tokens%s", self._lease.name, headway.percent, progress.total, left)
        return headway

    def end(self) -> None:
        """Nothing is read any more."""
        self._lease.read_all()

    def first_word(self) -> None:
        """The first of the answer is there: the prompt has been read."""
        self.end()
        self._first = asyncio.get_running_loop().time()

    @property
    def begun(self) -> bool:
        """Whether the engine has been asked."""
        return self._began > 0

    @property
    def headway(self) -> Headway | None:
        """How far it is, once the engine has said so."""
        return self._lease.headway

    @property
    def over(self) -> bool:
        """Whether the prompt has been read."""
        return self._first > 0

    def learn(self, usage: Usage) -> None:
        """The engine says how much it has read."""
        if self._first and not usage.estimated and (usage.input or 0) >= MOSTLY_NEW * usage.prompt:
            self._lease.learn(usage.prompt, self._first - self._began)


def _hopeless(model: str, tokens: int, seconds: float, limit: float) -> BadRequest:
    return BadRequest(
        f"'{model}' would need about {_span(seconds)} to read this prompt before its first word "
        f"({_speed(tokens, seconds)}), and the client waits for {_span(limit)} at most.",
        remedy='Send less (Claude Code: start anew with --tools "Bash,Edit,Read,Write"), or use a smaller model.',
        code="prefill_too_slow",
    )


def _span(seconds: float) -> str:
    return f"{seconds / 60:.0f} minutes" if seconds >= 120 else f"{seconds:.0f} seconds"


def _speed(tokens: int, seconds: float) -> str:
    return f"{tokens} new tokens at {tokens / seconds:.3g} tokens/s"
