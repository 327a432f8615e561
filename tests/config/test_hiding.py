"""A settings file is shown without its keys, however it is written, whole or broken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config.hiding import hidden

SECRET = "sk-live-4711"


@pytest.mark.parametrize(
    "text",
    [
        f"[providers.lab]\napi_key = '{SECRET}'  # mine\n",
        f'providers.lab.api_key = "{SECRET}"',
        f'[providers.lab.headers]\n"x-team" = "{SECRET}"\n',
        f'providers = {{ lab = {{ headers = {{ "authorization" = "Bearer {SECRET}" }} }} }}',
        f'[store]\nurl = "postgresql://me:{SECRET}@host/db"',
        f'[models.m]\ncommand = ["vllm", "--api-key", "{SECRET}"]',
        f'[providers.lab]\nbase_url = "https://h/v1?key={SECRET}&token={SECRET}"',
        f'[providers.lab\napi_key = "{SECRET}"\n',
        f'broken =\n  "api_key" = "{SECRET}"\n',
        f'access.keys = ["{SECRET}"]',
        f'[providers.lab]\napi_key = "{SECRET}\\" and \\u00e9 more"',
    ],
)
def test_no_key_is_left(text: str) -> None:
    shown = hidden(text)
    assert SECRET not in shown
    assert "***" in shown


@pytest.mark.parametrize(
    "text",
    [
        "[providers.lab]\napi_key = '${LAB_KEY}'  # mine\n",
        "[providers.lab]\napi_key = 'keyring:lab'\n",
        'default_model = "m"\n[aliases]\n"claude-*" = "lab/m"\n',
        "[providers.lab\napi_key = '${LAB_KEY}'\n",
        "",
    ],
)
def test_where_there_is_none_nothing_changes(text: str) -> None:
    assert hidden(text) == text


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="$:"), min_size=1))
def test_any_key(key: str) -> None:
    text = f"[providers.lab]\nmodels = []\napi_key = {json.dumps(key)}\n"
    assert hidden(text) == '[providers.lab]\nmodels = []\napi_key = "***"\n'


def test_a_short_key_does_not_spoil_the_rest() -> None:
    text = "default_model = 'mx'\n[providers.lab]\napi_key = 'x'\nheaders = { a = 'x' }\n"
    assert hidden(text) == "default_model = 'mx'\n[providers.lab]\napi_key = '***'\nheaders = { a = '***' }\n"
