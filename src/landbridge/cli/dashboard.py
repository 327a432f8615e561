"""`landbridge dashboard`: where the dashboard is; with a link that signs in, where one is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from msgspec import Struct

from . import show
from .context import AsJson, ConfigFile, DataDir, places

LINKS = "/api/v1/dashboard/links"


class Link(Struct):
    """Opens the dashboard."""

    url: str
    seconds: float | None = None
    """It signs in once, within so many seconds; None: no link is needed."""


def dashboard(
    *,
    browser: Annotated[bool, Parameter(name="--open", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Print the address of the running router's dashboard.

    Where others than this machine can reach it, that is a new link, which signs one browser in. It asks at the
    control socket in the data folder, which only the router's own user can open.

    Parameters
    ----------
    browser
        Open it in the default browser, too.
    """
    link = link_to(places(config, data_dir).data_dir)
    if as_json:
        show.print_json(link)
    else:
        print(link.url)
        if link.seconds is not None:
            show.say(f"the link signs in once, within {link.seconds / 60:.0f} minutes.")
    if browser and not opened(link.url):
        show.say("no browser could be started here.")
        return show.FAILURE
    return 0


def link_to(data_dir: Path) -> Link:
    """A link to the dashboard of the router with that data folder. Raises its own words."""
    import msgspec

    from ..manage.control import told

    return msgspec.json.decode(told(data_dir, "POST", LINKS), type=Link)


def opened(url: str) -> bool:
    """Open it in the default browser; whether there was one."""
    import webbrowser

    return webbrowser.open(url)
