"""Requests that look the same from turn to turn: what the upstream has read before it need not read again."""

from __future__ import annotations

from itertools import pairwise

from ..faces.messages import PROMPT, ask, assistant, call, result, system, text, tools, user
from ..play import says
from ..rule import Rule, need
from ..seen import Exchange, Seen
from ..sources import CLIENT
from .judging import has, words

HELLO = (says("Hello."),)
BILLING = "x-anthropic-billing-header: cc_version=2.1.330.c6e; cc_entrypoint=sdk-cli;"
OTHER_BILLING = "x-anthropic-billing-header: cc_version=2.1.330.9f1; cc_entrypoint=sdk-cli;"
KEY = {"cache_control": {"type": "ephemeral"}}
FIRST = (user(PROMPT), assistant("I look.", call("toolu_1", file_path="/a")))
SECOND = (*FIRST, user(result("toolu_1", "the content")))
THIRD = (*SECOND, assistant("It says so."), user("go on"))


def bodies(seen: Seen) -> list[str]:
    """What the upstream got, request by request."""
    for exchange in seen:
        _ = exchange.good
    return [repr(exchange.sent) for exchange in seen]


def same(seen: Seen) -> None:
    one, *others = bodies(seen)
    for other in others:
        at = next(
            (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
        )
        need(one == other, f"they differ: ...{one[max(0, at - 30) : at + 50]} / ...{other[max(0, at - 30) : at + 50]}")


def grows(seen: Seen) -> None:
    """Each turn's messages begin with those of the turn before, and the tools are the same."""
    _ = bodies(seen)
    for before, after in pairwise(seen):
        one, other = before.sent["messages"], after.sent["messages"]
        need(repr(other).startswith(repr(one)[:-1]), "earlier messages changed with the next turn")
        need(repr(before.sent["tools"]) == repr(after.sent["tools"]), "the tools changed with the next turn")


def stripped(seen: Seen) -> None:
    for exchange in seen:
        _ = exchange.good
        sent = words(exchange.sent["messages"])
        need("x-anthropic-billing-header" not in sent, "the client's attribution line is part of the prompt")
        has(sent, "You are terse.", "the system prompt behind it")


def appended(seen: Seen) -> None:
    """A deferred tool that is loaded comes after the constant ones."""
    first, second = (names(exchange) for exchange in seen)
    need("Bash" in second, f"the tool that was found is not offered: {second}")
    need(second[: len(first)] == first, f"the tools {first} became {second}: the prompt's beginning changed")


def names(exchange: Exchange) -> list[str]:
    """The tools the upstream was offered."""
    _ = exchange.good
    return [tool["function"]["name"].text for tool in exchange.sent["tools"]]


SEARCHED = (user(PROMPT), assistant(call("toolu_1", "ToolSearch", query="bash")))
FOUND = (*SEARCHED, user(result("toolu_1", [{"type": "tool_reference", "tool_name": "Bash"}])))
DEFERRED = [{**each, "defer_loading": True} for each in tools("Bash")]

RULES = (
    Rule(
        id="L1",
        title="The same request twice is the same request upstream",
        source="P80",
        judge=same,
        asks=(ask(*THIRD, tools=tools(), system="You are terse."),) * 2,
        plays=HELLO,
    ),
    Rule(
        id="L2",
        title="What was sent stays as it was when turns are added",
        source="P80, P43",
        judge=grows,
        asks=tuple(ask(*each, tools=tools(), system="You are terse.") for each in (FIRST[:1], SECOND, THIRD)),
        plays=HELLO,
    ),
    Rule(
        id="L3",
        title="System turns among the messages change nothing before them",
        source="P43",
        judge=grows,
        asks=(
            ask(*SECOND, tools=tools()),
            ask(*SECOND, system("SEVEN tokens left"), assistant("Fine."), user("go on"), tools=tools()),
        ),
        plays=HELLO,
    ),
    Rule(
        id="L4",
        title="A text and a list with that one text are the same",
        source=CLIENT,
        judge=same,
        asks=(
            ask(user(PROMPT), assistant("yes"), user("go on")),
            ask(user(text(PROMPT)), assistant(text("yes")), user(text("go on"))),
        ),
        plays=HELLO,
        optional=True,
    ),
    Rule(
        id="L5",
        title="A cache_control that moves changes nothing",
        source="P49",
        judge=same,
        asks=(
            ask(user(text(PROMPT, **KEY)), assistant("yes"), user(text("go on"))),
            ask(user(text(PROMPT)), assistant("yes"), user(text("go on", **KEY))),
        ),
        plays=HELLO,
    ),
    Rule(
        id="L6",
        title="The client's attribution block is not part of the prompt",
        source="P77",
        judge=stripped,
        asks=(ask(system=[text(BILLING), text("You are terse.")]), ask(system=f"{BILLING}\nYou are terse.")),
        plays=HELLO,
    ),
    Rule(
        id="L7",
        title="Two conversations that differ in it alone are the same upstream",
        source="P77",
        judge=same,
        asks=(
            ask(system=[text(BILLING), text("You are terse.")]),
            ask(system=[text(OTHER_BILLING), text("You are terse.")]),
        ),
        plays=HELLO,
    ),
    Rule(
        id="L8",
        title="A tool that is loaded later is added behind the others",
        source="P40",
        judge=appended,
        asks=(
            ask(*SEARCHED[:1], tools=tools("Read", "Configure")),
            ask(*FOUND, tools=[*DEFERRED, *tools("Read", "Configure")]),
        ),
        plays=HELLO,
        optional=True,
    ),
)
