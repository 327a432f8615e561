"""What is known of models: nothing is made up."""

from __future__ import annotations

from landbridge.config import PriceSettings, ProviderSettings
from landbridge.manage.provider_models import ModelPrice, ProviderModel, models_of
from landbridge.providers.probe import Finding
from landbridge.providers.probed import NO_PROBES, Probe, Probes
from landbridge.providers.table import Provider, resolve

NOW = 1_790_000_000.0
LAB: Provider = resolve("lab", ProviderSettings(preset="anthropic", api_key="${K}"), {"K": "k"})
OWN = resolve("own", ProviderSettings(dialect="openai_chat", base_url="http://h/v1", auth="none"), {})


def one(provider: Provider, model: str, probes: Probes = NO_PROBES, **own: PriceSettings) -> ProviderModel:
    (found,) = models_of(provider, [model], probes, own, NOW)
    return found


def test_a_known_one() -> None:
    found = one(LAB, "claude-sonnet-4-5-20250929")
    assert (found.model, found.name) == ("claude-sonnet-4-5-20250929", "lab/claude-sonnet-4-5-20250929")
    assert (found.window, found.output) == (200_000, 64_000)
    assert (found.images, found.documents, found.tools, found.thinks) == ("yes", "yes", "yes", "can")
    assert found.price == ModelPrice(3.0, 15.0, 0.3, 3.75, 200_000)


def test_an_unknown_one_is_assumed_to_be_able_and_has_no_price() -> None:
    found = one(OWN, "house-7b")
    assert (found.images, found.tools, found.thinks, found.documents) == ("assumed", "assumed", "assumed", "no")
    assert (found.window, found.price, found.probed) == (None, None, False)


def test_a_probe_and_own_prices_make_it_known() -> None:
    findings = {name: Finding("yes") for name in ("answers", "tools", "images", "thinking")}
    probe = Probe("own", OWN.base_url, "house-7b", "2026-11-26T15:04:05Z", findings, window=8192)
    found = one(OWN, "house-7b", Probes([probe]), **{"own/*": PriceSettings(input=1.0, output=2.5)})
    assert (found.images, found.tools, found.thinks, found.window, found.probed) == ("yes", "yes", "can", 8192, True)
    assert found.price == ModelPrice(1.0, 2.5, 1.0, 1.0)


def test_what_settings_deny_is_known() -> None:
    made = ProviderSettings(
        dialect="openai_chat", base_url="http://h/v1", auth="none", quirks=["no_tools", "no_images"]
    )
    found = one(resolve("own", made, {}), "house-7b")
    assert (found.images, found.tools) == ("no", "no")
