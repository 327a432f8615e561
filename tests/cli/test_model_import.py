"""Models of other programs are shown, chosen and used where they are; their files are theirs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landbridge.engines import ollama
from tests.fakes.gguf_model import write_model, write_projector
from tests.fakes.ollama import put_ollama

from .conftest import Shell

pytestmark = pytest.mark.io


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf").read_bytes()


@pytest.fixture
def others(shell: Shell, model: bytes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ollama and LM Studio have a model each; gives LM Studio's folder."""
    monkeypatch.setattr(ollama, "SERVICE", shell.home.folder / "service")
    for name in ("OLLAMA_MODELS", "HF_HOME", "HF_HUB_CACHE", "LLAMA_CACHE"):
        monkeypatch.delenv(name, raising=False)
    put_ollama(
        shell.home.folder / ".ollama" / "models", "library/llama3.2/3b", model=model, params=b'{"num_ctx": 8192}'
    )
    place = shell.home.folder / ".lmstudio" / "models" / "pub" / "See-GGUF"
    place.mkdir(parents=True)
    (place / "See-Q4_0.gguf").write_bytes(model + b"\0")
    write_projector(place / "mmproj-F16.gguf")
    return place


def test_what_is_there_is_shown(shell: Shell, others: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "140")
    assert shell.models("import").code == 0
    lines = [" ".join(line.split()) for line in shell.out.splitlines()]
    assert lines == [
        "MODEL SIZE QUANT CONTEXT STATE FROM",
        "1 llama3.2-3b 24 kB Q4_0 4096 new Ollama llama3.2:3b",
        "2 see 24 kB Q4_0 4096 new LM Studio pub/See-GGUF/See-Q4_0.gguf",
        "",
        "'landbridge models import NAME...' imports some of them, '--all' all.",
    ]
    assert not shell.folder.exists(), "looking changes nothing"


def test_all_of_them(shell: Shell, others: Path) -> None:
    theirs = sorted((path, path.read_bytes()) for path in others.parents[3].rglob("*") if path.is_file())
    assert shell.models("import", "--all").code == 0
    assert "see is ready, used where it is" in shell.out
    assert "  Ollama gave it a context of 8192 tokens.\n" in shell.out
    rows = {row["name"]: row for row in shell.json("list")}
    assert rows["llama3.2-3b"]["source"].startswith("Ollama: /")
    assert rows["see"]["state"] == "installed"
    assert json.loads((shell.folder / "see.json").read_text())["projector"] == str(others / "mmproj-F16.gguf")
    assert sorted(path.name for path in shell.folder.iterdir()) == [".partial", "llama3.2-3b.json", "see.json"]
    assert shell.models("import", "--all").out == "Nothing is new: what was found is here already, or unusable.\n"
    assert [row["state"] for row in shell.json("import")] == ["here as llama3.2-3b", "here as see"]
    assert shell.models("rm", "llama3.2-3b").code == 0
    assert "stays" in shell.out
    assert sorted((path, path.read_bytes()) for path, _ in theirs) == theirs


def test_by_name(shell: Shell, others: Path) -> None:
    assert shell.models("import", "llama3.2:3b").out.startswith("llama3.2-3b is ready")
    assert shell.models("import", "see").code == 0
    assert shell.models("import", "see").code == 2
    assert "is here as see already" in shell.err
    assert shell.models("import", "none").code == 2
    assert "No model 'none' was found." in shell.err


def test_a_file_or_a_folder(shell: Shell, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    own = shell.home.folder / "own"
    own.mkdir()
    (own / "My Model.Q4_0.gguf").write_bytes(model)
    (own / "broken-Q8_0.gguf").write_bytes(b"<html>")
    assert [(row["name"], row["state"].split(":")[0]) for row in shell.json("import", "own")] == [
        ("broken", "unusable"),
        ("my-model", "new"),
    ]
    assert shell.models("import", "own", "--all").out.startswith("my-model is ready")
    assert shell.models("import", "own/broken-Q8_0.gguf").code == 1
    assert "looks like a web page" in shell.err
    (own / "other.bin").write_bytes(model)
    assert shell.models("import", "own/other.bin", "--name", "mine").out.startswith("mine is ready")
    assert shell.models("import", "none/x.gguf").code == 2
    assert "There is no file or folder" in shell.err
    assert shell.models("import", "own", "--name", "x").code == 2


def test_a_model_that_was_removed_there(shell: Shell, others: Path) -> None:
    shell.models("import", "see")
    (others / "See-Q4_0.gguf").unlink()
    assert shell.models("show", "see").code == 1
    assert "LM Studio's" in shell.err
    assert "is not there any more. Bring it back, or forget it: landbridge models rm see" in shell.err
    assert shell.models("rm", "see").code == 0


def test_at_a_terminal(shell: Shell, others: Path) -> None:
    code, said = shell.home.at_terminal("2\n", "models", "import")
    assert code == 0, said
    assert "Which ones (numbers or names, 'all', or nothing)?" in said
    assert "see is ready, used where it is" in said
    assert [row["name"] for row in shell.json("list") if row["state"] == "installed"] == ["see"]


def test_a_machine_without_any(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "SERVICE", shell.home.folder / "service")
    assert shell.models("import").out == "No other program's models were found; a folder can be named.\n"
    assert shell.models("import", ".").out == "No models were found.\n"
