"""The pages there are, in the order of the sidebar. Their modules are loaded when they are opened."""

from __future__ import annotations

from msgspec import Struct

from .words import N_


class Place(Struct, frozen=True):
    """One page."""

    name: str
    """Of its module in `pages/`, which has `build`."""
    path: str
    title: str
    icon: str


PLACES = (
    Place("home", "/", N_("Home"), "space_dashboard"),
    Place("chat", "/chat", N_("Chat"), "chat_bubble_outline"),
    Place("models", "/models", N_("Models"), "memory"),
    Place("cloud", "/cloud", N_("Cloud Integration"), "cloud_queue"),
    Place("api", "/api", N_("API"), "dns"),
    Place("connect", "/connect", N_("Connect"), "cable"),
    Place("requests", "/requests", N_("Requests"), "receipt_long"),
    Place("statistics", "/statistics", N_("Statistics"), "query_stats"),
    Place("settings", "/settings", N_("Settings"), "tune"),
)


def place_of(path: str) -> Place:
    """The page that a path belongs to; the first one where it is none of theirs."""
    path = path.partition("?")[0]
    fitting = [place for place in PLACES if path == place.path or path.startswith(f"{place.path.rstrip('/')}/")]
    return max(fitting, key=lambda place: len(place.path), default=PLACES[0])
