"""The loop itself: the rounds of any model, at any cut, are one grammatical answer that holds all of it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw
from msgspec.structs import replace

from landbridge.config import FetchSettings
from landbridge.errors import Cut
from landbridge.gateway.hosted.loop import MAX_ROUNDS, MAX_USES, Asked, Hosted, must_be_run, runs_itself
from landbridge.gateway.hosted.runner import Runner
from landbridge.gateway.hosted.web import Web
from landbridge.neutral.events import Event, Failed, Finish, Reason, Start, Usage, check_grammar
from landbridge.neutral.parts import Message, Opaque, Part, Text, Thinking, ToolCall, ToolResult
from landbridge.neutral.request import HostedTool, Request, Tool, ToolChoice
from landbridge.neutral.response import Response, collect, replay
from landbridge.neutral.traits import Traits
from landbridge.routing.target import Target
from landbridge.wire.hosted.outcome import Fault, Found, Outcome, told
from landbridge.wire.hosted.wishes import Wish
from landbridge.wire.search.query import Query, Result

SEARCH = HostedTool("anthropic", "web_search_20250305", "web_search", Raw(b'{"max_uses":50}'))
READ = Tool("Read", "", Raw(b'{"type":"object"}'))
REQUEST = Request("m", (Message("user", (Text("What is new?"),)),), tools=(SEARCH, READ))
TARGET = Target(provider="lab", model="m", dialect="openai_chat")
FOUND = Found((Result("https://a.example/", "A", "said"),))


class Told(Runner):
    """Finds what it is told to, at once."""

    def __init__(self, outcome: Outcome = FOUND) -> None:
        self.web = Web(FetchSettings(), problem="")
        self.outcome = outcome
        self.queries: list[Query] = []
        self.now = self.most = 0

    async def search(self, query: Query, share: float) -> Outcome:
        self.queries.append(query)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0)
        self.now -= 1
        return self.outcome

    async def fetch(self, url: str, wish: Wish, request: Request) -> Outcome:
        raise AssertionError("nobody fetches")


class Client:
    """Drives a loop with the answers of a model, and hears what the client gets."""

    def __init__(self, outcome: Outcome = FOUND, dialect: str = "anthropic", request: Request = REQUEST) -> None:
        self.runner = Told(outcome)
        self.kept: list[tuple[str, str, str]] = []
        self.hosted = Hosted(self.runner, dialect, TARGET, lambda *call: self.kept.append(call))
        self.events: list[Event] = []
        self.asked = request
        self.offers: list[Request] = []

    async def put(self, events: Sequence[Event]) -> None:
        self.events += events

    async def answer(self, *rounds: Response, room: int | None = None) -> Response:
        """The whole answer; rounds that are not asked for are not used."""
        for response in rounds:
            self.offers.append(self.hosted.offer(self.asked, tools=True))
            for event in replay(response):  # one at a time: a round may be cut anywhere
                self.events += self.hosted.feed([event])
            if not self.hosted.due:
                break
            more = await self.hosted.run(Asked(self.asked, room), self.put)
            if more is None:
                break
            self.asked = more
        check_grammar(self.events)
        return collect(self.events)


def call(number: int, args: bytes = b'{"query":"q"}') -> ToolCall:
    return ToolCall(f"call_{number}", "web_search", Raw(args))


USED = Usage(input=10, output=2)


def response(*parts: Part, reason: Reason = Reason.TOOLS, usage: Usage = USED) -> Response:
    return Response(tuple(parts), Finish(reason), usage, id="x", model="m")


END = response(Text("Done."), reason=Reason.END, usage=Usage(input=30, output=4))

OWN: st.SearchStrategy[Part] = st.sampled_from(
    [Text("said"), Text("more"), Thinking("hm"), Thinking("so", signature="s", origin="openai_chat")]
)
CALLS: st.SearchStrategy[Part] = st.integers(0, 9).map(call)


@st.composite
def rounds(draw: st.DrawFn) -> list[Response]:
    """What a model may answer in a row: any parts, and searches among them."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        parts = [*draw(st.lists(st.one_of(OWN, CALLS), max_size=5)), draw(CALLS)]
        reason = draw(st.sampled_from([Reason.TOOLS, Reason.END]))
        found.append(response(*draw(st.permutations(parts)), reason=reason))
    client = [ToolCall("theirs", "Read", Raw(b"{}"))] if draw(st.booleans()) else []
    last = [*draw(st.lists(OWN, max_size=3)), *client, *(draw(st.lists(CALLS, max_size=2)) if client else [])]
    return [*found, response(*last, reason=Reason.TOOLS if client else Reason.END)]


