"""`landbridge usage`: what was used and what it cost, from the ledger, also while no router runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, get_args

from cyclopts import Parameter

from ..errors import ConfigFault
from ..store.report import By, Usage
from . import show
from .context import AsJson, ConfigFile, DataDir
from .ledger import ALL, Wanted, read_ledger

if TYPE_CHECKING:
    from ..store.database import Database

KINDS: tuple[By, ...] = get_args(By)


def usage(
    *,
    by: str = "model",
    since: str = "7d",
    wanted: Wanted = ALL,
    limit: int = 40,
    as_csv: Annotated[bool, Parameter(name="--csv", help="Print CSV.", negative=())] = False,
    config: ConfigFile = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> int:
    """Show what was used: requests, tokens, cost and usual times.

    Costs are those of the tokens, by the prices known when an exchange ended. Where nobody knows the price, that is
    said, and never counted as nothing: `unknown`, or `≥ $1.20` where a part of it is known. The ledger is read itself,
    so no router need run.

    Parameters
    ----------
    by
        What to add up by: model, provider, key, client, session, agent or day; several with commas (day,model).
    since
        Only what ended since then: 30m, 24h, 7d, all; today, yesterday; a date (2026-11-01), or one with a time. 7d
        where it is left out.
    limit
        Most rows of the table, the dearest; 0: all. 40 where it is left out.
    """
    asked = wanted.filter(since)
    groups = kinds(by)

    async def read(database: Database) -> tuple[Usage, dict[str, str]]:
        from ..store.usage import key_names
        from ..store.usage import usage as add_up

        return await add_up(database, asked, groups), await key_names(database) if "key" in groups else {}

    found, names = read_ledger(config, data_dir, read)
    if as_json:
        show.print_json(found)
    elif as_csv:
        from .usage_table import as_csv as csv_of

        print(csv_of(found), end="")
    else:
        from .usage_table import print_usage

        print_usage(found, names, max(0, limit))
    return 0


def kinds(text: str) -> Sequence[By]:
    """What `--by` names, in that order. Raises `ConfigFault`."""
    names = dict.fromkeys(name.strip() for name in text.split(",") if name.strip())
    known = {kind: kind for kind in KINDS}
    if wrong := [name for name in names if name not in known]:
        raise ConfigFault(f"--by does not know '{wrong[0]}'.", remedy=f"There are: {', '.join(KINDS)}.")
    return [known[name] for name in names if name in known]
