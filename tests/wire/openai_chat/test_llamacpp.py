"""What a model reads of a body, and what llama.cpp is told in one."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from landbridge.wire.openai_chat.llamacpp import Prompt, in_slot, only_read, openings, read_prompt, with_progress

FIRST = b'{"role": "system", "content": "You"}'


def test_what_is_read_of_a_chat_is_its_messages_its_tools_and_what_the_template_is_told() -> None:
    body = b'{"messages": [%s, 1], "tools": [ ], "chat_template_kwargs": {"a": 1}, "temperature": 0.5}' % FIRST
    assert read_prompt(body) == Prompt((Raw(FIRST), Raw(b"1")), Raw(b"[ ]"), Raw(b'{"a": 1}'))


def test_what_is_read_of_a_completion_is_its_prompt() -> None:
    assert read_prompt(b'{"prompt": [1, 2], "max_tokens": 3}') == Prompt((Raw(b"[1, 2]"),))


def test_two_openings_have_the_first_message_and_the_tools_in_common() -> None:
    one, two = map(msgspec.json.decode, openings(b'{"messages": [%s, 1], "tools": [2], "seed": 3}' % FIRST))
    assert one["messages"][0] == two["messages"][0] == msgspec.json.decode(FIRST)
    assert one.pop("messages")[1:] != two.pop("messages")[1:]
    assert one == two == {"tools": [2], "seed": 3}


def test_progress_is_asked_for_and_nothing_else_changes() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "}"}], "stream": True}
    assert msgspec.json.decode(with_progress(msgspec.json.encode(body) + b"\n")) == {**body, "return_progress": True}


def test_p79_a_request_names_its_slot_and_is_otherwise_what_it_was() -> None:
    sent = msgspec.json.decode(in_slot(with_progress(b'{"messages": []}\n'), 3))
    assert sent == {"messages": [], "return_progress": True, "id_slot": 3, "cache_prompt": True}


def test_p78_a_slot_can_be_made_to_read_and_write_nothing() -> None:
    sent = msgspec.json.decode(only_read([1, 2], 3))
    assert sent == {
        "prompt": [1, 2], "n_predict": 0, "id_slot": 3, "cache_prompt": True, "stream": True, "return_progress": True
    }  # fmt: skip
