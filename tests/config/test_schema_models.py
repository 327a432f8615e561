"""Settings of local models: all have defaults, and those of all models are of the same form as those of one."""

from __future__ import annotations

import msgspec
import pytest

from landbridge.config.schema import Config
from landbridge.config.schema_models import EngineSettings, ModelSettings


def test_everything_has_a_default() -> None:
    assert ModelSettings() == Config().model("any") == Config().model_defaults
    assert EngineSettings() == Config().engine


@pytest.mark.parametrize("value", ["auto", 1])
@pytest.mark.parametrize("key", ["context", "gpu_layers", "threads", "slots", "batch", "ubatch", "cache_ram"])
def test_figures_or_auto(key: str, value: object) -> None:
    assert getattr(msgspec.convert({key: value}, ModelSettings), key) == value
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({key: "some"}, ModelSettings)


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"contxt": 1}, ModelSettings)
