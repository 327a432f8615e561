"""The suite against a real landbridge: every rule is kept. And: what goes wrong in one rule stays there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from landbridge.conformance import run
from landbridge.conformance.play import says
from landbridge.conformance.rule import Ask, NotTestable, Rule, Want, need
from landbridge.conformance.rules import RULES
from landbridge.conformance.run import Suite, runs
from landbridge.conformance.seen import Seen
from landbridge.conformance.target import target_at
from landbridge.conformance.upstream import Upstream
from landbridge.errors import Unreachable
from tests.fakes.bad_gateway import Stage

pytestmark = pytest.mark.io


def test_landbridge_keeps_every_rule(stage: Stage) -> None:
    results = stage.run(None)
    assert {result.name: result.why for result in results if result.verdict != "pass"} == {}
    assert {result.rule.id for result in results} == {rule.id for rule in RULES}
    assert len(results) == len({result.name for result in results}) > 300


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["C4"], {"C4"}),
        (["c4,c2"], {"C2", "C4"}),
        (["P65"], {"G1", "G2", "G3"}),
        (["G4", "P65"], {"G1", "G2", "G3", "G4"}),
        (["O"], {"O1", "O2", "O3", "O4", "O5", "O6"}),
        (["C1:openai_chat:anthropic"], {"C1"}),
        (["nonsense"], set()),
    ],
)
def test_rules_are_chosen_by_word(words: list[str], found: set[str]) -> None:
    assert {each.rule.id for each in runs(RULES, words)} == found


def test_a_dialect_is_a_word_too() -> None:
    assert {each.face.name for each in runs(RULES, ["openai_chat"])} == {"openai_chat"}
    assert [each.upstream for each in runs(RULES, ["C1:openai_chat:anthropic"])] == ["anthropic"]
    assert len(runs(RULES)) == len(runs(RULES, [rule.id for rule in RULES]))


def rule(judge: Callable[[Seen], None], *asks: Ask | Want, upstream: bool = True, optional: bool = False) -> Rule:
    plays = (says("hi"),) if upstream else ()
    asked = asks or (Want(),)
    return Rule(id="X1", title="t", source="s", judge=judge, asks=asked, plays=plays, optional=optional)


@asynccontextmanager
async def mirror(upstream_there: bool = True) -> AsyncIterator[Suite]:
    """A suite whose gateway is its own upstream: it speaks both dialects, and converts nothing."""
    async with Upstream() as upstream:
        models = {"openai_chat": "m", "anthropic": "m"}
        suite = Suite(target_at(upstream.url, models), upstream if upstream_there else None, jobs=2)
        await suite.look()
        yield suite


@pytest.mark.anyio
async def test_a_judgement_that_breaks_is_a_failure_of_that_rule_alone() -> None:
    def breaks(seen: Seen) -> None:
        raise IndexError("list index out of range")

    def testable(seen: Seen) -> None:
        raise NotTestable("too dark")

    rules = [
        rule(lambda seen: None, upstream=False),
        rule(breaks, upstream=False),
        rule(testable, upstream=False),
        rule(lambda seen: need(False, "no"), upstream=False),
        rule(lambda seen: need(False, "no"), upstream=False, optional=True),
    ]
    async with mirror() as suite:
        heard: list[str] = []
        results = await suite.run(runs(rules), lambda result: heard.append(result.verdict))
    assert [result.verdict for result in results] == ["pass", "fail", "not testable", "fail", "not offered"]
    assert "IndexError" in results[1].why and results[3].why == "no"
    assert sorted(heard) == sorted(result.verdict for result in results)


@pytest.mark.anyio
async def test_a_gateway_that_speaks_the_wrong_dialect_to_the_upstream_is_told_so() -> None:
    async with mirror() as suite:
        results = await suite.run(runs([rule(lambda seen: None)]))
    assert results[0].verdict == "not testable"
    assert "speaks another dialect to the upstream than OpenAI chat: it asks /v1/messages" in results[0].why


@pytest.mark.anyio
async def test_a_gateway_that_speaks_to_the_upstream_as_its_client_does_is_told_so() -> None:
    both = Rule(
        id="X1", title="t", source="s", judge=lambda seen: None, plays=(says("hi"),),
        faces=("anthropic", "openai_chat"), upstreams=("anthropic",),
    )  # fmt: skip
    async with mirror() as suite:
        results = await suite.run(runs([both]))
    assert [result.verdict for result in results] == ["pass", "not testable"]
    assert "for this client it speaks another dialect to the upstream than Anthropic" in results[1].why


@pytest.mark.anyio
async def test_without_an_upstream_only_what_needs_none_is_judged() -> None:
    async with mirror(upstream_there=False) as suite:
        results = await suite.run(runs([rule(lambda seen: None), rule(lambda seen: None, upstream=False)]))
    assert [result.verdict for result in results] == ["not testable", "pass"]
    assert "--upstream" in results[0].why


@pytest.mark.anyio
async def test_a_model_that_leads_elsewhere_is_told_so() -> None:
    async with Upstream() as elsewhere, Upstream() as upstream:
        suite = Suite(target_at(elsewhere.url, {"openai_chat": "m"}), upstream)
        await suite.look()
        results = await suite.run(runs([rule(lambda seen: None)]))
    assert results[0].verdict == "not testable" and "does not lead to the suite's upstream" in results[0].why


@pytest.mark.anyio
async def test_a_dialect_the_gateway_has_not_is_not_offered() -> None:
    async def only_messages(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        known = b"/v1/messages" in head
        writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 2\r\n\r\n{}" % (400 if known else 404))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(only_messages, "127.0.0.1", 0)
    try:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        suite = Suite(target_at(url, {"openai_chat": "m"}), None)
        await suite.look()
        both = Rule(id="X1", title="t", source="s", judge=lambda seen: None, faces=("anthropic", "openai_chat"))
        results = await suite.run(runs([both]))
    finally:
        server.close()
        await server.wait_closed()
    assert [result.verdict for result in results] == ["pass", "not offered"]
    assert "/v1/chat/completions answers 404" in results[1].why


@pytest.mark.anyio
async def test_nobody_there_is_said_at_once(free_port: Callable[[], int]) -> None:
    suite = Suite(target_at(f"http://127.0.0.1:{free_port()}", {"openai_chat": "m"}), None)
    with pytest.raises(Unreachable, match="gave no answer"):
        await suite.look()


@pytest.mark.anyio
async def test_a_rule_has_its_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "LOOK_SECONDS", 5.0)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"slow" in head:
            await reader.read()
        writer.write(b"HTTP/1.1 400 X\r\ncontent-length: 2\r\n\r\n{}")
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    try:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        suite = Suite(target_at(url, {"openai_chat": "m"}), None)
        await suite.look()
        late: list[str] = []
        short = Rule(
            id="X1", title="t", source="s", asks=(Ask(path="/slow", body={}),), seconds=0.3,
            judge=lambda seen: late.append(seen.only.answer.ended),
        )  # fmt: skip
        result = (await suite.run(runs([short])))[0]
    finally:
        server.close()
    assert late == ["late"] and result.seconds < 2
