"""`landbridge app`: the dashboard in a window of its own, with an icon in the tray. Closing the window keeps serving.

The window is the system's web view (pywebview, the extra `app`). Where there is none, or no display, the default
browser shows the dashboard instead.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import GatewayError, StartFailed, Unreachable
from . import background, show
from .context import ConfigFile, DataDir, Places, places
from .dashboard import Link, link_to, opened

if TYPE_CHECKING:
    from .app_tray import Tray

READY_WITHIN = 60.0
"""Seconds the router may take to start; it takes less than one."""
OPENS_WITHIN = 3.0
"""And its dashboard from then on."""
POLL = 0.05
SIZE = (1280, 860)
SMALLEST = (360, 480)
EXTRA = "pip install 'landbridge[app]'"


def app(*, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Show the dashboard in a window of its own, with an icon in the tray.

    A router is started where none runs. It goes on serving when the window is closed: the icon in the tray shows the
    window again, and ends what it has started. Needs the extra `app`; without it the default browser shows the
    dashboard.
    """
    where = places(config, data_dir)
    link, started = running(where)
    why = window(link.url, started)
    if why:
        show.say(f"{why} The dashboard opens in the browser: {link.url}")
        opened(link.url)
    if started is not None and started.poll() is None:
        show.say(f"the router keeps running (process {started.pid}; its log is {log_of(where.data_dir)}).")
    return 0


def running(where: Places) -> tuple[Link, subprocess.Popen[bytes] | None]:
    """A link to the dashboard of the router that runs, or of one that is started. Raises why there is none."""
    try:
        return link_to(where.data_dir), None
    except Unreachable:
        process = start(where)
    deadline, closed = time.monotonic() + READY_WITHIN, 0.0
    while process.poll() is None and time.monotonic() < deadline:
        try:
            return link_to(where.data_dir), process
        except Unreachable:
            time.sleep(POLL)
        except GatewayError:
            closed += POLL
            if closed > OPENS_WITHIN:  # it runs, and has no dashboard
                process.terminate()
                raise
            time.sleep(POLL)
    process.terminate()
    raise StartFailed("The router did not start.", remedy=f"Its log is {log_of(where.data_dir)}.")


def start(where: Places) -> subprocess.Popen[bytes]:
    """Start a router that outlives this program."""
    log = log_of(where.data_dir)
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    command = background.whole_command(where.config_path if where.config_explicit else None, where.data_dir)
    with log.open("wb") as out:
        return background.start(command, out.fileno(), lasting=True)


def log_of(data_dir: Path) -> Path:
    """Where a router that is started here speaks into."""
    return data_dir / "logs" / "app.log"


def window(url: str, started: subprocess.Popen[bytes] | None) -> str:
    """Show `url` in a window until it is closed for good. Gives why there is none; empty where there was one."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return "There is no display here."
    try:
        import webview
    except ImportError:
        return f"The window needs the extra 'app' ({EXTRA})."
    _quiet()
    made: Any = webview.create_window("landbridge", url, width=SIZE[0], height=SIZE[1], min_size=SMALLEST)
    webview.settings["ALLOW_DOWNLOADS"] = True
    tray = _tray(made, started)
    if tray is not None:
        made.events.closing += _hiding(made, tray)
    try:
        webview.start()
    except Exception as error:
        if type(error).__name__ != "WebViewException":
            raise
        return "There is no web view here (on Debian: apt install python3-gi gir1.2-webkit2-4.1, or PyQt6-WebEngine)."
    finally:
        if tray is not None:
            tray.end()
    return ""


def _hiding(made: Any, tray: Tray) -> Callable[[], bool]:
    """Closing hides the window while there is an icon that shows it again."""

    def closing() -> bool:
        if tray.leaving or not tray.there:
            return True
        made.hide()
        return False

    return closing


def _tray(made: Any, started: subprocess.Popen[bytes] | None) -> Tray | None:
    """The icon; None where there can be none."""
    from .app_tray import Tray

    try:
        return Tray(made, started)
    except Exception as error:  # the libraries below it raise what they like: no tray, no display, no permission
        show.say(f"there is no icon in the tray ({type(error).__name__}).")
        return None


def _quiet() -> None:
    """The libraries tell each kind of window they did not find, with tracebacks."""
    import logging

    logging.getLogger("pywebview").setLevel(logging.CRITICAL)
