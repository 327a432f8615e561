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


def aws(base_url: str, region: str = "") -> str:
    """The scope that a signature for this address names."""
    place = {"region": region} if region else {}
    settings = ProviderSettings(dialect="openai_chat", base_url=base_url, auth="aws", api_key="A:s", place=place)
    signer = auth.signer(resolve("lab", settings, {}))
    assert signer is not None
    signed = signer(auth.Asked("GET", "h", "/", {}, b""), 0.0)["authorization"]
    return signed.partition("A/19700101/")[2].partition("/aws4_request")[0]


@pytest.mark.parametrize(
    ("base_url", "region", "scope"),
    [
        ("https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1", "", "eu-west-1/bedrock"),
        ("https://bedrock-mantle.eu-west-1.api.aws/anthropic", "", "eu-west-1/bedrock-mantle"),
        ("https://bedrock-mantle.eu-west-1.api.aws/anthropic", "us-east-2", "us-east-2/bedrock-mantle"),
        ("http://127.0.0.1:1/v1", "", "us-east-1/bedrock"),
        ("https://proxy.example.com/v1", "eu-west-3", "eu-west-3/bedrock"),
    ],
)
def test_what_a_signature_of_aws_is_for(base_url: str, region: str, scope: str) -> None:
    assert aws(base_url, region) == scope


def test_who_signs_sends_no_key_as_a_header() -> None:
    settings = ProviderSettings(dialect="openai_chat", base_url="http://h", auth="backendai", api_key="A:s")
    signing = resolve("lab", settings, {})
    assert auth.credential(signing) == {} and auth.signer(signing) is not None
    assert auth.signer(provider()) is None


def test_azures_header() -> None:
    settings = ProviderSettings(dialect="openai_chat", base_url="http://h", auth="api-key", api_key="k")
    assert auth.credential(resolve("lab", settings, {})) == {"api-key": "k"}
