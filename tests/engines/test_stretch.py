"""Contexts are stretched only when asked to, and by as much as they need."""

from __future__ import annotations

from typing import Any

import pytest

from landbridge.config import ModelSettings
from landbridge.engines.stretch import Rope, stretched


@pytest.mark.parametrize(
    ("settings", "rope"),
    [
        ({}, Rope()),
        ({"context": 24_576}, Rope()),
        ({"rope_scaling": "none", "rope_factor": 3}, Rope("none")),
        ({"rope_scaling": "yarn", "context": 24_576}, Rope("yarn", 3.0, 8192)),
        ({"rope_scaling": "linear", "context": 12_288}, Rope("linear", 1.5, 8192)),
        ({"rope_scaling": "yarn", "context": 4096}, Rope("yarn", 1.0, 8192)),
        ({"rope_scaling": "yarn"}, Rope("yarn", 1.0, 8192)),
        ({"rope_scaling": "yarn", "rope_factor": 2}, Rope("yarn", 2, 8192)),
        ({"rope_scaling": "yarn", "context": 8192, "rope_original_context": 2048}, Rope("yarn", 4.0, 2048)),
    ],
)
def test_factor(settings: dict[str, Any], rope: Rope) -> None:
    assert stretched(ModelSettings(**settings), 8192) == rope
