"""What a provider can be made from."""

from __future__ import annotations

from landbridge.manage.provider_presets import COMPATIBLE, Offer, default_of, offers
from landbridge.providers.presets import presets


def named(env: dict[str, str]) -> dict[str, Offer]:
    return {offer.preset or f"other-{offer.dialect}": offer for offer in offers(env)}


def test_every_preset_and_every_dialect_has_its_place() -> None:
    found = named({})
    assert list(found) == [*presets(), *(f"other-{dialect}" for dialect in COMPATIBLE)]
    local = [name for name, offer in found.items() if offer.group == "local"]
    assert local == ["ollama", "lmstudio", "vllm", "llamacpp", "landbridge"]
    assert found["backendai"].group == "cloud", "nobody knows its address, but it is no server of this machine"
    assert found["backendai"].example == "https://llm.example/v1"
    assert {offer.dialect: offer.example for offer in found.values() if offer.group == "compatible"} == {
        "openai_chat": "https://llm.example/v1",
        "openai_responses": "https://llm.example/v1",
        "anthropic": "https://llm.example",
        "gemini": "https://llm.example/v1beta",
    }


def test_keys() -> None:
    bare, full = named({}), named({"OPENAI_API_KEY": "k", "BACKEND_ACCESS_KEY": "k"})
    assert (bare["openai"].needs_key, bare["openai"].variables_set) == (True, False)
    assert full["openai"].variables_set and not full["backendai"].variables_set, "one of two is not enough"
    assert (bare["bedrock"].needs_key, bare["ollama"].needs_key, bare["vertex"].needs_key) == (False, False, False)
    assert "k" not in [value for offer in full.values() for value in (offer.key, *offer.variables)]


def test_what_addresses_leave_open() -> None:
    (region, *_) = named({"AWS_REGION": "eu-west-1"})["bedrock"].place
    assert (region.name, region.default, region.example) == ("region", "eu-west-1", "us-east-1")
    blanks = {blank.name: blank for blank in named({})["vertex"].place}
    assert blanks["region"].default == "global" and "eu" in blanks["region"].others
    assert (blanks["project"].default, blanks["project"].others) == ("", [])
    assert default_of(("NO_SUCH", "=global"), {}) == "global"
