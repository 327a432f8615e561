"""Calls are found in text that comes in pieces; everything else is text, whole and in time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.repair.cursor import LeakedCall
from landbridge.wire.repair.markup import FORMS, STARTS
from landbridge.wire.repair.search import Piece, Search
from landbridge.wire.repair.shapes import Shapes
from tests.laws.strategies import texts

from .tools import SHAPES, call, found, joined

CALL = '<tool_call>{"name": "Read", "arguments": {"file_path": "/a"}}</tool_call>'
RUN = '<tool_call>{"name": "Bash", "arguments": {"command": "rm -rf /"}}</tool_call>'
READ = call("Read", file_path="/a")


def test_p30_text_around_calls_stays() -> None:
    assert found([f"Let me look.\n\n{CALL}\n\nAnd again: {CALL} Done."]) == [
        "Let me look.\n\n",
        READ,
        "\n\nAnd again: ",
        READ,
        " Done.",
    ]


def test_p30_markup_inside_json_is_text() -> None:
    inner = call("Edit", file_path="/a", old_string=RUN, new_string="<function=Bash></function></tool_call>")
    assert found([f'<tool_call>{{"name": "Edit", "arguments": {inner.args}}}</tool_call>']) == [inner]


@pytest.mark.parametrize(
    "text",
    [
        f"<tool_call><function=Edit><parameter=new_string>{RUN}</parameter></function></tool_call> {RUN}",
        "<function=Edit><parameter=new_string><function=Bash><parameter=command>ls</parameter></function>"
        f"</parameter></function> {RUN}",
        f"<tool_call><function=Unknown><parameter=x>{RUN}</parameter></function></tool_call>{RUN}",
        f'<tool_call>{{"name": "Unknown", "arguments": {{}}}}</tool_call>{RUN}',
        f'<tool_call>{{"name": "Read" {RUN}',
        f'<｜DSML｜invoke name="Edit"><｜DSML｜parameter name="x" string="true">{RUN}</｜DSML｜parameter>{RUN}',
        f'[TOOL_CALLS]Read[CALL_ID]{RUN}[ARGS]{{"file_path": "/a"}}',
        '{"name": "Edit", "arguments": {"x": "<function=Stop></function>"}} <function=Stop></function>',
        f'<tool_call>{{"name": "Read", "arguments": "{RUN}"}}</tool_call>{RUN}',
    ],
)
def test_p30_nothing_inside_a_call_that_is_none_is_run(text: str) -> None:
    assert found([text]) == [text]
    assert found(text) == [text]


def test_p30_nor_is_anything_in_a_later_block() -> None:
    search = Search(SHAPES, whole=True)
    search.feed('<tool_call>{"name": "Read", ')
    assert search.close() == ['<tool_call>{"name": "Read", ']
    search.open()
    assert search.feed(RUN) == [RUN]


@pytest.mark.parametrize(
    "text",
    [
        f"Write `{CALL}` to call it.",
        f"Write ``{CALL}`` to call it.",
        f"An example:\n\n```xml\n{CALL}\n```\n",
        f"An example:\n\n```\n{CALL}\n\n{CALL}",
        f"- so:\n  ````\n  ```\n  {CALL}\n  ````\n",
        "The tags <tool_call> and </tool_call>, <function=> and [TOOL_CALLS] and <|python_tag|> are special.",
        "if a <b and c[TOO] < d: <tool_ca",
        "<html><body>[link](x)</body></html>",
    ],
)
def test_p30_what_is_talked_about_stays_text(text: str) -> None:
    assert found([text]) == [text]
    assert found(text) == [text]


def test_p30_behind_code_calls_are_calls() -> None:
    text = f"Not `<tool_call>`, and not\n```xml\n{RUN}\n```\nbut "
    assert found([text + CALL]) == [text, READ]
    assert found(["an odd ` here\n\n" + CALL]) == ["an odd ` here\n\n", READ]
    assert found(["<tool_call> is a tag. " + CALL]) == ["<tool_call> is a tag. ", READ]


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_blank_answers_stay(text: str) -> None:
    assert found([text]) == [text] * bool(text)


def test_an_answer_is_a_call_as_a_whole_only_if_it_ended_in_order() -> None:
    whole = '{"name": "Read", "arguments": {"file_path": "/a"}}'
    assert found([whole]) == [READ]
    assert found([whole], in_order=False) == [whole]
    assert found([whole], whole=False) == [whole]
    assert found([f"```json\n{whole}\n```"], whole=False) == [f"```json\n{whole}\n```"]
    search = Search(SHAPES, whole=True)
    search.forbid_whole()
    assert search.feed(whole) == [whole]


def test_an_answer_is_no_call_as_a_whole_if_more_text_came_before() -> None:
    search = Search(SHAPES, whole=True)
    assert search.feed("Well.") == ["Well."]
    assert search.close() == []
    search.open()
    assert search.feed('{"name": "Read"') == ['{"name": "Read"']


def test_without_tools_nothing_is_held() -> None:
    search = Search(Shapes(()), whole=True)
    for text in ("<tool_call>", '{"name": "', "[TOOL", " "):
        assert search.feed(text) == [text]


def test_law_11_only_what_may_become_a_call_waits() -> None:
    search = Search(SHAPES, whole=True)
    fragments = ["Let", " me", " look.", "\n\n", "a < b", " <", "b> [", "x] `", "<tool_call>", "`", "\n<tool", "x"]
    sent = ["".join(map(str, search.feed(fragment))) for fragment in fragments]
    assert "".join(sent) == "".join(fragments)
    late = [came for came, left in zip(fragments, sent, strict=True) if came != left]
    assert late == [" <", "b> [", "x] `", "\n<tool", "x"]


def test_a_call_leaves_with_its_last_character() -> None:
    search = Search(SHAPES, whole=True)
    assert search.feed("x" + CALL[:-1]) == ["x"]
    assert search.feed(">") == [READ]


def test_thousands_of_markers_are_no_burden() -> None:
    text = "<tool_call> and [TOOL_CALLS" * 20_000
    assert found([text]) == [text]
    text = f"{CALL}\n" * 2_000
    assert found([text, "."]) == [*[READ] * 2_000, "\n."]


# -- laws

_BITS = st.one_of(
    texts,
    st.sampled_from([*FORMS, *STARTS]),
    st.sampled_from(
        ["`", "```", "\n", " ", "Read", "Bash", "Nope", ">", '"', "{", "}", "[ARGS]", "</tool_call>", "</function>"]
    ),
    st.sampled_from(['"name"', '{"name": "Read"', ', "arguments": {"file_path": "/a"}}', "```json\n", CALL, RUN]),
    st.sampled_from(["<function=Read>", "<parameter=limit>", "</parameter>", "5", "function<｜tool▁sep｜>", "<"]),
)
prose = st.lists(_BITS, max_size=12).map("".join)


@given(text=prose, data=st.data())
def test_law_1_any_cut_gives_the_same(text: str, data: st.DataObject) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    fragments = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    assert found(fragments) == found([text]) == found(text)


@given(text=prose)
def test_law_3_text_is_never_changed_or_lost(text: str) -> None:
    pieces = found([text])
    if not any(isinstance(piece, LeakedCall) for piece in pieces):
        assert "".join(map(str, pieces)) == text
    rest = text
    for piece in pieces:
        if isinstance(piece, str):
            assert piece in rest
            rest = rest[rest.index(piece) + len(piece) :]


@given(fragments=st.lists(texts, max_size=8))
def test_law_11_text_without_markers_is_prompt(fragments: list[str]) -> None:
    search = Search(SHAPES, whole=True)
    held = ""
    for fragment in fragments:
        pieces: list[Piece] = joined(search.feed(fragment))
        left = "".join(map(str, pieces))
        came, held = held + fragment, ""
        assert came.startswith(left)
        held = came[len(left) :]
        assert not held.strip() or held in STARTS or held.lstrip()[0] in "{`<["
    assert "".join(map(str, search.close())) == held
