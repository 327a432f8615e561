"""`landbridge app`: a window on the dashboard of the router that runs, or of one that outlives it; else the browser."""

from __future__ import annotations

import subprocess
import sys
import types
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli import app_tray, app_window
from landbridge.cli.main import main
from landbridge.manage.control import told
from tests.fakes.landbridge import LISTENERS, Served

pytestmark = [pytest.mark.io, pytest.mark.anyio]


class Closing:
    """An event of a window's."""

    def __init__(self) -> None:
        self.handlers: list[Callable[[], bool]] = []

    def __iadd__(self, handler: Callable[[], bool]) -> Closing:
        self.handlers.append(handler)
        return self


class Window:
    """What `webview.create_window` gives."""

    def __init__(self, title: str, url: str, **_sizes: object) -> None:
        self.title, self.url = title, url
        self.events = types.SimpleNamespace(closing=Closing())
        self.did: list[str] = []

    def hide(self) -> None:
        self.did.append("hide")

    def close(self) -> bool:
        """Somebody clicks on the cross; whether the window is gone."""
        return all(handler() for handler in self.events.closing.handlers)


class Webview(types.ModuleType):
    """Stands for pywebview."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__("webview")
        self.windows: list[Window] = []
        self.settings: dict[str, object] = {}
        self._fault = fault

    def create_window(self, title: str, url: str, **sizes: object) -> Window:
        self.windows.append(Window(title, url, **sizes))
        return self.windows[-1]

    def start(self) -> None:
        if self._fault is not None:
            raise self._fault


class WebViewException(Exception):
    """What pywebview raises where the system has no web view."""


class Tray:
    """Stands for the icon."""

    leaving, there, ended = False, True, False

    def __init__(self, window: Any, started: Any) -> None:
        self.window, self.started = window, started

    def end(self) -> None:
        self.ended = True


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    def visit(url: str) -> bool:
        found.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", visit)
    return found


@pytest.fixture
def webview(monkeypatch: pytest.MonkeyPatch) -> Webview:
    module = Webview()
    monkeypatch.setitem(sys.modules, "webview", module)
    monkeypatch.setenv("DISPLAY", ":9")
    monkeypatch.setattr(app_tray, "Tray", Tray)
    return module


@pytest.fixture
async def served(tmp_path: Path) -> Any:
    async with Served(tmp_path, dashboard=True) as served:
        yield served


def run(served: Served) -> int:
    return main(["app", "--data-dir", str(served.data)])


async def test_a_window_and_who_has_none(
    served: Served, webview: Webview, visited: list[str], capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """One router for all of it: each takes seconds to start."""
    assert run(served) == 0
    assert [window.url for window in webview.windows] == [served.dashboard] and visited == []
    assert "keeps running" not in capsys.readouterr().err, "it was there before"

    monkeypatch.setitem(sys.modules, "webview", Webview(WebViewException("no GTK")))
    assert run(served) == 0 and visited == [served.dashboard]
    assert "no web view here" in capsys.readouterr().err

    monkeypatch.setitem(sys.modules, "webview", None)
    assert run(served) == 0 and len(visited) == 2
    assert "pip install 'landbridge[app]'" in capsys.readouterr().err

    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    assert run(served) == 0 and len(visited) == 3
    assert "no display here" in capsys.readouterr().err


async def test_errors_of_its_own_are_not_hidden(
    served: Served, webview: Webview, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "webview", Webview(ZeroDivisionError()))
    assert run(served) == 1


def test_closing_hides_while_there_is_an_icon(webview: Webview, monkeypatch: pytest.MonkeyPatch) -> None:
    assert app_window.window("http://x", None) == ""
    (window,) = webview.windows
    assert not window.close() and window.did == ["hide"]
    monkeypatch.setattr(Tray, "there", False)
    assert window.close(), "nobody could have it back"
    monkeypatch.setattr(Tray, "there", True)
    monkeypatch.setattr(Tray, "leaving", True)
    assert window.close()


def test_a_system_without_a_tray(
    webview: Webview, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def none(*_: object) -> Tray:
        raise OSError("no tray")

    monkeypatch.setattr(app_tray, "Tray", none)
    assert app_window.window("http://x", None) == ""
    assert "no icon in the tray" in capsys.readouterr().err and webview.windows[0].close()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Routers that were started; they end with the test."""
    found: list[subprocess.Popen[bytes]] = []
    real = app_window.start

    def start(where: Any) -> subprocess.Popen[bytes]:
        found.append(real(where))
        return found[-1]

    monkeypatch.setattr(app_window, "start", start)
    yield found
    for process in found:
        process.terminate()
        process.wait(30)


def test_a_router_is_started_and_keeps_serving(
    tmp_path: Path, webview: Webview, started: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "landbridge.toml"
    config.write_text(LISTENERS.replace("false", "true"))
    data = tmp_path / "data"
    assert main(["app", "--data-dir", str(data), "--config", str(config)]) == 0
    assert webview.windows[0].url.startswith("http://127.0.0.1:")
    (process,) = started
    assert process.poll() is None and told(data, "GET", "/health")
    said = capsys.readouterr().err
    assert f"process {process.pid}" in said and "app.log" in said


def test_a_router_that_cannot_start(
    tmp_path: Path, webview: Webview, started: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "landbridge.toml"
    config.write_text("defalt = 1\n")
    assert main(["app", "--data-dir", str(tmp_path), "--config", str(config)]) == 3
    assert "app.log" in capsys.readouterr().err and webview.windows == []


def test_a_router_without_a_dashboard(
    tmp_path: Path, webview: Webview, started: list[Any], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(app_window, "OPENS_WITHIN", 0.1)
    config = tmp_path / "landbridge.toml"
    config.write_text(LISTENERS)
    assert main(["app", "--data-dir", str(tmp_path), "--config", str(config)]) == 1
    assert "listeners.dashboard.enabled" in capsys.readouterr().err
    assert started[0].wait(30) == 0
