"""What every router tells of at /api/v1/events."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.fakes.running import Running

pytestmark = [pytest.mark.io, pytest.mark.anyio]


async def test_health_and_engines_are_states_and_settings_happen(tmp_path: Path) -> None:
    async with Running(tmp_path) as running:
        assert {"health", "engines", "settings"} <= set(running.hub.topics)
        async with aclosing(running.hub.listen(["health", "engines", "settings"])) as listening:
            said = {topic: json.loads(value) for topic, value in await anext(listening)}
            assert said["engines"] == {"engines": []}
            assert (said["health"]["status"], said["health"]["uptime"]) == ("ok", 0.0), "else it is another every time"
            running.hub.tell("settings", [{"key": "server.log_level"}])
            assert await anext(listening) == [("settings", b'[{"key":"server.log_level"}]')]
