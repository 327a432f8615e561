"""Law 10: when both sides speak one dialect, bytes out are bytes in, whatever looks on."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.errors import BadRequest
from landbridge.neutral.response import collect
from landbridge.wire.rename import peek, rename
from landbridge.wire.sniff import Sniffer

from .machines import DIALECTS, read
from .render import stream, told
from .strategies import cuts, names, objects, texts

dialects = pytest.mark.parametrize("name", DIALECTS)


@st.composite
def bodies(draw: st.DrawFn) -> tuple[str, bytes, str, bytes]:
    """Model, what stands before it, how it is spelled, what stands after it: a JSON object in any spacing."""
    model = draw(names | texts)
    before, after = draw(objects), draw(objects)
    comma, colon = draw(st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " : ")]))
    ascii = draw(st.booleans())

    def members(fields: Mapping[str, object]) -> list[str]:
        return [
            json.dumps(key, ensure_ascii=ascii) + colon + json.dumps(value, ensure_ascii=ascii)
            for key, value in fields.items()
            if key not in ("model", "stream")
        ]

    head = comma.join([*members(before), json.dumps("model") + colon])
    tail = comma.join(["", *members(after), json.dumps("stream") + colon + "true"])
    return model, f"{{{head}".encode(), json.dumps(model, ensure_ascii=ascii), f"{tail}}}".encode()


@given(bodies(), names)
def test_law_10_renaming_keeps_every_other_byte(body: tuple[str, bytes, str, bytes], new: str) -> None:
    model, head, spelled, tail = body
    whole = head + spelled.encode() + tail
    peeked = peek(whole)
    assert (peeked.model, peeked.stream) == (model, True)
    assert rename(whole, new) == head + json.dumps(new).encode() + tail
    assert rename(whole, model) == whole


@given(st.binary())
def test_law_9_garbage_is_a_bad_request(body: bytes) -> None:
    for look in (peek, lambda body: rename(body, "m")):
        with pytest.raises(BadRequest):
            look(body)


@dialects
@given(data=st.data())
def test_law_10_the_sniffer_counts_what_the_reader_counts(name: str, data: st.DataObject) -> None:
    whole = stream(name, data.draw(told(name)))
    sniffer = Sniffer(name)
    for chunk in data.draw(cuts(whole)):
        sniffer.feed(chunk)
    sniffer.close()
    assert sniffer.usage == collect(read(name, [whole])).usage
    assert sniffer.finished


@dialects
@given(data=st.data())
def test_law_10_the_sniffer_knows_a_broken_stream(name: str, data: st.DataObject) -> None:
    whole = stream(name, data.draw(told(name)))
    sniffer = Sniffer(name)
    sniffer.feed(whole[: data.draw(st.integers(0, len(whole) // 2))])
    assert not sniffer.finished


@dialects
@given(chunks=st.lists(st.binary(), max_size=5), data=st.data())
def test_law_10_nothing_breaks_the_sniffer(name: str, chunks: list[bytes], data: st.DataObject) -> None:
    sniffer = Sniffer(name)
    whole = stream(name, data.draw(told(name)))
    place = data.draw(st.integers(0, len(whole)))
    for chunk in [whole[:place], *chunks, whole[place:]]:
        sniffer.feed(chunk)
