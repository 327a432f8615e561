"""An answer nobody has read says nothing."""

from __future__ import annotations

from landbridge.conformance.said import Complaint, Said


def test_nothing_is_said_at_first_and_nothing_is_shared() -> None:
    one, other = Said(), Said()
    one.faults.append("x")
    assert other.faults == [] and other.prompt == -1 and other.error is None
    assert Complaint(400, "x", "y").in_form
