"""Which exchanges the list shows: as the page's address says it, as the router is asked, and as what comes live is
looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from msgspec import Struct
from msgspec.structs import asdict

from ...errors import ConfigFault
from ...store.moments import moment
from ...store.report import Exchange

TEXTS = ("model", "provider", "client", "key", "session")
"""Fields in which a part of a name is enough."""


class Wanted(Struct, frozen=True):
    """What the reader has chosen; empty: all."""

    model: str = ""
    provider: str = ""
    client: str = ""
    key: str = ""
    session: str = ""
    agent: str = ""
    status: str = ""
    errors: bool = False
    since: str = ""
    until: str = ""

    @property
    def narrow(self) -> bool:
        """Whether anything is left out."""
        return self != Wanted()

    def query(self) -> str:
        """The part of the page's address behind the `?`; empty for all."""
        said = {name: "1" if value is True else value for name, value in asdict(self).items() if value}
        return urlencode(said)

    def asked(self, known: Collection[str] = ()) -> dict[str, str]:
        """What the router is asked with. Names that are in `known` are meant exactly."""
        found = {name: value for name, value in asdict(self).items() if value and name not in (*TEXTS, "errors")}
        found |= {name: pattern(getattr(self, name), known) for name in TEXTS if getattr(self, name)}
        return found | ({"errors": "true"} if self.errors else {})

    def fits(self, exchange: Exchange, known: Collection[str] = ()) -> bool:
        """Whether an exchange that has just ended is one of these."""
        if self.errors and not exchange.failed:
            return False
        if self.status and str(exchange.status) != self.status:
            return False
        if self.agent and exchange.agent != self.agent:
            return False
        if not (_time(self.since, float("-inf")) <= exchange.at < _time(self.until, float("inf"))):
            return False
        for name in TEXTS:
            if wanted := getattr(self, name):
                names = (exchange.model, exchange.target) if name == "model" else (getattr(exchange, name),)
                if not any(_fits(pattern(wanted, known), each) for each in names):
                    return False
        return True


def read_query(path: str) -> Wanted:
    """What the address of the page says; what nobody knows is nothing."""
    said = dict(parse_qsl(path.partition("?")[2].partition("#")[0]))
    texts = {name: value[:200] for name, value in said.items() if name in Wanted.__struct_fields__ and name != "errors"}
    if not re.fullmatch(r"[1-9][0-9]{2}", texts.get("status", "")):
        texts.pop("status", None)
    for name in ("since", "until"):
        if not is_time(texts.get(name, "")):
            texts.pop(name)
    return Wanted(**texts, errors=said.get("errors", "") in ("1", "true"))


def is_time(text: str) -> bool:
    """Whether the router takes it for a time."""
    try:
        moment(text, datetime.now().astimezone())
    except ConfigFault:
        return False
    return True


def pattern(text: str, known: Collection[str]) -> str:
    """What is asked for: the text itself where it is a name or a pattern already, else whatever contains it."""
    return text if text in known or "*" in text or "?" in text else f"*{text}*"


def _fits(pattern: str, name: str) -> bool:
    """As the ledger does it."""
    if not set(pattern) & {"*", "?"}:
        return name == pattern
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(sign) or re.escape(sign) for sign in pattern), name, re.I | re.S) is not None


def _time(text: str, otherwise: float) -> float:
    found = moment(text, datetime.now().astimezone()) if text else None
    return otherwise if found is None else found


def names_of(groups: list[Mapping[str, str]]) -> dict[str, list[str]]:
    """The names there are, by what they are names of: what usage was added up by."""
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        for kind, name in group.items():
            if name:
                found.setdefault(kind, {})[name] = None
    return {kind: sorted(names) for kind, names in found.items()}
