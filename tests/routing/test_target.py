"""A target is called as people write it."""

from landbridge.routing.target import Target


def test_labels() -> None:
    assert Target("lab", "org/m:free", "openai_chat").label == "lab/org/m:free"
    assert Target("local", "smollm2", "openai_chat", local=True).label == "smollm2"


def test_targets_are_values() -> None:
    assert len({Target("lab", "m", "anthropic"), Target("lab", "m", "anthropic"), Target("lab", "n", "anthropic")}) == 2
