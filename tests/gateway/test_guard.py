"""What does not fit is refused before dispatch; what filled the window is said."""

import pytest

from landbridge.errors import TooLong
from landbridge.gateway.guard import TEMPLATE_TOKENS, finish_of, fit
from landbridge.neutral.events import Finish, Reason, Usage

pytestmark = pytest.mark.anyio


class Counter:
    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.asked = 0

    async def __call__(self, body: bytes) -> int:
        self.asked += 1
        return self.tokens


async def test_a_small_body_needs_no_count() -> None:
    counter = Counter(10)
    assert await fit(b"x" * 100, 100 + TEMPLATE_TOKENS, counter, "engine:m") is None
    assert counter.asked == 0


async def test_a_large_body_is_counted() -> None:
    assert await fit(b"x" * 101, 100 + TEMPLATE_TOKENS, Counter(30), "engine:m") == 30


async def test_p65_p67_overflow_is_refused_in_the_words_clients_know() -> None:
    with pytest.raises(TooLong, match=r"^prompt is too long: 41000 tokens > 8192 maximum") as caught:
        await fit(b"x" * 164_000, 8192, Counter(41_000), "engine:m")
    assert caught.value.status == 400


async def test_a_prompt_that_leaves_no_room_for_an_answer_does_not_fit() -> None:
    with pytest.raises(TooLong):
        await fit(b"x" * 9000, 8192, Counter(8192), "engine:m")
    assert await fit(b"x" * 9000, 8192, Counter(8191), "engine:m") == 8191


async def test_p66_a_full_window_is_not_max_tokens() -> None:
    length = Finish(Reason.LENGTH)
    full = Usage(input=8000, output=192)
    assert finish_of(length, full, 8192, 32000) == Finish(Reason.CONTEXT_FULL)
    assert finish_of(length, full, 8192, None) == Finish(Reason.CONTEXT_FULL)
    assert finish_of(length, full, 8192, 192) == length
    assert finish_of(length, Usage(input=10, output=100), 8192, 100) == length
    assert finish_of(length, full, None, 32000) == length
    assert finish_of(length, Usage(input=8192), 8192, None) == length
    assert finish_of(Finish(Reason.END), full, 8192, None) == Finish(Reason.END)


async def test_cached_tokens_fill_the_window_too() -> None:
    usage = Usage(input=100, cache_read=8000, output=92)
    assert finish_of(Finish(Reason.LENGTH), usage, 8192, None).reason is Reason.CONTEXT_FULL
