"""A scripted upstream's embeddings, in OpenAI's form and Google's: vectors of three numbers that tell their text apart.

async with Provider(vectors) as provider: ...
"""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

from .script import JSON, Answer, Received


def vector(text: object) -> list[float]:
    """The vector of a text: its length, its first letter, and a number no text changes."""
    said = text if isinstance(text, str) else json.dumps(text)
    return [float(len(said)), float(ord(said[0])), 0.5]


def packed(numbers: list[float]) -> str:
    """A vector as base64."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def unpacked(text: str) -> list[float]:
    """The vector in base64."""
    data = base64.b64decode(text)
    return list(struct.unpack(f"<{len(data) // 4}f", data))


def texts_of(request: Received) -> list[Any]:
    """The texts that are asked for, in either form."""
    asked = request.json
    if "requests" in asked:
        return [each["content"]["parts"][0]["text"] for each in asked["requests"]]
    if "content" in asked:
        return [asked["content"]["parts"][0]["text"]]
    given = asked["input"]
    return given if isinstance(given, list) and not isinstance(given[0], int) else [given]


def vectors(request: Received) -> Answer:
    """The answer, in the form of the request's path."""
    found = [vector(text) for text in texts_of(request)]
    if request.path.endswith(":embedContent"):
        return _json({"embedding": {"values": found[0]}})
    if request.path.endswith(":batchEmbedContents"):
        return _json({"embeddings": [{"values": numbers} for numbers in found]})
    as_text = request.json.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": number, "embedding": packed(numbers) if as_text else numbers}
        for number, numbers in enumerate(found)
    ]
    usage = {"prompt_tokens": 7 * len(found), "total_tokens": 7 * len(found)}
    return _json({"object": "list", "model": request.json["model"], "data": data, "usage": usage, "theirs": 1})


def _json(value: object) -> Answer:
    return Answer(headers=JSON, body=json.dumps(value).encode())
