"""What is meant by what is typed; a broken download goes on as long as that helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.config import Config, ModelSettings
from landbridge.engines.library import Library
from landbridge.engines.sources import Progress
from landbridge.errors import ConfigFault, Unreachable
from landbridge.manage.pull import Meter, check_sum, meant, pull
from tests.fakes.gguf_model import write_model
from tests.fakes.web import Web

HOUSE = Config(models={"house": ModelSettings(source="https://huggingface.co/org/repo"), "bare": ModelSettings()})


@pytest.mark.parametrize(
    ("typed", "source", "name"),
    [
        ("smollm2", "smollm2", ""),
        ("house", "hf:org/repo", "house"),
        ("bare", "bare", ""),
        ("https://huggingface.co/org/other/tree/main", "hf:org/other", ""),
    ],
)
def test_what_is_meant(typed: str, source: str, name: str) -> None:
    assert meant(typed, HOUSE) == (source, name)


def test_sums() -> None:
    check_sum("")
    check_sum("A" * 64)
    for wrong in ("a" * 63, "g" * 64):
        with pytest.raises(ConfigFault, match="no sha256"):
            check_sum(wrong)


def test_what_has_come_is_counted_without_what_was_there() -> None:
    meter = Meter(lambda _: None)
    for done in (500, 600, 550, 700):
        meter(Progress(done, 1000))
    meter(Progress(900, 1000, "checking sha256"))
    assert meter.come == 200


@pytest.mark.io
def test_it_is_taken_up_again_and_given_up(tmp_path: Path, web: Web) -> None:
    model = write_model(tmp_path / "m.gguf", tensors=200).read_bytes()
    source = web.put("/tiny.gguf", model, cut=700_000, etag='"1"')
    told: list[float] = []

    def broken(fault: Unreachable, pause: float) -> None:
        told.append(pause)

    found = pull(Library(tmp_path / "one"), source, lambda _: None, broken, pauses=(0.1, 0.2))
    assert found.path.read_bytes() == model
    assert told == [0.1] * (len(model) // 700_000)
    web.files["/tiny.gguf"].cut = 0
    with pytest.raises(Unreachable):
        pull(Library(tmp_path / "two"), source, lambda _: None, broken)
    assert len(web.asked) == len(told) + 2, "nothing has come: it is not tried again"
