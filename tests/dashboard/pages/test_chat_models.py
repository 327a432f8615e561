"""How long an answer may be where nobody says."""

from __future__ import annotations

import pytest

from landbridge.dashboard.dialogue import MOST_TOKENS
from landbridge.dashboard.pages.chat_models import Model, most_tokens


@pytest.mark.parametrize(
    ("window", "output", "most"),
    [
        (None, None, MOST_TOKENS),
        (1_000_000, 64_000, MOST_TOKENS),
        (200_000, 4096, 4096),
        (2048, 2048, 1024),
        (1, None, 1),
    ],
)
def test_an_answer_leaves_room_for_the_question(window: int | None, output: int | None, most: int) -> None:
    models = [Model(id="other", max_tokens=5), Model(id="m", max_input_tokens=window, max_tokens=output)]
    assert most_tokens(models, "m") == most


def test_of_an_unknown_model() -> None:
    assert most_tokens([], "m") == MOST_TOKENS
