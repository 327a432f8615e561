"""Names that a target can take, and the way back."""

from __future__ import annotations

from functools import partial

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.neutral.request import HostedTool, Tool
from landbridge.wire.tool_names import legal_name, names_by, no_names

short = partial(legal_name, longest=64)


@given(name=st.text(min_size=1), longest=st.sampled_from([64, 128]))
def test_p33_every_name_becomes_a_legal_one_and_legal_ones_stay(name: str, longest: int) -> None:
    legal = legal_name(name, longest)
    assert 0 < len(legal) <= longest
    assert all(letter.isascii() and (letter.isalnum() or letter in "_-") for letter in legal)
    assert legal_name(legal, longest) == legal


def test_p33_p80_what_differs_in_a_letter_stays_apart() -> None:
    assert short("a.b") != short("a:b") != short("a_b") == "a_b"
    assert short("a.b") == short("a.b") == "a_b_" + short("a.b")[-8:]
    assert short("x" * 65)[:55] == "x" * 55


def test_the_way_back_has_only_what_differs() -> None:
    hosted = HostedTool("anthropic", "web_search_20250305", "web.search", Raw(b"{}"))
    tools = (Tool("Read"), Tool("mcp.note"), hosted)
    names = names_by(short)
    assert names(tools) == {short("mcp.note"): "mcp.note"}
    assert names(tools) is names(tools)
    assert no_names(tools) == {}
