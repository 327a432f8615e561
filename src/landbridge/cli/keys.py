"""`landbridge keys`: keys for people and programs, what each may do, and what it has used.

They stand in the ledger's database, so no router need run; one that runs takes changes up within a second or two.
"""

from __future__ import annotations

import os
import time

from cyclopts import App

from ..manage import keys as access_keys
from ..store.location import Location, locate
from . import show
from .context import AsJson, ConfigFile, Context, DataDir, load_context
from .key_terms import UNSAID, Terms

keys = App(name="keys", help="Give keys to people and programs.", result_action="return_value")


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
    made = access_keys.create(_place(context), name, terms.read())
    if as_json:
        show.print_json({**fields(made.grant, time.time()), "key": made.key})
    else:
        print(made.key, flush=True)
    tell_new(made.grant, context, first=made.count == 1, quiet=as_json)
    return 0


@keys.command(name="list")
def list_(*, config: ConfigFile = None, data_dir: DataDir = None, as_json: AsJson = False) -> int:
    """Show all keys: what they may do, and what they have used."""
    from . import key_words

    found, now = access_keys.listed(_place(load_context(config, data_dir))), time.time()
    if as_json:
        show.print_json([key_words.as_json(each.grant, now, each.used, each.last) for each in found])
    elif not found:
        show.say("There are no keys yet. Make one: landbridge keys create --name NAME")
    else:
        key_words.print_keys(found, now)
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

    found, now = access_keys.shown(_place(load_context(config, data_dir)), key), time.time()
    if as_json:
        show.print_json(key_words.as_json(found.grant, now, found.used, found.last))
    else:
        key_words.print_key(found, now)
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

    grant = access_keys.change(_place(load_context(config, data_dir)), key, terms.read(), name)
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
    grant = access_keys.revoke(_place(load_context(config, data_dir)), key)
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
    made = access_keys.rotate(_place(load_context(config, data_dir)), key)
    grant = made.grant
    if as_json:
        show.print_json({"id": grant.id, "name": grant.name, "key": made.key})
    else:
        print(made.key, flush=True)
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
    context = load_context(config, data_dir)
    grant, left = access_keys.remove(_place(context), key)
    show.say(f"Key '{grant.name}' ({grant.id}) is forgotten.")
    if not left and context.config.access.required == "auto":
        show.say("There are no keys any more: this machine's programs need none from now on.")
    return 0


def _place(context: Context) -> Location:
    return locate(context.config.store.url, context.data_dir, os.environ)
