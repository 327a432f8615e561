"""Which page a path belongs to."""

from __future__ import annotations

import pytest

from landbridge.dashboard.places import PLACES, place_of


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/", "home"),
        ("/chat", "chat"),
        ("/chat/abc", "chat"),
        ("/chatter", "home"),
        ("/connect?model=x", "connect"),
        ("/requests/req_1/more", "requests"),
        ("/nowhere", "home"),
        ("", "home"),
    ],
)
def test_a_path_belongs_to_a_page(path: str, name: str) -> None:
    assert place_of(path).name == name


def test_pages_have_names_and_paths_of_their_own() -> None:
    assert len({place.name for place in PLACES}) == len({place.path for place in PLACES}) == len(PLACES) == 9
    assert [place.title for place in PLACES][:3] == ["Home", "Chat", "Models"]
    assert all(place_of(place.path) is place for place in PLACES)
