"""One generation of the settings: names, targets, endpoints, and what providers said."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.config import Config, ProviderSettings
from landbridge.errors import Forbidden, Garbled, UnknownModel
from landbridge.gateway.world import MAX_NAME, MAX_ROUTES, World
from landbridge.routing.target import Target

KEY = "sk-live-4711"
LAB = ProviderSettings(dialect="openai_chat", base_url="http://127.0.0.1:9/v1", api_key="${LAB_KEY}", models=["m"])
ASKED = ProviderSettings(dialect="anthropic", base_url="http://127.0.0.1:9", auth="none")


def world(local: tuple[str, ...] = ("smollm2",), **settings: Any) -> World:
    return World(Config(**settings), {"LAB_KEY": KEY}, lambda: local)


def test_the_catalog_holds_what_is_there() -> None:
    made = world(providers={"lab": LAB, "asked": ASKED, "odd": ProviderSettings(preset="opnai")})
    catalog = made.catalog()
    assert catalog.local == ("smollm2",)
    assert catalog.providers == {"lab": ("m",), "asked": None}
    assert catalog.open == {"asked"}
    assert catalog.broken == {"odd": "there is no preset 'opnai'. Did you mean 'openai'?"}


def test_a_provider_that_cannot_work_leaves_the_others_alone_and_says_why() -> None:
    made = world(providers={"odd": ProviderSettings(preset="opnai"), "lab": LAB})
    assert set(made.providers) == {"lab"}
    assert "opnai" in made.faults["odd"].message
    assert made.target(made.route("lab/m")).label == "lab/m"
    with pytest.raises(UnknownModel, match="Provider 'odd' cannot be used: there is no preset 'opnai'"):
        made.route("odd/m")


def test_a_provider_that_is_turned_off_is_asked_for_nothing() -> None:
    off = replace(LAB, enabled=False)
    made = world(providers={"off": off, "lab": LAB}, aliases={"chain": ["off/m", "lab/m"]})
    assert (set(made.providers), set(made.off), set(made.catalog().open)) == ({"lab"}, {"off"}, set())
    for name in ("off/m", "claude/off/m", "off/claude-opus-4-5"):
        with pytest.raises(UnknownModel, match=r"'off' cannot be used: it is turned off.*providers enable off"):
            made.route(name)
    assert made.route("m").label == "lab/m"
    assert made.route("chain").label == "lab/m"


def test_targets() -> None:
    made = world(providers={"lab": LAB})
    local = made.target(made.route("smollm2"))
    assert (local.provider, local.model, local.dialect, local.local) == ("local", "smollm2", "openai_chat", True)
    lab = made.target(made.route("lab/m"))
    assert (lab.provider, lab.model, lab.dialect, lab.local) == ("lab", "m", "openai_chat", False)
    assert made.target(made.route("lab/m")) is lab


def test_endpoints_carry_the_provider_s_own_credentials_and_times() -> None:
    slow = ProviderSettings(
        dialect="anthropic", base_url="http://127.0.0.1:9/v1/", api_key="${LAB_KEY}", connect_timeout=1, idle_timeout=2
    )
    made = world(providers={"lab": LAB, "slow": slow})
    endpoint = made.endpoint(made.target(made.route("lab/m")), stream=False)
    assert (endpoint.url, endpoint.origin) == ("http://127.0.0.1:9/v1/chat/completions", "provider:lab")
    assert endpoint.headers == {"authorization": f"Bearer {KEY}"}
    target = made.target(made.route("slow/x"))
    endpoint = made.endpoint(target, stream=False)
    assert endpoint.url == "http://127.0.0.1:9/v1/messages"
    assert (endpoint.headers, endpoint.defaults) == ({"x-api-key": KEY}, {"anthropic-version": "2023-06-01"})
    assert (endpoint.connect_timeout, endpoint.idle_timeout) == (1, 2)
    assert made.endpoint(target, stream=False) is endpoint
    assert made.endpoint_at(target, "/v1/messages/count_tokens").url.endswith(":9/v1/messages/count_tokens")


@pytest.mark.parametrize(
    ("api_key", "said", "remedy"),
    [
        ("${GONE}", "the environment variable GONE is not set.", "restart it"),
        ("keyring:lab", "keychain", "providers key work"),
    ],
)
def test_a_key_that_cannot_be_used_is_a_403_with_its_remedy(api_key: str, said: str, remedy: str) -> None:
    settings = ProviderSettings(preset="openai", api_key=api_key)
    made = world(providers={"work": settings})
    with pytest.raises(Forbidden) as caught:
        made.endpoint(made.target(made.route("work/gpt-4o")), stream=False)
    assert caught.value.status == 403
    assert caught.value.message.startswith("Provider 'work' cannot be used: ")
    assert said in caught.value.message
    assert remedy in caught.value.remedy


def test_routes_are_remembered_and_follow_what_is_there() -> None:
    here: list[tuple[str, ...]] = [("smollm2",)]
    made = World(Config(providers={"asked": ASKED}), {}, lambda: here[0])
    assert made.route("smollm2") is made.route("smollm2")
    with pytest.raises(UnknownModel):
        made.route("qwen3")
    here[0] = ("qwen3", "smollm2")
    assert made.route("qwen3").model == "qwen3"
    here[0] = ("qwen3",)
    with pytest.raises(UnknownModel):
        made.route("smollm2")


def test_what_a_provider_says_makes_bare_names_mean_something() -> None:
    made = world(providers={"asked": ASKED})
    assert made.route("claude-opus-5").provider is None, "the default model"
    made.learn("asked", ("claude-opus-5",))
    assert made.route("claude-opus-5").provider == "asked"
    made.learn("asked", ())
    assert made.route("claude-opus-5").provider is None
    assert made.route("asked/anything").provider == "asked", "a list it gave does not say what it refuses"


def test_providers_nobody_asked_yet() -> None:
    assert not world(providers={"lab": LAB}).unasked, "its models are in the settings"
    made = world(providers={"lab": LAB, "asked": ASKED})
    assert made.unasked
    made.ask_again["asked"] = 1.0
    made.silent["asked"] = Garbled("no list")
    assert not made.unasked, "asking in vain is asking"


def test_ever_new_names_do_not_fill_the_memory() -> None:
    made = world(providers={"asked": ASKED})
    for number in range(2 * MAX_ROUTES + 10):
        made.endpoint(made.target(made.route(f"asked/m{number}")), stream=False)
    for number in range(20):
        made.endpoint(made.target(made.route(f"asked/{'x' * 100_000}{number}")), stream=False)
        made.target(made.route(f"claude-{'x' * 100_000}{number}"))
    assert max(len(made._routes), len(made._targets), len(made._endpoints)) <= MAX_ROUTES + 2
    assert all(len(name) <= MAX_NAME for name in made._routes)
    assert all(len(target.model) <= MAX_NAME for target, _ in made._endpoints)


def test_a_generation_keeps_its_own_knowledge() -> None:
    before, after = world(providers={"asked": ASKED}), world(providers={"asked": ASKED})
    before.learn("asked", ("a",))
    before.ask_again["asked"] = 1.0
    assert after.unasked
    assert after.catalog().providers == {"asked": None}
    assert isinstance(after.target(after.route("asked/a")), Target)
