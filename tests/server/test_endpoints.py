"""What is said of endpoints is whole: a summary each, parameters that are described, ends of paths that differ."""

from __future__ import annotations

from landbridge.server.endpoints import ENDPOINTS, PARAMETERS


def test_each_is_described_in_words_of_its_own() -> None:
    for about in ENDPOINTS.values():
        assert about.summary and not about.summary.endswith(".")
        assert set(about.parameters) <= set(PARAMETERS)
        assert all(100 <= status < 600 for status in about.statuses)


def test_what_is_posted_to_landbridge_itself_shows_that_no_web_page_asks() -> None:
    own = {key: about for key, about in ENDPOINTS.items() if key[1] == "" and key[0] in ("POST", "PUT", "DELETE")}
    changing = [about for key, about in own.items() if key[2].startswith(("/load", "/unload", "/pin", "/settings"))]
    assert len(changing) >= 5
    assert all(about.takes is not None or "x-landbridge" in about.parameters for about in changing)
