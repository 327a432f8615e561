"""What the page says of a provider."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from landbridge.dashboard.pages.cloud_words import (
    Trouble,
    advice,
    found,
    free_name,
    initials,
    key_words,
    line_of,
    models_words,
    names_in,
    sign_of,
    state_of,
    title_of,
    trouble_of,
)
from landbridge.gateway.checkup import Checkup
from landbridge.manage.provider_models import ModelPrice, ProviderModel
from landbridge.manage.provider_presets import offers
from landbridge.manage.providers import OWN_ADDRESS
from landbridge.server.provider_news import Miss, Provided, Tried

ROW = Provided(
    name="lab", title="OpenAI", dialect="openai_chat", address="https://h/v1", auth="bearer", key="keychain",
    problem="", remedy="", models=None, state="ok",
)  # fmt: skip
GOOD, BAD = Tried(1.0, True), Tried(1.0, False, "It said no.", "Ask again.")
MISS = Miss(1.0, "req_1", "lab/m", 500, "It broke.")


@pytest.mark.parametrize(
    ("changes", "said", "kind"),
    [
        ({}, "Not tried yet", "calm"),
        ({"listed": 3}, "Works", "good"),
        ({"tried": GOOD}, "Works", "good"),
        ({"tried": BAD, "listed": 3}, "Does not work", "bad"),
        ({"problem": "no key"}, "Does not work", "bad"),
        ({"state": "failed"}, "Does not work", "bad"),
        ({"state": "resting", "tried": GOOD}, "Rests", "warn"),
        ({"missed": MISS, "tried": GOOD}, "Failed lately", "warn"),
        ({"missed": replace(MISS, since=True)}, "Works", "good"),
        ({"enabled": False, "problem": "no key", "tried": BAD}, "Off", "calm"),
    ],
)
def test_state(changes: dict[str, Any], said: str, kind: str) -> None:
    assert state_of(replace(ROW, **changes)) == (said, kind)


@pytest.mark.parametrize(
    ("changes", "trouble"),
    [
        ({}, None),
        ({"tried": GOOD}, None),
        ({"enabled": False, "tried": BAD}, None),
        ({"problem": "no key", "remedy": "Set it.", "tried": BAD}, Trouble("It cannot be used: no key.", "Set it.")),
        ({"tried": BAD, "missed": MISS}, Trouble("It said no.", "Ask again.")),
        ({"state": "resting", "detail": "breaker open"}, Trouble("breaker open")),
        ({"tried": Tried(1.0, True, "m was silent.", "Ask n.")}, Trouble("m was silent.", "Ask n.", True)),
    ],
)
def test_trouble(changes: dict[str, Any], trouble: Trouble | None) -> None:
    assert trouble_of(replace(ROW, **changes)) == trouble


def test_the_latest_miss_is_told_with_its_time_and_whether_it_is_over() -> None:
    now, since = trouble_of(replace(ROW, missed=MISS)), trouble_of(replace(ROW, missed=replace(MISS, since=True)))
    assert now is not None and now.words.startswith("Last error at 1970-01-0") and now.words.endswith(": It broke.")
    assert since is not None and since.over and "well since: It broke." in since.words


def test_advice_names_what_can_be_done_on_the_page() -> None:
    refused = Checkup("lab", False, problem="It refused its key.", remedy="Check api_key.", status=403)
    assert advice(refused) == "It refused its key. Is the key whole, and is it one of this provider?"
    assert advice(Checkup("lab", False, problem="Not there.", remedy="Start it.")) == "Not there. Start it."


def test_facts() -> None:
    own = replace(ROW, title=OWN_ADDRESS)
    assert (title_of(ROW), sign_of(ROW), title_of(own), sign_of(own)) == ("OpenAI", "OP", "Own address", "LA")
    assert models_words(ROW) == "Models"
    assert models_words(replace(ROW, models=["a"])) == "1 model"
    assert models_words(replace(ROW, listed=2)) == "2 models"
    assert key_words(replace(ROW, key="variable A, B")) == "key from the variable A, B"
    assert key_words(replace(ROW, key="AWS's credentials")) == "AWS's credentials"
    assert [initials(each) for each in ("Ollama, on this machine", "xAI", "Z.ai (GLM)", "")] == ["OL", "XA", "ZA", "?"]


def test_what_is_looked_for_is_found_by_all_its_words() -> None:
    kinds = offers({})
    assert [offer.preset for offer in found(kinds, "claude amazon")] == ["bedrock-anthropic"]
    assert [offer.preset for offer in found(kinds, "11434")] == ["ollama"]
    assert found(kinds, "") == kinds and found(kinds, "no such thing") == []


def test_names() -> None:
    assert free_name("openai", []) == "openai"
    assert free_name("openai", ["openai", "openai-2"]) == "openai-3"
    assert free_name("", [""]) == ""
    assert names_in(" a, b\nc  a ") == ["a", "b", "c"] and names_in(" ") == []


def test_a_row_of_the_list() -> None:
    model = ProviderModel(
        model="m", name="lab/m", window=200_000, output=None, images="yes", documents="no", tools="assumed",
        thinks="always", price=ModelPrice(3.0, 15.0, 0.3, 3.75, 200_000), probed=False,
    )  # fmt: skip
    line = line_of(model)
    assert (line["can"], line["in"], line["out"]) == (["yes", "assumed", "yes", "no"], 3.0, 15.0)
    assert line["says"] == (
        "Dollars for a million tokens: 3.00 in, 15.00 out, 0.30 from the cache; prompts above 200,000 tokens cost more"
    )
    unknown = line_of(replace(model, price=None, thinks="no"))
    assert (unknown["in"], unknown["says"], unknown["can"][2]) == (None, "The price is not known", "no")
