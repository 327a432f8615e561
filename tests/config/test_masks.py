"""Texts for logs, without secrets."""

from __future__ import annotations

import pytest

from landbridge.config import Config, ProviderSettings, StoreSettings, TelemetrySettings
from landbridge.config.masks import Masks, secrets_of

ENV = {
    "LAB_KEY": "planted-in-env",
    "TEAM": "planted-team",
    "PGPASS_OF_MINE": "p@ss/planted",
    "SOME_TOKEN": "planted-token\n",
    "AWS_SECRET_ACCESS_KEY": "planted-aws-key",
    "KEYBOARD": "not-a-secret",
    "HOME": "/home/planted",
}
CONFIG = Config(
    providers={
        "lab": ProviderSettings(api_key="${LAB_KEY}", headers={"x-a": "Bearer planted-literal", "x-team": "${TEAM}"}),
        "other": ProviderSettings(api_key="planted-literal-key", base_url="http://me:planted-login@h/v1"),
    },
    telemetry=TelemetrySettings(headers={"authorization": "planted-otlp"}),
    store=StoreSettings(url="postgresql://me:${PGPASS_OF_MINE}@h/db"),
    default_model="not-a-secret",
)


def test_the_secrets_of_settings_and_environment() -> None:
    found = set(secrets_of(CONFIG, ENV))
    assert {
        "planted-in-env", "planted-literal", "planted-team", "planted-literal-key", "planted-login", "planted-otlp",
        "planted-token", "planted-aws-key",
    } <= found  # fmt: skip
    assert not {"not-a-secret", "/home/planted"} & found


def test_they_are_masked_the_longest_first() -> None:
    masks = Masks(secrets_of(CONFIG, ENV))
    assert masks.known("a planted-literal-key, planted-literal.") == "a ***, ***."
    assert masks.known("nothing here") == "nothing here"
    assert Masks(["short"]).known("a short word") == "a short word", "it could stand in any word"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abcdefghijkl.mno", "Authorization: Bearer ***"),
        ("key " + "sk-" + "planted01234567890" + " was", "key *** was"),
        ("AIza" + "SyA0123456789abcdefghijk", "***"),
        ("lb-abcdefgh-" + "plantedplanted0123456789planted0123456789", "***"),
        (
            "a hf_" + "plantedplantedplantedplanted, AKIA" + "PLANTED123456 and ya29." + "planted-0123456789",
            "a ***, *** and ***",
        ),
        ("postgresql://me:secret@h/db", "postgresql://me:***@h/db"),
        ("GET /v1beta/models?key=abc&alt=sse", "GET /v1beta/models?key=***&alt=sse"),
        ("GET /x?access_token=abc HTTP/1.1", "GET /x?access_token=*** HTTP/1.1"),
        ("skeletonization-of-things in /data/hf_models-of-many-kinds/lb-file.gguf",) * 2,
        ("the basic things are bearer of skills", "the basic things are bearer of skills"),
        ("task-0123456789abcdefghij and risk-free", "task-0123456789abcdefghij and risk-free"),
        ("lab/m -> smollm2 | 200 | ok | 0.100s", "lab/m -> smollm2 | 200 | ok | 0.100s"),
        ("http://127.0.0.1:38080/v1?limit=5", "http://127.0.0.1:38080/v1?limit=5"),
    ],
)
def test_what_looks_like_a_secret(text: str, shown: str) -> None:
    assert Masks().all(text) == shown
