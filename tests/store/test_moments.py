"""Times as people write them."""

from __future__ import annotations

from datetime import datetime

import pytest

from landbridge.errors import ConfigFault
from landbridge.store.moments import moment

NOW = datetime(2026, 11, 26, 14, 30, 5).astimezone()


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("", None),
        ("all", None),
        ("never", None),
        ("30m", datetime(2026, 11, 26, 14, 0, 5)),
        ("7d", datetime(2026, 11, 19, 14, 30, 5)),
        ("today", datetime(2026, 11, 26)),
        (" Yesterday ", datetime(2026, 11, 25)),
        ("2026-11-01", datetime(2026, 11, 1)),
        ("2026-11-01 08:15", datetime(2026, 11, 1, 8, 15)),
        ("2026-11-01T08:15:30", datetime(2026, 11, 1, 8, 15, 30)),
        ("1795000000.5", datetime.fromtimestamp(1795000000.5)),
    ],
)
def test_moments(text: str, means: datetime | None) -> None:
    assert moment(text, NOW) == (None if means is None else means.timestamp())


@pytest.mark.parametrize(
    "text", ["soon", "7 weeks", "2026-13-01", "2026-11-01T25:00", "2026-11-01Z", "500d", "20261101"]
)
def test_what_is_no_time_is_said(text: str) -> None:
    with pytest.raises(ConfigFault, match="is no time"):
        moment(text, NOW)
