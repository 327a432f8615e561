"""What is told of an engine, where most of it is not known."""

from __future__ import annotations

import msgspec

from landbridge.engines.info import EngineInfo
from landbridge.engines.states import State


def test_an_engine_that_never_ran_has_nothing_and_is_told_as_plain_json() -> None:
    told = msgspec.json.decode(msgspec.json.encode(EngineInfo(name="m", state=State.STOPPED, since=1.0, used=2.0)))
    assert (told["state"], told["pid"], told["window"], told["busy"], told["unload_at"]) == (
        "stopped",
        None,
        None,
        0,
        None,
    )
