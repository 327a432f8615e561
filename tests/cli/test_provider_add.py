"""`landbridge providers add` and `key`, as a user runs them against a provider that checks keys."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

import keyring
import pytest
from msgspec import Struct

from landbridge.cli.main import main
from tests.cli.conftest import Home
from tests.fakes.keychain import folder, instead, nothing
from tests.fakes.provider import chat_error, error
from tests.fakes.strict import KEY, Strict, in_thread
from tests.fakes.terminal import in_conversation

pytestmark = pytest.mark.io

NO_KEYCHAIN = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


def settings(home: Home) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(home.config.read_text()).get("providers", {})
    return found


class Done(Struct):
    code: int
    out: str
    err: str


class Line:
    """Commands in this process, with the machine's keychain out of reach."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def __call__(self, *words: str, typed: str = "", **env: str) -> Done:
        with self._monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", io.StringIO(typed))
            for name, value in env.items():
                patch.setenv(name, value)
            code = main(["providers", *words])
        out, err = self._capsys.readouterr()
        assert "Unexpected error" not in err
        return Done(code, out, err)


@pytest.fixture
def run(home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Line]:
    with instead(nothing()):
        yield Line(monkeypatch, capsys)


def talk(home: Home, steps: list[tuple[str, str]], *words: str, **env: str) -> tuple[int, str]:
    env = {**home.env, **NO_KEYCHAIN, "COLUMNS": "200", "NO_PROXY": "127.0.0.1", **env}
    return in_conversation("-m", "landbridge", "providers", *words, env=env, steps=steps, cwd=home.folder)


def nowhere_in_plain(home: Home, *secrets: str) -> None:
    for path in home.folder.rglob("*"):
        if path.is_file():
            assert not any(secret.encode() in path.read_bytes() for secret in secrets), path


def test_a_bad_key_then_a_good_one_at_a_terminal(home: Home) -> None:
    home.config.write_text("# mine\n[listeners.router] # every API\nport = 1\n")
    with in_thread(Strict(models=("alpha", "beta"))) as server:
        steps = [
            ("Number or name:", "other-openai_chat\n"),
            ("called NAME/model):", "lab\n"),
            ("llm.example/v1):", f"{server.url}/v1\n"),
            ("Key (hidden", "sk-bad-1\n"),
            ("or quit?", "\n"),
            ("Key (hidden", f"{KEY}\n"),
        ]
        code, seen = talk(home, steps, "add")
    assert code == 0, seen
    assert "lab does not work: provider:lab refused its API key: Incorrect API key provided." in seen
    assert "lab works: it takes the key and lists 2 models." in seen
    assert "lab/alpha\nlab/beta" in seen
    assert "try: landbridge launch claude --model lab/alpha" in seen
    assert f"its key in the encrypted file {home.data / 'keys.enc'}" in seen
    assert KEY not in seen and "sk-bad-1" not in seen
    assert settings(home) == {
        "lab": {"dialect": "openai_chat", "base_url": f"{server.url}/v1", "api_key": "keyring:lab"}
    }
    assert home.config.read_text().startswith("# mine\n[listeners.router] # every API\nport = 1\n")
    nowhere_in_plain(home, KEY, "sk-bad-1")


def test_flags_and_a_systems_keychain_and_a_list_for_programs(home: Home, run: Line) -> None:
    entries = home.folder / "chain"
    entries.mkdir()
    keyring.set_keyring(folder())
    system = {"TEST_KEYCHAIN": str(entries)}
    with in_thread(Strict()) as server:
        words = ("add", "lab", "--base-url", f"{server.url}/v1", "--dialect", "openai_chat", "--api-key-stdin")
        done = run(*words, "--json", typed=f"{KEY}\n", **system)
        assert done.code == 0, done.err
        found = json.loads(done.out)
        assert (found["ok"], found["saved"], found["models"], found["proof"]) == (True, True, ["m"], "list")
        assert (entries / "landbridge-lab").read_text() == KEY
        assert not (home.data / "keys.enc").exists()
        tried = run("test", "lab", **system)
    assert (tried.code, tried.out) == (0, "lab/m\n")
    assert KEY not in done.out + done.err + home.config.read_text() + tried.err


def test_what_does_not_work_is_not_saved_unless_that_is_wished(home: Home, run: Line) -> None:
    with in_thread(Strict()) as server:
        words = ("add", "lab", "--base-url", f"{server.url}/v1", "--dialect", "openai_chat", "--api-key-env", "LAB")
        done = run(*words, LAB="sk-bad")
        assert (done.code, home.config.exists()) == (1, False)
        assert "Incorrect API key provided." in done.err and "nothing was saved" in done.err
        done = run(*words, "--yes", LAB="sk-bad")
    assert done.code == 1
    assert settings(home)["lab"]["api_key"] == "${LAB}"
    assert "sk-bad" not in done.err + done.out


