"""The search without its printing: nothing to search for is said, and the hub is asked only where it is wanted."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.engines.library import Library
from landbridge.engines.sources import hub
from landbridge.errors import ConfigFault
from landbridge.manage.model_search import Near, check_words, near, search
from tests.fakes.gguf_model import write_model


@pytest.mark.parametrize(("words", "limit"), [((), 5), ((" ",), 5), (("qwen",), 0)])
def test_nothing_to_search_for(words: tuple[str, ...], limit: int) -> None:
    with pytest.raises(ConfigFault, match="nothing to search for"):
        check_words(words, limit)


@pytest.mark.io
def test_near_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> list[hub.Hit]:
        raise AssertionError("nobody wants the hub")

    monkeypatch.setattr(hub, "search", never)
    folder, own = tmp_path / "models", tmp_path / "cache"
    folder.mkdir()
    own.mkdir()
    write_model(folder / "smollm2-mine.gguf")
    write_model(own / "smol-Q4_K_M.gguf")
    library = Library(folder)
    found = search(library, ("smol",), 5, {"LLAMA_CACHE": str(own)}, tmp_path, hub=False)
    assert (found.hub, found.trouble) == ([], "")
    assert [(each.name, each.state) for each in found.here] == [
        ("smollm2-mine", "installed"), ("smol-Q4_K_M.gguf", "to import"), ("smollm2", "available"),
    ]  # fmt: skip
    assert near(library, ("zzz",), {}, tmp_path) == []
    assert isinstance(found.here[0], Near)
