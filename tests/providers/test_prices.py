"""What exchanges cost: by hand-computed cases, by laws, and by the makers' table itself."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import PriceSettings
from landbridge.neutral.events import Usage
from landbridge.providers.models import plain_name, tables
from landbridge.providers.prices import Price, Prices, Rate, cost_at, list_price, makers

ANTHROPIC = "https://api.anthropic.com"
OPENAI = "https://api.openai.com/v1"
GOOGLE = "https://generativelanguage.googleapis.com/v1beta"
ROUTER = "https://openrouter.ai/api/v1"
PLACES = {
    "anthropic": ANTHROPIC,
    "openai": OPENAI,
    "google": GOOGLE,
    "router": ROUTER,
    "lab": "http://127.0.0.1:9100/v1",
    "plan": "https://api.z.ai/api/coding/paas/v4",
    "pay": "https://api.z.ai/api/paas/v4",
    "evil": "https://api.openai.com.example/v1",
}
PRICES = Prices({}, PLACES)


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


NOW = day("2026-11-26")

CASES = [
    # 1000 x 5 + 200 x 25 = 10,000 micro-dollars: a cent
    ("anthropic", "claude-opus-4-8", Usage(input=1000, output=200), NOW, 10_000),
    # 10 x 3 + 100 x 15 + 5000 x 0.30 + 2000 x 3.75 = 30 + 1500 + 1500 + 7500
    ("anthropic", "claude-sonnet-4-6", Usage(input=10, output=100, cache_read=5000, cache_write=2000), NOW, 10_530),
    # of 2000 written tokens 500 for an hour: 1500 x 3.75 + 500 x 6 = 5625 + 3000
    ("anthropic", "claude-sonnet-4-6", Usage(cache_write=2000, cache_write_1h=500), NOW, 8_625),
    # more written for an hour than written at all cannot be: 100 x 6
    ("anthropic", "claude-sonnet-4-6", Usage(cache_write=100, cache_write_1h=500), NOW, 600),
    # a prompt of 200,000 is not longer than that; 200,001 tokens are
    ("anthropic", "claude-sonnet-4-5", Usage(input=200_000, output=10), NOW, 600_150),
    ("anthropic", "claude-sonnet-4-5", Usage(input=1, cache_read=200_000, output=10), NOW, 120_231),
    # 100,000 x 0.10 + 10 x 0.50 ; 100,001 x 0.50 + 10 x 2.50, rounded half up
    ("anthropic", "claude-haiku-5-5", Usage(input=100_000, output=10), NOW, 10_005),
    ("anthropic", "claude-haiku-5-5", Usage(input=100_001, output=10), NOW, 50_026),
    # the cache of Sonnet 5.5 became cheaper on 7 October 2026: 10,000 x 0.20, then 10,000 x 0.10
    ("anthropic", "claude-sonnet-5-5", Usage(input=0, cache_read=10_000), day("2026-10-06T23:59:59"), 2_000),
    ("anthropic", "claude-sonnet-5-5", Usage(input=0, cache_read=10_000), day("2026-10-07T00:00:00"), 1_000),
    ("anthropic", "claude-sonnet-5-5", Usage(input=10), day("2026-01-01"), None),
    # 1,000,000 x 0.75 + 0 ; from 2027 on twice that
    ("google", "gemini-3.8-flash", Usage(input=1_000_000), NOW, 750_000),
    ("google", "models/gemini-3.8-flash", Usage(input=1_000_000), day("2027-01-01"), 1_500_000),
    # 100 x 1.25 + 900 x 0.125 + 50 x 10 = 125 + 112.5 + 500, rounded up
    ("openai", "gpt-5", Usage(input=100, cache_read=900, output=50), NOW, 738),
    # no discount for what is cached: 100 x 15 + 900 x 15
    ("openai", "gpt-5-pro", Usage(input=100, cache_read=900), NOW, 15_000),
    ("openai", "gpt-4o-mini", Usage(input=1), NOW, 0),  # 0.15 of a micro-dollar
    ("openai", "gpt-4o-mini", Usage(input=4), NOW, 1),  # 0.6 of one
    ("openai", "gpt-5.5-pro", Usage(input=300_000, output=1), NOW, None),  # nobody knows of prompts that long
    ("router", "anthropic/claude-opus-5.5", Usage(input=100, output=100), NOW, 2_400),
    ("pay", "glm-4.6", Usage(input=1000, output=1000, cache_read=1000), NOW, 2_910),
    # who is not the maker may ask what they like
    ("lab", "claude-opus-4-8", Usage(input=1000), NOW, None),
    ("plan", "glm-4.6", Usage(input=1000), NOW, None),
    ("evil", "gpt-5", Usage(input=1000), NOW, None),
    ("gone", "gpt-5", Usage(input=1000), NOW, None),
    ("openai", "gpt-9", Usage(input=1000), NOW, None),
    ("local", "smollm2", Usage(input=1000, output=1000), NOW, 0),
    ("local", "claude-opus-4-8", Usage(input=1000, output=1000), NOW, 0),
]


@pytest.mark.parametrize(("provider", "model", "usage", "at", "cost"), CASES)
def test_hand_computed(provider: str, model: str, usage: Usage, at: float, cost: int | None) -> None:
    assert PRICES.cost(provider, model, usage, at) == cost
    assert PRICES.cost(provider, model, usage, at) == cost, "the second time it is remembered"


OWN = {
    "lab/*": PriceSettings(input=1, output=2),
    "lab/big-*": PriceSettings(input=10, output=20, cache_read=0.5, cache_write=12),
    "openai/gpt-5": PriceSettings(input=0, output=0),
    "smollm2": PriceSettings(input=0.1, output=0.2),
}


@pytest.mark.parametrize(
    ("provider", "model", "usage", "cost"),
    [
        ("lab", "m", Usage(input=10, output=10, cache_read=10, cache_write=10, cache_write_1h=5), 50),
        # 10 x 10 + 10 x 20 + 10 x 0.5 + 10 x 12, five of the last for an hour at the same price
        ("lab", "big-m", Usage(input=10, output=10, cache_read=10, cache_write=10, cache_write_1h=5), 425),
        ("lab", "BIG-m", Usage(input=1), 10),
        ("openai", "gpt-5", Usage(input=10**9), 0),
        ("openai", "gpt-5-mini", Usage(input=100), 25),
        ("local", "smollm2", Usage(input=100, output=100), 30),
        ("local", "other", Usage(input=100, output=100), 0),
    ],
)
def test_the_settings_win(provider: str, model: str, usage: Usage, cost: int) -> None:
    assert Prices(OWN, PLACES).cost(provider, model, usage, NOW) == cost


def test_ever_new_names_do_not_fill_the_memory() -> None:
    prices = Prices({}, PLACES)
    for number in range(3000):
        assert prices.cost("lab", f"m{number}", Usage(input=1), NOW) is None
    assert len(prices._found) <= 1000


# -- laws --------------------------------------------------------------------------------------------------------------

tokens = st.none() | st.integers(0, 10**9)
usages = st.builds(Usage, input=tokens, output=tokens, cache_read=tokens, cache_write=tokens, cache_write_1h=tokens)
flat = st.sampled_from([each for price in makers() for each in price.rates])


def honest(usage: Usage) -> Usage:
    """What is written for an hour is a part of what is written."""
    hour = min(usage.cache_write or 0, usage.cache_write_1h or 0)
    return Usage(usage.input, usage.output, usage.cache_read, usage.cache_write, hour)


def total(one: Usage, other: Usage) -> Usage:
    return Usage(
        (one.input or 0) + (other.input or 0),
        (one.output or 0) + (other.output or 0),
        (one.cache_read or 0) + (other.cache_read or 0),
        (one.cache_write or 0) + (other.cache_write or 0),
        (one.cache_write_1h or 0) + (other.cache_write_1h or 0),
    )


@given(flat, usages, usages)
def test_law_costs_add_up(rate: Rate, one: Usage, other: Usage) -> None:
    one, other = honest(one), honest(other)
    assert rate.picos(one) + rate.picos(other) == rate.picos(total(one, other))


@given(flat, usages, usages)
def test_law_more_tokens_never_cost_less(rate: Rate, one: Usage, more: Usage) -> None:
    one, more = honest(one), honest(more)
    assert 0 <= rate.picos(one) <= rate.picos(total(one, more))


@given(st.sampled_from(makers()), st.integers(0, 10**6), st.integers(0, 10**5))
def test_law_longer_prompts_never_cost_less(price: Price, prompt: int, more: int) -> None:
    short = cost_at(price.rates, Usage(input=prompt), NOW)
    long = cost_at(price.rates, Usage(input=prompt + more), NOW)
    assert long is None or (short is not None and short <= long)


# -- the table ---------------------------------------------------------------------------------------------------------


def named(price: Price) -> str:
    return price.match[0]


@pytest.mark.parametrize("price", makers(), ids=named)
def test_rows_can_be_reached_and_make_sense(price: Price) -> None:
    address = f"https://{price.places[0]}/v1"
    for pattern in price.match:
        assert pattern == plain_name(pattern)
        sample = re.sub(r"\[(\w)[^]]*\]", r"\1", pattern.replace("*", ""))
        assert list_price(address, sample) == price.rates, f"{pattern} is hidden by another row"
    held = [(-each.since, each.up_to or 1 << 60) for each in price.rates]
    assert held == sorted(set(held)), "the latest first, then the narrowest, none twice"
    for each in price.rates:
        assert 0 < each.cache_read <= each.input < each.output
        assert each.input <= each.cache_write <= each.cache_write_1h
        assert day("2023-01-01") <= each.since <= day("2027-12-31")


def test_prices_are_written_without_loss() -> None:
    for price in tables().price:
        for each in price.rates:
            for dollars in (each.input, each.output, each.cache_read, each.cache_write, each.cache_write_1h):
                assert dollars is None or round(dollars * 1e6) == pytest.approx(dollars * 1e6, abs=1e-6)
