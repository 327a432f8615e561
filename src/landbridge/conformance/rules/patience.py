"""Time: signs of life while a model is silent, and an end to its work when the client leaves."""

from __future__ import annotations

from itertools import pairwise

from msgspec.structs import replace

from ..play import Manner, Says, says
from ..rule import Rule, Want, need
from ..seen import Received, Seen
from ..sources import CLIENT
from .judging import ALL, BOTH, good, text_is

SILENCE = 17.0
MOST = 15.5
"""Seconds between two signs of life."""
LEAVING = 1.5
PROMPT_END = 2.0
"""Seconds after which the upstream's work has to end when the client has left."""
SLOW = says("word " * 200, manner=Manner(pace=0.05))


def alive(seen: Seen) -> None:
    answer = seen.only.answer
    times = [answer.sent_at, *(at for at, _ in answer.pieces)]
    gaps = [after - before for before, after in pairwise(times)]
    need(gaps and max(gaps) <= MOST, f"{max(gaps, default=0):.0f} s without a byte")
    good(seen)


def headed(seen: Seen) -> None:
    answer = seen.only.answer
    seconds = answer.seconds_until(b"message_start")
    need(seconds < 5, f"message_start came after {seconds:.1f} s; the upstream was silent")
    good(seen)


def let_go(seen: Seen) -> None:
    """The upstream's connection was closed soon after the client's."""
    exchange = seen.only
    answer = exchange.answer
    need(answer.ended == "left", f"the answer was over before the client left: status {answer.status}, {answer.ended}")
    need(exchange.upstream, "the upstream got no request")
    left = answer.over_at
    late = [request for request in exchange.upstream if request.left_at is None or request.left_at > left + PROMPT_END]
    need(not late, f"the upstream still worked {PROMPT_END:g} s after the client had left")


def no_new_tries(seen: Seen) -> None:
    """After the client left nothing new is asked of the upstream."""
    exchange = seen.only
    late = [request for request in exchange.upstream if request.at > exchange.answer.over_at + 0.5]
    need(not late, f"{len(late)} more requests after the client had left")
    need(exchange.upstream, "the upstream got no request")


def own_words(seen: Seen) -> None:
    """Each of the clients that asked at once got its own answer."""
    for number, exchange in enumerate(seen):
        said = exchange.good
        need(said.text == f"word-{number} " * 20, f"client {number} got the words {said.text[:60]!r}")
        need(not said.faults, "; ".join(said.faults[:2]))


def echoed(received: Received) -> Says:
    """What this client asked for, slowly."""
    asked = next((text for text in received.json.strings() if "echo word-" in text), "")
    word = asked.partition("echo ")[2].split(" ")[0]
    return says(f"{word} " * 20, manner=Manner(pace=0.01))


def silent(seconds: float) -> Says:
    return says("At last.", manner=Manner(body_wait=seconds))


MANY = tuple(Want(text=f"echo word-{number} please") for number in range(8))
RULES = (
    Rule(
        id="N1",
        title="A client never waits 15 s for a byte of a stream, however long the model is silent",
        source="P82",
        judge=alive,
        plays=(silent(SILENCE),),
        seconds=40,
    ),
    Rule(
        id="N2",
        title="Headers and message_start come at once, though the model is silent",
        source=CLIENT,
        judge=headed,
        plays=(silent(7.0),),
        seconds=25,
    ),
    Rule(
        id="N3",
        title="A model that is silent for 17 s before its first word is waited for",
        source="P82",
        judge=text_is("At last."),
        plays=(silent(SILENCE),),
        asks=(Want(stream=False),),
        faces=ALL,
        seconds=40,
    ),
    Rule(
        id="N4",
        title="When the client leaves a stream, the upstream's work ends",
        source="P85",
        judge=let_go,
        asks=(Want(leave_after=LEAVING),),
        plays=(SLOW,),
        faces=ALL,
        upstreams=BOTH,
    ),
    Rule(
        id="N5",
        title="When the client leaves while it waits for a whole answer, the upstream's work ends",
        source="P85",
        judge=let_go,
        asks=(Want(stream=False, leave_after=LEAVING),),
        plays=(replace(SLOW, manner=Manner(wait=12)),),
        faces=ALL,
        upstreams=BOTH,
    ),
    Rule(
        id="N6",
        title="When the client leaves before the first word, the upstream's work ends",
        source="P85",
        judge=let_go,
        asks=(Want(leave_after=LEAVING),),
        plays=(replace(SLOW, manner=Manner(body_wait=12)),),
        faces=ALL,
        upstreams=BOTH,
    ),
    Rule(
        id="N7",
        title="When the client leaves, nothing is tried again for it",
        source="P88",
        judge=no_new_tries,
        asks=(Want(leave_after=LEAVING),),
        plays=(replace(SLOW, manner=Manner(wait=1, until=0, ending="reset")),),
        faces=ALL,
    ),
    Rule(
        id="N8",
        title="Eight clients at once each get their own answer",
        source="P12",
        judge=own_words,
        asks=MANY,
        plays=(echoed,),
        together=True,
        faces=ALL,
        upstreams=ALL,
        seconds=40,
    ),
)
