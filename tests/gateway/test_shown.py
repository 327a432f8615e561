"""What clients see of a prompt's reading, and that no model ever reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from landbridge.engines.speed import Headway
from landbridge.errors import Crashed
from landbridge.gateway.shown import Shown, line_of, may_hold_shown, without_shown
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Failed,
    Finish,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)
from landbridge.neutral.parts import Message, Part, Text, Thinking
from landbridge.neutral.progress import Progress
from landbridge.neutral.request import Request
from landbridge.neutral.response import Response, collect, replay
from landbridge.wire.dialects import dialect
from tests.fakes.local import local
from tests.fakes.provider import Provider
from tests.fakes.running import Running
from tests.laws.strategies import responses

DIALECTS = ("anthropic", "openai_chat", "openai_responses", "gemini")


def told(shown: Shown, *percents: int, left: float | None = 30.0, each: float = 5.0) -> list[Event]:
    """What is told at each of these percentages, `each` seconds apart."""
    events: list[Event] = []
    for number, percent in enumerate(percents):
        progress = Progress(100, 0, percent, number * each)
        events += shown.tell(progress, Headway(percent, left))
    return events


def test_each_line_says_how_far_it_is_and_how_long_it_takes() -> None:
    assert line_of(Headway(40, 12.3)) == "Reading the prompt: 40 %, 12 s left\n"
    assert line_of(Headway(7, 185.0)) == "Reading the prompt: 7 %, 3 min left\n"
    assert line_of(Headway(7, None)) == "Reading the prompt: 7 %\n"


def test_it_is_a_block_before_all_others() -> None:
    shown = Shown()
    events: list[Event] = [Start(), *told(shown, 10, 50, 100)]
    answer: list[Event] = [BlockStart(0, Kind.TEXT), Delta(0, "Hi"), BlockStop(0), Usage(output=1), Finish(Reason.END)]
    events += shown.feed([Usage(input=9)])
    events += shown.feed(answer)
    check_grammar(events)
    seen = collect(events)
    assert seen.parts == (
        Thinking(
            "Reading the prompt: 10 %, 30 s left\nReading the prompt: 50 %, 30 s left\n",
            signature="reading", origin="landbridge",
        ),
        Text("Hi"),
    )  # fmt: skip


def test_short_readings_are_not_shown_and_lines_do_not_come_thick() -> None:
    shown = Shown()
    assert told(shown, 10, 50, left=4.0) == []
    assert told(shown, 0, left=None) == [], "nobody knows how long it will take"
    assert len(told(shown, 10, 11, 12, 13, 14, each=1.0)) == 4, "a start and a line each two seconds"
    assert told(Shown(), 10, 20, 30, left=None) != [], "by now it is a long one"


def test_nothing_is_shown_once_the_answer_has_begun() -> None:
    shown = Shown()
    shown.feed([Start(), BlockStart(0, Kind.TEXT)])
    assert told(shown, 10, 50) == []


def test_a_failure_ends_the_block() -> None:
    shown = Shown()
    events = [Start(), *told(shown, 10)]
    events += shown.feed([Failed(Crashed("It died."))])
    check_grammar(events)
    assert isinstance(events[-2], BlockStop)


@given(responses(), st.booleans())
def test_the_answer_itself_stays_as_it_is(answer: Response, long: bool) -> None:
    shown = Shown()
    first, *rest = replay(answer)
    events = [first, *(told(shown, 10, 20) if long else []), *shown.feed(rest)]
    check_grammar(events)
    seen = collect(events)
    assert seen.parts[1 if long else 0 :] == collect([first, *rest]).parts


# -- sent back ---------------------------------------------------------------------------------------------------------


def assistant(*parts: Part) -> Request:
    messages = (Message("user", (Text("Q"),)), Message("assistant", parts), Message("user", (Text("R"),)))
    return Request(model="m", messages=messages)


LINES = "Reading the prompt: 10 %, 30 s left\nReading the prompt: 50 %\n"


@pytest.mark.parametrize(
    "parts",
    [
        (Thinking(LINES, signature="reading", origin="landbridge"), Text("A")),
        (Thinking("changed by the client", signature="reading", origin="landbridge"), Text("A")),
        (Thinking(LINES), Text("A")),
        (Thinking(LINES.strip()), Text("A")),
    ],
)
def test_it_is_taken_out_of_the_history(parts: tuple[Part, ...]) -> None:
    assert without_shown(assistant(*parts)) == assistant(Text("A"))


def test_the_model_s_own_thoughts_stay() -> None:
    mine = Thinking("I think.\nReading the prompt: 10 %\nwas what I saw.")
    assert without_shown(assistant(mine, Text("A"))) == assistant(mine, Text("A"))
    joined = Thinking(LINES + "\nI think.")
    assert without_shown(assistant(joined, Text("A"))) == assistant(Thinking("I think."), Text("A"))
    signed = Thinking(LINES + "I think.", signature="s", origin="anthropic")
    assert without_shown(assistant(signed)) == assistant(replace(signed, text="I think."))
    same = assistant(mine)
    assert without_shown(same) is same


def test_a_turn_that_held_nothing_else_is_gone() -> None:
    assert len(without_shown(assistant(Thinking(LINES))).messages) == 2


def test_what_users_write_stays() -> None:
    asked = Request(model="m", messages=(Message("user", (Text(LINES),)),))
    assert without_shown(asked) is asked


@pytest.mark.parametrize("name", DIALECTS)
def test_each_dialect_carries_it_there_and_it_is_gone_when_it_comes_back(name: str) -> None:
    """The history of a client that keeps all it gets, written by our own writer of that dialect's answers."""
    shown = Shown()
    events = [Start(), *told(shown, 10, 50)]
    events += shown.feed([BlockStart(0, Kind.TEXT), Delta(0, "A"), BlockStop(0), Finish(Reason.END)])
    answer = json.loads(dialect(name).write_response(collect(events), 0).body)
    body = json.dumps(history(name, answer)).encode()
    assert may_hold_shown(body)
    request = without_shown(dialect(name).read_request(body))
    assert [part for message in request.messages for part in message.parts] == [Text("Q"), Text("A"), Text("R")]


