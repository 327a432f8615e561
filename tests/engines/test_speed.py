"""Predicted reading times: near what was measured, and never less for more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines.speed import HALF, LEAST, Headway, Speed
from landbridge.neutral.progress import Progress

Prompt = tuple[int, float]

MEASURED: dict[str, list[Prompt]] = {
    "SmolLM2 135M": [(512, 2.77), (4096, 39.0), (7900, 101.0)],
    "Qwen 0.5B": [(512, 5.36), (4096, 59.3), (8192, 151.8), (20480, 645.0)],
    "Qwen 1.5B": [(512, 13.1), (4096, 128.0), (8192, 304.0)],
}
"""Cold prompts on two cores."""
lengths = st.integers(1, 200_000)
prompts = st.lists(st.tuples(lengths, st.floats(0.001, 3600)), min_size=1, max_size=30)


def learned(*seen: Prompt) -> Speed:
    speed = Speed()
    for tokens, seconds in seen:
        speed.learn(tokens, seconds)
    return speed


def predicted(speed: Speed, tokens: int) -> float:
    seconds = speed.predict(tokens)
    assert seconds is not None
    return seconds


def test_p83_nothing_is_predicted_before_anything_is_known() -> None:
    assert Speed().predict(1000) is None


@pytest.mark.parametrize(("seen", "within"), [(1, 0.35), (2, 0.05), (3, 0.05)])
@pytest.mark.parametrize("model", MEASURED)
def test_p83_long_prompts_are_predicted_from_short_ones(model: str, seen: int, within: float) -> None:
    speed = learned(*MEASURED[model][:seen])
    for tokens, seconds in MEASURED[model]:
        assert predicted(speed, tokens) == pytest.approx(seconds, rel=within)


def test_p83_a_prompt_twice_as_long_takes_more_than_twice_as_long() -> None:
    speed = learned((512, 5.36))
    assert predicted(speed, 512) == pytest.approx(5.36)
    assert predicted(speed, 40_960) > 80 * 5.36 * 2
    assert predicted(speed, int(HALF)) == pytest.approx(2 * HALF * predicted(speed, 1), rel=0.01)


def test_prompts_too_short_to_tell_are_not_learned_from() -> None:
    speed = learned((LEAST - 1, 60.0), (0, 1.0), (-5, 1.0), (5000, 0.0), (5000, -1.0))
    assert speed.predict(1000) is None


def test_a_machine_that_has_become_slower_is_noticed() -> None:
    speed = learned((1000, 10.0))
    before = predicted(speed, 1000)
    for _ in range(10):
        speed.learn(1000, 20.0)
    assert predicted(speed, 1000) == pytest.approx(2 * before, rel=0.02)


def test_one_odd_prompt_does_not_decide() -> None:
    speed = learned(*[(1000, 10.0)] * 5, (1000, 100.0))
    assert predicted(speed, 1000) < 40


@given(prompts, lengths, lengths)
def test_more_never_takes_less(seen: list[Prompt], one: int, other: int) -> None:
    speed = learned(*seen)
    if speed.predict(1) is not None:
        assert 0 <= predicted(speed, min(one, other)) <= predicted(speed, max(one, other))


@given(st.integers(LEAST, 200_000), st.floats(0.001, 3600))
def test_what_was_seen_once_is_predicted_for_the_same(tokens: int, seconds: float) -> None:
    assert predicted(learned((tokens, seconds)), tokens) == pytest.approx(seconds)


@given(prompts, lengths)
def test_half_as_fast_takes_twice_as_long(seen: list[Prompt], tokens: int) -> None:
    once, twice = learned(*seen).predict(tokens), learned(*[(n, 2 * took) for n, took in seen]).predict(tokens)
    assert (once is None) == (twice is None)
    if once is not None:
        assert twice == pytest.approx(2 * once)


def left(speed: Speed, progress: Progress) -> tuple[int, float]:
    headway = speed.headway(progress)
    assert headway.seconds is not None
    return headway.percent, headway.seconds


def test_the_time_left_is_what_was_foretold_then_what_is_measured() -> None:
    speed = learned((1000, 10.0))
    whole = predicted(speed, 1000)
    assert left(speed, Progress(1000, 0, 0, 0.0))[1] == pytest.approx(whole)
    percent, seconds = left(speed, Progress(1000, 0, 500, predicted(speed, 500)))
    assert percent == 50
    assert seconds == pytest.approx(whole - predicted(speed, 500))
    assert 5 * seconds < left(speed, Progress(1000, 0, 500, 10 * predicted(speed, 500)))[1] < 10 * seconds
    assert speed.headway(Progress(1000, 0, 1000, 99.0)) == Headway(100, 0.0)


def test_what_the_cache_has_takes_no_time() -> None:
    speed = learned((1000, 10.0), (8000, 200.0))
    seconds = left(speed, Progress(8000, 7000, 7000, 0.0))[1]
    assert seconds == pytest.approx(predicted(speed, 8000) - predicted(speed, 7000))


def test_a_new_model_s_time_left_is_that_of_its_first_tokens() -> None:
    speed = Speed()
    assert speed.headway(Progress(1000, 0, 0, 0.0)).seconds is None
    assert speed.headway(Progress(1000, 0, 500, 0.0)).seconds is None
    assert 5.0 < left(speed, Progress(1000, 0, 500, 5.0))[1] < 5.5, "the second half looks back at more"


@given(prompts, lengths, lengths, lengths, st.floats(0, 3600))
def test_time_left_is_never_negative_and_ends_with_the_prompt(
    seen: list[Prompt], one: int, two: int, three: int, seconds: float
) -> None:
    cache, processed, total = sorted((one, two, three))
    speed = learned(*seen)
    rest = speed.headway(Progress(total, cache, processed, seconds)).seconds
    assert rest is None or rest >= 0
    assert speed.headway(Progress(total, cache, total, seconds)).seconds in (None, 0.0)
