"""Each setting is told with what it takes, its default and when it counts; so that anybody can be asked for it."""

from __future__ import annotations

import msgspec

from landbridge.config.keys import keys
from landbridge.manage.meanings import all_meanings

FOUND = {each.key: each for section in all_meanings().sections for each in section.settings}


def test_every_setting_is_there_with_its_meaning() -> None:
    assert len(FOUND) == len(list(keys()))
    assert [key for key, each in FOUND.items() if not each.text or not each.takes or not each.schema] == []
    assert [section.name for section in all_meanings().sections if not section.text] == []


def test_types_and_limits() -> None:
    assert FOUND["server.show_progress"].schema == {"type": "boolean"}
    assert FOUND["listeners.router.port"].schema == {"type": "integer", "minimum": 0, "maximum": 65535}
    assert FOUND["listeners.router.port"].default == 38080
    assert FOUND["listeners.openai.port"].default == 8000
    assert FOUND["server.log_level"].schema == {"enum": ["debug", "info", "warning", "error"]}
    assert FOUND["models.NAME.context"].schema["anyOf"][1] == {"enum": ["auto"]}
    assert FOUND["providers.NAME.models"].default is None


def test_when_it_counts_and_what_is_not_shown() -> None:
    assert FOUND["store.url"].effect == "restart"
    assert FOUND["models.NAME.context"].effect == "load"
    assert FOUND["server.log_level"].effect == "now"
    assert [key for key, each in FOUND.items() if each.secret] == [
        "providers.NAME.api_key",
        "providers.NAME.headers",
        "search.api_key",
        "telemetry.headers",
    ]
    assert FOUND["listeners.router.port"].variable == "LANDBRIDGE_LISTENERS__ROUTER__PORT"


def test_sections_of_the_user_s_own_names() -> None:
    named = {section.name for section in all_meanings().sections if section.named}
    assert named == {"providers", "aliases", "routes", "views", "models", "prices"}


def test_it_is_json() -> None:
    assert msgspec.json.decode(msgspec.json.encode(all_meanings()))["sections"][0]["name"] == "default_model"
