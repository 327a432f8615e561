"""`landbridge keys`: keys for people and programs, what each may do, and what it has used.

They stand in the ledger's database, so no router need run; one that runs takes changes up within a second or two.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from cyclopts import App
from msgspec.structs import replace

from ..access.grant import Grant, state_of
from ..access.terms import check_name
from ..errors import ConfigFault
from ..store.location import locate
from . import show
from .context import AsJson, ConfigFile, Context, DataDir, load_context
from .key_terms import UNSAID, Terms

if TYPE_CHECKING:
    from ..access.keys import Keys, Used
    from ..access.known import Known

keys = App(name="keys", help="Give keys to people and programs.", result_action="return_value")

T = TypeVar("T")


@keys.command
def create(
    *,
    name: str,
    terms: Terms = UNSAID,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Make a key. It is shown this once; only its hash is kept.

    As soon as there is a key, every request needs one, on this machine too (access.required in the settings). Where
    nothing else is said, it may use every model, without limits and for ever.

    Parameters
    ----------
    name
        Whose it is.
    """
    from .key_words import as_json as fields
    from .key_words import tell_new

    context = load_context(config, data_dir)
    now = time.time()
    wanted = terms.applied(Grant(id="", name=check_name(name), created=now), now)

    async def make(keys: Keys) -> tuple[Grant, str, int]:
        made, key = await keys.create(wanted)
        return made, key, len(await keys.all())

    made, key, count = _with_keys(context, make)
    if as_json:
        show.print_json({**fields(made, now), "key": key})
    else:
        print(key, flush=True)
    tell_new(made, context, first=count == 1, quiet=as_json)
    return 0


@keys.command(name="list")
def list_(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show all keys: what they may do, and what they have used."""
    from . import key_words

    found, used = _all(load_context(config, data_dir))
    now = time.time()
    if as_json:
        show.print_json([key_words.as_json(each.grant, now, used[each.grant.id], each.used) for each in found])
    elif not found:
        show.say("There are no keys yet. Make one: landbridge keys create --name NAME")
    else:
        key_words.print_keys(found, used, now)
    return 0


@keys.command(name="show")
def show_key(key: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show one key, and what it has spent so far.

    Parameters
    ----------
    key
        Its name or id.
    """
    from . import key_words

    context = load_context(config, data_dir)
    now = time.time()

    async def read(keys: Keys) -> tuple[Known, Used]:
        grant = await keys.find(key)
        known = next(each for each in await keys.all() if each.grant.id == grant.id)
        return known, (await keys.used([grant], now))[grant.id]

    known, used = _with_keys(context, read, making=False)
    if as_json:
        show.print_json(key_words.as_json(known.grant, now, used, known.used))
    else:
        key_words.print_key(known, used, now)
    return 0


@keys.command
def change(
    key: str, *, name: str = "", terms: Terms = UNSAID, config: ConfigFile = None, data_dir: DataDir = None
) -> int:
    """Change what a key may do. What is not said stays as it is.

    Parameters
    ----------
    key
        Its name or id.
    name
        Another name for it.
    """
    from .key_words import terms as words

    context = load_context(config, data_dir)

    async def take_up(keys: Keys) -> Grant:
        changed = terms.applied(await keys.find(key), time.time())
        changed = replace(changed, name=check_name(name)) if name else changed
        await keys.change(changed)
        return changed

    grant = _with_keys(context, take_up, making=False)
    show.say(f"Key '{grant.name}' ({grant.id}): {words(grant)}.")
    return 0


@keys.command
def revoke(key: str, *, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """End a key, now and for good.

    Parameters
    ----------
    key
        Its name or id.
    """

    async def end(keys: Keys) -> Grant:
        grant = await keys.find(key)
        if grant.revoked is None:
            await keys.revoke(grant, time.time())
        return grant

    grant = _with_keys(load_context(config, data_dir), end, making=False)
    if grant.revoked is not None:
        show.say(f"Key '{grant.name}' ({grant.id}) was revoked before.")
        return 0
    show.say(f"Key '{grant.name}' ({grant.id}) is revoked. 'landbridge keys rm {grant.id}' forgets it.")
    return 0


@keys.command
def rotate(key: str, *, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Give a key another secret. The one before ends now; what it may do and has spent stays.

    Parameters
    ----------
    key
        Its name or id.
    """

    async def renew(keys: Keys) -> tuple[Grant, str]:
        grant = await keys.find(key)
        if grant.revoked is not None:
            raise ConfigFault(f"Key '{grant.name}' was revoked.", remedy="Make a new one: landbridge keys create.")
        return grant, await keys.rotate(grant)

    grant, secret = _with_keys(load_context(config, data_dir), renew, making=False)
    if as_json:
        show.print_json({"id": grant.id, "name": grant.name, "key": secret})
    else:
        print(secret, flush=True)
    show.say(
        f"Key '{grant.name}' ({grant.id}) has a new secret, shown this once. The one before is refused from now on."
    )
    return 0


@keys.command
def rm(key: str, *, config: ConfigFile = None, data_dir: DataDir = None) -> int:
    """Forget a key that was revoked or has expired. The ledger keeps what it did.

    Parameters
    ----------
    key
        Its name or id.
    """

    async def forget(keys: Keys) -> tuple[Grant, int]:
        grant = await keys.find(key)
        if state_of(grant, time.time()) == "active":
            raise ConfigFault(
                f"Key '{grant.name}' is in use.", remedy=f"End it first: landbridge keys revoke {grant.name}."
            )
        await keys.remove(grant)
        return grant, len(await keys.all())

    context = load_context(config, data_dir)
    grant, left = _with_keys(context, forget, making=False)
    show.say(f"Key '{grant.name}' ({grant.id}) is forgotten.")
    if not left and context.config.access.required == "auto":
        show.say("There are no keys any more: this machine's programs need none from now on.")
    return 0


def _all(context: Context) -> tuple[list[Known], dict[str, Used]]:
    async def read(keys: Keys) -> tuple[list[Known], dict[str, Used]]:
        found = await keys.all()
        return found, await keys.used([each.grant for each in found], time.time())

    if _is_empty(context):
        return [], {}
    return _with_keys(context, read)


def _is_empty(context: Context) -> bool:
    """Whether there is no database yet, which reading need not make."""
    path = locate(context.config.store.url, context.data_dir, os.environ).path
    return path is not None and not path.exists()


def _with_keys(context: Context, work: Callable[[Keys], Awaitable[T]], *, making: bool = True) -> T:
    """What `work` gives, with the keys of the database. Raises `ConfigFault`, `StoreFault`."""
    if not making and _is_empty(context):
        raise ConfigFault("There are no keys yet.", remedy="Make one: landbridge keys create --name NAME.")

    async def run() -> T:
        from ..access.keys import Keys

        keys = await Keys.open(locate(context.config.store.url, context.data_dir, os.environ))
        try:
            return await work(keys)
        finally:
            await keys.close()

    return asyncio.run(run())
