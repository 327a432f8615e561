"""One landbridge between two doors for all tests of rules."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.bad_gateway import Stage


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """The deliberately bad gateway, with nothing wrong yet."""
    stage = Stage()
    try:
        yield stage
    finally:
        stage.close()
