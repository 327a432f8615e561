"""llama-swap's models, macros, groups and peers."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config.imports.llama_swap import GUESS, convert, looks
from tests.config.imports.given import come_to


def model(cmd: str, **more: Any) -> tuple[dict[str, Any], dict[str, str]]:
    settings, notes = come_to(convert, {"models": {"m": {"cmd": cmd, **more}}})
    return settings["models"]["m"], notes


def test_llama_server_becomes_a_model_of_ours() -> None:
    assert model("llama-server --port ${PORT} -m /x.gguf") == ({"source": "/x.gguf"}, {})


def test_another_server_stays_one_with_its_command() -> None:
    settings, notes = model(
        "vllm serve a/b --port ${PORT}", checkEndpoint="/v1/models", useModelName="a/b", env=["A=1"]
    )
    assert settings == {
        "command": ["env", "A=1", "vllm", "serve", "a/b", "--port", "{port}"],
        "health": "/v1/models",
        "serves": "a/b",
        "memory": GUESS,
    }
    assert "a guess" in notes["models.m.cmd"]


def test_a_port_of_its_own() -> None:
    assert model("serve", proxy="http://127.0.0.1:8999")[0]["port"] == 8999
    settings, notes = model("sd-server --listen-port 9999", checkEndpoint="none")
    assert (settings["port"], settings["health"]) == (9999, "/v1/models")
    assert "models.m.checkEndpoint" in notes


def test_a_server_whose_port_is_not_said_is_left_out() -> None:
    settings, notes = come_to(convert, {"models": {"m": {"cmd": "serve", "aliases": ["a"]}}})
    assert settings == {} and "left out" in notes["models.m"]


def test_macros_within_macros_comments_and_broken_lines() -> None:
    document = {
        "macros": {"dir": "${env.HOME}/models", "server": "llama-server --port ${PORT}\n", "a": "${b}", "b": "${a}"},
        "models": {
            "a.b": {
                "macros": {"ctx": 4096, "args": "-c ${ctx}"},
                "cmd": "# ${server} is above\n${server} \\\n  --model '${dir}/${MODEL_ID} x.gguf' ${args}",
            }
        },
    }
    settings, notes = come_to(convert, document)
    assert settings["models"]["a.b"] == {"source": "/home/me/models/a.b x.gguf", "context": 4096}
    assert notes == {}


def test_a_variable_that_is_not_set_is_said() -> None:
    settings, notes = model("llama-server -m ${env.NO_SUCH}/x.gguf")
    assert settings == {"source": "${NO_SUCH}/x.gguf"} and "NO_SUCH" in notes["models.m.cmd"]


@pytest.mark.parametrize(
    ("ttl", "usual", "idle"),
    [(60, None, "60s"), (0, 5, "never"), (-1, 300, "300s"), (None, 0, "never"), (None, None, None)],
)
def test_times_until_unloading(ttl: int | None, usual: int | None, idle: str | None) -> None:
    document: dict[str, Any] = {"models": {"m": {"cmd": "llama-server -m x"}}}
    if ttl is not None:
        document["models"]["m"]["ttl"] = ttl
    if usual is not None:
        document["globalTTL"] = usual
    assert come_to(convert, document)[0]["models"]["m"].get("idle_unload") == idle


def test_a_command_that_cannot_be_read_is_said() -> None:
    settings, notes = come_to(convert, {"models": {"a": {"cmd": "x 'y"}, "b": {"cmd": "# nothing"}, "c": {}}})
    assert "models" not in settings
    assert list(notes) == ["models.a.cmd", "models.b.cmd", "models.c.cmd"]


def test_persistent_groups_are_pinned() -> None:
    cmd = {"cmd": "llama-server -m x"}
    document = {
        "models": {"a": dict(cmd), "b": dict(cmd)},
        "groups": {"g": {"persistent": True, "members": ["a", "gone"]}, "h": {"swap": True, "members": ["b"]}},
    }
    settings, notes = come_to(convert, document)
    assert settings["models"]["a"]["pin"] is True and "pin" not in settings["models"]["b"]
    assert list(notes) == ["groups.h"]


def test_peers_are_providers() -> None:
    peers = {
        "or": {"proxy": "https://openrouter.ai/api", "apiKey": "${env.K}", "models": ["a/b"]},
        "box": {"proxy": "http://10.0.0.1", "timeouts": {}},
    }
    settings, notes = come_to(convert, {"peers": peers})
    assert settings["providers"] == {
        "or": {"preset": "openrouter", "api_key": "${K}", "models": ["a/b"]},
        "box": {"dialect": "openai_chat", "base_url": "http://10.0.0.1/v1", "auth": "none"},
    }
    assert list(notes) == ["peers.box.timeouts"]


def test_it_is_known_by_commands_or_peers() -> None:
    assert looks({"models": {"m": {"cmd": "x"}}}) and looks({"peers": {}})
    assert not looks({"models": {"m": {"context": 1}}}) and not looks({"models": []})