@given(rounds(), st.sampled_from(["anthropic", "openai_responses", "gemini", "openai_chat"]))
def test_any_rounds_are_one_answer_that_keeps_all_that_was_said(answers: list[Response], dialect: str) -> None:
    client = Client(dialect=dialect)
    heard = asyncio.run(client.answer(*answers))
    own = [part for answer in answers for part in answer.parts if not isinstance(part, ToolCall)]
    assert [part for part in heard.parts if not isinstance(part, ToolCall | Opaque)] == own
    theirs = [part for answer in answers for part in answer.parts if isinstance(part, ToolCall) and part.name == "Read"]
    assert [part for part in heard.parts if isinstance(part, ToolCall)] == theirs
    searches = sum(isinstance(part, ToolCall) and part.name == "web_search" for a in answers for part in a.parts)
    assert len(client.runner.queries) == searches
    assert heard.usage.searches == (searches or None)
    assert heard.usage.input == sum(answer.usage.input or 0 for answer in answers)
    assert heard.usage.output == sum(answer.usage.output or 0 for answer in answers)
    assert heard.finish == answers[-1].finish
    assert sum(isinstance(event, Start) for event in client.events) == 1
    blocks = [part for part in heard.parts if isinstance(part, Opaque)]
    assert len(blocks) == {"anthropic": 2 * searches, "openai_responses": searches}.get(dialect, 0)


@given(rounds())
def test_what_the_model_is_asked_next_grows_at_its_end(answers: list[Response]) -> None:
    client = Client()
    asyncio.run(client.answer(*answers))
    for before, after in zip(client.offers, client.offers[1:], strict=False):
        assert after.messages[: len(before.messages)] == before.messages
        assistant, user = after.messages[len(before.messages) :]
        calls = [part.id for part in assistant.parts if isinstance(part, ToolCall)]
        results = [part.id for part in user.parts if isinstance(part, ToolResult)]
        assert calls == results and len(set(calls)) == len(calls)
        assert after.tools == before.tools
    assert {id for id, _, _ in client.kept} == {
        part.id for turn in client.asked.messages for part in turn.parts if isinstance(part, ToolCall)
    }


def test_thinking_and_signatures_go_back_to_the_model_that_made_them() -> None:
    thought = Thinking("Hm.", signature="s", origin="openai_chat")
    signed = ToolCall("c", "web_search", Raw(b'{"query":"q"}'), signature="t", origin="gemini")
    client = Client()
    asyncio.run(client.answer(response(thought, Text("I look."), signed), END))
    assistant = client.asked.messages[1]
    assert assistant.parts[:2] == (thought, Text("I look."))
    (sent,) = (part for part in assistant.parts if isinstance(part, ToolCall))
    assert (sent.signature, sent.origin, bytes(sent.args)) == ("t", "gemini", b'{"query":"q"}')
    assert sent.id.startswith("srvtoolu_")


def test_without_wishes_events_pass_untouched() -> None:
    hosted = Hosted(Told(), "anthropic", TARGET, lambda *_: None)
    request = Request("m", REQUEST.messages, tools=(READ,))
    assert hosted.offer(request, tools=True) is request
    events = [*replay(END)]
    assert hosted.feed(events) is events


def test_a_failed_round_fails_the_answer_and_runs_nothing() -> None:
    client = Client()
    client.hosted.offer(REQUEST, tools=True)
    events = [*replay(response(call(1)))][:-1]
    failed = Failed(Cut("It broke off."))
    heard = client.hosted.feed([*events, failed])
    check_grammar(heard)
    assert heard[-1] == failed
    assert not client.hosted.due


@pytest.mark.parametrize("reason", [Reason.LENGTH, Reason.CONTENT_FILTER, Reason.REFUSAL, Reason.CONTEXT_FULL])
def test_an_answer_that_was_stopped_ends_so(reason: Reason) -> None:
    """What was asked for in full is run and told; half a call is none; the model is not asked again."""
    client = Client()
    half = ToolCall("c", "web_search", Raw(b'{"query":"a lo'))
    heard = asyncio.run(client.answer(response(call(1), half, reason=reason), END))
    assert heard.finish == Finish(reason)
    assert [part.name for part in heard.parts if isinstance(part, Opaque)] == [
        "server_tool_use",
        "web_search_tool_result",
    ]
    only = Client()
    heard = asyncio.run(only.answer(response(Text("Hm."), half, reason=reason), END))
    assert heard.parts == (Text("Hm."),)
    assert only.runner.queries == []


