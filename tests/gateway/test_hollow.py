"""Answers that say nothing: asked for once more, and joined to one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.gateway.hollow import Hollow
from landbridge.neutral.events import (
    BlockStart,
    BlockStop,
    Delta,
    Event,
    Finish,
    Kind,
    Reason,
    Start,
    Usage,
    check_grammar,
)
from landbridge.neutral.parts import Text, Thinking, ToolCall
from landbridge.neutral.response import Response, collect
from landbridge.wire.dialects import dialect
from tests.fakes.provider import Provider, Reply
from tests.fakes.running import Running

THOUGHT: list[Event] = [Start(), BlockStart(0, Kind.THINKING), Delta(0, "Hm."), BlockStop(0), Usage(input=1, output=2)]
SAID: list[Event] = [BlockStart(0, Kind.TEXT), Delta(0, "Yes."), BlockStop(0), Finish(Reason.END)]


def test_p38_thinking_and_then_nothing_is_held_and_the_next_answer_goes_on() -> None:
    hollow = Hollow()
    first = list(hollow.feed([*THOUGHT, Finish(Reason.END)]))
    assert (first, hollow.due) == (THOUGHT, True)
    hollow.again()
    joined = [*first, *hollow.feed(SAID)]
    check_grammar(joined)
    assert collect(joined).parts == (Thinking("Hm."), Text("Yes."))


def test_there_is_no_third_try() -> None:
    hollow = Hollow()
    hollow.feed([Start(), Finish(Reason.END)])
    hollow.again()
    assert hollow.feed([Finish(Reason.END)]) == [Finish(Reason.END)]
    assert not hollow.due and not hollow.whole(Response((), Finish(Reason.END)))


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason is not Reason.END])
def test_another_end_is_an_answer(reason: Reason) -> None:
    hollow = Hollow()
    assert hollow.feed([Start(), Finish(reason)]) == [Start(), Finish(reason)]
    assert not hollow.due and not hollow.whole(Response((), Finish(reason)))


@pytest.mark.parametrize("kind", [Kind.TOOL, Kind.OPAQUE])
def test_calls_and_blocks_of_the_dialect_are_an_answer(kind: Kind) -> None:
    events: list[Event] = [Start(), BlockStart(0, kind, "c", "f"), BlockStop(0), Finish(Reason.END)]
    assert Hollow().feed(events) == events


def test_blank_text_is_nothing() -> None:
    hollow = Hollow()
    hollow.feed([Start(), BlockStart(0, Kind.TEXT), Delta(0, " \n"), BlockStop(0), Finish(Reason.END)])
    assert hollow.due


def test_whole_answers() -> None:
    end = Finish(Reason.END)
    assert Hollow().whole(Response((Thinking("Hm."), Text(" ")), end))
    assert not Hollow().whole(Response((Text("Yes."),), end))
    assert not Hollow().whole(Response((ToolCall("c", "f"),), end))
    assert not Hollow(wanted=False).whole(Response((), end))


ASK: dict[str, Any] = {"model": "lab/m", "max_tokens": 50, "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.anyio
@pytest.mark.io
@pytest.mark.parametrize("stream", [False, True])
async def test_p38_the_client_gets_one_answer(tmp_path: Path, stream: bool) -> None:
    async with Provider([Reply(thinking="Hm."), Reply(text="Yes.")]) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
        """
        async with Running(tmp_path, settings) as gateway:
            heard = await gateway.post("/anthropic/v1/messages", {**ASK, "stream": stream})
            spoken = dialect("anthropic")
            if stream:
                reader = spoken.reader(str, "client")
                events = [*reader.feed(heard.body), *reader.close()]
                check_grammar(events)
                assert [part.text for part in collect(events).parts] == ["Hm.", "Yes."]  # type: ignore[union-attr]
            else:
                assert [part.text for part in spoken.read_response(heard.body, str, "client").parts] == ["Yes."]  # type: ignore[union-attr]
            assert len(provider.requests) == 2
            assert provider.requests[0].body == provider.requests[1].body
            assert gateway.journal.latest[0].repairs == {"empty answer": 1}


@pytest.mark.anyio
@pytest.mark.io
@pytest.mark.parametrize("more", [{"stop_sequences": ["."]}, {}])
async def test_it_is_not_asked_again_where_nothing_may_be_an_answer(tmp_path: Path, more: dict[str, Any]) -> None:
    """A stop sequence may come first of all; and who wants answers as they come turns repairs off."""
    async with Provider(Reply()) as provider:
        settings = f"""
            [providers.lab]
            dialect = "openai_chat"
            base_url = "{provider.base_url("openai_chat")}"
            models = ["m"]
            repair = {"true" if more else "false"}
        """
        async with Running(tmp_path, settings) as gateway:
            heard = await gateway.post("/anthropic/v1/messages", {**ASK, **more})
            assert (heard.status, len(provider.requests)) == (200, 1)
