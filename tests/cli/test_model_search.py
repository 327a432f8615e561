"""What a search shows: the hub's repositories, and what is here; offline the latter all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from landbridge.cli.model_search import count_text
from tests.fakes.hub import put_search
from tests.fakes.ollama import put_ollama
from tests.fakes.web import Web, serving

from .conftest import Shell

ROWS = [
    {"id": "Qwen/Qwen-Coder-GGUF", "downloads": 1_234_567, "likes": 560, "lastModified": "2026-05-04T10:20:30.000Z",
     "siblings": [{"rfilename": f"q-{label}.gguf"} for label in
                  ("Q2_K", "Q3_K_M", "Q4_0", "Q4_K_M", "Q5_K_M", "Q6_K", "Q8_0", "F16")]},
    {"id": "other/qwen-coder", "downloads": 12, "gated": "auto", "siblings": [{"rfilename": "model.gguf"}]},
    {"id": "other/llama", "downloads": 10**9},
]  # fmt: skip


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Web]:
    with serving() as web:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
        monkeypatch.setenv("HF_TOKEN", "")
        put_search(web, ROWS)
        yield web


@pytest.mark.io
def test_a_search(shell: Shell, hub: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert shell.models("search", "qwen", "coder").code == 0
    assert shell.err == ""
    lines = [" ".join(line.split()) for line in shell.out.splitlines()]
    assert lines[0] == "MODEL STATE ABOUT"
    assert lines[1].startswith("qwen2.5-coder-0.5b available Qwen2.5 Coder 0.5B Instruct.")
    assert lines[3:7] == [
        "",
        "REPOSITORY DOWNLOADS LIKES UPDATED QUANTISATIONS",
        "Qwen/Qwen-Coder-GGUF 1.2M 560 2026-05-04 F16, Q2_K, Q3_K_M, Q4_0, Q4_K_M, Q5_K_M and 2 more",
        "other/qwen-coder 12 0 terms to accept; model",
    ]
    assert "landbridge models pull hf:REPOSITORY" in lines[-1]


@pytest.mark.io
def test_for_programs(shell: Shell, hub: Web) -> None:
    found = shell.json("search", "qwen coder", "--limit", "1")
    assert [row["name"] for row in found["here"]] == ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]
    assert found["trouble"] == ""
    (row,) = found["hub"]
    assert (row["source"], row["downloads"], row["gated"]) == ("hf:Qwen/Qwen-Coder-GGUF", 1_234_567, False)
    assert len(row["quantizations"]) == 8


@pytest.mark.io
def test_offline_what_is_here_is_shown_all_the_same(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    assert shell.models("search", "smollm").code == 0
    assert "smollm2" in shell.out
    assert "Hugging Face could not be asked for 'smollm'" in shell.err
    assert shell.models("search", "zzz").code == 1
    assert shell.out == ""


@pytest.mark.io
def test_what_other_programs_have(shell: Shell, hub: Web) -> None:
    put_ollama(shell.home.folder / ".ollama" / "models", "library/qwen-coder/7b", model=b"GGUF")
    assert shell.json("search", "qwen-coder")["here"] == [
        {"name": "qwen-coder:7b", "state": "to import", "about": "Ollama"}
    ]
    assert "'landbridge models import NAME' uses what another program has." in shell.models("search", "qwen-coder").out


@pytest.mark.io
def test_nothing_found(shell: Shell, hub: Web) -> None:
    assert shell.models("search", "zzz").code == 0
    assert shell.out == "Nothing is called 'zzz'.\n"
    assert shell.models("search").code == 2
    assert "There is nothing to search for." in shell.err


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1k"), (999_499, "999k"), (999_500, "1.0M"), (12_345_678, "12.3M")],
)
def test_counts(count: int, text: str) -> None:
    assert count_text(count) == text
