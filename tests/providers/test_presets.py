"""Presets as data: what each must say, and names that are none."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from landbridge.cli.provider_draft import CELL
from landbridge.config import load
from landbridge.errors import ConfigFault
from landbridge.providers.addresses import STREAM
from landbridge.providers.presets import NO_PRESET, Preset, preset_of, presets
from landbridge.providers.table import resolve
from landbridge.wire.dialects import DIALECTS

PAGE = Path(__file__).parent.parent.parent / "docs" / "providers.md"
ROWS = presets().items()


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_a_preset_names_itself_for_people(name: str, row: Preset) -> None:
    assert row.title and row.title != name
    assert len(row.title) <= CELL - 5, "two columns of them fit a terminal"
    assert row.dialect in DIALECTS
    assert not row.keys_at or row.keys_at.startswith("https://")


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_what_an_address_leaves_open_is_asked_for(name: str, row: Preset) -> None:
    for address in (row.base_url, *row.base_urls.values()):
        assert set(re.findall(r"\{(\w+)\}", address)) <= set(row.place)


@pytest.mark.parametrize(("name", "row"), ROWS)
def test_own_paths_stand_for_paths_of_the_dialect(name: str, row: Preset) -> None:
    known = {"/v1/messages", "/v1/messages/count_tokens", "/chat/completions", "/completions", "/embeddings"}
    assert {path.removesuffix(STREAM) for path in row.paths} <= known


def test_titles_are_no_twins() -> None:
    titles = [row.title for _, row in ROWS]
    assert len(set(titles)) == len(titles)


def test_none_and_unknown_ones() -> None:
    assert preset_of("lab", "") is NO_PRESET
    assert preset_of("lab", "openai") is presets()["openai"]
    with pytest.raises(ConfigFault) as caught:
        preset_of("lab", "bedrok")
    assert caught.value.remedy == "Did you mean 'bedrock'?"


@pytest.mark.io
def test_the_manual_has_something_to_paste_for_each(tmp_path: Path) -> None:
    pasted = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    named = set()
    for number, text in enumerate(pasted):
        file = tmp_path / f"{number}.toml"
        file.write_text(text)
        for name, settings in load(file, {}).providers.items():
            provider = resolve(name, settings, {})
            assert provider.dialect in DIALECTS and "{" not in provider.base_url
            named.add(settings.preset)
        assert tomllib.loads(text)
    also = set(re.findall(r"`([a-z-]+)`", PAGE.read_text())) | {"openai-responses"}
    assert set(presets()) <= named | also
