"""Usage that adds up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from landbridge.gateway.hosted.tally import total
from landbridge.neutral.events import Usage

_counts = st.none() | st.integers(0, 1000)
_usages = st.builds(Usage, *[_counts] * 8, st.booleans())


def test_what_neither_says_stays_unsaid() -> None:
    both = total(Usage(input=5, output=2, searches=1), Usage(input=7, cache_read=0))
    assert both == Usage(input=12, output=2, cache_read=0, searches=1)
    assert total(Usage(estimated=True), Usage(input=1)) == Usage(input=1, estimated=True)


@given(_usages, _usages, _usages)
def test_the_order_does_not_matter(one: Usage, two: Usage, three: Usage) -> None:
    assert total(one, two) == total(two, one)
    assert total(total(one, two), three) == total(one, total(two, three))
    assert total(one, Usage()) == one
    assert len(astuple(one)) == 9, "a new count is added up, too"
