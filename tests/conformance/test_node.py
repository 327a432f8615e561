"""Any path of any JSON may be asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from landbridge.conformance.node import Node, read_node, same_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def test_what_is_there_is_found_and_what_is_not_is_nothing() -> None:
    node = read_node(b'{"a": [{"b": "x"}, 7], "n": null, "t": true}')
    assert node["a"][0]["b"].text == "x"
    assert node["a"][1].count == 7
    assert node["a"][-1].count == 7
    assert not node["a"][9]["b"]["c"][0]
    assert node["a"][9].text == "" and node["a"][9].count == -1
    assert "n" in node and "m" not in node and not node["n"]
    assert node["t"].count == -1, "true is no number"
    assert node.keys == ["a", "n", "t"] and node["a"].keys == []
    assert len(node["a"]) == 2 and len(node["t"]) == 0
    assert [each.count for each in node["a"]] == [-1, 7]
    assert node.is_object and not node["a"].is_object


def test_what_is_no_json_is_nothing() -> None:
    for body in (b"", b"{", b"\xff", b"[" * 100_000):
        assert not read_node(body)


@given(JSON)
def test_every_text_is_found_by_walking(value: object) -> None:
    node = Node(value)
    assert all(isinstance(each, str) for each in node.strings())
    assert sum(1 for _ in node.walk()) >= 1
    assert read_node(repr(node)).value == value


def test_json_is_the_same_by_its_meaning() -> None:
    assert same_json('{"a": 1, "b": [1.50]}', b'{"b":[1.5],"a":1}')
    assert not same_json('{"a": 1}', '{"a": 2}')
    assert not same_json("{", "{"), "what is no JSON is the same as nothing"
