"""Whether the model thinks: the wish, the budget, and the histories that forbid it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Reasoning, Request, Sampling, ToolChoice
from landbridge.neutral.traits import Traits
from landbridge.wire.anthropic.write_blocks import Block
from landbridge.wire.anthropic.write_thinking import without_clearing, write_sampling, write_thinking

ON = Reasoning("on", budget=2048)
HI = Request("m", (Message("user", (Text("hi"),)),), reasoning=ON)
LETTERS = {"t": "thinking", "x": "redacted_thinking", "w": "text", "c": "tool_use", "r": "tool_result", "s": "text"}


def history(told: str) -> list[Block]:
    """Messages from letters: `w` words, `t` thinking, `x` hidden thinking, `c` call, `r` result, `s` a system note.

    The first words are the user's, later ones where `u:` says so.
    """
    messages: list[Block] = []
    for turn in told.split():
        users = turn[0] in "ru" or "user" not in {message["role"] for message in messages}
        role = "system" if turn == "s" else "user" if users else "assistant"
        content = [{"type": LETTERS[letter]} for letter in turn.removeprefix("u:")]
        messages.append({"role": role, "content": content})
    return messages


def thinking(wish: Reasoning, told: str = "w", choice: ToolChoice | None = None) -> tuple[Block | None, list[str]]:
    """The field for a wish that is settled."""
    lost: list[str] = []
    request = Request("m", HI.messages, tool_choice=choice)
    block = write_thinking(wish, request, history(told), lambda path, why: lost.append(path))
    return block, lost


@pytest.mark.parametrize(
    ("wish", "block"),
    [
        (Reasoning(), None),
        (Reasoning(effort="high"), None),
        (Reasoning("off"), {"type": "disabled"}),
        (Reasoning("off", display="omitted"), {"type": "disabled"}),
        (Reasoning("adaptive"), {"type": "adaptive"}),
        (Reasoning("adaptive", effort="high", display="omitted"), {"type": "adaptive", "display": "omitted"}),
        (Reasoning("adaptive", display="auto"), {"type": "adaptive", "display": "summarized"}),
        (Reasoning("adaptive", display="updates"), {"type": "adaptive", "display": "updates"}),
        (Reasoning("on", budget=31_999), {"type": "enabled", "budget_tokens": 31_999}),
        (Reasoning("on", effort="low"), {"type": "adaptive"}),
        (
            Reasoning("on", budget=5000, display="summarized"),
            {"type": "enabled", "budget_tokens": 5000, "display": "summarized"},
        ),
    ],
)
def test_the_wish_as_it_is_written(wish: Reasoning, block: Block | None) -> None:
    assert thinking(wish) == (block, [])


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("w", id="nothing said yet"),
        pytest.param("w w u:w", id="no calls"),
        pytest.param("w tc r", id="thought, then called"),
        pytest.param("w xc r", id="thought in secret"),
        pytest.param("w twc r", id="thought and spoke before the call"),
        pytest.param("w tc r c r", id="thought in the first step only"),
        pytest.param("w c r tc r", id="thought in a later step"),
        pytest.param("w tc r s c r s", id="with notes between"),
        pytest.param("w c r w u:w", id="that turn is over"),
        pytest.param("w c r w u:w tc r", id="thought in this turn"),
        pytest.param("s w tc rw", id="results with words"),
    ],
)
def test_p56_a_running_turn_that_thought_goes_on_thinking(told: str) -> None:
    assert thinking(ON, told) == ({"type": "enabled", "budget_tokens": 2048}, [])


@pytest.mark.parametrize(
    "told",
    [
        pytest.param("w c r", id="only called"),
        pytest.param("w wc r", id="spoke before the call"),
        pytest.param("w wtc r", id="thought too late"),
        pytest.param("w c r s", id="with a note"),
        pytest.param("w c r c r", id="in no step"),
        pytest.param("w tc r w u:w c r", id="thought in an earlier turn only"),
        pytest.param("w tc rw c r", id="the user spoke between"),
    ],
)
def test_p56_thinking_is_off_where_the_running_turn_called_without_it(told: str) -> None:
    assert thinking(ON, told) == (None, ["reasoning"])


@pytest.mark.parametrize("told", ["w c r", "w wc r", "w tc r w u:w c r"])
@pytest.mark.parametrize("mode", ["any", "named"])
def test_p56_a_model_that_decides_itself_thinks_after_any_history(told: str, mode: Any) -> None:
    assert thinking(Reasoning("adaptive"), told, choice=ToolChoice(mode, "f")) == ({"type": "adaptive"}, [])


@pytest.mark.parametrize(("mode", "thinks"), [("auto", True), ("none", True), ("any", False), ("named", False)])
def test_p60_a_forced_tool_leaves_no_budget(mode: Any, thinks: bool) -> None:
    block, lost = thinking(ON, choice=ToolChoice(mode, "f"))
    assert ((block is not None), lost) == (thinks, [] if thinks else ["reasoning"])


def sampling(thinks: bool = False, traits: Traits | None = None, **numbers: Any) -> tuple[Block, list[str]]:
    lost: list[str] = []
    request = Request("m", HI.messages, sampling=Sampling(**numbers))
    body = write_sampling(request, traits or Traits(), thinks, lambda path, why: lost.append(path))
    return body, lost


@pytest.mark.parametrize("thinks", [False, True])
def test_no_numbers_are_made_up(thinks: bool) -> None:
    assert sampling(thinks) == ({}, [])


def test_p64_numbers_as_the_api_takes_them() -> None:
    assert sampling(temperature=0.5, top_p=0.5, top_k=3) == ({"temperature": 0.5, "top_p": 0.5, "top_k": 3}, [])
    assert sampling(temperature=0) == ({"temperature": 0}, [])
    assert sampling(temperature=1.5) == ({"temperature": 1.0}, ["sampling.temperature"])
    assert sampling(temperature=-1) == ({"temperature": 0.0}, ["sampling.temperature"])
    foreign = sampling(seed=0, presence_penalty=0.0, frequency_penalty=0.5)
    assert foreign == ({}, ["sampling.frequency_penalty"])


def test_p64_a_model_that_thinks_takes_few_numbers() -> None:
    lost = ["sampling.temperature", "sampling.top_p", "sampling.top_k"]
    assert sampling(True, temperature=0.5, top_p=0.5, top_k=3) == ({}, lost)
    assert sampling(True, temperature=1, top_p=0.95) == ({"temperature": 1, "top_p": 0.95}, [])


def test_p64_a_model_without_numbers_gets_none() -> None:
    lost = ["sampling.temperature", "sampling.top_p", "sampling.top_k"]
    assert sampling(traits=Traits(sampling=()), temperature=0.5, top_p=0.5, top_k=3) == ({}, lost)
    assert sampling(traits=Traits(sampling=()), temperature=1) == ({}, []), "that is what it does anyway"
    some = Traits(sampling=("temperature",))
    assert sampling(traits=some, temperature=0.5, top_p=1, top_k=3) == (
        {"temperature": 0.5, "top_k": 3},
        ["sampling.top_p"],
    )


def test_p64_some_models_take_one_number_of_two() -> None:
    one = Traits(one_sampling=True)
    assert sampling(traits=one, temperature=0.5, top_p=0.5, top_k=3) == (
        {"temperature": 0.5, "top_k": 3},
        ["sampling.top_p"],
    )
    assert sampling(traits=one, top_p=0.5) == ({"top_p": 0.5}, [])


CLEAR = {"type": "clear_thinking_20251015", "keep": "all"}
TOOLS = {"type": "clear_tool_uses_20250919", "trigger": {"value": 3.50}}


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ({"edits": [CLEAR]}, None),
        ({"edits": [CLEAR, TOOLS]}, {"edits": [TOOLS]}),
        ({"edits": [CLEAR], "new": 1}, {"edits": [], "new": 1}),
        ({"edits": [TOOLS]}, {"edits": [TOOLS]}),
        ({"edits": [5, None]}, {"edits": [5, None]}),
        ({"edits": []}, {"edits": []}),
        ({}, {}),
        (5, 5),
    ],
)
def test_p48_only_the_edits_that_clear_thinking_go(given: object, left: object) -> None:
    found = without_clearing(Raw(json.dumps(given).encode()))
    assert (None if found is None else json.loads(bytes(found))) == left


def test_p48_what_stays_is_not_written_anew() -> None:
    raw = Raw(json.dumps({"edits": [TOOLS]}, indent=2).encode())
    assert without_clearing(raw) is raw
