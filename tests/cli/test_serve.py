"""Flags become settings."""

from __future__ import annotations

from landbridge.cli.serve import overrides


def test_no_flags_change_nothing() -> None:
    assert overrides(None, None, no_dashboard=False, no_openai=False) == {}


def test_flags_become_settings_by_dotted_key() -> None:
    assert overrides("0.0.0.0", 0, no_dashboard=True, no_openai=True) == {
        "listeners.router.host": "0.0.0.0",
        "listeners.router.port": 0,
        "listeners.dashboard.enabled": False,
        "listeners.openai.enabled": False,
    }
