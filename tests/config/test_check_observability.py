"""What can be wrong with the settings of metrics and traces, and that their secrets stay out of every message."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from landbridge.config import Config, TelemetrySettings
from landbridge.config.check import convert
from landbridge.config.places import Places
from landbridge.errors import ConfigFault

FILE = Path("/home/me/landbridge.toml")


def read(text: str) -> Config:
    return convert(tomllib.loads(text), Places(FILE, text))


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ("[telemetry]\notlp_endpoint = 'localhost:4318'", "is no http:// or https:// address", "127.0.0.1:4318"),
        ("[telemetry]\notlp_endpoint = 'http://me:planted@otel.example'", "a user's name or password", "headers"),
        (
            "[telemetry.headers]\nauthorization = '$KEY'",
            "telemetry.headers.authorization is no reference",
            "${OTLP_KEY}",
        ),
        ("[telemetry.headers]\nauthorization = 3", "telemetry.headers.authorization must be text", ""),
        ("[telemetry]\nheaders = 'planted'", "telemetry.headers must be", ""),
        ("[metrics]\nmax_models = -1", "from 0 to 10000", ""),
        ("[server]\nlog_format = 'xml'", 'one of "text", "json"', ""),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str, remedy: str) -> None:
    with pytest.raises(ConfigFault) as caught:
        read(text)
    assert said in caught.value.message
    assert remedy in caught.value.remedy
    assert "planted" not in caught.value.text


def test_a_literal_header_does_not_show_itself() -> None:
    settings = TelemetrySettings(headers={"authorization": "planted", "x-team": "${TEAM}"})
    assert "planted" not in repr(settings)
    assert "${TEAM}" in repr(settings)
    assert "planted" not in repr(Config(telemetry=settings))


def test_metrics_are_on_and_traces_are_off_unless_said() -> None:
    config = read("")
    assert (config.metrics.enabled, config.metrics.remote, config.telemetry.otlp_endpoint) == (True, False, "")
    assert config.server.log_format == "text"
