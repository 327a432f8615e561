"""The icon in the tray: its menu shows the window and ends it, and stops a router only where one was started."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

from landbridge.cli import app_tray
from landbridge.cli.app_tray import SIZE, Tray, picture, shows_icons

pytestmark = pytest.mark.io


class Icon:
    """Stands for pystray's."""

    HAS_MENU = True

    def __init__(self, name: str, image: object, title: str, menu: Any) -> None:
        self.menu = {item.text: item.do for item in menu if item != "---"}
        self.running = False
        made.append(self)

    def run_detached(self) -> None:
        self.running = True

    def stop(self) -> None:
        self.running = False


class Item:
    def __init__(self, text: str, do: Any, default: bool = False) -> None:
        self.text, self.do = text, do


class Menu(tuple[Any, ...]):
    SEPARATOR = "---"

    def __new__(cls, *items: Any) -> Menu:
        return super().__new__(cls, items)


made: list[Icon] = []


class Window:
    def __init__(self) -> None:
        self.did: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return lambda: self.did.append(name)


class Process:
    ended = False

    def terminate(self) -> None:
        self.ended = True


@pytest.fixture(autouse=True)
def pystray(monkeypatch: pytest.MonkeyPatch) -> None:
    made.clear()
    module = types.ModuleType("pystray")
    vars(module).update(Icon=Icon, Menu=Menu, MenuItem=Item)
    monkeypatch.setitem(sys.modules, "pystray", module)


def test_the_menu() -> None:
    window, process = Window(), Process()
    started: Any = process
    tray = Tray(window, started)
    (icon,) = made
    assert icon.running
    icon.menu["Open landbridge"]()
    assert window.did == ["show", "restore"]
    assert not vars(tray)["leaving"]
    icon.menu["Quit (the router keeps serving)"]()
    assert window.did[-1] == "destroy" and not vars(process)
    assert vars(tray)["leaving"]
    icon.menu["Quit and stop the router"]()
    assert vars(process) == {"ended": True}
    tray.end()
    assert not icon.running


def test_a_router_of_others_cannot_be_stopped() -> None:
    Tray(Window(), None)
    assert not any("stop" in text for text in made[0].menu)


@pytest.mark.parametrize(("shown", "menu", "there"), [(True, True, True), (False, True, False), (True, False, False)])
def test_whether_a_hidden_window_can_be_had_back(
    monkeypatch: pytest.MonkeyPatch, shown: bool, menu: bool, there: bool
) -> None:
    tray = Tray(Window(), None)
    monkeypatch.setattr(app_tray, "shows_icons", lambda: shown)
    monkeypatch.setattr(Icon, "HAS_MENU", menu)
    assert tray.there == there


@pytest.mark.parametrize(
    ("system", "bus", "display", "shown"),
    [
        ("linux", False, False, False),
        ("linux", True, False, True),
        ("linux", False, True, True),
        ("darwin", False, False, True),
        ("win32", False, False, True),
    ],
)
def test_whether_the_desktop_shows_icons(
    monkeypatch: pytest.MonkeyPatch, system: str, bus: bool, display: bool, shown: bool
) -> None:
    monkeypatch.setattr(app_tray, "_by_bus", lambda: bus)
    monkeypatch.setattr(app_tray, "_by_display", lambda: display)
    assert shows_icons(system) == shown


def test_a_machine_without_a_desktop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gi.repository", None)
    monkeypatch.setenv("DISPLAY", "")
    assert not shows_icons("linux")


def test_the_picture() -> None:
    image = picture()
    assert image.size == (SIZE, SIZE) and image.getpixel((0, 0))[3] == 0
    assert image.getpixel((SIZE // 2, 40))[:3] == (255, 255, 255)
