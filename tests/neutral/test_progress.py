"""How far a prompt is read, in percent of what must be read."""

from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.progress import Progress


def test_what_the_cache_holds_is_no_part_of_the_work() -> None:
    assert Progress(1000, 600, 600, 0.0).percent == 0
    assert Progress(1000, 600, 700, 1.0).percent == 25
    assert Progress(1000, 600, 1000, 4.0).percent == 100
    assert Progress(1000, 1000, 1000, 0.0).percent == 100


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_always_a_percentage(total: int, cache: int, processed: int) -> None:
    assert 0 <= Progress(total, cache, processed, 0.0).percent <= 100