def history(name: str, answer: Any) -> dict[str, Any]:
    match name:
        case "anthropic":
            said = {"role": "assistant", "content": answer["content"]}
            return {"model": "m", "max_tokens": 5, "messages": [user("Q"), said, user("R")]}
        case "openai_chat":
            return {"model": "m", "messages": [user("Q"), answer["choices"][0]["message"], user("R")]}
        case "openai_responses":
            return {"model": "m", "input": [user("Q"), *answer["output"], user("R")]}
    asked = [{"role": "user", "parts": [{"text": text}]} for text in "QR"]
    return {"contents": [asked[0], answer["candidates"][0]["content"], asked[1]]}


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def test_only_bodies_with_such_lines_may_hold_it() -> None:
    assert not may_hold_shown(b'{"content":"Reading the prompt: it is long"}')
    assert may_hold_shown(b'{"thinking":"Reading the prompt: 40 %, 12 s left\\n"}')


# -- over real connections ---------------------------------------------------------------------------------------------

PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "anthropic": ("/v1/messages", {"max_tokens": 3, "stream": True, "messages": [user("word " * 500)]}),
    "openai_chat": ("/v1/chat/completions", {"stream": True, "messages": [user("word " * 500)]}),
    "openai_responses": ("/v1/responses", {"stream": True, "input": "word " * 500}),
    "gemini": (
        "/v1beta/models/m:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "word " * 500}]}]},
    ),
}
SHOW = "[server]\nshow_progress = true\n"


async def teach(gateway: Running, name: str) -> None:
    """Let the model have been slow."""
    async with gateway.keeper.lease(name, light=True) as lease:
        for _ in range(9):
            lease.learn(500, 60.0)


@pytest.mark.io
@pytest.mark.anyio
async def test_clients_that_wish_so_see_it(tmp_path: Path) -> None:
    more = SHOW + "[models.quiet]\nshow_progress = false\n"
    flags = "--prefill-seconds 0.4"
    async with local(tmp_path, more, m=flags, quiet=flags) as gateway:
        for path, body in PATHS.values():
            for name in ("m", "quiet"):
                await teach(gateway, name)
            reply = await gateway.post(path, {"model": "m", **body})
            assert b"Reading the prompt: " in reply.body and b" left" in reply.body, reply.body
            assert gateway.journal.latest[-1].outcome == "ok"
        path, body = PATHS["anthropic"]
        for changed in ({"model": "quiet"}, {"model": "m", "thinking": {"type": "disabled"}}):
            reply = await gateway.post(path, {**body, **changed})
            assert reply.status == 200 and b"Reading the prompt: " not in reply.body
        assert gateway.keeper.snapshot()[0].progress == (), "nothing is read any more"


@pytest.mark.io
@pytest.mark.anyio
async def test_a_provider_never_gets_it(tmp_path: Path) -> None:
    thought = {"type": "thinking", "thinking": LINES, "signature": "lb1.landbridge.cmVhZGluZw"}
    said = {"role": "assistant", "content": [thought, {"type": "text", "text": "A"}]}
    async with Provider() as provider:
        settings = f"""
            [providers.lab]
            dialect = "anthropic"
            base_url = "{provider.base_url("anthropic")}"
            models = ["m"]
        """
        async with Running(tmp_path, settings) as gateway:
            ask = {"model": "lab/m", "max_tokens": 5, "messages": [user("Q"), said, user("R")]}
            assert (await gateway.post("/v1/messages", ask)).status == 200
            assert b"Reading the prompt" not in provider.requests[0].body
            assert b"lb1." not in provider.requests[0].body
