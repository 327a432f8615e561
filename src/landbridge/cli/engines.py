"""`landbridge ps`, `load`, `unload`, `pin`, `unpin`: the models in memory, as the running router tells and is told."""

from __future__ import annotations

import sys
import threading
import time
from typing import Annotated, TypeVar
from urllib.parse import quote

import msgspec
from cyclopts import Parameter
from msgspec import Struct

from ..errors import Unreachable
from ..manage.router import ENGINES, told
from . import show
from .context import AsJson, ConfigFile, DataDir
from .engine_table import Engine, Engines, table
from .progress import size_text
from .router import router_url

PATIENCE = 24 * 3600.0
"""Seconds a model may take to load or to be done with its work; the user can leave before."""
LOOK = 0.5
"""Seconds between two looks at a model that loads."""
EVERY = 1.0
"""Seconds between two tables of `ps --watch`."""

BaseUrl = Annotated[str, Parameter(help="URL of a running landbridge, where it is not the one of the settings.")]


T = TypeVar("T")


class _Unloaded(Struct):
    unloaded: bool
    engine: Engine


def ps(
    *,
    watch: Annotated[bool, Parameter(negative=(), help="Show it again each second, until Ctrl-C.")] = False,
    base_url: BaseUrl = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Show the models in memory: what they do, what they take, and when they go."""
    url = router_url(config, data_dir, base_url)
    if watch and not as_json:
        return _watch(url)
    body = told(url, "GET", ENGINES)
    engines = _decode(url, body, Engines).engines
    if as_json:
        show.print_json(msgspec.json.decode(body)["engines"])
    elif engines:
        from rich.console import Console

        Console().print(table(engines))
    else:
        print("No model has been asked for yet: each is loaded on its first use, or by 'landbridge load MODEL'.")
    return 0


def load(
    model: str,
    *,
    base_url: BaseUrl = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Load a model now, and wait until it is ready.

    Parameters
    ----------
    model
        A local model, or an alias of one.
    """
    url = router_url(config, data_dir, base_url)
    began = time.monotonic()
    reply = _load_watched(url, model)
    if as_json:
        show.print_json(msgspec.json.decode(reply))
        return 0
    engine = _decode(url, reply, Engine)
    window = f", window {engine.window} tokens" if engine.window else ""
    print(
        f"{engine.name} is ready after {time.monotonic() - began:.1f} s: {size_text(engine.memory)} in memory{window}."
    )
    return 0


def unload(
    model: str,
    *,
    now: Annotated[bool, Parameter(negative=(), help="Break off what runs on it.")] = False,
    base_url: BaseUrl = "",
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Unload a model when those who use it are done.

    Parameters
    ----------
    model
        A local model, or an alias of one.
    """
    url = router_url(config, data_dir, base_url)
    before = _decode(url, told(url, "GET", _path(model)), Engine)
    if before.busy and not now:
        show.say(f"{before.name} works on {before.busy} requests; it is unloaded when they are done (--now: at once).")
    reply = told(url, "POST", _path(model, "unload"), msgspec.json.encode({"now": now}), PATIENCE)
    if as_json:
        show.print_json(msgspec.json.decode(reply))
        return 0
    done = _decode(url, reply, _Unloaded)
    freed = f"; {size_text(before.memory)} are free again" if before.memory else ""
    print(f"{done.engine.name} is unloaded{freed}." if done.unloaded else f"{done.engine.name} was not loaded.")
    return 0


def pin(
    model: str, *, base_url: BaseUrl = "", config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False
) -> int:
    """Let a model stay in memory once it is loaded, until landbridge ends. For good: `pin = true` in its settings.

    Parameters
    ----------
    model
        A local model, or an alias of one.
    """
    return _pin(router_url(config, data_dir, base_url), model, "PUT", as_json)


def unpin(
    model: str, *, base_url: BaseUrl = "", config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False
) -> int:
    """Let a model go again when it is idle or its memory is needed.

    Parameters
    ----------
    model
        A local model, or an alias of one.
    """
    return _pin(router_url(config, data_dir, base_url), model, "DELETE", as_json)


def _pin(url: str, model: str, method: str, as_json: bool) -> int:
    reply = told(url, method, _path(model, "pin"), b"{}")
    if as_json:
        show.print_json(msgspec.json.decode(reply))
        return 0
    engine = _decode(url, reply, Engine)
    loaded = "" if engine.pid is not None else f" (it is not loaded: landbridge load {engine.name})"
    stays = f"{engine.name} stays in memory{loaded}."
    print(stays if engine.pinned else f"{engine.name} may go when it is idle or its memory is needed.")
    return 0


# -- the router --------------------------------------------------------------------------------------------------------


def _path(model: str, action: str = "") -> str:
    return f"{ENGINES}/{quote(model, safe='')}{f'/{action}' if action else ''}"


def _decode(url: str, body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError:
        raise Unreachable(
            f"Something else than landbridge, or another version of it, is at {url}.",
            remedy="'landbridge doctor' names the program.",
        ) from None


def _load_watched(url: str, model: str) -> bytes:
    """Load it, and tell meanwhile how it stands."""
    outcome: list[bytes | BaseException] = []

    def work() -> None:
        try:
            outcome.append(told(url, "POST", _path(model, "load"), b"{}", PATIENCE))
        except BaseException as error:
            outcome.append(error)

    worker = threading.Thread(target=work, daemon=True)  # who leaves does not wait for it
    worker.start()
    said = ""
    while worker.is_alive():
        worker.join(LOOK)
        if worker.is_alive() and (words := _stands(url, model)) not in ("", said):
            said = words
            show.say(words)
    (result,) = outcome
    if isinstance(result, BaseException):
        raise result
    return result


def _stands(url: str, model: str) -> str:
    engine = _decode(url, told(url, "GET", _path(model)), Engine)
    if engine.waits_for_memory:
        return f"{engine.name} waits until other models have made room"
    return f"{engine.name} is {_MEANWHILE[engine.state]}" if engine.state in _MEANWHILE else ""


_MEANWHILE = {"starting": "loading", "resting": "resting after a failure", "draining": "being unloaded first"}
"""What a model can be before it is ready."""


# -- the table that stays ---------------------------------------------------------------------------------------------


def _watch(url: str) -> int:
    from rich.live import Live

    try:
        with Live(refresh_per_second=4, screen=sys.stdout.isatty()) as live:
            while True:
                live.update(table(_decode(url, told(url, "GET", ENGINES), Engines).engines), refresh=True)
                time.sleep(EVERY)
    except KeyboardInterrupt:
        return 0
