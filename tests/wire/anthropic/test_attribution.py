"""The line Claude Code puts in front of its system prompt, in each of its forms."""

from __future__ import annotations

import json

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request
from landbridge.wire.anthropic.attribution import strip_attribution
from landbridge.wire.anthropic.read_request import read_request

LINE = "x-anthropic-billing-header: cc_version=2.1.330.c6e; cc_entrypoint=sdk-cli;"
MARKED = {"type": "ephemeral"}


def stripped(system: object) -> tuple[Text, ...]:
    body = {"model": "m", "system": system, "messages": [{"role": "user", "content": LINE}]}
    request = read_request(json.dumps(body).encode())
    after = strip_attribution(request)
    assert after.messages == (Message("user", (Text(LINE),)),), "only the system prompt is looked at"
    return after.system


@pytest.mark.parametrize(
    ("system", "left"),
    [
        pytest.param([LINE, "You are an agent."], ["You are an agent."], id="alone"),
        pytest.param([LINE], [], id="nothing else"),
        pytest.param([f"{LINE}\nYou are an agent."], ["You are an agent."], id="merged"),
        pytest.param(
            [f"{LINE}\n\n\nYou are.\n\nAn agent.", "More"], ["You are.\n\nAn agent.", "More"], id="blank lines"
        ),
        pytest.param([f"  \n{LINE}\nYou are."], ["You are."], id="blanks before"),
        pytest.param(f"{LINE}\nYou are an agent.", ["You are an agent."], id="string"),
        pytest.param(LINE, [], id="string, nothing else"),
    ],
)
def test_p77_the_line_goes(system: str | list[str], left: list[str]) -> None:
    wire = [{"type": "text", "text": text} for text in system] if isinstance(system, list) else system
    assert [text.text for text in stripped(wire)] == left


@pytest.mark.parametrize(
    "system",
    [
        ["You are an agent.", LINE],
        ["You are an agent.\n" + LINE],
        ["The header x-anthropic-billing-header: is odd."],
        [],
    ],
)
def test_anything_else_stays(system: list[str]) -> None:
    request = Request("m", (Message("user", (Text("hi"),)),), system=tuple(map(Text, system)))
    assert strip_attribution(request) is request


def test_the_marker_of_a_merged_block_stays() -> None:
    (text,) = stripped([{"type": "text", "text": f"{LINE}\nYou are.", "cache_control": MARKED}])
    assert text == Text("You are.", cache=Raw(b'{"type": "ephemeral"}'))


def test_p77_two_conversations_share_their_prompt() -> None:
    lines = [f"x-anthropic-billing-header: cc_version=2.1.330.{suffix};" for suffix in ("c6e", "001")]
    one, other = (stripped([{"type": "text", "text": line}, {"type": "text", "text": "You are."}]) for line in lines)
    assert one == other
