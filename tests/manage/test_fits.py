"""Whether a model fits is what the planner says, in a word; a guess is right or careful for most models."""

from __future__ import annotations

import pytest

from landbridge.config import Config
from landbridge.config.schema import EngineSettings, ModelSettings
from landbridge.engines.room import Room
from landbridge.manage.fits import fitter, guessed, judge
from tests.engines.shapes import PUBLISHED
from tests.engines.shapes import facts as published

GB = 10**9


def word(size: float, memory: int, context: int = 0, beside: int = 0) -> str:
    config = Config(engine=EngineSettings(memory_limit=memory))
    return fitter(config)("m", guessed(int(size * GB), context=context), beside)


@pytest.mark.parametrize(
    ("size", "memory", "context", "said"),
    [
        (0.1, 8 * GB, 0, "yes"),
        (0.1, 8 * GB, 2048, "yes"),
        (4.9, 64 * GB, 0, "yes"),
        (4.9, 2 * GB, 0, "no"),
        (40, 16 * GB, 0, "no"),
    ],
)
def test_words(size: float, memory: int, context: int, said: str) -> None:
    assert word(size, memory, context=context) == said


def test_less_context_than_an_agent_needs() -> None:
    said = word(4.9, int(6.5 * GB))
    tokens = int(said.removesuffix(" tokens"))
    assert 2048 <= tokens < 24_576


def test_a_projector_takes_its_room() -> None:
    assert word(4.9, int(8.5 * GB)) == "yes"
    assert word(4.9, int(8.5 * GB), beside=GB) != "yes"
    assert word(4.9, int(8.5 * GB), beside=8 * GB) == "no"


def test_what_fits_only_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Room, "free", lambda self: GB)
    assert word(4.9, 64 * GB) == "not now"
    assert word(400, 64 * GB) == "no"


def test_a_models_own_settings_count() -> None:
    models = {"m": ModelSettings(context=100_000)}
    fits = fitter(Config(models=models, engine=EngineSettings(memory_limit=12 * GB)))
    facts = guessed(int(4.9 * GB), context=131_072)
    assert fits("m", facts, 0) == "no"
    assert fits("other", facts, 0) != "no"


@pytest.mark.parametrize(
    ("size", "parameters", "true"),
    [(0.8, 1.24e9, 32), (4.9, 8.03e9, 128), (42.5, 70.6e9, 320), (2.0, 3.2e9, 112)],
)
def test_guesses_of_what_a_token_takes(size: float, parameters: float, true: int) -> None:
    """KiB a token of Llama 3.2 1B and 3B, 3.1 8B and 70B: near enough, and as near without their number of weights."""
    for facts in (guessed(int(size * GB), int(parameters)), guessed(int(size * GB))):
        assert 0.6 * true <= facts.kv_bytes_per_token / 1024 <= 1.7 * true


def test_most_models_take_less_than_is_guessed() -> None:
    """And these two of the published ones by far more: `models show` says so once they are here."""
    taken = {name: published(name).kv_bytes_per_token for name in PUBLISHED}
    guesses = {name: guessed(size).kv_bytes_per_token for name, (_, _, size) in PUBLISHED.items()}
    assert sum(taken[name] <= guesses[name] for name in PUBLISHED) > len(PUBLISHED) * 2 / 3
    for name in ("Phi-3 mini", "OLMo 2 7B"):
        assert 4 <= taken[name] / guesses[name] < 5


def test_the_verdict_has_the_numbers_or_what_is_in_the_way() -> None:
    config = Config(engine=EngineSettings(memory_limit=8 * GB))
    good = judge(config)("m", guessed(GB), 0)
    assert (good.fits, good.why) == ("yes", "")
    assert good.planned_context >= 24_576
    assert GB < good.planned_memory <= 8 * GB
    bad = judge(config)("m", guessed(40 * GB), 0)
    assert (bad.fits, bad.planned_context) == ("no", 0)
    assert bad.why.startswith("The model needs ")
    assert judge(config, free=GB)("m", guessed(2 * GB), 0).fits == "not now"
