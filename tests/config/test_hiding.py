"""A settings file is shown without its keys, however it is written, whole or broken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config.hiding import hidden, marked, restored
from landbridge.errors import ConfigFault

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


LAB = "[providers.lab]\napi_key = 'sk-live-4711'  # mine\n[providers.work]\napi_key = \"sk-live-4712\"\n"


def test_what_was_masked_survives_edits_around_it() -> None:
    shown, kept = marked(LAB)
    assert shown == LAB.replace("sk-live-4711", "***1***").replace("sk-live-4712", "***2***")
    assert kept == {"***1***": "sk-live-4711", "***2***": "sk-live-4712"}
    assert restored(shown, LAB) == LAB
    renamed = shown.replace("[providers.lab]", "# another\n[providers.other]")
    assert restored(renamed, LAB) == LAB.replace("[providers.lab]", "# another\n[providers.other]")
    swapped = shown.replace("***1***", "***x***").replace("***2***", "***1***").replace("***x***", "***2***")
    assert "api_key = 'sk-live-4712'" in restored(swapped, LAB)
    assert restored(shown.replace("***1***", "${KEY}"), LAB) == LAB.replace("sk-live-4711", "${KEY}")


@pytest.mark.parametrize("line", ["default_model = '***1***'\n", "[telemetry]\nservice_name = '***1***'\n"])
def test_a_mark_does_not_show_its_key_elsewhere(line: str) -> None:
    with pytest.raises(ConfigFault, match="would be shown"):
        restored(line, LAB)


def test_marks_that_stand_for_nothing_stay() -> None:
    text = "default_model = '***1***'\n[providers.lab]\napi_key = 'sk-live-4711'\n"
    shown, kept = marked(text)
    assert kept == {"***2***": "sk-live-4711"} and "'***1***'" in shown
    assert restored(shown, text) == text
    assert restored("default_model = '***9***'\n", text) == "default_model = '***9***'\n"


@given(st.text(st.characters(exclude_categories=["C", "Z"], exclude_characters="$:"), min_size=1))
def test_any_key_is_put_back(key: str) -> None:
    text = f"[providers.lab]\nmodels = []\napi_key = {json.dumps(key)}\n"
    assert restored(marked(text)[0], text) == text
