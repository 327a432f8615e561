"""Fields in two spellings."""

from __future__ import annotations

import msgspec
import pytest
from msgspec import Raw

from landbridge.errors import BadRequest
from landbridge.wire.gemini.fields import first, read_fields, read_list

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)


@pytest.mark.parametrize("name", ["systemInstruction", "system_instruction"])
def test_known_names_have_two_spellings(name: str) -> None:
    fields = read_fields(f'{{"{name}":"x","thought_signature":"y"}}'.encode(), "")
    assert fields.take("systemInstruction", _string) == "x"
    assert fields.take("thoughtSignature", _string) == "y"
    assert fields.rest() == {}


def test_unknown_names_stay() -> None:
    assert list(read_fields(b'{"new_setting":1,"newSetting":2}', "").rest()) == ["new_setting", "newSetting"]


def test_errors_name_the_path() -> None:
    fields = read_fields(b'{"top_k":"x","toolConfig":[1]}', "generationConfig")
    with pytest.raises(BadRequest, match=r"generationConfig\.topK: Expected `int`, got `str`"):
        fields.take("topK", _integer)
    with pytest.raises(BadRequest, match=r"generationConfig\.toolConfig: Expected `object`"):
        fields.inner("toolConfig")
    with pytest.raises(BadRequest, match="contents: "):
        read_fields(b"[1", "contents")


def test_null_and_absent_are_the_same() -> None:
    fields = read_fields(b'{"topK":null}', "")
    assert fields.take("topK", _integer) is None and fields.inner("topP") is None and fields.all("tools") == []


def test_one_object_is_a_list_of_one() -> None:
    fields = read_fields(b'{"tools":{"googleSearch":{}},"parts":[1,2]}', "")
    assert [bytes(raw) for raw in fields.all("tools")] == [b'{"googleSearch":{}}']
    assert [bytes(raw) for raw in fields.all("parts")] == [b"1", b"2"]
    assert read_list(Raw(b"null"), "x") == []


def test_the_first_byte_tells_the_kind() -> None:
    assert [first(Raw(text)) for text in (b'"a"', b"{}", b"[]")] == [b'"', b"{", b"["]
