"""Draft models, projectors and adapters are looked at before anything is started."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.config import ModelSettings
from landbridge.engines.companions import Companions, find_companions
from landbridge.engines.fit import NOTHING_AROUND, Around
from landbridge.engines.gguf import read_facts
from landbridge.errors import ConfigFault
from tests.fakes.gguf_model import write_model

pytestmark = pytest.mark.io


def find(tmp_path: Path, **settings: Any) -> tuple[Companions, Around]:
    facts = read_facts(write_model(tmp_path / "large.gguf"))
    known = {"small": tmp_path / "small.gguf"}
    return find_companions("large", ModelSettings(**settings), facts, known.get)


def test_by_default_nothing_runs_beside_a_model(tmp_path: Path) -> None:
    assert find(tmp_path) == (Companions(), NOTHING_AROUND)


@pytest.mark.parametrize("said", ["small", "small.gguf"])
def test_a_draft_by_name_or_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_model(tmp_path / "small.gguf", vocabulary=700)
    companions, around = find(tmp_path, draft=said)
    assert companions.draft == path
    assert around.draft == read_facts(path)


def test_projector_and_adapters_take_memory(tmp_path: Path) -> None:
    for name, size in (("p", 10), ("a", 20), ("b", 30)):
        (tmp_path / name).write_bytes(b"x" * size)
    companions, around = find(
        tmp_path, projector=str(tmp_path / "p"), lora={str(tmp_path / "a"): 1.0, str(tmp_path / "b"): -0.5}
    )
    assert companions.projector == tmp_path / "p"
    assert companions.adapters == ((tmp_path / "a", 1.0), (tmp_path / "b", -0.5))
    assert around == Around(files=60)


def test_a_projector_that_came_with_the_model(tmp_path: Path) -> None:
    own, other = tmp_path / "own", tmp_path / "other"
    own.write_bytes(b"x" * 10)
    other.write_bytes(b"x" * 20)
    facts = read_facts(write_model(tmp_path / "m.gguf"))
    companions, around = find_companions("m", ModelSettings(), facts, lambda name: None, own)
    assert (companions.projector, around.files) == (own, 10)
    settings = ModelSettings(projector=str(other))
    assert find_companions("m", settings, facts, lambda name: None, own)[0].projector == other, "the settings win"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"draft": "nothing"}, "There is no file nothing and no local model of that name"),
        ({"projector": "/no/eyes.gguf"}, "There is no file /no/eyes.gguf."),
        ({"lora": {"/no/style.gguf": 1.0}}, "There is no file /no/style.gguf."),
        ({"draft": "small"}, "It has 900 words and the model 600"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_setting(tmp_path: Path, settings: dict[str, Any], said: str) -> None:
    write_model(tmp_path / "small.gguf", vocabulary=900)
    with pytest.raises(ConfigFault) as caught:
        find(tmp_path, **settings)
    assert said in caught.value.message
    (key,) = settings
    assert f"`{key}` under [models.large]" in caught.value.remedy


def test_a_draft_that_is_no_model_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(b"PK\x03\x04")
    with pytest.raises(ConfigFault, match="zip archive"):
        find(tmp_path, draft="small")
