"""Arguments are followed as they stream; empty optional strings go, everything else leaves at once and untouched."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.wire.repair.scan import Scan, prune
from tests.laws.strategies import arguments

OPTIONAL = frozenset({"pages", "page", "note"})


def run(fragments: list[str], optional: frozenset[str] = OPTIONAL) -> tuple[str, Scan]:
    scan = Scan(optional)
    return "".join([scan.feed(fragment) for fragment in fragments]), scan


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"file":"/a","pages":""}', '{"file":"/a"}'),
        ('{"pages":"","file":"/a"}', '{"file":"/a"}'),
        ('{"pages":""}', "{}"),
        ('{"pages":"","note":""}', "{}"),
        ('{"pages":"","note":"","file":1}', '{"file":1}'),
        ('{"file":1,"pages":"","x":2,"note":""}', '{"file":1,"x":2}'),
        ('{\n  "file": "/a",\n  "pages" : "" ,\n  "x": ""\n}', '{\n  "file": "/a" ,\n  "x": ""\n}'),
        ('{ "pages": "", "file": "/a" }', '{ "file": "/a" }'),
    ],
)
def test_p28_empty_optional_strings_go(before: str, after: str) -> None:
    assert json.loads(after) == {key: value for key, value in json.loads(before).items() if value or key == "x"}
    for fragments in ([before], list(before)):
        out, scan = run(fragments)
        assert out == after
        assert scan.done and not scan.broken
        assert scan.dropped == len(json.loads(before)) - len(json.loads(after))


@pytest.mark.parametrize(
    "text",
    [
        '{"pages":"1-5","file":""}',
        '{"pages":null,"note":0,"page":[""]}',
        '{"x":{"pages":""},"y":[{"note":""}]}',
        '{"x":"pages","y":["pages",""]}',
        '{"pages\\u0020":"","Pages":"","page ":""}',
        '{"a":"\\"pages\\":\\"\\""}',
        '{"pages" : " "}',
    ],
)
def test_p28_everything_else_stays(text: str) -> None:
    for fragments in ([text], list(text)):
        out, scan = run(fragments)
        assert out == text
        assert scan.done and not scan.dropped


def test_p28_fragments_leave_in_the_call_they_came_in() -> None:
    scan = Scan(OPTIONAL)
    fragments = ["{", '"file', '_path":', ' "/a/', "b\\", '"c d', '"', ', "x": 12', "3, ", '"y": [tr', "ue, {}]", "}\n"]
    sent = [scan.feed(fragment) for fragment in fragments]
    assert "".join(sent) == "".join(fragments)
    late = [index for index, (came, left) in enumerate(zip(fragments, sent, strict=True)) if came != left]
    assert late == [8, 9], "only the comma waits, for what it separates"


def test_p28_only_the_beginning_of_an_optional_member_waits() -> None:
    scan = Scan(OPTIONAL)
    assert scan.feed('{"a":1,"pa') == '{"a":1'
    assert scan.feed('th":"') == ',"path":"'
    assert scan.feed('x","pages":"') == 'x"'
    assert scan.feed("1") == ',"pages":"1'
    assert scan.feed('-5"}') == '-5"}'


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ('{"a":1,}', '{"a":1'),
        ('{"a":"x\ny"}', '{"a":"x'),
        ('{"a":"x\\\n"}', '{"a":"x\\'),
        ('{"a":True}', '{"a":'),
        ("{'a':1}", "{"),
        ('```json\n{"a":1}\n```', ""),
        ("[1]", ""),
        ('{"a":1}}', '{"a":1}'),
        ('{"a":1} x', '{"a":1} '),
        ('{"pages":"",}', "{"),
        ('{"pages":"",True}', "{,"),
    ],
)
def test_p29_the_first_fault_stops_everything_behind_it(text: str, sent: str) -> None:
    for fragments in ([text], list(text)):
        out, scan = run(fragments)
        assert scan.broken
        assert (out.rstrip("\\"), out + scan.held) == (sent.rstrip("\\"), text.replace('"pages":""', ""))


def test_p28_a_member_goes_only_where_it_can_end() -> None:
    for text in ('{"a":1,"pages":"" True}', '{"pages":"""a":1}', '{"pages":"":1}'):
        for fragments in ([text], list(text)):
            out, scan = run(fragments)
            assert out + scan.held == text
            assert not scan.dropped


@given(text=arguments(), data=st.data())
def test_any_cut_gives_the_same(text: str, data: st.DataObject) -> None:
    keys = data.draw(st.frozensets(st.sampled_from([*json.loads(text), "pages"])))
    value: dict[str, Any] = json.loads(text)
    for key in data.draw(st.frozensets(st.sampled_from(["pages", *value]))):
        value[key] = ""
    text = json.dumps(value, ensure_ascii=False)
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    fragments = [text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True)]
    out, scan = run(fragments, keys)
    assert scan.done and not scan.broken and not scan.held
    assert (out, scan.dropped) == prune(text, keys)
    plain = {key for key in keys if json.dumps(key, ensure_ascii=False) == f'"{key}"'}
    assert json.loads(out) == {key: each for key, each in value.items() if each != "" or key not in plain}


@given(text=arguments())
def test_without_optional_strings_nothing_changes(text: str) -> None:
    assert prune(text, frozenset()) == (text, 0)


def test_what_is_no_object_is_not_pruned() -> None:
    assert prune('["pages",""]', OPTIONAL) == ('["pages",""]', 0)
