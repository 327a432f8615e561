"""The texts under the fields are found, for every field."""

from __future__ import annotations

import inspect

import pytest

from landbridge.config import schema, schema_models
from landbridge.config.keys import keys
from landbridge.config.meanings import meanings


def test_every_setting_has_its_text_on_one_line() -> None:
    found = meanings()
    for key in keys():
        text = found[key.section.__name__, key.path[-1]]
        assert text and "\n" not in text and "  " not in text
    assert found["Listener", "port"] == "TCP port; 0 takes a free one."


def test_without_the_source_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(module: object) -> str:
        assert module in (schema, schema_models)
        raise OSError("no source")

    monkeypatch.setattr(inspect, "getsource", gone)
    assert meanings() == {}
