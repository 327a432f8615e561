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
def web() -> Iterator[Web]:
    """A web server."""
    with serving() as server:
        yield server


@pytest.fixture
def cdn() -> Iterator[Web]:
    """Another one."""
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine goes through to reach the world is not for servers beside us."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