def test_arguments_that_are_no_json_are_a_fault_the_model_can_mend() -> None:
    client = Client()
    heard = asyncio.run(client.answer(response(call(1, b'{"query":"a lo')), END))
    assert client.runner.queries == []
    result = client.asked.messages[2].parts[0]
    assert isinstance(result, ToolResult) and result.is_error
    assert result.parts == (Text(told(Fault("invalid_tool_input"))),)
    assert heard.parts[-1] == Text("Done.")
    assert heard.usage.searches is None


def test_rounds_have_an_end() -> None:
    client = Client()
    heard = asyncio.run(client.answer(*[response(call(1))] * (MAX_ROUNDS + 5)))
    assert len(client.offers) == MAX_ROUNDS
    assert [offer.tool_choice for offer in client.offers] == [None] * (MAX_ROUNDS - 1) + [ToolChoice("none")]
    assert len(client.runner.queries) == MAX_ROUNDS - 1
    assert heard.finish == Finish(Reason.END)


def test_uses_have_an_end_whatever_the_client_allows() -> None:
    client = Client()
    asyncio.run(client.answer(response(*[call(number) for number in range(MAX_USES + 5)]), END))
    assert len(client.runner.queries) == MAX_USES


@pytest.mark.parametrize(("room", "most"), [(None, 3003), (1500, 1600), (0, 1100)])
def test_results_fit_what_the_window_still_holds(room: int | None, most: int) -> None:
    client = Client(Found(tuple(Result("https://a.example/", "A", "x" * 1000) for _ in range(3))))
    asyncio.run(client.answer(response(call(1)), END, room=room))
    (result,) = client.asked.messages[2].parts
    assert isinstance(result, ToolResult)
    (text,) = result.parts
    assert isinstance(text, Text)
    assert text.text.count("x") <= most


@pytest.mark.parametrize("mode", ["any", "named"])
def test_a_choice_that_forces_a_search_holds_for_the_first_round(mode: Any) -> None:
    choice = ToolChoice(mode, "web_search" if mode == "named" else "", parallel=False)
    request = Request("m", REQUEST.messages, tools=REQUEST.tools, tool_choice=choice)
    client = Client(request=request)
    asyncio.run(client.answer(response(call(1)), END))
    assert [offer.tool_choice for offer in client.offers] == [choice, ToolChoice("auto", parallel=False)]


def test_a_model_that_knows_no_tools_is_offered_none() -> None:
    hosted = Hosted(Told(), "anthropic", TARGET, lambda *_: None)
    offered = hosted.offer(Request("m", REQUEST.messages, tools=(SEARCH,)), tools=False)
    assert offered.tools == (SEARCH,)
    assert "cannot call tools" in offered.system[-1].text


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (b'{"tools":[{"type":"web_search_20250305","name":"web_search"}]}', True),
        (b'{"tools": [{"name":"web_fetch", "type" : "web_fetch_20250910"}]}', True),
        (b'{"tools":[{"type":"web_search_preview"}]}', True),
        (b'{"tools":[{"googleSearch":{}}]}', True),
        (b'{"tools":[{"google_search": {}},{"url_context":{}}]}', True),
        (b'{"web_search_options": {}}', True),
        (b'{"tools":[{"type":"custom","name":"web_search"}]}', False),
        (b'{"content":"say {\\"type\\":\\"web_search_20250305\\"}"}', False),
        (b"{}", False),
    ],
)
def test_what_a_provider_does_not_run_is_seen_in_the_body(body: bytes, wanted: bool) -> None:
    assert must_be_run(body, Traits(web_tools=False)) is wanted
    assert not must_be_run(body, Traits())


def test_what_landbridge_ran_is_seen_in_any_body() -> None:
    assert must_be_run(b'{"id":"srvtoolu_lbAAAA"}', Traits())
    assert not must_be_run(b'{"id":"srvtoolu_01AAAA"}', Traits())


def test_a_dialect_s_provider_runs_its_tools_unless_it_is_said_not_to() -> None:
    assert runs_itself(replace(TARGET, local=False)) == "openai_chat"
    assert runs_itself(replace(TARGET, local=True)) == "", "no engine does"
    assert runs_itself(Target(provider="x", model="m", dialect="anthropic", traits=Traits(web_tools=False))) == ""
