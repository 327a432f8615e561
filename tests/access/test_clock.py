"""Clocks that are set back or forward: what was over stays over, and what was only seemingly over comes back."""

from __future__ import annotations

from landbridge.access.clock import Clock


class Hands:
    """A system whose clocks are moved by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000_000.0, 50.0
        self.clock = Clock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def test_it_is_the_systems_time() -> None:
    hands = Hands()
    hands.passes(10)
    assert hands.clock.now() == 1_000_010
    assert hands.clock.steady() == 60


def test_set_back_it_goes_on_from_where_it_was() -> None:
    hands = Hands()
    hands.passes(100)
    hands.wall -= 86_400
    assert hands.clock.now() == 1_000_100
    hands.passes(5)
    assert hands.clock.now() == 1_000_105


def test_set_forward_and_back_it_is_right_again() -> None:
    hands = Hands()
    hands.wall += 1e9
    assert hands.clock.now() > 1e9
    hands.wall -= 1e9
    assert hands.clock.now() == 1_000_000


def test_a_machine_that_slept_has_the_time_of_its_waking() -> None:
    hands = Hands()
    hands.wall += 8 * 3600  # the steady clock stands still meanwhile
    assert hands.clock.now() == 1_000_000 + 8 * 3600
