"""Records are given their costs before others read them."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import Config, PriceSettings, ProviderSettings
from landbridge.gateway.journal import Record
from landbridge.gateway.pricing import Pricing, row_cost
from landbridge.gateway.world import World
from landbridge.neutral.events import Usage
from landbridge.providers.prices import Prices

PRICES = Prices({"lab/*": PriceSettings(input=2, output=3)}, {"lab": "http://127.0.0.1:9/v1"})
USED = Usage(input=10, output=5)


def record(**fields: Any) -> Record:
    known: dict[str, Any] = {"target": "lab/m", "at": 1_795_000_000.0, "usage": USED, **fields}
    return Record(id="req_1", dialect="anthropic", model="x", **known)


@pytest.mark.parametrize(
    ("fields", "cost"),
    [
        ({}, 35),
        ({"target": "lab/owner/m"}, 35),
        ({"target": "other/m"}, None),
        ({"target": "smollm2"}, 0),
        ({"target": "owner/model", "provider": "local"}, 0),
        ({"target": "owner/model"}, None),
        ({"target": "", "usage": Usage()}, 0),
        # an embedding has no answer to count
        ({"usage": Usage(input=10)}, 20),
        ({"usage": Usage(input=10, output=5, estimated=True)}, 35),
        # nothing was counted: what an error costs is nothing, what an answer costs nobody knows
        ({"usage": Usage(), "outcome": "overloaded"}, 0),
        ({"usage": Usage(), "outcome": "cut", "first": 0.5}, None),
        ({"usage": Usage(), "outcome": "cancelled"}, None),
        ({"usage": Usage()}, None),
        ({"usage": Usage(), "target": "smollm2"}, 0),
    ],
)
def test_what_an_exchange_costs(fields: dict[str, Any], cost: int | None) -> None:
    assert row_cost(record(**fields), PRICES) == cost


def world(price: float) -> World:
    providers = {"lab": ProviderSettings(dialect="openai_chat", base_url="http://127.0.0.1:9/v1")}
    config = Config(providers=providers, prices={"lab/m": PriceSettings(input=price, output=0)})
    return World(config, {}, tuple)


def test_prices_follow_the_settings() -> None:
    now = world(1)
    pricing = Pricing(lambda: now)
    first, second = record(), record()
    pricing([first])
    now = world(4)
    pricing([second])
    assert (first.cost, second.cost) == (10, 40)
