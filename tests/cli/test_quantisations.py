"""Which quantisation: asked at a terminal with sizes and whether each fits, else taken and said; never asked twice."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator

import pytest

from landbridge.cli import progress, quantisations
from tests.fakes.gguf_model import write_model
from tests.fakes.web import Web, serving

from .conftest import Shell

pytestmark = pytest.mark.io
REPO = "org/Tiny-GGUF"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, model: bytes) -> Iterator[Web]:
    with serving() as web:
        monkeypatch.setenv("HF_ENDPOINT", web.url)
        monkeypatch.setenv("HF_TOKEN", "")
        files = {f"tiny-{label}.gguf": model + bytes(number) for number, label in enumerate(("Q2_K", "Q4_K_M", "Q8_0"))}
        web.put_model(REPO, {**files, "mmproj-F16.gguf": b"eyes" * 200, "README.md": b"#"})
        yield web


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_model(tmp_path_factory.mktemp("model") / "m.gguf").read_bytes()


def test_without_a_terminal_the_usual_one_is_taken_and_said(shell: Shell, hub: Web) -> None:
    assert shell.models("pull", f"hf:{REPO}").code == 0
    assert shell.err.splitlines()[0] == f"landbridge: taking Q4_K_M (24 kB) of {REPO}; it also has Q2_K, Q8_0."
    assert shell.json("list")[0]["source"] == f"hf:{REPO}:Q4_K_M"
    asked = len(hub.asked)
    assert shell.models("pull", f"hf:{REPO}").out.startswith("tiny is here already")
    assert len(hub.asked) == asked, "what is here needs no network"


def test_what_was_named_is_not_asked(shell: Shell, hub: Web) -> None:
    assert shell.models("pull", f"hf:{REPO}:q8_0").code == 0
    assert "taking" not in shell.err
    assert shell.models("pull", f"hf:{REPO}:q2_k").out.startswith("tiny-q2_k is ready")


def test_what_was_begun_goes_on(shell: Shell, hub: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "PAUSES", ())
    for file in [file for path, file in hub.files.items() if path.endswith("tiny-Q8_0.gguf")]:
        file.cut = 20_000
    assert shell.models("pull", f"hf:{REPO}:Q8_0").code == 1
    for file in hub.files.values():
        file.cut = None
    assert shell.models("pull", f"hf:{REPO}").code == 0
    assert "taking Q8_0" in shell.err
    assert "going on with" in shell.err


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (f"hf:{REPO}:Q9", f"'{REPO}' has no model for Q9: Q2_K, Q4_K_M, Q8_0."),
        ("hf:org/none", "Hugging Face could not be asked for 'org/none': it answered 404"),
        (f"hf:{REPO}@v9", "could not be asked"),
    ],
)
def test_what_is_not_there(shell: Shell, hub: Web, source: str, said: str) -> None:
    assert shell.models("pull", source).code in (1, 2)
    assert said in shell.err


@pytest.mark.parametrize(("answer", "label"), [("3\n", "Q8_0"), ("\n", "Q4_K_M"), ("9\nq2_k\n", "Q2_K")])
def test_at_a_terminal_there_is_a_table_and_a_question(shell: Shell, hub: Web, answer: str, label: str) -> None:
    code, said = shell.home.at_terminal(answer, "models", "pull", f"hf:{REPO}", HF_ENDPOINT=hub.url)
    assert code == 0, said
    assert re.search(r"^2 +Q4_K_M +24 kB +yes +usual *$", said, re.MULTILINE), said
    assert "mmproj-F16.gguf (1 kB), with which it sees pictures, comes with each." in said
    assert "Which one [Q4_K_M]?" in said
    assert shell.json("list")[0]["source"] == f"hf:{REPO}:{label}"


@pytest.fixture
def sitting(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Somebody sits there, and will type that."""

    def types(answer: str) -> None:
        monkeypatch.setattr(quantisations, "somebody", lambda: True)
        monkeypatch.setattr(sys, "stdin", io.StringIO(answer))

    return types


def test_several_models_in_one_repository(shell: Shell, hub: Web, model: bytes, sitting: Callable[[str], None]) -> None:
    """None is the usual one; an empty line means none."""
    hub.put_model("org/two", {"a-Q4_K_M.gguf": model, "b-Q4_K_M.gguf": model})
    sitting("\n")
    assert shell.models("pull", "hf:org/two").code == 2
    assert "Which one? landbridge: Nothing was chosen. Say which: hf:org/two:a-Q4_K_M, for example." in shell.err
    sitting("b-q4_k_m\n")
    assert shell.models("pull", "hf:org/two").code == 0
    assert shell.json("list")[0]["source"] == "hf:org/two:b-Q4_K_M"


def test_what_does_not_fit_and_what_was_begun_is_seen(
    shell: Shell, hub: Web, monkeypatch: pytest.MonkeyPatch, sitting: Callable[[str], None]
) -> None:
    monkeypatch.setattr(progress, "PAUSES", ())
    for file in [file for path, file in hub.files.items() if path.endswith("tiny-Q2_K.gguf")]:
        file.cut = 20_000
    assert shell.models("pull", f"hf:{REPO}:Q2_K").code == 1
    shell.home.settings(1, "[engine]\nmemory_limit = 1000000\n")
    sitting("")
    assert shell.models("pull", f"hf:{REPO}").code == 2
    rows = [line.split() for line in shell.out.splitlines()]
    assert rows[1:] == [
        ["1", "Q2_K", "24", "kB", "no", "begun"],
        ["2", "Q4_K_M", "24", "kB", "no"],
        ["3", "Q8_0", "24", "kB", "no"],
    ]
    assert "Which one [Q2_K]?" in shell.err


def test_nobody_answers(shell: Shell, hub: Web) -> None:
    code, said = shell.home.at_terminal("\x04", "models", "pull", f"hf:{REPO}", HF_ENDPOINT=hub.url)
    assert code == 2
    assert "Nothing was chosen. Say which: hf:org/Tiny-GGUF:Q2_K, for example." in said
