"""The exchanges that are under way, for who looks on.

An exchange costs an entry in a dictionary and its removal; how far it is, is found out only when somebody asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ..store.record import Record, client_name
from .attempt import Attempt
from .call import Call

if TYPE_CHECKING:
    from .passthrough import Passage

Phase = Literal["queued", "waiting", "prefill", "streaming"]
"""`queued`: for a target, or for its engine to load or to have room; `waiting`: for a provider's first word;
`prefill`: an engine reads the prompt; `streaming`: the answer comes."""
LOCAL = "local"


class Standing(Struct, kw_only=True):
    """How far one exchange is."""

    id: str
    client: str
    key: str
    session: str
    agent: str
    model: str
    """The name that was asked for."""
    target: str
    provider: str
    stream: bool
    since: float
    """When it began, in Unix seconds."""
    phase: Phase
    percent: int | None = None
    """Of the prompt that is read."""
    left: float | None = None
    """Seconds that reading it will take yet, where that is known."""
    tokens: int | None = None
    """Of the answer so far, about; null where it passes through uncounted."""
    attempts: int = 1


class Underway(Struct):
    """One exchange."""

    record: Record
    call: Call
    began: float
    """Loop time."""
    runner: Attempt | Passage | None = None
    """What asks its target, once one is asked."""

    def standing(self, epoch: float) -> Standing:
        """How far it is. `epoch`: Unix seconds at loop time 0."""
        record, call = self.record, self.call
        found = Standing(
            id=record.id,
            client=client_name(call.user_agent),
            key=record.key,
            session=record.session,
            agent=record.agent,
            model=record.model,
            target=record.target,
            provider=record.provider,
            stream=record.stream,
            since=round(self.began + epoch, 3),
            phase="waiting" if record.provider not in ("", LOCAL) else "queued",
            attempts=record.attempts,
        )
        if isinstance(self.runner, Attempt):
            _look(self.runner, found)
        elif record.first is not None:
            found.phase = "streaming"
        return found


def _look(attempt: Attempt, found: Standing) -> None:
    watch = attempt.watch
    if watch.has_content:
        found.phase, found.tokens = "streaming", watch.tokens
    elif (reading := watch.reading) is not None and reading.begun:
        found.phase = "prefill"
        if (headway := reading.headway) is not None:
            found.percent, left = headway.percent, headway.seconds
            found.left = None if left is None else round(left, 1)
