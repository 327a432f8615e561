"""The table of dialects: every row has its folder, and every folder the functions the table promises."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from landbridge import wire
from landbridge.errors import ConfigFault
from landbridge.wire.dialects import DIALECTS, LEGACY, Dialect, dialect

MODULES = ("types", "request", "response", "read_stream", "write_stream", "errors")


@pytest.mark.parametrize("name", DIALECTS)
def test_every_row_loads(name: str) -> None:
    found = dialect(name)
    assert isinstance(found, Dialect)
    place = DIALECTS[name]
    assert (found.name, found.id_prefix, found.paths[0]) == (name, place.id_prefix, place.path)
    assert dialect(name) is found


@pytest.mark.parametrize(
    ("name", "stream", "path"),
    [
        ("anthropic", True, "/v1/messages"),
        ("openai_chat", False, "/chat/completions"),
        ("openai_responses", True, "/responses"),
        ("gemini", False, "/models/gemini-3-pro:generateContent"),
        ("gemini", True, "/models/gemini-3-pro:streamGenerateContent?alt=sse"),
    ],
)
def test_where_a_request_goes(name: str, stream: bool, path: str) -> None:
    assert dialect(name).path("gemini-3-pro", stream=stream) == path


def test_a_model_in_a_url_is_quoted_and_named_once() -> None:
    assert dialect("gemini").path("models/a b/c", stream=False) == "/models/a%20b%2Fc:generateContent"


@pytest.mark.parametrize(
    ("function", "names"),
    [
        ("read_request", ["body"]),
        ("write_request", ["request", "model", "traits"]),
        ("read_response", ["body", "new_id", "origin"]),
        ("write_response", ["response", "now", "request"]),
        ("reader", ["new_id", "origin"]),
        ("writer", ["id", "model", "now", "request"]),
        ("read_error", ["status", "body", "origin", "headers"]),
        ("write_error", ["error", "request_id"]),
    ],
)
@pytest.mark.parametrize("name", DIALECTS)
def test_every_dialect_has_the_same_parameters(name: str, function: str, names: list[str]) -> None:
    assert list(inspect.signature(getattr(dialect(name), function)).parameters) == names


def test_every_folder_is_a_row() -> None:
    folders = {path.parent.name for path in Path(wire.__path__[0]).glob("*/request.py")}
    assert folders == {*DIALECTS, *LEGACY}
    for folder in folders:
        assert {path.stem for path in (Path(wire.__path__[0]) / folder).glob("*.py")} >= set(MODULES)


def test_an_unknown_dialect_is_a_fault_of_the_settings() -> None:
    with pytest.raises(ConfigFault, match="no dialect 'klingon'") as caught:
        dialect("klingon")
    assert "openai_chat" in caught.value.remedy
