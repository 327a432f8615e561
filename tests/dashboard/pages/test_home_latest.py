"""The latest requests in words."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

from landbridge.dashboard.pages.home_latest import tokens_of, when
from landbridge.store.report import Exchange


def test_tokens_of_prompt_and_answer() -> None:
    def exchange(**fields: Any) -> Exchange:
        return Exchange(id="req", at=0.0, seconds=1.0, **fields)

    assert tokens_of(exchange(input=10, cache_read=12_000, output=7)) == "12.0k → 7"
    assert tokens_of(exchange(output=7, estimated=True)) == "~0 → ~7"
    assert tokens_of(exchange()) == ""


def test_the_day_is_said_where_it_is_not_today() -> None:
    assert when(datetime(2025, 3, 4, 5, 6).timestamp()) == "03-04 05:06"
    assert when(time.time()).count(":") == 2
