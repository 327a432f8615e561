"""Reading a growing text: what waits, what is prose, what is a broken call."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from landbridge.wire.repair.cursor import Broken, Cursor, LeakedCall, NoCall, Waits

from .tools import SHAPES, call


def cursor(text: str) -> Cursor:
    return Cursor(text, SHAPES)


def test_literals() -> None:
    at = cursor("  <a> <b>rest")
    at.expect("<a>", "<b>")
    assert not at.meets("x")
    assert at.sees("rest") and at.meets("rest")
    assert at.over
    for literal in ("more", "x"):
        with pytest.raises(Waits):
            at.meets(literal)


def test_a_literal_that_may_still_come_is_waited_for() -> None:
    for text in ("", "  ", "<tool", "<tool_call"):
        with pytest.raises(Waits):
            cursor(text).expect("<tool_call>")
    with pytest.raises(NoCall):
        cursor("<tools").expect("<tool_call>")
    named = cursor("<tools")
    named.named = True
    with pytest.raises(Broken):
        named.expect("<tool_call>")


def test_until() -> None:
    at = cursor("value</p>rest")
    assert at.until("</p>") == "value"
    assert at.at == 9
    with pytest.raises(Waits):
        at.until("</p>")
    at.named = True
    with pytest.raises(Waits) as waits:
        at.until("</p>")
    assert waits.value.until == ">"


def test_until_stops_at_what_must_not_stand_there() -> None:
    foreign = re.compile("<p>")
    with pytest.raises(Broken):
        cursor("a<p>b</p>").until("</p>", foreign)
    with pytest.raises(Broken):
        cursor("a<p>").until("</p>", foreign)
    assert cursor("a</p><p>").until("</p>", foreign) == "a"


def test_names() -> None:
    assert cursor("Read>").name() == "Read"
    for start in ("", "R", "Read"):
        with pytest.raises(Waits):
            cursor(start).name()
    for wrong in ("Reads", "Rex", "Write>", "reading the file"):
        with pytest.raises(Broken):
            cursor(wrong).name()
    with pytest.raises(NoCall):
        cursor(" Read").name()


READ = '{"name": "Read", "arguments": {"file_path": "/a"}}'


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (READ, call("Read", file_path="/a")),
        (READ + "</tool_call>", call("Read", file_path="/a")),
        ('{"arguments":{"limit": 5},"name":"Read"}', LeakedCall("Read", '{"limit": 5}')),
        ('{"name":"Read","parameters":{}}', call("Read")),
        ('{"name":"Stop"}', call("Stop")),
        ('{"name":"Stop","arguments":null,"id":"x","type":"function"}', call("Stop")),
        ('{"name":"Read","arguments":"{\\"limit\\":5}"}', LeakedCall("Read", '{"limit":5}')),
        ('{"name":"Stop","arguments":None}', call("Stop", "python_word")),
        ('{"name":"Stop","arguments":{},}', call("Stop", "trailing_comma")),
        ('{"name":"Read","arguments":"{\\"limit\\":True}"}', LeakedCall("Read", '{"limit":true}', ("python_word",))),
        ('{ "name" :\n"Read" , "arguments": {"b" : "</tool_call>"}}', LeakedCall("Read", '{"b" : "</tool_call>"}')),
    ],
)  # fmt: skip
def test_a_call_s_object(text: str, read: LeakedCall) -> None:
    assert cursor(text).call() == read


def test_arguments_may_be_wanted() -> None:
    with pytest.raises(Broken):
        cursor('{"name":"Stop"}').call(spare=False)
    assert cursor('{"name":"Stop","parameters":{}}').call(spare=False) == call("Stop")


@pytest.mark.parametrize("size", range(len(READ)))
def test_a_growing_object_waits(size: int) -> None:
    with pytest.raises(Waits) as waits:
        cursor(READ[:size]).call()
    assert waits.value.until == ("}]" if size > READ.index(",") - 1 else "")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("{1", NoCall),
        ('{"a"', NoCall),
        ('{"names"', NoCall),
        ("{'name'", NoCall),
        ('{"name": 5', NoCall),
        ('{"name": "W', Broken),
        ('{"name": "Write", "arguments": {}}', Broken),
        ('{"arguments": {}, "name": "Write"}', Broken),
        ('{"name": "Read", "arguments": {}, "more": 1}', Broken),
        ('{"name": "Read", "arguments": {}, "parameters": {}}', Broken),
        ('{"name": "Read", "arguments": []}', Broken),
        ('{"name": "Read", "arguments": "ls"}', Broken),
        ('{"name": "Read", "arguments": "\\ud800"}', Broken),
        ('{"name": "Read", "arguments": 5}', Broken),
        ('{"name": "Read" "arguments": {}}', Broken),
    ],
)
def test_what_is_no_call(text: str, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        cursor(text).call()


def test_an_array_of_calls() -> None:
    at = cursor('[{"name":"Read","arguments":{"limit":1}}, {"name":"Stop"}] rest')
    assert at.calls() == [LeakedCall("Read", '{"limit":1}'), call("Stop")]
    assert at.text[at.at :] == " rest"
    mended = cursor('[{"name":"Stop","arguments":{},}]').calls()
    assert mended == [call("Stop", "trailing_comma")]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("[1", NoCall),
        ("[]", NoCall),
        ("", Waits),
        ("[", Waits),
        ('[{"name":"Read"}', Waits),
        ('[{"name":"Read"},{"name":"Write"}]', Broken),
        ('[{"name":"Read"},5]', Broken),
        ('[{"name":"Read"} {}]', Broken),
    ],
)
def test_an_array_that_is_none(text: str, kind: type[Exception]) -> None:
    read: Callable[[], object] = cursor(text).calls
    with pytest.raises(kind):
        read()
