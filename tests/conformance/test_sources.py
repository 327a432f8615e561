"""Reports can be looked up."""

from __future__ import annotations

from landbridge.conformance.sources import NAMES, REPORTS


def test_numbers_rise_and_every_report_says_where_it_is() -> None:
    assert list(REPORTS) == sorted(REPORTS)
    assert all(text and not text.endswith(".") for text in [*REPORTS.values(), *NAMES.values()])
