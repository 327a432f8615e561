"""`landbridge models` as a tired user meets it: what is here, what can be had, what went wrong and what to do."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys

import pytest

from landbridge.cli import progress
from tests.fakes.gguf_model import write_model
from tests.fakes.router import FakeRouter
from tests.fakes.web import Web

from .conftest import Shell

pytestmark = pytest.mark.io


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf", tensors=200).read_bytes()


@pytest.fixture
def tiny(shell: Shell, web: Web, model: bytes) -> str:
    """A model that is here; gives where it is from."""
    source = web.put("/tiny.gguf", model)
    assert shell.models("pull", source).code == 0
    return source


def test_a_new_machine(shell: Shell) -> None:
    """What can be had, how large it is, and how to get it."""
    assert shell.models("list").code == 0
    assert shell.err == ""
    lines = shell.out.splitlines()
    assert lines[0].split() == ["MODEL", "SIZE", "QUANT", "CONTEXT", "FITS", "STATE", "FROM"]
    assert lines[1].split()[:5] == ["smollm2", "98", "MB", "yes", "available"]
    assert lines[-1] == "'landbridge models pull NAME' fetches one."
    assert not any(line.split(".")[0].strip() in ("5b", "0") for line in lines), "names are in one piece"
    assert not shell.home.data.exists(), "looking changes nothing"


def test_what_is_here(shell: Shell, tiny: str, model: bytes) -> None:
    assert shell.models("list").code == 0
    (line,) = [line for line in shell.out.splitlines() if line.startswith("tiny")]
    assert line.split()[:7] == ["tiny", "2", "MB", "Q4_0", "4096", "yes", "installed"]
    row = {row["name"]: row for row in shell.json("list")}
    assert row["tiny"] == {
        "name": "tiny",
        "size": len(model),
        "quantization": "Q4_0",
        "context": 4096,
        "fits": "yes",
        "state": "installed",
        "source": tiny,
    }
    assert row["smollm2"]["state"] == "available"


def test_names_and_paths_are_printed_as_they_are(shell: Shell, model: bytes) -> None:
    """Brackets are no markup, and no letter is lost at the edge of a narrow terminal."""
    shell.folder.mkdir(parents=True)
    (shell.folder / "a [red]name :smile:.gguf").write_bytes(model)
    shell.models("list")
    assert "a [red]name :smile:" in shell.out


def test_a_damaged_model_is_listed_with_its_trouble(shell: Shell, tiny: str) -> None:
    (shell.folder / "tiny.gguf").write_bytes(b"<!doctype html>")
    assert shell.models("list").code == 0
    said = " ".join(shell.out.split())
    assert "unusable: " in said
    assert shell.models("show", "tiny").code == 1
    assert "web page" in shell.err
    assert shell.models("pull", tiny).code == 0
    assert shell.out.startswith("tiny is ready")
    (shell.folder / "tiny.gguf").write_bytes(b"<!doctype html>")
    assert shell.models("rm", "tiny").code == 0
    assert shell.out == "tiny is removed; 0 kB are free again.\n"


def test_pulling(shell: Shell, web: Web, model: bytes) -> None:
    sha256 = hashlib.sha256(model).hexdigest()
    source = web.put("/Tiny.gguf", model)
    assert shell.models("pull", source, "--name", "mine").code == 0
    assert shell.out == f"mine is ready: 2 MB, Q4_0, sha256 {sha256[:12]}....\n"
    assert "landbridge: fetching mine: 100% of 2 MB\n" in shell.err
    assert shell.models("pull", source, "--name", "mine").code == 0
    assert shell.out == f"mine is here already ({shell.folder / 'mine.gguf'}).\n"
    assert shell.err == ""
    assert shell.json("pull", source, "--name", "mine") == {
        "name": "mine",
        "path": str(shell.folder / "mine.gguf"),
        "size": len(model),
        "sha256": sha256,
        "source": source,
        "licence": "",
        "architecture": "llama",
        "parameters": 200 * 64 * 32,
        "quantization": "Q4_0",
        "context_length": 4096,
    }


def test_a_file_that_is_used_where_it_is(shell: Shell, model: bytes) -> None:
    own = shell.home.folder / "own.gguf"
    own.write_bytes(model)
    assert shell.models("pull", "./own.gguf").code == 0
    assert shell.out == f"own is ready: 2 MB, Q4_0, used where it is ({own}).\n"
    assert shell.models("rm", "own").code == 0
    assert shell.out == f"own is forgotten; the file {own} stays.\n"
    assert own.read_bytes() == model


def test_the_settings_may_say_where_a_model_comes_from(shell: Shell, web: Web, model: bytes) -> None:
    shell.home.settings(1, f'[models.house]\nsource = "{web.put("/x/y.gguf", model)}"\n')
    assert shell.models("pull", "house").code == 0
    assert shell.out.startswith("house is ready")
    assert shell.json("show", "house")["source"] == f"{web.url}/x/y.gguf"
    assert shell.models("pull", "house").out.startswith("house is here already")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["pull", "smolm2"], 2, "'smolm2' is neither a model of the catalogue nor a source. Did you mean smollm2?"),
        (["pull", "zzzz"], 2, "Sources are hf:org/repo"),
        (["pull", "/none/m.gguf"], 1, "There is no file /none/m.gguf. Check the path."),
        (["pull", "hf:repo"], 2, "names no repository"),
        (["pull", "pypi:a b"], 2, "names no package"),
        (["pull", "/none/m.gguf", "--name", "../x"], 2, "'../x' cannot be a model's name."),
        (["pull", "http://127.0.0.1:9/m.gguf"], 1, "broke off"),
        (["show", "smolm2"], 1, "There is no local model 'smolm2'. Did you mean smollm2?"),
        (["show", "smollm2"], 1, "There is no local model 'smollm2'. Fetch it: landbridge models pull smollm2"),
        (["rm", "smollm2"], 1, "There is no local model 'smollm2'."),
        (["rm", "../.."], 1, "There is no local model '../..'."),
        (["pull"], 2, "--help"),
        (["fetch"], 2, "fetch"),
        (["list", "--color"], 2, "--color"),
    ],
)
def test_what_goes_wrong_is_one_sentence_and_a_code(shell: Shell, words: list[str], code: int, said: str) -> None:
    assert shell.models(*words).code == code
    assert shell.out == ""
    assert shell.err.count("\n") == 1
    assert shell.err.startswith("landbridge: ")
    assert said in shell.err


@pytest.mark.parametrize("sha256", ["abc", "g" * 64, "0" * 63])
def test_what_is_no_sum(shell: Shell, sha256: str) -> None:
    assert shell.models("pull", "smollm2", "--sha256", sha256).code == 2
    assert "is no sha256" in shell.err


def test_a_sum_the_user_knows(shell: Shell, web: Web, model: bytes) -> None:
    source = web.put("/tiny.gguf", model)
    assert shell.models("pull", source, "--sha256", "0" * 64).code == 1
    assert "its sha256 is" in shell.err
    assert shell.json("list")[0]["state"] == "available", "nothing is there"
    assert shell.models("pull", source, "--sha256", hashlib.sha256(model).hexdigest()).code == 0


def test_a_loaded_model_is_not_removed_by_accident(shell: Shell, tiny: str, router: FakeRouter) -> None:
    shell.home.settings(router.port)
    router.answer("/api/v1/engines", 200, {"engines": [{"name": "tiny", "state": "ready", "pid": 7}]})
    assert shell.models("rm", "tiny").code == 1
    assert shell.err == (
        "landbridge: 'tiny' is loaded by the router that runs. "
        "Unload it first (landbridge unload tiny), or remove it all the same with --force.\n"
    )
    row = next(row for row in shell.json("list") if row["name"] == "tiny")
    assert (row["state"], row["fits"]) == ("loaded", "yes")
    assert shell.models("rm", "tiny", "--force").code == 0
    assert shell.out.startswith("tiny is removed")


def test_eyes_are_told_of(shell: Shell, web: Web, model: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", web.url)
    web.put_model("org/See-GGUF", {"see-Q4_0.gguf": model, "mmproj-F16.gguf": b"eyes"})
    assert shell.models("pull", "hf:org/See-GGUF").code == 0
    assert shell.out.splitlines()[1] == "It sees pictures with mmproj-F16.gguf."
    assert next(row for row in shell.json("list") if row["name"] == "see")["source"] == "hf:org/See-GGUF:Q4_0"


def test_broken_settings(shell: Shell) -> None:
    shell.home.config.write_text("[models.m]\ncontext = 'large'")
    for words in (["pull", "smollm2"], ["show", "m"]):
        assert shell.models(*words).code == 2
        assert "context" in shell.err
    assert shell.models("list").code == 0, "models can be seen all the same"


def test_removing(shell: Shell, tiny: str, model: bytes) -> None:
    assert shell.models("rm", "tiny").code == 0
    assert shell.out == "tiny is removed; 2 MB are free again.\n"
    assert shell.models("rm", "tiny").code == 1
    shell.models("pull", tiny)
    freed = shell.json("rm", "tiny")
    assert freed["name"] == "tiny"
    assert freed["freed"] >= len(model)
    assert list(shell.folder.glob("*")) == [shell.folder / ".partial"]


def test_an_interrupted_fetch_can_be_seen_and_given_up(
    shell: Shell, web: Web, model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "PAUSES", ())
    source = web.put("/tiny.gguf", model, cut=1_000_000)
    assert shell.models("pull", source).code == 1
    assert "goes on where it stopped" in shell.err
    row = next(row for row in shell.json("list") if row["name"] == "tiny")
    assert row["state"] == "interrupted, 1 MB have come"
    shell.models("list")
    assert "interrupted" in shell.out
    assert shell.models("rm", "tiny").code == 0
    assert shell.out == "tiny is removed; 1 MB are free again.\n"


def test_showing(shell: Shell, tiny: str, model: bytes) -> None:
    shell.home.settings(1, "[engine]\nmemory_limit = 2000000000\n[models.tiny]\nthreads = 3\n")
    assert shell.models("show", "tiny").code == 0
    assert shell.out.splitlines()[:6] == [
        "model        tiny (Tiny)",
        f"file         {shell.folder / 'tiny.gguf'} (2 MB, Q4_0)",
        f"source       {tiny}",
        "licence      unknown",
        "weights      0 million",
        "trained for  4096 tokens",
    ]
    shown = shell.json("show", "tiny")
    assert (shown["plan"]["context"], shown["plan"]["threads"]) == (4096, 3)
    assert shown["plan"]["memory"] > len(model)
    assert shown["trouble"] == ""
    assert shown["name"] == "tiny"


def test_showing_what_does_not_fit(shell: Shell, tiny: str) -> None:
    """What is known is shown all the same, with the reason and the way out."""
    shell.home.settings(1, "[engine]\nmemory_limit = 1000000\n")
    assert shell.models("show", "tiny").code == 0
    lines = shell.out.splitlines()
    assert "trained for  4096 tokens" in lines
    assert any(line.startswith("runs         not now: Model 'tiny': The model needs 0.2 GiB") for line in lines)
    shown = shell.json("show", "tiny")
    assert shown["plan"] is None
    assert "engine.memory_limit" in shown["trouble"]


def test_another_data_folder(shell: Shell, model: bytes, web: Web) -> None:
    other = shell.home.folder / "other"
    assert shell.models("pull", web.put("/tiny.gguf", model), "--data-dir", str(other)).code == 0
    assert (other / "models" / "tiny.gguf").exists()
    assert not shell.folder.exists()
    assert shell.json("list", "--data-dir", str(other))[0]["name"] == "tiny"


def test_ctrl_c_keeps_what_has_come(shell: Shell, web: Web, model: bytes) -> None:
    source = web.put("/tiny.gguf", model, hold=1_500_000, etag='"1"')
    command = [sys.executable, "-m", "landbridge", "models", "pull", source]
    process = subprocess.Popen(command, env=shell.home.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert any("90%" in line for line in process.stderr)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out == ""
    assert err == "landbridge: interrupted; what has come so far is kept, and the same command goes on from there.\n"
    web.go_on.set()
    web.put("/tiny.gguf", model, etag='"1"')
    assert shell.models("pull", source).code == 0
    assert web.asked[-1].headers["range"].startswith("bytes=")


def test_a_reader_that_leaves_is_no_error(shell: Shell) -> None:
    script = f"{sys.executable} -m landbridge models list --json | head -c 1 >/dev/null"
    said = subprocess.run(["/bin/sh", "-c", script], env=shell.home.env, capture_output=True, text=True)
    assert said.stderr == ""
