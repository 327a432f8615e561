"""`landbridge models show`: facts, plan, reasons and alternatives, for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.model_facts import show_facts
from landbridge.config import Config, EngineSettings, ModelSettings
from landbridge.engines import machine
from landbridge.engines.hardware import Gpu
from landbridge.engines.library import Library
from tests.fakes.gguf_model import write_model

pytestmark = pytest.mark.io

GIB = 1024**3


class Screen:
    """Shows models of a folder."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.library, self._capsys = Library(folder), capsys

    def text(self, name: str, limit: int = 4 * GIB, **settings: Any) -> str:
        self._show(name, limit, settings, as_json=False)
        return self._capsys.readouterr().out

    def json(self, name: str, limit: int = 4 * GIB, **settings: Any) -> Any:
        self._show(name, limit, settings, as_json=True)
        return json.loads(self._capsys.readouterr().out)

    def _show(self, name: str, limit: int, settings: dict[str, Any], *, as_json: bool) -> None:
        config = Config(models={name: ModelSettings(**settings)}, engine=EngineSettings(memory_limit=limit))
        found = self.library.find(name)
        assert found is not None
        assert show_facts(found, config, self.library.find, as_json=as_json) == 0


@pytest.fixture
def screen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Screen:
    write_model(tmp_path / "plain.gguf", llama__context_length=32_768, llama__block_count=32)
    write_model(
        tmp_path / "windows.gguf", "gemma3", gemma3__attention__sliding_window=512, gemma3__block_count=12,
        gemma3__context_length=131_072, gemma3__expert_count=8, gemma3__expert_used_count=2,
    )  # fmt: skip
    return Screen(tmp_path, capsys)


def test_why_each_number_and_what_a_change_would_cost(screen: Screen) -> None:
    lines = screen.text("plain", threads=3).splitlines()
    assert lines[0] == "model        plain (Tiny)"
    assert "runs with    context 32768 in each of 4 slots, threads 3" in lines
    assert "             - context 32768: what the model was trained for" in lines
    assert "a token      4096 bytes of cache (f16, f16)" in lines
    head = next(number for number, line in enumerate(lines) if line.startswith("CONTEXT"))
    assert lines[head].split() == ["CONTEXT", "CACHE", "SLOTS", "MEMORY", "FITS"]
    rows = [line.split() for line in lines[head + 1 :]]
    assert [row[:3] for row in rows] == [
        ["8192", "f16", "4"], ["16384", "f16", "4"], ["32768", "f16", "4"],
        ["8192", "q8_0", "4"], ["16384", "q8_0", "4"], ["32768", "q8_0", "4"],
        ["32768", "f16", "1"], ["32768", "f16", "2"],
    ]  # fmt: skip
    assert rows[2][-2:] == ["as", "now"]
    assert {row[-1] for row in rows} == {"yes", "now"}


def test_layers_that_are_unlike_the_others_are_told(screen: Screen) -> None:
    shown = screen.text("windows")
    assert "layers       12, 10 look back 512 tokens" in shown
    assert "2 of 8 experts at once" in shown


def test_what_claude_code_cannot_work_with_is_said(screen: Screen) -> None:
    assert "beware       Claude Code's first request" in screen.text("plain", context=8192)
    assert "beware" not in screen.text("plain")


def test_what_does_not_fit_is_shown_with_what_it_would_take(screen: Screen) -> None:
    shown = screen.text("plain", 10**6)
    assert "runs         not now: Model 'plain': The model needs 0.2 GiB for a context of 2048 tokens" in shown
    assert " no" in shown
    told = screen.json("plain", 10**6)
    assert told["plan"] is None
    assert "engine.memory_limit" in told["trouble"]
    assert not any(each["fits"] for each in told["alternatives"])


def test_a_setting_that_is_wrong_is_said(screen: Screen) -> None:
    told = screen.json("plain", draft="nobody")
    assert "There is no file nobody" in told["trouble"]
    assert (told["plan"], told["alternatives"]) == (None, [])


def test_a_draft_is_found_by_its_name(screen: Screen) -> None:
    alone, both = screen.json("plain"), screen.json("plain", draft="windows")
    assert both["plan"]["parts"]["companions"] > alone["plan"]["parts"]["companions"] == 0


def test_for_programs(screen: Screen) -> None:
    told = screen.json("windows", slots=2)
    assert told["name"] == "windows"
    assert (told["layers"], told["windowed_layers"], told["sliding_window"], told["free"]) == (12, 10, 512, 4 * GIB)
    assert (told["plan"]["context"], told["plan"]["slots"]) == (131_072, 2)
    assert told["plan"]["memory"] <= told["free"]
    assert [each["chosen"] for each in told["alternatives"]].count(True) == 1


def test_layers_on_a_card(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "nvidia", lambda: iter([Gpu("a card", 8 * GIB, 8 * GIB)]))
    monkeypatch.setattr(machine, "accelerated", lambda: True)
    shown = screen.text("plain")
    assert "33 layers on the graphics card" in shown
    assert "CARD  LAYERS" in shown
