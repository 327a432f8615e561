"""The icon in the tray of `landbridge app`: shows the window, ends it, stops the router that was started for it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

SIZE = 64
GREEN, WHITE = (15, 118, 110, 255), (255, 255, 255, 255)


class Tray:
    """Of one window. Raises where the system has no tray, whatever its library raises then."""

    def __init__(self, window: Any, started: subprocess.Popen[bytes] | None) -> None:
        from pystray import Icon, Menu, MenuItem

        self._window, self._started = window, started
        self.leaving = False
        """Whether the window is closed for good."""
        items = [
            MenuItem("Open landbridge", self._show, default=True),
            Menu.SEPARATOR,
            MenuItem("Quit (the router keeps serving)", self._leave),
        ]
        if started is not None:
            items.append(MenuItem("Quit and stop the router", self._stop))
        self._icon = Icon("landbridge", picture(), "landbridge", Menu(*items))
        self._icon.run_detached()

    @property
    def there(self) -> bool:
        """Whether it can be seen and clicked, so that a hidden window can be had back."""
        return bool(type(self._icon).HAS_MENU) and shows_icons()

    def end(self) -> None:
        """Take it away."""
        self._icon.stop()

    def _show(self) -> None:
        self._window.show()
        self._window.restore()

    def _leave(self) -> None:
        self.leaving = True
        self._window.destroy()

    def _stop(self) -> None:
        if self._started is not None:
            self._started.terminate()
        self._leave()


def shows_icons(system: str = sys.platform) -> bool:
    """Whether something of the desktop shows icons. On Linux many a one has nothing for it."""
    return not system.startswith("linux") or _by_bus() or _by_display()


def _by_bus() -> bool:
    """The newer way, of KDE and of GNOME's extension."""
    try:
        from gi.repository import Gio, GLib

        bus = Gio.bus_get_sync(Gio.BusType.SESSION, None)
        asked = GLib.Variant("(s)", ("org.kde.StatusNotifierWatcher",))
        place = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner")
        return bool(bus.call_sync(*place, asked, None, Gio.DBusCallFlags.NONE, 1000, None).unpack()[0])
    except Exception:  # no bus, no library: what they raise is theirs
        return False


def _by_display() -> bool:
    """The older way, of a window manager's own tray."""
    try:
        from Xlib.display import Display

        display = Display()
        try:
            return bool(display.get_selection_owner(display.intern_atom("_NET_SYSTEM_TRAY_S0")))
        finally:
            display.close()
    except Exception:
        return False


def picture() -> Any:
    """The bridge of the dashboard's icon, drawn: trays take no SVG."""
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", (SIZE, SIZE), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, SIZE - 1, SIZE - 1), 14, fill=GREEN)
    draw.line((8, 40, 56, 40), fill=WHITE, width=5)
    draw.arc((14, 14, 50, 50), 180, 360, fill=WHITE, width=5)
    draw.line((16, 32, 16, 40), fill=WHITE, width=5)
    draw.line((48, 32, 48, 40), fill=WHITE, width=5)
    draw.arc((24, 28, 40, 44), 180, 360, fill=WHITE, width=5)
    draw.line((26, 36, 26, 40), fill=WHITE, width=4)
    draw.line((38, 36, 38, 40), fill=WHITE, width=4)
    return image
