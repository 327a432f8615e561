"""When a change takes effect is known for every setting, and said in its text where that is not at once."""

from __future__ import annotations

import pytest

from landbridge.config.effects import OF_LOADING, OF_RUNNING_MODELS, RESTART, effect
from landbridge.config.keys import keys
from landbridge.config.meanings import meanings
from landbridge.config.schema import EngineSettings, ModelSettings


@pytest.mark.parametrize(
    ("path", "when"),
    [
        ("default_model", "now"),
        ("listeners.router.port", "now"),
        ("providers.lab.api_key", "now"),
        ("aliases.claude-*", "now"),
        ("models.m.context", "load"),
        ("models.m.extra.x", "load"),
        ("models.m.pin", "now"),
        ("model_defaults.slots", "load"),
        ("engine.command", "load"),
        ("engine.max_queue", "now"),
        ("server.log_level", "now"),
        ("store.url", "restart"),
        ("store.bodies", "now"),
    ],
)
def test_when_a_change_takes_effect(path: str, when: str) -> None:
    assert effect(path.split(".")) == when


def test_what_needs_a_restart_says_so_in_the_manual() -> None:
    texts = meanings()
    for key in keys():
        said = "restart of the router" in texts[key.section.__name__, key.path[-1]]
        assert said == (effect(key.path) == "restart"), f"{key.path}: say 'restart of the router', or list it"


def test_the_lists_name_settings() -> None:
    assert set(ModelSettings.__struct_fields__) >= OF_RUNNING_MODELS
    assert set(EngineSettings.__struct_fields__) >= OF_LOADING
    paths = [key.path for key in keys()]
    for pattern in RESTART:
        assert any(path[: len(pattern)] == pattern for path in paths), pattern
