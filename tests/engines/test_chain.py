"""Chains of marks: what two prompts have in common, told from their bytes."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.chain import BLOCK, Chain, chain_of
from landbridge.wire.openai_chat.llamacpp import read_prompt


def chain(*texts: str, **more: Any) -> Chain:
    messages = [{"role": "user", "content": text} for text in texts]
    return chain_of(read_prompt(msgspec.json.encode({"model": "m", "messages": messages, **more})))


def bytes_of(*texts: str) -> int:
    return sum(len(msgspec.json.encode({"role": "user", "content": text})) for text in texts)


def test_each_message_ends_with_a_mark() -> None:
    assert chain("one", "two").sizes == (bytes_of("one"), bytes_of("one", "two"))
    assert chain("one", "two").size == bytes_of("one", "two")


def test_a_conversation_that_goes_on_begins_with_what_it_was() -> None:
    one, two = chain("one", "two"), chain("one", "two", "three")
    assert one.begins(two)
    assert one.begins(one)
    assert not two.begins(one)
    assert two.shared(one) == one.shared(two) == one.size


def test_nothing_begins_nothing() -> None:
    assert not Chain().begins(chain("one"))
    assert not Chain().begins(Chain())
    assert Chain().size == 0
    assert chain("one").shared(Chain()) == 0


def test_a_long_text_that_differs_at_its_end_has_its_beginning_in_common() -> None:
    text = "x" * 10 * BLOCK
    shared = chain(text + "a").shared(chain(text + "b"))
    assert 9 * BLOCK < shared <= 11 * BLOCK
    assert chain("a" + text).shared(chain("b" + text)) == 0


def test_the_first_message_is_what_others_begin_with_too() -> None:
    assert chain("one", "two", "three").opening == 1
    long = chain("x" * 3 * BLOCK, "two")
    assert long.cut(long.opening) == chain("x" * 3 * BLOCK)
    assert Chain().opening == chain().opening == 0


def test_other_tools_make_another_prompt_and_count_where_they_are_alike() -> None:
    tool = {"type": "function", "function": {"name": "read"}}
    with_tools = chain("one", tools=[tool])
    assert with_tools.shared(chain("one", tools=[tool, tool])) == 0
    assert with_tools.shared(chain("one")) == 0
    assert with_tools.shared(chain("one", "two", tools=[tool])) == bytes_of("one") + len(msgspec.json.encode([tool]))


def test_what_the_template_is_told_makes_another_prompt() -> None:
    thinking = chain("one", chat_template_kwargs={"enable_thinking": True})
    assert thinking.shared(chain("one", chat_template_kwargs={"enable_thinking": False})) == 0


def test_how_it_is_asked_makes_no_difference() -> None:
    assert chain("one", temperature=0.5, max_tokens=3, stream=True) == chain("one")


def test_a_bare_prompt_has_a_chain_too() -> None:
    one, two = (chain_of(read_prompt(msgspec.json.encode({"prompt": "word " * 1000 + end}))) for end in ("", "more"))
    assert one.size > 4000
    assert one.shared(two) >= 4 * BLOCK


def test_a_request_without_a_prompt_has_none() -> None:
    assert chain_of(read_prompt(b'{"messages": []}')) == Chain()


@given(st.lists(st.text(max_size=3000), max_size=6), st.lists(st.text(max_size=3000), max_size=6))
def test_what_is_shared_is_never_more_than_what_is_alike(one: list[str], other: list[str]) -> None:
    ours, theirs = chain(*one), chain(*other)
    alike = 0
    for index in range(min(len(one), len(other))):
        alike = index + 1 if one[: index + 1] == other[: index + 1] else alike
    shared = ours.shared(theirs)
    assert shared == theirs.shared(ours)
    assert bytes_of(*one[:alike]) <= shared
    assert shared <= bytes_of(*one[: alike + 1])
    assert ours.cut(ours.common(theirs)) == theirs.cut(theirs.common(ours))
