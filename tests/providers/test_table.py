"""Providers as data, and settings resolved over them: where a provider is, its key, what its models take."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints
from urllib.parse import urlsplit

import pytest

from landbridge.config import ModelSettings, ProviderSettings, Secret
from landbridge.errors import ConfigFault
from landbridge.neutral.effort import EFFORTS
from landbridge.neutral.traits import Traits
from landbridge.providers import auth, quirks
from landbridge.providers.probe import Finding, Verdict
from landbridge.providers.probed import Probe, Probes
from landbridge.providers.table import Provider, models_url, presets, resolve, traits, url
from landbridge.wire.dialects import DIALECTS

KEY = "sk-live-4711"
LAB: dict[str, Any] = {"dialect": "openai_chat", "base_url": "http://127.0.0.1:9100/v1"}


def lab(env: dict[str, str] | None = None, **settings: Any) -> Provider:
    return resolve("lab", ProviderSettings(**(LAB | settings)), env or {})


def preset(name: str, env: dict[str, str] | None = None, **settings: Any) -> Provider:
    return resolve("work", ProviderSettings(preset=name, **settings), env or {})


def fault(**settings: Any) -> ConfigFault:
    with pytest.raises(ConfigFault) as caught:
        lab(**settings)
    return caught.value


# -- the data ----------------------------------------------------------------------------------------------------------


WITHOUT_VARIABLE = {"vertex", "vertex-anthropic", "vertex-openai"}
"""Their credentials are files."""


@pytest.mark.parametrize("name", presets())
def test_each_preset_works_as_it_stands(name: str) -> None:
    row = presets()[name]
    env = dict.fromkeys(filter(None, row.key.split(":")), KEY)
    given = {"base_url": "https://cluster.example/v1"} if not row.base_url else {}
    provider = preset(name, env, place=dict.fromkeys(row.place, "somewhere"), **given)
    assert provider.key_problem == ""
    assert provider.dialect in DIALECTS
    parts = urlsplit(provider.base_url)
    local = parts.hostname == "127.0.0.1"
    assert parts.scheme == ("http" if local else "https")
    wants = bool(row.key) or name in WITHOUT_VARIABLE
    assert wants is not local, "a provider of the network wants a key, one of this machine wants none"
    assert bool(auth.credential(provider) or provider.keys) is not local
    assert quirks.apply(Traits(), row.quirks)
    assert provider.models is None, "lists of models age; a provider is asked"


def test_the_providers_people_ask_for_are_there() -> None:
    wanted = """openai anthropic gemini azure bedrock bedrock-anthropic vertex vertex-anthropic openrouter mistral groq
    deepseek xai together fireworks cerebras moonshot zai dashscope nvidia huggingface github ollama lmstudio vllm
    llamacpp landbridge backendai"""
    assert set(wanted.split()) <= set(presets())


@pytest.mark.parametrize("name", ["ollama", "lmstudio", "vllm", "llamacpp"])
def test_servers_of_open_models_search_no_web(name: str) -> None:
    assert not traits(preset(name), "m").web_tools, "they ignore `web_search_options`; landbridge searches, or says so"


@pytest.mark.parametrize(
    ("model", "window", "output"),
    [
        ("gpt-4-turbo", 128_000, 4096),
        ("gpt-4-1106-preview", 128_000, 4096),
        ("gpt-4o", 128_000, 16_384),
        ("gpt-4o-2024-05-13", 128_000, 4096),
        ("gpt-4.1-mini", 1_047_576, 32_768),
        ("openai/gpt-4o-mini:free", 128_000, 16_384),
        ("claude-3-haiku-20240307", 200_000, 4096),
        ("claude-3-opus-20240229", 200_000, 4096),
        ("claude-3-5-haiku-20241022", 200_000, 8192),
        ("claude-3-7-sonnet-latest", 200_000, 64_000),
        ("claude-opus-4-1-20250805", 200_000, 32_000),
        ("claude-opus-4-20250514", 200_000, 32_000),
        ("claude-opus-4-5", 200_000, 64_000),
        ("Claude-Haiku-4-5", 200_000, 64_000),
        ("anthropic/claude-sonnet-4.5", 200_000, 64_000),
        ("us.anthropic.claude-opus-4-6-v1", 1_000_000, 128_000),
        ("claude-opus-5-5", 1_000_000, 128_000),
        ("gpt-5.6", 1_050_000, 128_000),
        ("deepseek-chat", 131_072, 8192),
        ("something-new", None, None),
    ],
)
def test_p63_the_models_caps_are_known(model: str, window: int | None, output: int | None) -> None:
    found = traits(preset("openai", {"OPENAI_API_KEY": KEY}), model)
    assert (found.window, found.max_output) == (window, output)


@pytest.mark.parametrize(
    ("model", "effort"),
    [
        ("gpt-5", "reasoning_effort"),
        ("gpt-5.2-mini", "reasoning_effort"),
        ("o3", "reasoning_effort"),
        ("openai/o4-mini", "reasoning_effort"),
        ("gpt-5-chat-latest", "none"),
        ("gpt-5.2-chat-latest", "none"),
        ("gpt-4o", "none"),
        ("gpt-4.1", "none"),
        ("deepseek-chat", "none"),
        ("deepseek-reasoner", "none"),
        ("something-new", "none"),
    ],
)
def test_p51_reasoning_is_asked_of_models_that_reason(model: str, effort: str) -> None:
    assert traits(lab(), model).effort == effort


@pytest.mark.parametrize(
    ("name", "model", "field", "stop", "sampling"),
    [
        ("openai", "gpt-4o", "max_completion_tokens", True, True),
        ("openai", "gpt-5", "max_completion_tokens", False, False),
        ("openai", "o4-mini", "max_completion_tokens", False, False),
        ("groq", "llama-4", "max_completion_tokens", True, True),
        ("deepseek", "deepseek-chat", "max_tokens", True, True),
        ("deepseek", "deepseek-reasoner", "max_tokens", True, False),
        ("ollama", "qwen3:8b", "max_tokens", True, True),
    ],
)
def test_p64_each_backend_s_own_words(name: str, model: str, field: str, stop: bool, sampling: bool) -> None:
    row = presets()[name]
    found = traits(preset(name, {row.key: KEY} if row.key else {}), model)
    assert (found.max_tokens_field, found.stop_field, bool(found.sampling)) == (field, stop, sampling)


def test_quirks_of_preset_model_and_settings_add_up() -> None:
    found = traits(preset("deepseek", {"DEEPSEEK_API_KEY": KEY}, quirks=["no_tools"]), "deepseek-reasoner")
    assert (found.reasoning_back, found.sampling, found.tools) == ("reasoning_content", (), False)


@pytest.mark.parametrize(
    ("name", "model", "field"),
    [
        ("openai", "gpt-5.6", "reasoning_effort"),
        ("openai", "gpt-4.1", "none"),
        ("openrouter", "anthropic/claude-sonnet-4.5", "reasoning.effort"),
        ("openrouter", "openai/gpt-5", "reasoning.effort"),
        ("openrouter", "somebody/new", "reasoning.effort"),
        ("deepseek", "deepseek-v4-pro", "thinking+reasoning_effort"),
        ("moonshot", "kimi-k2.6", "thinking"),
        ("moonshot", "kimi-k3", "reasoning_effort"),
        ("zai", "glm-4.7", "thinking"),
        ("dashscope", "qwen3-32b", "enable_thinking"),
        ("dashscope", "glm-4.7", "enable_thinking"),
        ("vllm", "Qwen/Qwen3-32B", "chat_template_kwargs"),
        ("vllm", "openai/gpt-oss-20b", "reasoning_effort"),
        ("llamacpp", "qwen3.5-9b", "chat_template_kwargs"),
        ("ollama", "qwen3:8b", "reasoning_effort"),
        ("ollama", "llama3.1:8b", "none"),
        ("ollama", "somebody/new", "none"),
        ("xai", "grok-4.7", "reasoning_effort"),
        ("xai", "grok-code-fast-1", "none"),
        ("mistral", "mistral-medium-latest", "reasoning_effort"),
    ],
)
def test_p51_each_provider_is_asked_in_its_own_field(name: str, model: str, field: str) -> None:
    row = presets()[name]
    assert traits(preset(name, {row.key: KEY} if row.key else {}), model).effort == field


def test_p51_an_anthropic_like_provider_of_unknown_models_gets_the_older_form() -> None:
    provider = lab(dialect="anthropic")
    found = traits(provider, "kimi-for-coding")
    assert (found.thinks, found.adaptive, found.efforts) == ("can", False, ())
    assert traits(provider, "claude-opus-5").adaptive
    assert not traits(provider, "claude-haiku-4-5").adaptive


@pytest.mark.parametrize(
    ("provider", "model", "reads", "known"),
    [
        (lab(), "m", False, False),
        (lab(quirks=["documents"]), "m", True, True),
        (lab(quirks=["no_documents"]), "m", False, True),
        (lab(dialect="anthropic"), "m", True, True),
        (lab(model_quirks={"m*": ["documents"]}), "m", True, True),
        (preset("openai"), "gpt-5.2", True, True),
        (preset("openai"), "o3", True, True),
        (preset("openai"), "gpt-3.5-turbo", False, False),
        (preset("openrouter"), "anthropic/claude-opus-4.5", True, True),
        (preset("openrouter"), "lab/unknown", False, False),
        (preset("deepseek"), "deepseek-chat", False, True),
        (preset("ollama"), "gemma3", False, False),
    ],
)
def test_p58_pdfs_go_as_files_to_those_who_read_them(provider: Provider, model: str, reads: bool, known: bool) -> None:
    found = traits(provider, model)
    assert found.documents is reads
    if reads or known:
        assert found.documents_known is known


def test_p57_the_users_word_on_seeing_wins_over_what_is_known_of_the_model() -> None:
    assert not traits(lab(), "codestral-2508").images
    assert traits(lab(quirks=["images"]), "codestral-2508").images
    assert not traits(lab(quirks=["no_images"]), "m").images


def found(model: str, verdict: Verdict, base_url: str = LAB["base_url"]) -> Probes:
    """A probe that found pictures so, and a window."""
    findings = {"answers": Finding("yes"), "images": Finding(verdict), "thinking": Finding("no")}
    return Probes([Probe("lab", base_url, model, "", findings, window=4096, output=512)])


def test_what_a_probe_found_wins_over_what_is_known_and_the_user_over_both() -> None:
    blind = traits(lab(), "m", found("m", "no"))
    assert (blind.images, blind.window, blind.max_output, blind.thinks) == (False, 4096, 512, "never")
    assert traits(lab(), "codestral-2508", found("codestral-2508", "yes")).images
    assert traits(lab(quirks=["images"]), "m", found("m", "no")).images
    assert not traits(lab(model_quirks={"m": ["no_images"]}), "m", found("m", "yes")).images
    known = traits(lab(), "gpt-4.1", found("gpt-4.1", "yes"))
    assert (known.window, known.max_output) == (1_047_576, 32_768), "the table knows better than one answer"


def test_a_probe_of_another_model_or_address_says_nothing() -> None:
    for probes in (found("other", "no"), found("m", "no", "http://127.0.0.1:9999/v1")):
        assert traits(lab(), "m", probes) == traits(lab(), "m")


def test_the_users_word_on_single_models_is_the_last() -> None:
    provider = lab(
        quirks=["no_images"],
        model_quirks={"Qwen3*": ["no_thinking"], "*/vision*": ["no_tools"], "gpt-5": ["no_effort", "always_thinks"]},
    )
    assert traits(provider, "Qwen/Qwen3-8B").thinks == "never"
    assert traits(provider, "other").thinks == "can"
    assert (traits(provider, "me/vision-1").tools, traits(provider, "vision-1").tools) == (False, True)
    assert (traits(provider, "gpt-5").efforts, traits(provider, "gpt-5").images) == ((), False)
    assert fault(model_quirks={"a": ["no_image"]}).remedy == "Did you mean 'no_images'?"


def test_the_users_word_on_thinking_needs_requests_to_be_written_anew() -> None:
    assert traits(lab(thinking="low"), "gpt-5").thinking == "low"
    assert (lab().passthrough, lab(thinking="low").passthrough, lab(passthrough=False).passthrough) == (
        True,
        False,
        False,
    )


def test_the_settings_know_every_word_of_effort() -> None:
    for settings in (ProviderSettings, ModelSettings):
        assert set(get_args(get_type_hints(settings)["thinking"])) == {"", "off", "on", *EFFORTS}


def test_presets_say_of_single_models_what_is_special_there() -> None:
    found = traits(preset("groq", {"GROQ_API_KEY": KEY}), "qwen/qwen3.8-27b")
    assert (found.effort, found.budgets, found.efforts) == ("reasoning_effort", None, ())


@pytest.mark.parametrize("name", presets())
def test_what_presets_say_of_thinking_exists(name: str) -> None:
    row = presets()[name]
    named = [
        *([row.thinking] if row.thinking else []),
        *(quirk for each in row.model_quirks.values() for quirk in each),
    ]
    quirks.apply(Traits(), named)
    assert not row.thinking or quirks.apply(Traits(), [row.thinking]).effort != "none"
    assert all(pattern == pattern.lower() for pattern in row.model_quirks)


# -- settings ----------------------------------------------------------------------------------------------------------


def test_a_provider_by_hand() -> None:
    provider = lab({"LAB_KEY": KEY}, api_key="${LAB_KEY}", models=["b", "a", "b"], passthrough=False, idle_timeout=5.0)
    assert (provider.name, provider.dialect, provider.base_url) == ("lab", "openai_chat", "http://127.0.0.1:9100/v1")
    assert (provider.key, provider.key_problem, provider.auth) == (Secret(KEY), "", "bearer")
    assert (provider.models, provider.passthrough, provider.idle_timeout) == (("b", "a"), False, 5.0)


def test_settings_win_over_the_preset() -> None:
    provider = preset("openai", base_url="http://127.0.0.1:1/v1/", dialect="anthropic", api_key=KEY)
    assert (provider.base_url, provider.dialect, provider.auth) == ("http://127.0.0.1:1/v1", "anthropic", "x-api-key")


@pytest.mark.parametrize(
    ("name", "settings", "env", "sent"),
    [
        ("openai", {}, {"OPENAI_API_KEY": KEY}, {"authorization": f"Bearer {KEY}"}),
        ("openai", {"api_key": "${MINE}"}, {"OPENAI_API_KEY": "no", "MINE": KEY}, {"authorization": f"Bearer {KEY}"}),
        ("openai", {"auth": "none"}, {"OPENAI_API_KEY": KEY}, {}),
        ("openai", {"headers": {"Api-Key": "${MINE}"}}, {"MINE": KEY, "OPENAI_API_KEY": "no"}, {"api-key": KEY}),
        ("anthropic", {}, {"ANTHROPIC_API_KEY": f"{KEY}\n"}, {"x-api-key": KEY}),
        ("ollama", {}, {}, {}),
        ("ollama", {"api_key": "${MINE}"}, {"MINE": KEY}, {"authorization": f"Bearer {KEY}"}),
    ],
)
def test_which_key_is_sent(name: str, settings: dict[str, Any], env: dict[str, str], sent: dict[str, str]) -> None:
    provider = preset(name, env, **settings)
    assert provider.key_problem == ""
    assert auth.headers(provider) == sent


@pytest.mark.parametrize(
    ("settings", "problem", "remedy"),
    [
        ({"api_key": "${A}"}, "the environment variable A is not set", "Set it where landbridge runs"),
        ({"api_key": "${A}${B}${A}"}, "the environment variables A, B are not set", "Set it where landbridge runs"),
        ({"headers": {"x-a": "${A}"}}, "the environment variable A is not set", "Set it where landbridge runs"),
        ({"api_key": "keyring:work"}, "the keychain holds no key 'work'", "landbridge providers key lab."),
        ({"api_key": "file:/none"}, "the file of its key, /none, is empty", "Write the key into it"),
        ({"api_key": "${BROKEN}"}, "its key holds characters that no header may hold", "line breaks"),
        ({"api_key": "${KOREAN}"}, "its key holds characters", "line breaks"),
        ({"headers": {"x-a": "${BROKEN}"}}, "its header 'x-a' holds characters", "line breaks"),
    ],
)
def test_a_key_that_cannot_be_used_says_why(settings: dict[str, Any], problem: str, remedy: str) -> None:
    env = {"BROKEN": f"{KEY}\r\nx-evil: 1", "KOREAN": f"{KEY}키"}
    provider = lab(env, **settings)
    assert problem in provider.key_problem
    assert remedy in provider.key_remedy
    assert KEY not in provider.key_problem


@pytest.mark.parametrize(
    ("base_url", "said"),
    [
        ("", "base_url is missing"),
        ("api.openai.com/v1", "no address"),
        ("ftp://example.test", "no address"),
        ("http://", "no address"),
        ("http:///v1", "no address"),
        ("http://[::1/v1", "no address"),
        ("http://h:99999/v1", "no address"),
        ("http://h:x/v1", "no address"),
        ("http://a b/v1", "no address"),
        (f"http://me:{KEY}@h/v1", "password"),
        (f"http://h/v1?key={KEY}", "password, a query"),
        ("http://h/v1#x", "fragment"),
    ],
)
def test_addresses_that_are_none(base_url: str, said: str) -> None:
    error = fault(base_url=base_url)
    assert "'lab'" in error.message
    assert said in error.message
    assert error.remedy
    assert KEY not in error.text


@pytest.mark.parametrize("base_url", ["http://h/v1", " http://h/v1/ ", "HTTP://h/v1", "https://[::1]:1/v1", "http://h"])
def test_addresses(base_url: str) -> None:
    assert lab(base_url=base_url).base_url == base_url.strip().rstrip("/")


@pytest.mark.parametrize(
    ("settings", "said", "remedy"),
    [
        ({"preset": "opnai"}, "there is no preset 'opnai'", "Did you mean 'openai'?"),
        ({"preset": "???"}, "there is no preset", "There are: openai, "),
        ({"quirks": ["no_image"]}, "There is no quirk 'no_image'", "Did you mean 'no_images'?"),
        ({"headers": {"x y": "1"}}, "'x y' is no name of a header", "Take it out"),
        ({"headers": {"Content-Length": "1"}}, "'Content-Length' is a header that landbridge sets", "Take it out"),
    ],
)
def test_what_cannot_work_names_the_provider(settings: dict[str, Any], said: str, remedy: str) -> None:
    error = fault(**settings)
    assert error.message.startswith("Provider 'lab': ")
    assert said in error.message
    assert remedy in error.remedy


def test_a_provider_does_not_show_its_keys() -> None:
    provider = lab({"K": KEY}, api_key="${K}", headers={"x-a": "${K}", "x-b": KEY})
    assert KEY not in repr(provider)
    assert KEY not in str(provider)
    assert auth.headers(provider)["x-b"] == KEY


# -- addresses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dialect", "base_url", "generation", "models"),
    [
        ("openai_chat", "https://h/v1", "https://h/v1/chat/completions", "https://h/v1/models"),
        (
            "openai_chat",
            "https://h/api/paas/v4/",
            "https://h/api/paas/v4/chat/completions",
            "https://h/api/paas/v4/models",
        ),
        ("anthropic", "https://h", "https://h/v1/messages", "https://h/v1/models?limit=1000"),
        ("anthropic", "https://h/v1", "https://h/v1/messages", "https://h/v1/models?limit=1000"),
        (
            "anthropic",
            "https://h/anthropic/",
            "https://h/anthropic/v1/messages",
            "https://h/anthropic/v1/models?limit=1000",
        ),
    ],
)
def test_base_urls_as_their_makers_write_them(dialect: Any, base_url: str, generation: str, models: str) -> None:
    provider = lab(dialect=dialect, base_url=base_url)
    assert url(provider, DIALECTS[dialect].path) == generation
    assert models_url(provider) == models
