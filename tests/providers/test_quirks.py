"""Exceptions by name are data: each changes what it says, to values that exist."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from landbridge.errors import ConfigFault
from landbridge.neutral.traits import ThinkingField, Traits
from landbridge.providers.quirks import QUIRKS, apply

HABITS = {"drain_on_cancel"}
"""Quirks of a server that change how it is spoken to and not what its models take."""

BLIND = Traits(images=False, documents=False, documents_known=False)


@pytest.mark.parametrize("name", QUIRKS)
def test_each_changes_traits_to_values_that_exist(name: str) -> None:
    start = BLIND if name in ("images", "documents") else Traits()
    changed = apply(start, [name])
    assert (changed != start) is (name not in HABITS)
    assert msgspec.convert(msgspec.to_builtins(changed), Traits) == changed
    said, traits = QUIRKS[name]
    assert said
    assert all(getattr(changed, trait) == value for trait, value in traits.items())


def test_several_are_applied_in_order() -> None:
    changed = apply(Traits(window=5), ["no_seed", "no_images", "no_sampling"])
    assert (changed.sampling, changed.images, changed.window) == ((), False, 5)
    assert apply(Traits(), []) == Traits()


def test_p64_what_backends_call_differently_is_data() -> None:
    assert Traits().max_tokens_field == "max_tokens"
    assert apply(Traits(), ["max_completion_tokens"]).max_tokens_field == "max_completion_tokens"
    assert apply(Traits(), ["no_stop"]).stop_field is False
    assert apply(Traits(), ["no_sampling"]).sampling == ()


FIELDS = {
    "reasoning_effort": "reasoning_effort",
    "reasoning_object": "reasoning.effort",
    "thinking_switch": "thinking",
    "thinking_and_effort": "thinking+reasoning_effort",
    "enable_thinking": "enable_thinking",
    "template_thinking": "chat_template_kwargs",
}


def test_p51_reasoning_is_asked_for_only_where_a_quirk_says_so() -> None:
    assert Traits().effort == "none"
    found = {name: apply(Traits(), [name]).effort for name in QUIRKS}
    assert {name: field for name, field in found.items() if field != "none"} == FIELDS
    assert {"none", *FIELDS.values()} == set(get_args(ThinkingField))


def test_an_unknown_quirk_gets_the_nearest() -> None:
    with pytest.raises(ConfigFault, match="There is no quirk 'no_image'") as caught:
        apply(Traits(), ["no_image"])
    assert caught.value.remedy == "Did you mean 'no_images'?"
    with pytest.raises(ConfigFault) as caught:
        apply(Traits(), ["???"])
    assert "no_images" in caught.value.remedy
