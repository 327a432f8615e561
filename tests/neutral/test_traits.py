"""Traits are data; the defaults describe a complete model that is told nothing unasked."""

from __future__ import annotations

import pytest

from landbridge.neutral.traits import Traits


def test_the_defaults_take_everything() -> None:
    traits = Traits()
    assert traits.images and traits.documents and traits.tools and traits.tool_choice and traits.caches
    assert traits.system_turns == "keep"
    assert (traits.effort, traits.reasoning_back, traits.cache_key, traits.metadata_user) == ("none", "", "", "")


def test_traits_are_frozen() -> None:
    with pytest.raises(AttributeError):
        Traits().images = False  # type: ignore[misc]  # that it is frozen is what is tested
