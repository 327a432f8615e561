"""Fields nobody else misses: no loss at any other dialect, while one that matters is."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec import Raw

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request
from landbridge.neutral.traits import Traits
from landbridge.wire.dialects import DIALECTS, dialect
from landbridge.wire.not_carried import NOT_CARRIED

HI = (Message("user", (Text("Hi"),)),)
CROSSINGS = [(one, other) for one, other in product(NOT_CARRIED, DIALECTS) if one != other]


@pytest.mark.parametrize(("source", "target"), CROSSINGS)
def test_what_nobody_misses_is_no_loss(source: str, target: str) -> None:
    extras = {source: dict.fromkeys(NOT_CARRIED[source], Raw(b"1"))}
    written = dialect(target).write_request(Request("m", HI, extras=extras), "m", Traits())
    assert written.losses == ()
    assert dialect(target).write_request(Request("m", HI), "m", Traits()).body == written.body


@pytest.mark.parametrize(("source", "target"), CROSSINGS)
def test_every_other_field_is_a_loss(source: str, target: str) -> None:
    extras = {source: {"new_setting": Raw(b"1")}}
    losses = dialect(target).write_request(Request("m", HI, extras=extras), "m", Traits()).losses
    assert ["new_setting" in loss.path for loss in losses] == [True]
