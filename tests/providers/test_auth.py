"""How a key is sent."""

from __future__ import annotations

from typing import Literal

import pytest

from landbridge.config import ProviderSettings
from landbridge.providers import auth
from landbridge.providers.table import Provider, resolve

ENV = {"KEY": "sk-1"}


def provider(
    dialect: Literal["openai_chat", "anthropic"] = "openai_chat",
    how: Literal["", "bearer", "x-api-key", "none"] = "",
    api_key: str = "${KEY}",
    headers: dict[str, str] | None = None,
) -> Provider:
    settings = ProviderSettings(
        dialect=dialect, base_url="http://127.0.0.1:1/v1", api_key=api_key, auth=how, headers=headers or {}
    )
    return resolve("lab", settings, ENV)


@pytest.mark.parametrize(
    ("dialect", "how", "sent"),
    [
        ("openai_chat", "", {"authorization": "Bearer sk-1"}),
        ("openai_chat", "bearer", {"authorization": "Bearer sk-1"}),
        ("openai_chat", "x-api-key", {"x-api-key": "sk-1"}),
        ("anthropic", "", {"x-api-key": "sk-1"}),
        ("anthropic", "bearer", {"authorization": "Bearer sk-1"}),
        ("anthropic", "none", {}),
    ],
)
def test_by_dialect_or_as_the_settings_say(
    dialect: Literal["openai_chat", "anthropic"], how: Literal["", "bearer", "x-api-key", "none"], sent: dict[str, str]
) -> None:
    assert auth.credential(provider(dialect, how)) == sent
    assert auth.headers(provider(dialect, how)) == sent


def test_without_a_key_no_credential_is_sent() -> None:
    assert auth.headers(provider(api_key="")) == {}


def test_further_headers_are_expanded_and_win() -> None:
    chosen = provider(headers={"X-Team": "a-${KEY}", "Authorization": "Basic ${KEY}"})
    assert auth.headers(chosen) == {"x-team": "a-sk-1", "authorization": "Basic sk-1"}


def test_anthropic_wants_a_version_where_the_client_sent_none() -> None:
    assert auth.defaults(provider("anthropic")) == {"anthropic-version": "2023-06-01"}
    assert auth.defaults(provider("openai_chat")) == {}
