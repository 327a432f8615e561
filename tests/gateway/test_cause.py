"""The error behind an error: engines that died are blamed, and nobody else is."""

from __future__ import annotations

from typing import cast

import pytest

from landbridge.engines.lease import Lease
from landbridge.errors import BadRequest, Crashed, Cut, EngineFault
from landbridge.gateway.cause import Cause

pytestmark = pytest.mark.anyio


class Held:
    """A lease whose engine died of `fault`, if of anything."""

    def __init__(self, fault: EngineFault | None) -> None:
        self._fault = fault

    async def post_mortem(self) -> EngineFault | None:
        return self._fault


@pytest.mark.parametrize("fault", [Crashed("it died"), None])
async def test_a_broken_connection_to_an_engine_is_its_death_if_it_died(fault: EngineFault | None) -> None:
    cause, cut = Cause(), Cut("broke off")
    assert await cause(cut) is cut, "no engine answers"
    cause.lease = cast(Lease, Held(fault))
    assert await cause(cut) is (fault or cut)
    wrong = BadRequest("no")
    assert await cause(wrong) is wrong
