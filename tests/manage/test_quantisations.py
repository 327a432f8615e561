"""What a repository has, and which is taken unasked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from landbridge.config import Config, EngineSettings
from landbridge.engines.library import Library
from landbridge.errors import ConfigFault, Unreachable
from landbridge.manage.quantisations import offer, settled, usual
from tests.fakes.gguf_model import write_model
from tests.fakes.web import Web, serving

pytestmark = pytest.mark.io
REPO = "org/Tiny-GGUF"
CONFIG = Config(engine=EngineSettings(memory_limit=4 * 10**9))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, model: bytes) -> Iterator[Web]:
    with serving() as web:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
        monkeypatch.setenv("HF_TOKEN", "")
        web.put_model(REPO, {f"tiny-{label}.gguf": model for label in ("Q2_K", "Q4_K_M", "Q8_0")})
        web.put_model("org/two", {"a-Q4_K_M.gguf": model, "b-Q4_K_M.gguf": model})
        web.put_model("org/none", {"README.md": b"#"})
        yield web


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf").read_bytes()


def test_the_usual_one(hub: Web, tmp_path: Path, model: bytes) -> None:
    found = offer(f"hf:{REPO}", Library(tmp_path), CONFIG)
    assert {each.label: (each.usual, each.begun, each.fit.fits) for each in found.quantisations} == {
        "Q2_K": (False, False, "yes"), "Q4_K_M": (True, False, "yes"), "Q8_0": (False, False, "yes"),
    }  # fmt: skip
    assert usual(found).source == f"hf:{REPO}:Q4_K_M"
    assert found.quantisations[0].size == len(model)


def test_what_was_begun_is_gone_on_with(hub: Web, tmp_path: Path) -> None:
    library = Library(tmp_path)
    for file in [file for path, file in hub.files.items() if path.endswith("tiny-Q8_0.gguf")]:
        file.cut = 20_000
    with pytest.raises(Unreachable):
        library.pull(f"hf:{REPO}:Q8_0", lambda _: None)
    assert usual(offer(f"hf:{REPO}", library, CONFIG)).label == "Q8_0"


def test_several_models_and_none(hub: Web, tmp_path: Path) -> None:
    for repository, said in (("org/two", "Say which: hf:org/two:a-Q4_K_M"), ("org/none", "has no GGUF model")):
        found = offer(f"hf:{repository}", Library(tmp_path), CONFIG)
        assert not any(each.usual for each in found.quantisations)
        with pytest.raises(ConfigFault, match=said):
            usual(found)


def test_what_leaves_no_choice(hub: Web, tmp_path: Path) -> None:
    library = Library(tmp_path)
    for source in ("smollm2", "https://h/m.gguf", f"hf:{REPO}:Q2_K"):
        assert settled(source, library)
    assert not settled(f"hf:{REPO}", library)
    library.pull(f"hf:{REPO}:Q2_K", lambda _: None)
    assert settled(f"hf:{REPO}", library), "one of it is here"
