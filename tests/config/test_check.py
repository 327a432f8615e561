"""Each thing that can be wrong with settings is one sentence with its place and one with the way out."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import Config, Listener, ProviderSettings
from landbridge.config.check import convert, examine
from landbridge.config.keys import keys
from landbridge.config.places import Places
from landbridge.errors import ConfigFault

FILE = Path("/home/me/landbridge.toml")
SERVER = "[models.m]\nmemory = 5\ncommand = ['vllm', '--port', '{port}']\n"
"""A model with a server of its own."""


def read(text: str) -> Config:
    return convert(tomllib.loads(text), Places(FILE, text))


def fault(text: str) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        read(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "line", "said", "remedy"),
    [
        ("[listners.router]", 1, "there is no setting 'listners'", "Did you mean 'listeners'?"),
        ("\n\n[server]\nping_evry = 1", 4, "there is no setting 'server.ping_evry'", "Did you mean 'ping_every'?"),
        ("[providers.lab]\napi-key = 'x'", 2, "'providers.lab.api-key'", "Did you mean 'api_key'?"),
        ("port = 1", 1, "there is no setting 'port'", "There is 'listeners.router.port'."),
        ("[engine]\nzzz = 1", 2, "'engine.zzz'", "Known here: command, max_queue"),
        ('[models."qwen2.5"]\nctx = 1', 2, "'models.\"qwen2.5\".ctx'", "Did you mean 'context'?"),
        ("[listeners.router]\nport = '80'", 2, 'listeners.router.port is "80"; it must be a whole number', ""),
        ("[listeners.router]\nport = 65536", 2, "is 65536; it must be a whole number from 0 to 65535", ""),
        ("[listeners.router]\nenabled = 1", 2, "is 1; it must be true or false", ""),
        ("[listeners]\nrouter = 38080", 2, "listeners.router is 38080; it must be a section", ""),
        ("[[providers]]\npreset = 'openai'", 1, "it must be sections, each with a name", ""),
        ("[providers]\nlab = 'openai'", 2, 'providers.lab is "openai"; it must be a section', ""),
        ("[providers.lab]\nmodels = ['a',\n3]", 2, "is a list with 3 in it; it must be a list of texts", ""),
        (
            "[providers.lab]\ndialect = 'openai'",
            2,
            'it must be one of "openai_chat", "openai_responses", "anthropic", "gemini"',
            "",
        ),
        ("[models.m]\ncontext = 'big'", 2, 'is "big"; it must be a whole number of at least 1 or "auto"', ""),
        ("[models.m]\nextra = {a = [1]}", 2, "models.m.extra.a is a list with 1 in it", ""),
        ("[models.m]\nextra = {a = ['x']}", 2, "extra.a is a list of texts; it must be text, a number or", ""),
        ("default_model = 2026-01-01", 1, "default_model is 2026-01-01; it must be text", ""),
        ("default_model = {a = 1}", 1, "default_model is a section; it must be text", ""),
        ("[server]\nping_every = inf", 2, "is inf; it must be a number of seconds above 0", ""),
        ("[server]\nmax_body = 1" + "0" * 300, 2, "is far too large; it must be a whole number", ""),
        ("[aliases]\n'x' = 3", 2, "aliases.x is 3; it must be text", ""),
        ("[aliases]\n'claude-*' = ' '", 2, "the alias 'claude-*' leads to nothing", "Give it a model's name."),
        ("[providers.lab]", 1, "providers.lab needs a preset, or dialect and base_url", 'preset = "openai"'),
        ("[providers.lab]\ndialect = 'anthropic'", 1, "needs a preset", 'preset = "openai"'),
        ("[providers.'my lab']\npreset = 'x'", 1, "is no name", "Use letters, digits"),
        ("[providers.local]\npreset = 'x'", 1, "cannot be named 'local'", "this machine's models"),
        ("[providers.lab]\npreset='x'\napi_key='$KEY'", 3, "api_key is no reference", "${OPENAI_API_KEY}"),
        ("[providers.lab]\npreset='x'\nheaders={x-a='${K'}", 3, "headers.x-a is no reference", "${OPENAI_API_KEY}"),
        ("[models.m]\nidle_unload = '15'", 2, "'15' is not a length of time", "15m"),
        (
            "[models.m]\nmemory = 5",
            2,
            "models.m.memory is for a model that has a server of its own",
            "models.m.command",
        ),
        (
            SERVER + "batch = 5",
            4,
            "models.m.batch is for llama.cpp, and models.m.command runs",
            "that program's own words",
        ),
        ("[models.m]\nmemory = 5\nport = 9\ncommand = []", 4, "models.m.command names no program", '"vllm"'),
        ("[models.m]\ncommand = ['v', '{port}']", 1, "models.m.memory is missing", "how many bytes"),
        (SERVER + "health = 'ready'", 4, "models.m.health is no path", '"/health"'),
        ("[models.m]\nmemory = 5\ncommand = ['v']", 3, "does not say where the server is to listen", "{port}"),
        ("[listeners.router]\nhost = ''", 2, "listeners.router.host is empty", "127.0.0.1"),
        ("[listeners.openai]\nport = 38080", 2, "38080, which listeners.router has already", "its own port"),
    ],
)
def test_one_clear_sentence_with_file_and_line(text: str, line: int, said: str, remedy: str) -> None:
    error = fault(text)
    assert error.message.startswith(f"{FILE}, line {line}: ")
    assert said in error.message
    assert remedy in error.remedy
    assert "\n" not in error.text
    assert error.message.endswith(".")


@pytest.mark.parametrize(
    "text",
    [
        "[listeners.openai]\nport = 38080\nenabled = false",
        "[listeners.openai]\nport = 38080\nhost = '::1'",
        "[listeners.openai]\nport = 0\n[listeners.router]\nport = 0",
    ],
)
def test_ports_may_be_the_same_where_nothing_collides(text: str) -> None:
    assert read(text)


@pytest.mark.parametrize("more", ["", "context = 4096\nslots = 8\npin = true\nbackground = true", "thinking = 'off'"])
def test_a_model_may_have_a_server_of_its_own(more: str) -> None:
    model = read(SERVER + more).models["m"]
    assert (model.command, model.memory, model.port) == (["vllm", "--port", "{port}"], 5, "auto")


def test_a_server_that_always_takes_one_port_need_not_be_told() -> None:
    assert read("[models.m]\nmemory = 5\ncommand = ['serve.sh']\nport = 8123").models["m"].port == 8123


def test_a_key_is_never_repeated_in_a_message() -> None:
    for text in (
        "[providers.lab]\napi_key = ['sk-live']",
        "[providers.lab]\nheaders = {authorization = ['sk-live']}",
        "[providers.lab]\nheaders = 'sk-live'",
        "[providers.lab]\npreset = 'openai'\napi_key = '$sk-live'",
    ):
        assert "sk-live" not in fault(text).text


def test_long_values_are_shortened() -> None:
    assert len(fault(f"[server]\nlog_level = '{'x' * 10_000}'").text) < 300


def test_a_section_keeps_the_defaults_of_its_place() -> None:
    """A listener that says only its host keeps its port."""
    config = read("[listeners.router]\nhost = '0.0.0.0'\n[listeners.openai]\nenabled = false")
    assert config.listeners.router == Listener(host="0.0.0.0", port=38080)
    assert config.listeners.openai == Listener(enabled=False, port=8000)
    assert config.server == Config().server


def test_named_sections_have_the_defaults_of_their_kind() -> None:
    config = read("[providers.lab]\npreset = 'openai'")
    assert config.providers == {"lab": ProviderSettings(preset="openai")}


tomls = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from([key.path for key in keys()]), st.integers(1, 4), tomls)
def test_any_value_anywhere_gives_settings_or_our_error(path: tuple[str, ...], depth: int, value: Any) -> None:
    tree: Any = value
    for key in reversed(path[:depth]):
        tree = {key: tree}
    try:
        assert isinstance(convert(tree, Places()), Config)
    except ConfigFault as error:
        assert error.message.startswith("The settings: ")


# -- defaults of all models --------------------------------------------------------------------------------------------


def test_what_a_model_says_wins_over_the_defaults_of_all() -> None:
    config = read(
        """
        [model_defaults]
        slots = 2
        context = 8192
        flash_attention = "on"
        [models.m]
        context = "auto"
        [models.served]
        command = ["serve", "{port}"]
        memory = 5
        """,
    )
    assert (config.model("m").slots, config.model("m").context, config.model("m").flash_attention) == (2, "auto", "on")
    assert (config.model("other").slots, config.model("other").context) == (2, 8192)
    served = config.model("served")
    assert (served.slots, served.flash_attention) == (2, "auto"), "another program is not told llama.cpp's settings"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[model_defaults]\nsource = "hf:a/b"', "model_defaults.source would hold for all models"),
        ("[model_defaults]\nlora = { x = 1.0 }", "model_defaults.lora would hold for all models"),
        ("[model_defaults]\nslots = 0", "model_defaults.slots is 0; it must be a whole number of at least 1 or"),
        ('[models.m]\ncache_type_k = "q9"', 'models.m.cache_type_k is "q9"; it must be one of'),
        ('[models.m]\nflash_attention = "off"\ncache_type_v = "q8_0"', "models.m.cache_type_v is quantised"),
        ("[models.m]\nrope_factor = 0.5", "models.m.rope_factor is 0.5; it must be a number from 1 to 1000"),
    ],
)
def test_what_cannot_be_is_said(text: str, said: str) -> None:
    assert said in fault(text).message


# -- everything at once ------------------------------------------------------------------------------------------------


def everything(text: str) -> list[str]:
    config, faults = examine(tomllib.loads(text), Places(FILE, text))
    assert (config is None) == bool(faults)
    return [fault.message.removeprefix(f"{FILE}, ") for fault in faults]


def test_every_fault_of_a_file_is_found_with_its_line() -> None:
    found = everything(
        """defualt_model = "m"
[listeners.router]
port = "80"
[server]
ping_every = -1
log_level = "loud"
[aliases]
"a*" = ""
[models.m]
idle_unload = "soon"
"""
    )
    assert [each.partition(":")[0] for each in found] == [f"line {line}" for line in (1, 3, 5, 6, 8, 10)]


def test_a_section_is_not_blamed_for_what_its_fault_took_away() -> None:
    (found,) = everything("[providers.lab]\npreset = 1\n")
    assert "must be text" in found
    assert len(everything("[providers.lab]\npreset = 1\n[providers.other]\n")) == 2


def test_nothing_wrong_gives_the_settings() -> None:
    config, faults = examine({"default_model": "m"}, Places())
    assert (config, faults) == (convert({"default_model": "m"}, Places()), [])


@given(st.dictionaries(st.sampled_from(["default_model", "server", "aliases", "x"]), st.just({}) | st.text(max_size=3)))
def test_what_convert_refuses_is_the_first_that_examine_finds(tree: dict[str, Any]) -> None:
    config, faults = examine(tree, Places())
    if config is not None:
        assert convert(tree, Places()) == config
    else:
        with pytest.raises(ConfigFault) as caught:
            convert(tree, Places())
        assert caught.value == faults[0]
