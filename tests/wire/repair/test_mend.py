"""JSON that is nearly right is mended where there is one way, and only there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.repair.mend import json_end, mend
from tests.laws.strategies import arguments


def mended(text: str, ended: bool = True) -> tuple[str, tuple[str, ...]] | None:
    result = mend(text, ended)
    return None if result is None else (result.text, result.names)


@pytest.mark.parametrize(
    ("broken", "whole", "names"),
    [
        ('{"a": 1,}', '{"a": 1}', ("trailing_comma",)),
        ('{"a": [1, 2, ], }', '{"a": [1, 2 ] }', ("trailing_comma",)),
        ('{"a": "one\ntwo\tthree\r\x01"}', '{"a": "one\\ntwo\\tthree\\r\\u0001"}', ("control_character",)),
        ('{"a": True, "b": None, "c": [False]}', '{"a": true, "b": null, "c": [false]}', ("python_word",)),
        ('```json\n{"a": 1}\n```', '{"a": 1}', ("code_fence",)),
        ('```\n{"a": 1}```\n', '{"a": 1}', ("code_fence",)),
        ('```JSON {"a": "```"}\n```', '{"a": "```"}', ("code_fence",)),
        ('```json\n{"a": True,}\n```', '{"a": true}', ("code_fence", "python_word", "trailing_comma")),
        ('{"a": {"b": [1', '{"a": {"b": [1]}}', ("unclosed",)),
        ('{"a": "some', '{"a": "some"}', ("unclosed",)),
        ('{"a": "True, \\" ,}", "b": 1,}', '{"a": "True, \\" ,}", "b": 1}', ("trailing_comma",)),
    ],
)
def test_p29_one_reading_is_mended(broken: str, whole: str, names: tuple[str, ...]) -> None:
    assert mended(broken) == (whole, names)
    json.loads(whole)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ls -la",
        "{'a': 1}",
        '{"a": 1} and more',
        '{"a" 1}',
        '{"a": 1 "b": 2}',
        '{"a": "say "hi""}',
        '{"a": 1]',
        '{"a": 1}}',
        '{"a":',
        '{"a": 1,',
        '{"a": tru',
        '{"a": NaN}',
        '{"a": "ends in half an escape \\',
        '{"a": "ends in half an escape \\u12',
        '{"a": "continued \\\n line"}',
        '{"a": "ended long ago?,\n "b": 1}',
        '```bash\n{"a": 1}\n```',
        '```json\n{"a": 1}\n``` and more',
        'Here: ```json\n{"a": 1}\n```',
    ],
)
def test_p29_more_than_one_reading_is_left_alone(text: str) -> None:
    assert mended(text) is None


def test_p29_nothing_is_closed_that_was_cut_off() -> None:
    for text in ('{"command": "rm -rf /tmp', '{"a": [1', "{"):
        assert mended(text, ended=False) is None


def test_nesting_without_end() -> None:
    assert mended('{"a":' + "[" * 200_000) is None


@given(text=arguments())
def test_what_is_right_stays_as_it_is(text: str) -> None:
    assert mended(text) == (text, ())
    assert json_end(text, 0) == len(text)
    assert json_end(f"x{text} {{", 1) == len(text) + 1


@given(text=arguments(), data=st.data())
def test_an_object_without_its_end_has_no_end(text: str, data: st.DataObject) -> None:
    assert json_end(text[: data.draw(st.integers(0, len(text) - 1))], 0) == -1


@given(text=st.text(alphabet='{}[]",:\\ \nTrueNoe1`'))
def test_whatever_comes_out_is_json(text: str) -> None:
    for ended in (True, False):
        result = mend(text, ended)
        if result is not None:
            json.loads(result.text)
            assert result.names or result.text == text