def test_somebody_can_mend_it_or_keep_it_as_it_is(home: Home) -> None:
    words = ("add", "lab", "--base-url", "http://127.0.0.1:1/v1", "--dialect", "openai_chat", "--api-key-env", "K")
    address = ("Address [http://127.0.0.1:1/v1]:", "http://127.0.0.1:2/v1\n")
    steps = [
        ("or quit?", "address\n"),
        address,
        ("or quit?", "models\n"),
        ("ask for any):", "a b\n"),
        ("or quit?", "keep\n"),
    ]
    code, seen = talk(home, steps, *words, K=KEY)
    assert code == 1
    assert "Cannot connect to 127.0.0.1:1" in seen and "Cannot connect to 127.0.0.1:2" in seen
    assert (settings(home)["lab"]["base_url"], settings(home)["lab"]["models"]) == ("http://127.0.0.1:2/v1", ["a", "b"])


def test_where_there_is_no_list_a_named_model_is_asked(home: Home, run: Line) -> None:
    with in_thread(Strict(has_list=False)) as server:
        words = ("add", "az", "--preset", "azure", "--base-url", f"{server.url}/v1", "--api-key-env", "K")
        done = run(*words, "--models", "gpt-a", "gpt-b", "--yes", K=KEY)
        assert done.code == 1, "Azure sends its key in another header"
        bearer = ("add", "lab", "--base-url", f"{server.url}/v1", "--dialect", "openai_chat", "--api-key-env", "K")
        done = run(*bearer, "--models", "gpt-a", K=KEY)
    assert done.code == 0, done.err
    assert "lab works: gpt-a answered." in done.err
    assert settings(home)["lab"]["models"] == ["gpt-a"]
    assert settings(home)["az"]["models"] == ["gpt-a", "gpt-b"]


def test_another_key_is_tried_before_it_counts(home: Home, run: Line) -> None:
    with in_thread(Strict()) as server:
        home.settings(
            1, f'[providers.lab] # mine\ndialect = "openai_chat"\nbase_url = "{server.url}/v1"\napi_key = "${{OLD}}"\n'
        )
        before = home.config.read_text()
        done = run("key", "lab", "--api-key-stdin", typed="sk-bad\n")
        assert done.code == 1
        assert "Incorrect API key provided." in done.err and "the key was not changed" in done.err
        assert home.config.read_text() == before and not (home.data / "keys.enc").exists()
        code, seen = talk(home, [("Key (hidden", f"{KEY}\n")], "key", "lab")
        assert code == 0 and "lab has another key now" in seen and KEY not in seen
        assert home.config.read_text() == before.replace("${OLD}", "keyring:lab")
        assert (home.data / "keys.changed").exists(), "a running router is told"
        assert run("test", "lab").code == 0
    nowhere_in_plain(home, KEY, "sk-bad")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("key", "lap"), "There is no provider 'lap' in the settings. There are: lab."),
        (("key", "lab"), "No key was given. Say --api-key-env"),
        (("add", "lab", "--preset", "groq", "--api-key-env", "X"), "There is a provider 'lab' already."),
        (("add", "a b", "--preset", "ollama"), "is no name"),
        (("add", "local", "--preset", "ollama"), "a provider cannot be named 'local'"),
        (("add",), "Which provider? Say --preset NAME"),
    ],
)
def test_what_cannot_be_done_is_said(home: Home, run: Line, words: tuple[str, ...], said: str) -> None:
    home.settings(1, '[providers.lab]\npreset = "ollama"\n')
    before = home.config.read_text()
    done = run(*words)
    assert (done.code, home.config.read_text()) == (2, before)
    assert said in done.err


def test_nothing_is_added_to_a_broken_file(home: Home, run: Line) -> None:
    home.config.write_text("[providers.lab\n")
    done = run("add", "--preset", "ollama")
    assert done.code == 2 and "this is not TOML" in done.err
    assert home.config.read_text() == "[providers.lab\n"


def test_a_model_that_refuses_is_the_providers_own_words(home: Home, run: Line) -> None:
    with in_thread(Strict(error(*chat_error(404, "no such deployment")), has_list=False)) as server:
        words = ("add", "lab", "--base-url", f"{server.url}/v1", "--dialect", "openai_chat", "--api-key-env", "K")
        done = run(*words, "--models", "gone", K=KEY)
    assert done.code == 1 and "no such deployment" in done.err


def test_settings_of_one_machine_do_not_take_each_others_keys(home: Home, run: Line) -> None:
    entries = home.folder / "chain"
    entries.mkdir()
    (entries / "landbridge-lab").write_text("of other settings")
    keyring.set_keyring(folder())
    system = {"TEST_KEYCHAIN": str(entries)}
    with in_thread(Strict()) as server:
        words = ("add", "lab", "--base-url", f"{server.url}/v1", "--dialect", "openai_chat", "--api-key-stdin")
        assert run(*words, typed=KEY, **system).code == 0
        assert settings(home)["lab"]["api_key"] == "keyring:lab-2"
        assert (entries / "landbridge-lab").read_text() == "of other settings"
        assert run("key", "lab", "--api-key-stdin", "--yes", typed="sk-other", **system).code == 1
    assert settings(home)["lab"]["api_key"] == "keyring:lab-2"
    assert (entries / "landbridge-lab-2").read_text() == "sk-other"
    assert len(list(entries.iterdir())) == 2
