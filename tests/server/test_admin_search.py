"""Searching over HTTP, with a hub and without; what a repository has."""

from __future__ import annotations

from pathlib import Path

import pytest

from landbridge.server.admin_search import REPOSITORY, SEARCH
from tests.fakes.gguf_model import write_model
from tests.fakes.hub import put_search
from tests.fakes.running import Running
from tests.fakes.web import Web

pytestmark = [pytest.mark.io, pytest.mark.anyio]
REPO = "org/Tiny-GGUF"


async def test_what_is_found(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    monkeypatch.setenv("HOME", str(tmp_path))
    put_search(web, [{"id": "org/Smol-GGUF", "downloads": 5, "siblings": [{"rfilename": "a-Q4_K_M.gguf"}]}])
    async with Running(tmp_path) as running:
        found = (await running.get(f"{SEARCH}?words=smol")).json
        assert [each["name"] for each in found["here"]] == ["smollm2"]
        (hit,) = found["hub"]
        assert (hit["source"], hit["quantizations"], found["trouble"]) == ("hf:org/Smol-GGUF", ["Q4_K_M"], "")
        assert (await running.get(f"{SEARCH}?words=smol&hub=false")).json["hub"] == []
        assert (await running.get(f"{SEARCH}?words=%20")).status == 400
        assert (await running.get(f"{SEARCH}?words=x&limit=0")).status == 400
        monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
        alone = (await running.get(f"{SEARCH}?words=smol")).json
        assert [each["name"] for each in alone["here"]] == ["smollm2"]
        assert "Hugging Face could not be asked" in alone["trouble"]


async def test_what_a_repository_has(tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    model = write_model(tmp_path / "m.gguf").read_bytes()
    web.put_model(REPO, {"t-Q4_K_M.gguf": model, "t-Q8_0.gguf": model + b"0", "mmproj-F16.gguf": b"eyes" * 200})
    async with Running(tmp_path) as running:
        found = (await running.get(f"{REPOSITORY}?source=https://huggingface.co/{REPO}")).json
        rows = [(each["label"], each["usual"], each["fit"]["fits"]) for each in found["quantisations"]]
        assert rows == [("Q4_K_M", True, "yes"), ("Q8_0", False, "yes")]
        assert found["quantisations"][0]["source"] == f"hf:{REPO}:Q4_K_M"
        assert found["projector"] == "mmproj-F16.gguf"
        assert (await running.get(f"{REPOSITORY}?source=smollm2")).status == 400
        missing = await running.get(f"{REPOSITORY}?source=hf:org/none")
        assert "org/none" in missing.json["error"]["message"]
