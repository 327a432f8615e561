"""The collector does not look at what is there from the start, and still finds cycles."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator

import pytest

from landbridge.server.collector import YOUNG, leave_alone_what_stays


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)


class Circle:
    def __init__(self) -> None:
        self.itself = self


def test_what_is_there_is_not_looked_at_again() -> None:
    leave_alone_what_stays()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < 1_000


def test_cycles_that_come_later_are_found_without_being_asked_for() -> None:
    leave_alone_what_stays()
    circle = weakref.ref(Circle())
    kept = [[] for _ in range(2 * YOUNG)]  # type: list[list[int]]
    assert circle() is None, len(kept)


PROGRAM = """
import gc, sys
from landbridge.server import run
from landbridge.server.collector import leave_alone_what_stays
if sys.argv[1] == "frozen":
    leave_alone_what_stays()
looked_at = len(gc.get_objects())
print(looked_at)
"""


@pytest.mark.io
def test_a_full_collection_of_the_router_has_little_to_look_at() -> None:
    found = {
        name: int(subprocess.run([sys.executable, "-c", PROGRAM, name], capture_output=True, check=True).stdout)
        for name in ("frozen", "usual")
    }
    assert found["frozen"] * 20 < found["usual"], found
