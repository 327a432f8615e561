"""Items stay the bytes they were: alone, joined, and as the API lists them."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from landbridge.gateway.stored.entry import Entry, history, input_items, items_of, joined, made, output_of, text_of

values = st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)
arrays = st.lists(values, max_size=4).map(lambda items: json.dumps(items, indent=1).encode())


@given(parts=st.lists(arrays, max_size=5))
def test_arrays_become_one_and_every_item_stays_as_it_was(parts: list[bytes]) -> None:
    whole = joined(parts)
    assert json.loads(whole) == [item for part in parts for item in json.loads(part)]
    raws = [bytes(raw).strip() for part in parts for raw in msgspec.json.decode(part, type=list[Raw])]
    assert [bytes(raw).strip() for raw in msgspec.json.decode(whole, type=list[Raw])] == raws


@pytest.mark.parametrize(
    ("given_input", "items"),
    [
        (b'"Hi \\u00fc"', [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi ü"}]}]),
        (b' [{"a": 1.0}, "x"] ', [{"a": 1.0}, "x"]),
        (b"null", []),
        (b"5", []),
        (b"{}", []),
    ],
)
def test_the_input_as_items(given_input: bytes, items: list[Any]) -> None:
    assert json.loads(items_of(Raw(given_input))) == items
    assert items_of(None) == b"[]"


def test_a_list_is_the_very_bytes() -> None:
    assert items_of(Raw(b'  [{"z": 1.0,\n "a": [1e5]}]')) == b'[{"z": 1.0,\n "a": [1e5]}]'


def test_an_entry_is_made_of_what_came_and_what_went() -> None:
    response = b'{"id": "resp_1", "output": [ {"type": "message"} ], "model": "m"}'
    entry = made(response, b'{"input": "a", "previous_response_id": "resp_0"}', 5.0)
    assert entry is not None
    assert (entry.id, entry.previous, entry.created, entry.response) == ("resp_1", "resp_0", 5.0, response)
    assert output_of(response) == b'[ {"type": "message"} ]'
    assert entry.size > len(response)


@pytest.mark.parametrize(
    ("response", "body"),
    [(b"{", b"{}"), (b"{}", b"{}"), (b'{"id": 5}', b"{}"), (b'{"id": "a"}', b"["), (b"[" * 5000, b"{}")],
)
def test_what_is_none_is_not_kept(response: bytes, body: bytes) -> None:
    assert made(response, body, 1.0) is None


@pytest.mark.parametrize(("raw", "text"), [(b'"a"', "a"), (b"null", ""), (b"5", ""), (b"[", ""), (b'"\xff"', "")])
def test_text_of_a_field(raw: bytes, text: str) -> None:
    assert text_of(Raw(raw)) == text
    assert text_of(None) == ""


def entry(number: int, items: object, output: object) -> Entry:
    response = json.dumps({"id": f"resp_{number}", "output": output}).encode()
    return Entry(f"resp_{number}", f"resp_{number - 1}" if number else "", 1.0, json.dumps(items).encode(), response)


CHAIN = [
    entry(0, [{"role": "user", "content": "one"}], [{"type": "message", "id": "msg_0", "content": []}]),
    entry(
        1,
        [{"type": "function_call_output", "call_id": "c", "output": "x"}, "two", {"role": "assistant", "content": "I"}],
        [{"type": "message", "id": "msg_1"}],
    ),
]


def test_a_conversation_is_given_and_answered_in_turn() -> None:
    kinds = [
        item if isinstance(item, str) else item.get("id") or item.get("type") for item in json.loads(history(CHAIN))
    ]
    assert kinds == [None, "msg_0", "function_call_output", "two", None, "msg_1"]
    assert history(CHAIN) == history(CHAIN)
    assert history([*CHAIN[:1], CHAIN[1]]).startswith(history(CHAIN[:1])[:-1]), "what was before is a prefix"


def test_the_list_has_ids_and_parts_and_not_the_answer_itself() -> None:
    listed = json.loads(msgspec.json.encode(input_items(CHAIN)))
    assert [item["type"] for item in listed] == ["message", "message", "function_call_output", "message", "message"]
    assert len({item["id"] for item in listed}) == 5
    assert listed[0]["content"] == [{"type": "input_text", "text": "one"}]
    assert listed[1] == {"type": "message", "id": "msg_0", "content": []}
    assert listed[3]["content"] == [{"type": "input_text", "text": "two"}]
    assert listed[4]["content"] == [{"type": "output_text", "text": "I"}]
    assert input_items(CHAIN) == input_items(CHAIN), "the same ids each time"
