"""Gemini's answers of the suite's upstream have the form of its reference."""

from __future__ import annotations

import json

from landbridge.conformance.play import Call, Says, Text, Thought, Tokens
from landbridge.conformance.upstreams import gemini

ALL = Says((Thought("Hm."), Text("Hi there"), Call("Read", '{"a":1.50}')), usage=Tokens(9, 3, 2))


def test_a_whole_answer() -> None:
    body = gemini.whole(ALL, "x", "m")
    read = json.loads(body)
    parts = read["candidates"][0]["content"]["parts"]
    assert parts[:2] == [{"text": "Hm.", "thought": True}, {"text": "Hi there"}]
    assert parts[2]["functionCall"] == {"name": "Read", "args": {"a": 1.5}} and b"1.50" in body
    assert read["candidates"][0]["finishReason"] == "STOP"
    assert read["usageMetadata"]["promptTokenCount"] == 9 and read["usageMetadata"]["cachedContentTokenCount"] == 2


def test_a_stream_says_the_same_in_pieces() -> None:
    records = gemini.stream(ALL, "x", "m", True).decode().split("\r\n\r\n")
    chunks = [json.loads(record[6:]) for record in records if record]
    parts = [part for chunk in chunks for part in chunk["candidates"][0]["content"]["parts"]]
    assert "".join(part["text"] for part in parts if "text" in part and not part.get("thought")) == "Hi there"
    assert ["finishReason" in chunk["candidates"][0] for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert "usageMetadata" in chunks[-1]


def test_stops_have_words_of_gemini() -> None:
    for content, word in ((Says(stop="length"), "MAX_TOKENS"), (Says(stop="filter"), "SAFETY")):
        assert json.loads(gemini.whole(content, "x", "m"))["candidates"][0]["finishReason"] == word
