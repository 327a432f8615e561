"""What other programs have is found where they keep it, each file once, and can be called something."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.engines import ollama
from landbridge.engines.elsewhere import Found, find_all, find_in, name_for
from landbridge.engines.manifest import is_name
from tests.fakes.ollama import put_ollama

DATA = b"GGUF weights"


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ollama, "SERVICE", tmp_path / "service")


def put(path: Path, data: bytes = DATA) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def put_hub(top: Path, repository: str, files: dict[str, bytes], commit: str = "c1", main: bool = True) -> None:
    """The Hugging Face cache: blobs, and snapshots of links to them."""
    place = top / f"models--{repository.replace('/', '--')}"
    for name, data in files.items():
        blob = put(place / "blobs" / hashlib.sha256(data).hexdigest(), data)
        link = place / "snapshots" / commit / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    if main:
        put(place / "refs" / "main", commit.encode())


@pytest.mark.io
def test_lm_studio(tmp_path: Path) -> None:
    place = tmp_path / ".lmstudio" / "models" / "pub" / "Gemma-3-4B-it-GGUF"
    model = put(place / "gemma-3-4b-it-Q4_K_M.gguf")
    eyes = put(place / "mmproj-model-f16.gguf", b"eyes")
    old = put(tmp_path / ".cache" / "lm-studio" / "models" / "p" / "r" / "old.gguf")
    assert find_all({}, tmp_path) == [
        Found(
            tool="LM Studio",
            label="pub/Gemma-3-4B-it-GGUF/gemma-3-4b-it-Q4_K_M.gguf",
            path=model,
            size=len(DATA),
            names=("gemma-3-4b-it", "gemma-3-4b-it-q4_k_m"),
            projector=eyes,
        ),
        Found(tool="LM Studio", label="p/r/old.gguf", path=old, size=len(DATA), names=("old",)),
    ]


@pytest.mark.io
def test_lm_studio_elsewhere(tmp_path: Path) -> None:
    """Its home can be moved, and so can its models."""
    put(tmp_path / ".lmstudio-home-pointer", f"{tmp_path / 'moved'}\n".encode())
    put(tmp_path / "moved" / "settings.json", f'{{"downloadsFolder": "{tmp_path / "big"}", "more": 1}}'.encode())
    put(tmp_path / ".lmstudio" / "settings.json", b"{")
    inside, big = put(tmp_path / "moved" / "models" / "a.gguf"), put(tmp_path / "big" / "p" / "b.gguf")
    assert [model.path for model in find_all({}, tmp_path)] == [inside, big]


@pytest.mark.io
def test_the_hugging_face_cache(tmp_path: Path) -> None:
    top = tmp_path / ".cache" / "huggingface" / "hub"
    files = {"sub/tiny-Q4_0.gguf": b"four", "tiny-Q8_0.gguf": b"eight", "README.md": b"#"}
    put_hub(top, "org/Tiny-GGUF", files)
    put_hub(top, "org/Tiny-GGUF", {"tiny-Q8_0.gguf": b"eight", "old.gguf": b"old"}, commit="c0", main=False)
    found = find_all({}, tmp_path)
    assert [(model.label, model.path.relative_to(top).parts[2], model.path.read_bytes()) for model in found] == [
        ("org/Tiny-GGUF:Q8_0", "c1", b"eight"),
        ("org/Tiny-GGUF:Q4_0", "c1", b"four"),
        ("org/Tiny-GGUF:old.gguf", "c0", b"old"),
    ]
    assert found[0].sha256 == hashlib.sha256(b"eight").hexdigest()
    assert [model.names for model in found] == [("tiny", "tiny-q8_0"), ("tiny", "tiny-q4_0"), ("tiny", "old")]
    assert {model.tool for model in found} == {"Hugging Face cache"}


@pytest.mark.io
@pytest.mark.parametrize(
    ("env", "place"),
    [("HF_HOME", "h/hub"), ("HF_HUB_CACHE", "h"), ("XDG_CACHE_HOME", "h/huggingface/hub")],
)
def test_the_cache_elsewhere(tmp_path: Path, env: str, place: str) -> None:
    put_hub(tmp_path / place, "org/tiny", {"m.gguf": DATA})
    assert len(find_all({env: str(tmp_path / "h")}, tmp_path)) == 1


@pytest.mark.io
def test_llama_cpp(tmp_path: Path) -> None:
    """All in one folder, with the repository in the name; eyes go with their own model."""
    place = tmp_path / ".cache" / "llama.cpp"
    put(place / "ggml-org_gemma-3-1b-it-GGUF_gemma-3-1b-it-Q4_K_M.gguf", b"one")
    put(place / "ggml-org_gemma-3-4b-it-GGUF_gemma-3-4b-it-Q4_K_M.gguf", b"four")
    put(place / "ggml-org_gemma-3-4b-it-GGUF_mmproj-model-f16.gguf", b"eyes")
    own = put(tmp_path / "own" / "m.gguf")
    found = find_all({"LLAMA_CACHE": str(tmp_path / "own")}, tmp_path)
    assert [(model.names[0], model.projector is not None) for model in found] == [
        ("m", False),
        ("gemma-3-1b-it", False),
        ("gemma-3-4b-it", True),
    ]
    assert found[0].path == own
    assert {model.tool for model in found} == {"llama.cpp"}


@pytest.mark.io
def test_ollama(tmp_path: Path) -> None:
    blobs = put_ollama(
        tmp_path / ".ollama" / "models", "library/llama3.2/latest", model=DATA, params=b'{"num_ctx": 4096}'
    )
    put_ollama(tmp_path / ".ollama" / "models", "library/llama3.2/3b", model=DATA)
    put_ollama(tmp_path / ".ollama" / "models", "library/tuned/1", model=b"other", adapter=b"lora")
    found = find_all({}, tmp_path)
    assert [(model.label, model.names) for model in found] == [
        ("llama3.2:3b", ("llama3.2-3b",)),
        ("tuned:1", ("tuned-1",)),
    ], "one file is one model"
    assert found[0].path == blobs["model"]
    assert found[1].note == "its adapter is left out"


@pytest.mark.io
def test_a_folder(tmp_path: Path) -> None:
    for number in (1, 2):
        put(tmp_path / "a" / f"Big-Q8_0-0000{number}-of-00002.gguf", b"x" * number)
    put(tmp_path / "b" / "one-Q4_0.gguf", b"1")
    put(tmp_path / "b" / "two-Q4_0.gguf", b"2")
    put(tmp_path / "b" / "mmproj-F16.gguf", b"whose?")
    put(tmp_path / "half-00001-of-00002.gguf")
    (tmp_path / "link.gguf").symlink_to(tmp_path / "b" / "one-Q4_0.gguf")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = {model.label: model for model in find_in(tmp_path)}
    assert set(found) == {"link.gguf", "a/Big-Q8_0-00001-of-00002.gguf", "b/two-Q4_0.gguf"}
    big = found["a/Big-Q8_0-00001-of-00002.gguf"]
    assert (big.size, big.names, big.tool) == (3, ("big", "big-q8_0"), "")
    assert found["b/two-Q4_0.gguf"].projector is None, "it may be the other's"
    assert find_in(tmp_path / "none") == []


@pytest.mark.io
def test_a_machine_with_nothing(tmp_path: Path) -> None:
    assert find_all({}, tmp_path) == []


def test_names_that_are_free() -> None:
    model = Found("Ollama", "m:1", Path("/m"), 1, ("m", "m-q4"))
    assert name_for(model, set()) == "m"
    assert name_for(model, {"m"}) == "m-q4"
    assert name_for(model, {"m", "m-q4"}) == "m-q4-2"
    assert name_for(model, {"m", "m-q4", "m-q4-2", "m-q4-3"}) == "m-q4-4"


@pytest.mark.io
@given(stem=st.text(alphabet="aQ4_0-. äß:/\\~", min_size=1, max_size=20))
def test_any_file_can_be_called_something(stem: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    try:
        (folder / f"{stem}.gguf").write_bytes(b"x")
    except OSError:
        return
    for model in find_in(folder):
        assert all(is_name(name) for name in model.names)
