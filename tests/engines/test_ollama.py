"""Ollama's store as it is on disk: what `ollama list` shows, and where each model's file is."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from landbridge.engines import ollama as module
from landbridge.engines.ollama import Blobs, ollama_models
from tests.fakes.ollama import put_ollama

pytestmark = pytest.mark.io
DATA = b"GGUF weights"
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def no_service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "SERVICE", tmp_path / "service")


def found(home: Path, **env: str) -> list[Blobs]:
    return list(ollama_models(env, home))


def test_a_model(tmp_path: Path) -> None:
    store = tmp_path / ".ollama" / "models"
    put_ollama(
        store,
        "library/llama3.2/3b",
        model=DATA,
        license=b"\n  LLAMA 3.2 COMMUNITY LICENSE\nmore",
        params=b'{"num_ctx": 8192, "stop": ["<|eot|>"]}',
        template=b"{{ .Prompt }}",
    )
    assert found(tmp_path) == [
        Blobs(
            label="llama3.2:3b",
            names=("llama3.2-3b",),
            path=store / "blobs" / f"sha256-{SHA256}",
            size=len(DATA),
            sha256=SHA256,
            licence="LLAMA 3.2 COMMUNITY LICENSE",
            context=8192,
        )
    ]


@pytest.mark.parametrize(
    ("place", "label", "names"),
    [
        ("library/qwen2.5/latest", "qwen2.5:latest", ("qwen2.5", "qwen2.5-latest")),
        ("jane/my-model/7b", "jane/my-model:7b", ("my-model-7b",)),
    ],
)
def test_names(tmp_path: Path, place: str, label: str, names: tuple[str, ...]) -> None:
    put_ollama(tmp_path / ".ollama" / "models", place, model=DATA)
    assert [(model.label, model.names) for model in found(tmp_path)] == [(label, names)]


def test_from_another_hub(tmp_path: Path) -> None:
    put_ollama(tmp_path / ".ollama" / "models", "org/Repo-GGUF/Q4_K_M", host="hf.co", model=DATA)
    assert [model.label for model in found(tmp_path)] == ["hf.co/org/Repo-GGUF:Q4_K_M"]


def test_eyes_and_adapters(tmp_path: Path) -> None:
    store = tmp_path / ".ollama" / "models"
    put_ollama(store, "library/llava/7b", model=DATA, projector=b"eyes", adapter=b"lora")
    (model,) = found(tmp_path)
    assert model.projector == store / "blobs" / f"sha256-{hashlib.sha256(b'eyes').hexdigest()}"
    assert model.adapted


def test_every_store_and_every_form_of_it(tmp_path: Path) -> None:
    """The user's, the service's, the one the environment names; older names of blobs, newer names of manifests."""
    put_ollama(tmp_path / "own", "library/a/1", model=b"a")
    put_ollama(tmp_path / ".ollama" / "models", "library/b/1", model=b"b", colons=True)
    put_ollama(tmp_path / "service", "library/c/1", model=b"c", manifests="manifests-v2")
    models = found(tmp_path, OLLAMA_MODELS=str(tmp_path / "own"))
    assert [(model.label, model.path.read_bytes()) for model in models] == [("a:1", b"a"), ("b:1", b"b"), ("c:1", b"c")]


def layers(*kinds: tuple[str, str]) -> bytes:
    media = "application/vnd.ollama.image"
    return json.dumps(
        {"layers": [{"mediaType": f"{media}.{kind}", "digest": digest} for kind, digest in kinds]}
    ).encode()


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"{",
        b"[]",
        b'{"layers": 7}',
        b"{}",
        layers(("model", "sha256:../../x")),
        layers(("tensor", f"sha256:{SHA256}")),
        layers(("model", f"sha256:{SHA256}"), ("model", f"sha256:{SHA256}")),
    ],
)
def test_what_is_no_model(tmp_path: Path, manifest: bytes) -> None:
    path = tmp_path / ".ollama" / "models" / "manifests" / "registry.ollama.ai" / "library" / "x" / "1"
    path.parent.mkdir(parents=True)
    path.write_bytes(manifest)
    (path.parents[3] / ".DS_Store").write_bytes(b"x")
    assert found(tmp_path) == []


def test_no_ollama(tmp_path: Path) -> None:
    assert found(tmp_path) == []
