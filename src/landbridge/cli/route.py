"""`landbridge route`: where a model's name leads, why, and what is passed over, as the running router sees it now.

Without a router, the settings alone say it; nobody knows then who rests, who is fast and where a conversation is.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar
from urllib.parse import quote, urlencode

import msgspec
from cyclopts import Parameter

from ..errors import UnknownModel, Unreachable
from ..manage.router import told
from . import show
from .context import AsJson, ConfigFile, Context, DataDir, load_context
from .engines import BaseUrl
from .router import router_url
from .tables import print_table

if TYPE_CHECKING:
    from ..gateway.explain import Asking, Explanation, Told

ROUTES = "/api/v1/routes"
ALL = "routes"
"""The key of the list of all."""
T = TypeVar("T")


@Parameter(name="*")
@dataclass(frozen=True)
class Who:
    """Who asks, as far as it matters."""

    client: Annotated[str, Parameter(help="As this client asks (its short name: codex, claude-cli).")] = ""
    key: Annotated[str, Parameter(help="As somebody with this access key asks: its name or id.")] = ""
    tokens: Annotated[int | None, Parameter(help="With a prompt of so many tokens.")] = None
    session: Annotated[str, Parameter(help="In this conversation.")] = ""


ANYBODY = Who()


def route(
    *,
    explain: Annotated[str, Parameter(help="The model's name, as a client would say it.")] = "",
    who: Who = ANYBODY,
    base_url: BaseUrl = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Say where a model's name leads, why, and what is passed over. Without a name: all that lead to several models."""
    from ..gateway.explain import Asking, Explanation

    asking = Asking(explain, who.client, who.key, who.tokens, who.session)
    url = router_url(config, data_dir, base_url)
    said = urlencode({name: value for name, value in asdict(who).items() if value not in ("", None)})
    path = f"{ROUTES}/{quote(explain)}" if explain else ROUTES
    try:
        reply = told(url, "GET", f"{path}?{said}" if said else path)
    except Unreachable:
        if base_url:
            raise
        show.say(f"Nobody answers at {url}: this is what the settings say.")
        found = asyncio.run(_by_settings(load_context(config, data_dir), asking))
    else:
        found = (
            [_decode(url, reply, Explanation)] if explain else _decode(url, reply, dict[str, list[Explanation]])[ALL]
        )
    if as_json:
        show.print_json(found[0] if explain else found)
    elif explain:
        _print(found[0])
    else:
        _print_all(found)
    return 0 if not explain or found[0].target else show.FAILURE


def _decode(url: str, body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, LookupError):
        raise Unreachable(
            f"Something else than landbridge, or another version of it, is at {url}.",
            remedy="'landbridge doctor' names the program.",
        ) from None


async def _by_settings(context: Context, asking: Asking) -> list[Explanation]:
    """What the settings say, where no router is asked."""
    from ..engines.keeper import Keeper
    from ..engines.library import Library
    from ..engines.plan import plan
    from ..gateway.explain import Known, explain
    from ..gateway.world import World
    from ..routing.balance import Bonds, Speeds
    from ..server.keys import read_keys

    config, library = context.config, Library(context.data_dir / "models")
    env = {**os.environ, **await read_keys(config, context.data_dir, os.environ)}
    servers = {name for name, model in config.models.items() if model.command is not None}
    names = tuple(sorted({*library.names(), *servers}))
    world = World(config, env, lambda: names)
    keeper = Keeper(library, lambda: config, context.data_dir / "run", plan, _nobody)
    known = Known(keeper, Speeds(), Bonds(), asyncio.get_running_loop().time())
    if asking.model:
        return [explain(world, known, asking)]
    return [explain(world, known, msgspec.structs.replace(asking, model=name)) for name in world.forks()]


async def _nobody(*_: object) -> tuple[int, bytes]:
    raise UnknownModel("No engine is asked.")


def _print(found: Explanation) -> None:
    where = f"{found.model} -> {found.target or 'nobody'}"
    print(f"{where} ({found.why})" if found.why else where)
    columns = ("TARGET", "ASKED", "STATE", "WINDOW", "BEGINS AFTER", "BECAUSE")
    print_table(columns, [_row(each) for each in found.targets], numbers=("WINDOW", "BEGINS AFTER"), last=("BECAUSE",))


def _row(each: Told) -> tuple[str, ...]:
    failure = f"last failure: {each.last_failure}" if each.last_failure else ""
    return (
        each.target,
        _ORDER.get(each.place, f"{each.place}th") if each.place is not None else "no",
        each.breaker,
        str(each.window) if each.window is not None else "-",
        f"{each.begins_after:.2f} s" if each.begins_after is not None else "-",
        "; ".join(why for why in (each.why, failure) if why),
    )


_ORDER = {1: "first", 2: "2nd", 3: "3rd"}


def _print_all(found: list[Explanation]) -> None:
    if not found:
        print("No name leads to several models. A list under [aliases] does, or a section [routes.NAME].")
        return
    rows = [
        (
            each.model,
            each.target or "nobody",
            each.policy.replace("_", " ") + (", sticky" if each.sticky else ""),
            ", ".join(one.target for one in each.targets),
        )
        for each in found
    ]
    print_table(("NAME", "GOES TO", "BY", "OF"), rows, last=("OF",))
