"""Settings files of other programs, as people have them, and what they come to: settings that hold, and notes.

`cases/FORMAT/NAME.yaml` (or `.json`) is the file, written from that program's documentation; `NAME.toml` what it comes
to, `NAME.notes` what could not be carried. After a change: `python -m tests.config.imports.test_imports`, and look.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from landbridge.agents.jsonc import read as read_json
from landbridge.cli.import_settings import presets, toml_text
from landbridge.config.check import convert as to_config
from landbridge.config.imports import FORMATS, TITLES, convert, detect
from landbridge.config.places import Places
from landbridge.config.schema import Config

CASES = Path(__file__).parent / "cases"
FILES = [path for path in sorted(CASES.glob("*/*")) if path.suffix in (".yaml", ".json")]
ENV = {"HOME": "/home/me"}


def document(path: Path) -> Any:
    return read_json(path.read_text()) if path.suffix == ".json" else yaml.safe_load(path.read_text())


def outcome(path: Path) -> tuple[dict[str, Any], str, str]:
    """Settings, their text with keys masked, and the notes."""
    found = convert(path.parent.name, document(path), presets(), ENV)
    notes = "".join(f"{note.key}: {note.why}\n" for note in found.notes)
    return found.settings, toml_text(found.settings), notes


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_file_comes_to_these_settings_and_notes(path: Path) -> None:
    settings, text, notes = outcome(path)
    assert text == path.with_suffix(".toml").read_text()
    assert notes == path.with_suffix(".notes").read_text()
    config = to_config(settings, Places())
    assert isinstance(config, Config)
    assert tomllib.loads(text).keys() == settings.keys()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_key_of_a_file_is_carried_or_named(path: Path) -> None:
    """Each top-level key leaves a trace: without it, settings or notes are others."""
    whole = document(path)
    silent = {"litellm_settings.drop_params", "startPort", "LOG"}
    for key in whole:
        if key not in silent:
            less = {name: value for name, value in whole.items() if name != key}
            assert convert(path.parent.name, less, presets(), ENV) != convert(
                path.parent.name, whole, presets(), ENV
            ), key


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_format_is_seen_from_the_content(path: Path) -> None:
    assert detect(document(path)) == path.parent.name


@pytest.mark.parametrize("other", [None, [], "text", {}, {"a": 1}, {"models": {"m": {"context": 1}}}])
def test_anything_else_is_none_of_them(other: object) -> None:
    assert detect(other) == ""


def test_every_format_has_a_title_and_cases() -> None:
    assert set(TITLES) == set(FORMATS) == {path.parent.name for path in FILES}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 99999) | st.text(max_size=12) | st.floats(allow_nan=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.sampled_from(
    [
        *(
            "model_list",
            "model_name",
            "litellm_params",
            "model",
            "api_base",
            "router_settings",
            "fallbacks",
            "Providers",
        ),
        *(
            "Router",
            "default",
            "name",
            "api_base_url",
            "transformer",
            "use",
            "models",
            "backends",
            "type",
            "url",
            "cmd",
        ),
        *("aliases", "peers", "groups", "macros", "fallback", "fallback_chains", "ttl", "members", "server"),
    ]
)
DOCUMENTS = st.recursive(
    VALUES, lambda inner: st.dictionaries(WORDS, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=12
)


@pytest.mark.parametrize("kind", list(FORMATS))
@given(found=st.dictionaries(WORDS, DOCUMENTS, max_size=5))
def test_no_file_breaks_an_importer(kind: str, found: dict[str, Any]) -> None:
    first, second = convert(kind, found, presets(), ENV), convert(kind, found, presets(), ENV)
    assert first == second


if __name__ == "__main__":
    for file in FILES:
        _, text, notes = outcome(file)
        file.with_suffix(".toml").write_text(text)
        file.with_suffix(".notes").write_text(notes)
