"""What came of trying a provider, in words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.cli import provider_trial
from landbridge.config import Config, ProviderSettings
from landbridge.gateway.checkup import Checkup
from landbridge.manage.provider_trial import variables
from tests.fakes.strict import KEY, Strict, in_thread


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Checkup("lab", True, "list", ("a", "b"), True), "lab works: it takes the key and lists 2 models."),
        (Checkup("lab", True, "list", ("a",), True), "lab works: it takes the key and lists 1 model."),
        (Checkup("lab", True, "list", ("a",), True, keyless=True), "lab works: it lists 1 model."),
        (Checkup("lab", True, "answer", ("a",), False, "a"), "lab works: a answered."),
        (Checkup("lab", True, "answer", ("a",), True, "a"), "lab works: a answered; it lists 1 model."),
        (
            Checkup("lab", True, "list", ("a",), True, "a", "a did not answer: no", "Try one: --model MODEL."),
            "lab lists 1 model; whether it takes the key is not sure: a did not answer: no Try one: --model MODEL.",
        ),
        (Checkup("lab", False, problem="It is not there.", remedy="Start it."), "lab does not work: It is not there."),
    ],
)
def test_words(found: Checkup, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    provider_trial.say(found)
    assert said in capsys.readouterr().err


def test_a_long_list_is_cut_and_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    names = tuple(f"m{number}" for number in range(100))
    provider_trial.print_models(Checkup("lab", True, "list", names, True))
    out, err = capsys.readouterr()
    assert out.splitlines()[0] == "lab/m0" and len(out.splitlines()) == provider_trial.MOST - 1
    assert "and 61 more: landbridge providers test lab" in err


@pytest.mark.io
def test_a_real_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_KEY", KEY)
    with in_thread(Strict()) as server:
        settings: dict[str, Any] = {"base_url": server.base_url("openai_chat"), "dialect": "openai_chat"}
        config = Config(providers={"lab": ProviderSettings(**settings, api_key="${LAB_KEY}")})
        found = provider_trial.tried(config, "lab", variables(config, tmp_path))
        asked = provider_trial.tried(config, "lab", variables(config, tmp_path), "m")
    assert found == Checkup("lab", True, "list", ("m",), True)
    assert asked == Checkup("lab", True, "answer", ("m",), True, "m")
