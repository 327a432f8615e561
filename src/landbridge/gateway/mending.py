"""What an upstream's events go through before a client sees them: calls made of text, repairs, what landbridge runs
itself, empty answers, the watch. One answer, in one round or in several.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from ..neutral.events import Event, Failed, Start, Usage
from ..neutral.response import Response, collect, replay
from ..wire.openai_chat.called import Called
from ..wire.repair.repairs import Repairs
from .hollow import NAME as EMPTY
from .hollow import Hollow
from .hosted.loop import Hosted
from .watch import Watch

_NEVER = Hollow(wanted=False)
"""Passes everything, and keeps nothing: all answers that are not watched for emptiness share it."""


def says_something(events: Sequence[Event]) -> bool:
    """Whether anything of an answer itself is among `events`."""
    return not all(isinstance(event, Start | Usage | Failed) for event in events)


class Mending:
    """`called`, `repairs` and `hosted` are set before the answer comes, where there are such."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self.called: Called | None = None
        self.repairs: Repairs | None = None
        self.hosted: Hosted | None = None
        self.hollow = _NEVER
        self.answered = False
        """Whether anything of the answer itself has come, so that nobody else can answer any more."""
        self._repaired: Counter[str] | None = None
        """Repairs of earlier rounds, where there were such."""

    def feed(self, events: Sequence[Event]) -> list[Event]:
        """`events`, put right and completed."""
        if self.called is not None:
            events = self.called.feed(events)
        seen = self._watch.see(self._run_here(events if self.repairs is None else self.repairs.feed(events)))
        self.answered = self.answered or says_something(seen)
        return seen

    def close(self) -> list[Event]:
        """What was held back; nothing more comes."""
        return [] if self.repairs is None else self._watch.see(self._run_here(self.repairs.close()))

    def whole(self, response: Response) -> Response:
        """A whole answer, put right and completed."""
        if self.called is not None:
            response = self.called.whole(response)
        if self.repairs is not None and self.repairs.concern(response):
            mended = self.repairs.feed([*replay(response)])
            if self.repairs.total:
                response = replace(collect(mended), id=response.id, model=response.model)
        return self._watch.whole(response)

    def go_on(self) -> None:
        """Another round of the same answer follows."""
        if self.repairs is not None:
            self._earlier().update(self.repairs.counts)
            self.repairs = None

    def ask_again(self) -> None:
        """The answer was empty; another one follows in its place."""
        self.hollow.again()
        self.go_on()
        self._earlier()[EMPTY] += 1

    @property
    def goes_on(self) -> bool:
        """Whether another round of the same answer follows."""
        return self.hollow.due if self.hosted is None else self.hosted.due

    @property
    def counts(self) -> dict[str, int]:
        """All repairs so far."""
        now = {} if self.repairs is None else self.repairs.counts
        return dict(self._repaired + Counter(now)) if self._repaired else now

    def _earlier(self) -> Counter[str]:
        if self._repaired is None:
            self._repaired = Counter()
        return self._repaired

    def _run_here(self, events: Sequence[Event]) -> Sequence[Event]:
        """`events` without calls of what landbridge runs."""
        return self.hollow.feed(events) if self.hosted is None else self.hosted.feed(events)
