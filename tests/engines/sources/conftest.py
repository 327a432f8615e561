"""Servers to fetch from, and a record of what is reported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from landbridge.engines.sources import Progress
from tests.fakes.web import Web, serving


@dataclass
class Seen:
    """What was reported."""

    reports: list[Progress] = field(default_factory=list)

    def __call__(self, progress: Progress) -> None:
        self.reports.append(progress)

    @property
    def done(self) -> list[int]:
        return [progress.done for progress in self.reports]


@pytest.fixture
def seen() -> Seen:
    """Nothing was reported yet."""
    return Seen()


@pytest.fixture
def cdn() -> Iterator[Web]:
    """Another server than `web`."""
    with serving() as server:
        yield server
