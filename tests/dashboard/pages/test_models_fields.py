"""Engine settings as the page has them: all of them, with what is in force, and back from what is typed."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import Config, ModelSettings
from landbridge.config.origin import in_force
from landbridge.config.places import Places
from landbridge.dashboard.pages.models_fields import (
    GROUPS,
    LABELS,
    default_words,
    groups,
    planned,
    settings_of,
    text_of,
    value_of,
)
from landbridge.dashboard.pages.settings_catalogue import Catalogue
from landbridge.dashboard.pages.settings_kinds import Form, Wrong
from landbridge.engines.plan import Plan
from landbridge.manage.meanings import all_meanings
from landbridge.server.settings import InForce

MEANINGS = all_meanings()
PLAN = Plan(context=8192, threads=3, batch=512, gpu_layers=0, memory=1, slots=4, cache_ram=2 * 10**9)


def found(model: str = "m", **settings: Any) -> Any:
    config = Config(models={"m": ModelSettings(**settings)} if settings else {})
    return settings_of(Catalogue(MEANINGS, InForce("", in_force(config, Places()))), model)


def test_every_setting_has_a_place_and_a_name() -> None:
    fields = set(ModelSettings.__struct_fields__)
    assert {name for _title, names in GROUPS for name in names} == fields
    assert set(LABELS) == fields
    assert [each.name for _title, inside in groups(found()) for each in inside] == [
        name for _title, names in GROUPS for name in names
    ]


def test_what_is_in_force() -> None:
    now = found("qwen2.5-coder")
    assert (now["context"].value, now["context"].key) == ("auto", 'models."qwen2.5-coder".context')
    assert now["pin"].value is False and not now["pin"].own
    assert "Tokens of context" in now["context"].meaning.text
    assert default_words(now["context"]) == "auto"
    said = found(context=4096, lora={"/a.gguf": 0.5}, extra={"mlock": True})
    assert (said["context"].value, said["lora"].value, said["extra"].value) == (4096, {"/a.gguf": 0.5}, {"mlock": True})


def test_defaults_of_all_models_count() -> None:
    config = Config(model_defaults=ModelSettings(slots=2))
    now = settings_of(Catalogue(MEANINGS, InForce("", in_force(config, Places()))), "m")
    assert (now["slots"].value, now["slots"].default, now["slots"].own) == (2, 2, False)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("context", "8192", 8192), ("context", "auto", "auto"), ("context", "", None),
        ("flash_attention", "on", "on"), ("rope_factor", "2.5", 2.5), ("draft", "small", "small"),
        ("command", "vllm\nserve", ["vllm", "serve"]),
        ("lora", "/a b.gguf = 0.5\n/c.gguf", {"/a b.gguf": 0.5, "/c.gguf": 1.0}),
        ("extra", "mlock = true\nn = 5\nname = \"x\"", {"mlock": True, "n": 5, "name": "x"}), ("lora", "", None),
    ],
)  # fmt: skip
def test_what_is_typed(name: str, text: str, value: Any) -> None:
    form = found()[name].form
    assert value_of(text, form) == value
    if value is not None:
        assert value_of(text_of(value, form), form) == value, "what is shown means the same"


@pytest.mark.parametrize(("name", "text"), [("context", "0"), ("context", "much"), ("lora", "= 1"), ("extra", "mlock")])
def test_slips(name: str, text: str) -> None:
    with pytest.raises(Wrong):
        value_of(text, found()[name].form)


def test_what_the_planner_takes() -> None:
    assert planned("context", PLAN) == "8,192 tokens"
    assert (planned("slots", PLAN), planned("threads", PLAN), planned("cache_type_k", PLAN)) == ("4", "3", "f16")
    assert (planned("swa_full", PLAN), planned("cache_ram", PLAN)) == ("off", "2.0 GB")
    assert planned("idle_unload", PLAN) == ""
    assert isinstance(found()["context"].form, Form)
