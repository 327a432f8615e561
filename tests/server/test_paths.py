"""What the path of a request says: its dialect, and in Google's API the model and whether it streams."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.server.paths import dialect_of, named


def scope(path: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"path": path, "headers": pairs}


@pytest.mark.parametrize(
    ("path", "dialect"),
    [
        ("/anthropic/v1/models", "anthropic"),
        ("/v1/messages/other", "anthropic"),
        ("/gemini/v1beta/models", "gemini"),
        ("/v1beta/models/m", "gemini"),
        ("/v1/responses/resp_1", "openai_responses"),
        ("/v1/models", "openai_chat"),
        ("/nothing", "openai_chat"),
    ],
)
def test_the_path_says_whose_it_is(path: str, dialect: str) -> None:
    assert dialect_of(scope(path)) == dialect


def test_where_several_have_it_a_header_does() -> None:
    assert dialect_of(scope("/v1/models", anthropic_version="2023-06-01")) == "anthropic"
    assert dialect_of(scope("/v1/models", x_goog_api_key="k")) == "gemini"
    assert dialect_of(scope("/v1/responses", anthropic_version="2023-06-01")) == "openai_responses"
    assert dialect_of(scope("/v1/models", authorization="Bearer x")) == "openai_chat"


@pytest.mark.parametrize("prefix", ["/gemini/v1beta", "/gemini/v1", "/v1beta", "/v1"])
def test_a_model_in_the_path(prefix: str) -> None:
    whole, stream = named(f"{prefix}/models/lab/m:2:generateContent"), named(f"{prefix}/models/m:streamGenerateContent")
    assert whole is not None and (whole.model, whole.stream) == ("lab/m:2", False)
    assert stream is not None and (stream.model, stream.stream) == ("m", True)


@pytest.mark.parametrize(
    "path",
    ["/v1/models/m", "/v1/models/m:explode", "/v1/models/:generateContent", "/v2/models/m:generateContent", "/v1/chat"],
)
def test_what_names_no_model(path: str) -> None:
    assert named(path) is None
