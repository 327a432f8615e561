"""Whether what is said is kept, as the settings say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.dashboard.pages.requests_bodies import Keeping
from landbridge.server.settings import Settings

pytestmark = pytest.mark.io


def test_as_the_settings_say(tmp_path: Path) -> None:
    path = tmp_path / "landbridge.toml"
    path.write_text("[store]\nbodies = true\nkeep_bodies = 3\n")
    now = Keeping(Settings(path, tmp_path, {}, {}).told())
    assert (now.on, now.ledger, now.days, now.room) == (True, True, 3, 1024**3)
    meaning = now.meaning()
    assert "3 days" in meaning and "1.1 GB" in meaning and "conversations" in meaning
    path.write_text("[store]\nenabled = false\n")
    now = Keeping(Settings(path, tmp_path, {}, {}).told())
    assert (now.on, now.ledger) == (False, False)
