"""Keys: which one is taken, how it is sent, and why it cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import ProviderSettings
from landbridge.providers.credentials import AWS_FILE, FAILED, GOOGLE_FILE
from landbridge.providers.sign_aws import AwsKeys
from landbridge.providers.sign_backendai import KeyPair
from landbridge.providers.sign_google import GoogleKeys
from landbridge.providers.table import Provider, presets, resolve

PLACE = {"region": "us-east-1", "project": "p", "resource": "r"}
USER = '{"type": "authorized_user", "client_id": "c", "refresh_token": "rt-4711"}'


def provider(preset: str, env: dict[str, str], **settings: Any) -> Provider:
    place = {key: PLACE[key] for key in presets()[preset].place}
    return resolve("work", ProviderSettings(preset=preset, place=place, **settings), env)


AWS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "sec-4711"}


@pytest.mark.parametrize(
    ("settings", "env", "auth"),
    [
        ({}, {"AWS_BEARER_TOKEN_BEDROCK": "b-1"}, "bearer"),
        ({}, {"AWS_BEARER_TOKEN_BEDROCK": "b-1", **AWS}, "bearer"),
        ({}, AWS, "aws"),
        ({}, {AWS_FILE: "AKIA:sec-4711:tok"}, "aws"),
        ({"auth": "aws"}, {"AWS_BEARER_TOKEN_BEDROCK": "b-1", **AWS}, "aws"),
        ({"auth": "aws", "api_key": "${MINE}"}, {"MINE": "AKIA:sec-4711"}, "aws"),
        ({"api_key": "${MINE}"}, {"MINE": "b-2", **AWS}, "bearer"),
    ],
)
def test_bedrock_takes_a_bearer_key_or_signs(settings: dict[str, Any], env: dict[str, str], auth: str) -> None:
    found = provider("bedrock", env, **settings)
    assert (found.key_problem, found.auth) == ("", auth)
    assert isinstance(found.keys, AwsKeys) is (auth == "aws")
    assert "4711" not in repr(found)


def test_a_session_of_aws_has_a_token() -> None:
    found = provider("bedrock", {**AWS, "AWS_SESSION_TOKEN": "tok"}).keys
    assert isinstance(found, AwsKeys) and found.token.reveal() == "tok"


@pytest.mark.parametrize(
    ("preset", "settings", "env", "problem"),
    [
        ("bedrock", {}, {}, "the environment variable AWS_BEARER_TOKEN_BEDROCK is not set"),
        ("bedrock", {"auth": "aws"}, {}, "there are no credentials of AWS"),
        ("bedrock", {"auth": "aws", "api_key": "${X}"}, {"X": "onlyone"}, "its key is not ACCESS_KEY_ID:"),
        ("vertex", {"api_key": "${X}"}, {"X": "sk-1"}, "its key is no Google credentials file"),
        ("backendai", {"base_url": "http://h"}, {"BACKEND_ACCESS_KEY": "A"}, "BACKEND_SECRET_KEY is not set"),
        ("backendai", {"base_url": "http://h", "api_key": "${X}"}, {"X": "A"}, "its key is not ACCESS_KEY:SECRET"),
        ("backendai", {"base_url": "http://h", "api_key": "${X}"}, {"X": "A:é"}, "characters that no header may hold"),
        ("openai", {"api_key": "keyring:w"}, {}, "the keychain holds no key 'w'"),
        (
            "openai",
            {"api_key": "keyring:w"},
            {f"keyring:w{FAILED}": "the keychain is locked"},
            "the keychain is locked",
        ),
        ("openai", {"api_key": "file:/x"}, {f"file:/x{FAILED}": "its key file cannot be read"}, "cannot be read"),
        ("openai", {"headers": {"x-a": "keyring:w"}}, {"OPENAI_API_KEY": "k"}, "the keychain holds no key 'w'"),
    ],
)
def test_what_is_missing_is_said(preset: str, settings: dict[str, Any], env: dict[str, str], problem: str) -> None:
    found = provider(preset, env, **settings)
    assert problem in found.key_problem
    assert found.key_remedy
    assert "sk-1" not in found.key_problem + found.key_remedy


def test_keys_from_elsewhere_are_taken_where_they_were_read() -> None:
    env = {"keyring:w": "k-4711\n", "file:~/key": "k-4712"}
    assert provider("openai", env, api_key="keyring:w").key.reveal() == "k-4711"
    assert provider("openai", env, api_key="file:~/key").key.reveal() == "k-4712"
    headers = provider("openai", {**env, "OPENAI_API_KEY": "k"}, headers={"x-a": "keyring:w"}).headers
    assert headers["x-a"].reveal() == "k-4711"


@pytest.mark.parametrize(
    ("settings", "env", "kind"),
    [
        ({}, {}, "machine"),
        ({}, {GOOGLE_FILE: USER}, "user"),
        ({"api_key": "file:/sa.json"}, {"file:/sa.json": USER}, "user"),
        ({"api_key": "keyring:sa"}, {"keyring:sa": USER}, "user"),
    ],
)
def test_google_credentials_are_those_named_or_found(settings: dict[str, Any], env: dict[str, str], kind: str) -> None:
    found = provider("vertex", env, **settings)
    assert isinstance(found.keys, GoogleKeys)
    assert (found.key_problem, found.auth, found.keys.kind) == ("", "google", kind)
    assert "rt-4711" not in repr(found)


def test_the_metadata_server_can_be_another() -> None:
    found = provider("vertex", {"GCE_METADATA_HOST": "127.0.0.1:9"}).keys
    assert isinstance(found, GoogleKeys) and found.token_uri.startswith("http://127.0.0.1:9/")


def test_backendai_takes_a_pair() -> None:
    env = {"BACKEND_ACCESS_KEY": "AKIA", "BACKEND_SECRET_KEY": "sec-4711"}
    found = provider("backendai", env, base_url="http://127.0.0.1:1/v1")
    assert isinstance(found.keys, KeyPair) and found.keys.access == "AKIA"
    assert "4711" not in repr(found)


def test_azure_wants_its_own_header_whoever_names_the_key() -> None:
    assert provider("azure", {"AZURE_OPENAI_API_KEY": "k"}).auth == "api-key"
    assert provider("azure", {"MINE": "k"}, api_key="${MINE}").auth == "api-key"
    assert provider("azure", {"AZURE_OPENAI_API_KEY": "k"}, auth="bearer").auth == "bearer"
