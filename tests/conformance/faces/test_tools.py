"""The suite's tools are such as agents offer."""

from __future__ import annotations

from landbridge.conformance.faces.tools import TOOLS


def test_tools_have_what_breaks_weak_conversions() -> None:
    text = str([schema for _, schema in TOOLS.values()])
    for keyword in ("$schema", "exclusiveMinimum", "propertyNames", "anyOf", "additionalProperties"):
        assert keyword in text
    assert "properties" in TOOLS["Configure"][1]["properties"]
