"""The file, the environment and flags: what holds, and what is said where one of them is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from landbridge.config import Config, default_config_path, default_data_dir, load, warnings
from landbridge.config.load import gather, is_loopback
from landbridge.errors import ConfigFault

pytestmark = pytest.mark.io

DESIGN = """
default_model = "smollm2"

[listeners.router]
enabled = true
host = "127.0.0.1"
port = 38080
[listeners.openai]
enabled = true
port = 8000
[listeners.dashboard]
enabled = true
port = 38090

[providers.work]
preset = "openai"
api_key = "keyring:work"
[providers.lab]
dialect = "openai_chat"
base_url = "http://127.0.0.1:9100/v1"
api_key = "${LAB_KEY}"
models = ["m"]

[aliases]
"claude-*haiku*" = "lab/m"
"claude-*" = "smollm2"

[models.smollm2]
context = "auto"
gpu_layers = "auto"
idle_unload = "15m"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "landbridge.toml"


def fault(path: Path | None, env: dict[str, str] | None = None, flags: dict[str, Any] | None = None) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        load(path, env or {}, flags)
    assert "\n" not in caught.value.text
    return caught.value


def test_the_names_of_the_design_are_understood(file: Path) -> None:
    file.write_text(DESIGN)
    config = load(file, {})
    assert config.providers["lab"].base_url == "http://127.0.0.1:9100/v1"
    assert config.providers["lab"].models == ["m"]
    assert config.providers["work"].models is None
    assert list(config.aliases) == ["claude-*haiku*", "claude-*"]
    assert config.models["smollm2"].idle_unload == "15m"
    assert config.listeners == Config().listeners


def test_without_anything_the_defaults_hold() -> None:
    assert load(None, {}) == Config()


@pytest.mark.parametrize(
    ("text", "env", "flags", "port"),
    [
        ("", {}, {}, 38080),
        ("[listeners.router]\nport = 1", {}, {}, 1),
        ("[listeners.router]\nport = 1", {"LANDBRIDGE_LISTENERS__ROUTER__PORT": "2"}, {}, 2),
        ("[listeners.router]\nport = 1", {"LANDBRIDGE_LISTENERS__ROUTER__PORT": ""}, {}, 1),
        ("", {"LANDBRIDGE_LISTENERS__ROUTER__PORT": "2"}, {"listeners.router.port": 3}, 3),
        ("[listeners.router]\nport = 1", {}, {"listeners.router.port": 3}, 3),
        ("[listeners.router]\nhost = '::1'", {}, {}, 38080),
        ("", {}, {"listeners.router.host": "0.0.0.0"}, 38080),
    ],
)
def test_the_command_line_wins_over_the_environment_over_the_file_over_the_default(
    file: Path, text: str, env: dict[str, str], flags: dict[str, Any], port: int
) -> None:
    file.write_text(text)
    assert load(file, env, flags).listeners.router.port == port


def test_a_variable_changes_one_key_and_leaves_the_rest_of_its_section(file: Path) -> None:
    file.write_text(DESIGN)
    config = load(file, {"LANDBRIDGE_PROVIDERS__LAB__BASE_URL": "http://127.0.0.1:1/v1"})
    assert config.providers["lab"].base_url == "http://127.0.0.1:1/v1"
    assert config.providers["lab"].models == ["m"]


def test_a_provider_can_come_from_the_environment_alone() -> None:
    env = {"LANDBRIDGE_PROVIDERS__WORK__PRESET": "openai", "LANDBRIDGE_PROVIDERS__WORK__API_KEY": "${K}"}
    assert load(None, env).providers["work"].api_key == "${K}"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[providers.lab\n", ", line 1: this is not TOML: "),
        (b"a = 1\n\nb = = 2\n", ", line 3: this is not TOML: "),
        (b"a = 1\na = 2\n", ", line 2: this is not TOML: "),
        (b'default_model = "x', ", line 1: this is not TOML: "),
        (b'\n\ndefault_model = """x\n\n', ", line 3: this is not TOML: "),
        (b"default_model = 'x'\n# caf\xe9\n", ", line 2: this is not UTF-8 text"),
        (b"\x00", ", line 1: this is not TOML: "),
        (b"x = " + b"[" * 5000, " is nested too deeply"),
        (b"x = " + b"9" * 5000, " holds a number with thousands of digits"),
        (b"no_such = 1", ", line 1: there is no setting 'no_such'"),
    ],
)
def test_a_broken_file_is_one_sentence_with_its_line(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    error = fault(file)
    assert error.message.startswith(f"{file}{said}")
    assert error.remedy


def test_a_file_that_is_not_there(file: Path) -> None:
    assert fault(file).message == f"There is no settings file {file}."


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read: Is a directory" in fault(tmp_path).message


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfdefault_model = 'x'", b"default_model = 'x'\r\n[server]\r\n"])
def test_files_of_other_systems_are_read(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    assert load(file, {}).default_model == "x"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("LISTENERS__ROUTER__PORT", "x", 'listeners.router.port is "x"; it must be a whole number'),
        ("LISTENERS_ROUTER_PORT", "1", "LANDBRIDGE_LISTENERS__ROUTER__PORT?"),
        ("DEFAULT_MODL", "m", "Did you mean LANDBRIDGE_DEFAULT_MODEL?"),
        ("COLOUR", "blue", "there is no setting 'colour'"),
        ("DEFAULT_MODEL__NAME", "x", "default_model is a section"),
        ("PROVIDERS__LAB__API_KEY", "k", "providers.lab needs a preset"),
        ("PROVIDERS__LAB__MODELS", "m", 'must be a list of texts, for example ["a", "b"]'),
    ],
)
def test_a_wrong_variable_is_named_and_not_the_file(file: Path, name: str, text: str, said: str) -> None:
    file.write_text("")
    error = fault(file, {f"LANDBRIDGE_{name}": text})
    assert error.text.startswith(f"The variable LANDBRIDGE_{name}: ")
    assert said in error.text


def test_a_variable_below_a_value_is_said(file: Path) -> None:
    file.write_text("default_model = 'x'")
    error = fault(file, {"LANDBRIDGE_DEFAULT_MODEL__NAME": "x"})
    assert error.message == (
        "The variable LANDBRIDGE_DEFAULT_MODEL__NAME: it sets 'default_model.name', but 'default_model' is a value."
    )


def test_a_wrong_flag_is_named() -> None:
    error = fault(None, {}, {"listeners.router.port": 99999})
    assert error.message.startswith("The command line: listeners.router.port is 99999")


def test_the_usual_places(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"XDG_CONFIG_HOME": "/c", "XDG_DATA_HOME": "/d"}
    assert default_config_path(env) == Path("/c/landbridge/landbridge.toml")
    assert default_data_dir(env) == Path("/d/landbridge")
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    for path, name in ((default_config_path({}).parent, "landbridge"), (default_data_dir({}), "landbridge")):
        assert path.is_relative_to("/home/me")
        assert path.name == name


def test_nothing_to_warn_of(file: Path) -> None:
    file.write_text(DESIGN)
    assert warnings(load(file, {}), file) == []


def test_a_literal_key_is_warned_of_and_not_shown(file: Path) -> None:
    file.write_text("[providers.work]\npreset = 'openai'\napi_key = 'sk-live'\n")
    file.chmod(0o644)
    told = warnings(load(file, {}), file)
    assert len(told) == 2
    assert "'work'" in told[0]
    assert "chmod 600" in told[1]
    assert "sk-live" not in " ".join(told)
    file.chmod(0o600)
    assert len(warnings(load(file, {}), file)) == 1


def test_a_literal_key_of_a_search_service_is_warned_of_and_not_shown(file: Path) -> None:
    file.write_text("[search]\nservice = 'brave'\napi_key = 'sk-live'\n")
    file.chmod(0o644)
    config = load(file, {})
    told = warnings(config, file)
    assert len(told) == 2
    assert "[search]" in told[0] and "chmod 600" in told[1]
    assert "sk-live" not in " ".join(told) + repr(config)


@pytest.mark.parametrize(
    ("url", "complaints"),
    [
        ("postgresql://me:hush@host/db", 2),
        ("postgresql://me:${PASSWORD}@host/db", 0),
        ("postgresql://me@host/db", 0),
        ("sqlite:///ledger.db", 0),
    ],
)
def test_a_literal_password_of_the_ledger_is_warned_of(tmp_path: Path, url: str, complaints: int) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_text(f"[store]\nurl = '{url}'\n")
    file.chmod(0o644)
    told = warnings(load(file, {}), file)
    assert len(told) == complaints
    assert "hush" not in " ".join(told)


@pytest.mark.parametrize("name", ["router", "openai", "dashboard"])
def test_an_open_listener_is_warned_of(name: str) -> None:
    unlocked = {"access.required": "never"}
    told = warnings(load(None, {}, {f"listeners.{name}.host": "0.0.0.0", **unlocked}))
    assert len(told) == 1
    assert f"'{name}' on 0.0.0.0" in told[0]
    closed = {f"listeners.{name}.host": "0.0.0.0", f"listeners.{name}.enabled": False, **unlocked}
    assert warnings(load(None, {}, closed)) == []
    assert warnings(load(None, {}, {f"listeners.{name}.host": "0.0.0.0"})) == []  # a key is needed there


@pytest.mark.parametrize(
    ("host", "alone"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("localhost.example.com", False),
        ("127.0.0.1.example.com", False),
    ],
)
def test_loopback(host: str, alone: bool) -> None:
    assert is_loopback(host) is alone


def test_a_text_that_is_not_in_the_file_yet_is_gathered(file: Path) -> None:
    tree, places = gather(file, "default_model = 'a'\n[server]\nping_every = 1", {"LANDBRIDGE_DEFAULT_MODEL": "b"})
    assert tree == {"default_model": "b", "server": {"ping_every": 1}}
    assert places.of(("default_model",)) == "The variable LANDBRIDGE_DEFAULT_MODEL"
    assert places.of(("server", "ping_every")) == f"{file}, line 3"
    assert not file.exists()
