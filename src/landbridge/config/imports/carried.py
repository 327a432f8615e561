"""What importers share: settings as they come together, and notes of what could not be carried."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from ..secret import is_literal

OTHERWISE = "landbridge has no such setting"
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_ENDPOINT = re.compile(r"/(?:v1/messages|messages|chat/completions|completions|responses|models)/*$")


class Note(Struct, frozen=True):
    """A key of the other file that was not carried, or not whole."""

    key: str
    """Where it stands there: `model_list[0].litellm_params.rpm`."""
    why: str
    """Why, and what to do instead."""


class Known(Struct, frozen=True):
    """What an importer needs of a preset."""

    dialect: str
    base_url: str
    key: str = ""
    """The variable that usually holds its key."""
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    """Its other addresses -> the region of each."""


class Imported(Struct):
    """What came of a file."""

    settings: dict[str, Any]
    notes: list[Note] = field(default_factory=list)


class Gathering:
    """The settings as they come together."""

    def __init__(self, known: Mapping[str, Known], env: Mapping[str, str]) -> None:
        self.known, self.env = known, env
        self.tree: dict[str, Any] = {}
        self.notes: list[Note] = []
        self._providers: dict[str, dict[str, Any]] = {}

    def note(self, key: str, why: str = OTHERWISE) -> None:
        """`key` of the other file is not carried, or not whole."""
        self.notes.append(Note(key, why))

    def rest(self, section: Any, handled: Iterable[str], at: str = "", why: str = OTHERWISE) -> None:
        """Every key of `section` that is not `handled` is not carried."""
        if not isinstance(section, Mapping):
            return
        for key in section:
            if key not in handled:
                self.note(f"{at}.{key}" if at else str(key), why)

    def put(self, value: Any, *path: str) -> None:
        """Set one setting."""
        tree = self.tree
        for key in path[:-1]:
            tree = tree.setdefault(key, {})
        tree[path[-1]] = value

    def get(self, *path: str) -> Any:
        """One setting that was put; None where there is none."""
        tree: Any = self.tree
        for key in path:
            tree = tree.get(key) if isinstance(tree, dict) else None
        return tree

    def provider(self, name: str, settings: Mapping[str, Any], models: Iterable[str] | None = None) -> str:
        """The name of a provider with these settings, made where there is none yet; `models` None: all it has."""
        wanted = {key: value for key, value in settings.items() if value not in (None, "", {}, [])}
        name = self._named(provider_name(name), wanted)
        if is_literal(wanted.get("api_key", "")):
            self.warn_of_key(name)
        known = self._providers.setdefault(name, {**wanted, "models": []})
        if models is None:
            known.pop("models", None)
        elif "models" in known:
            known["models"] += [model for model in models if model not in known["models"]]
        return name

    def warn_of_key(self, name: str) -> None:
        """A key is carried as it stands there."""
        why = f"it is carried as it stands; 'landbridge providers key {name}' puts it into the keychain"
        found = Note(f"the key of '{name}'", why)
        if found not in self.notes:
            self.notes.append(found)

    def _named(self, name: str, wanted: Mapping[str, Any]) -> str:
        """`name`, or one with a number where another provider has it."""
        number, found = 1, name
        while found in self._providers:
            if {key: value for key, value in self._providers[found].items() if key != "models"} == wanted:
                return found
            number += 1
            found = f"{name}-{number}"
        return found

    def at(self, url: str, dialect: str, key: str) -> dict[str, Any]:
        """Settings of a provider at `url`: by a preset where one is known to be there."""
        base = base_url(url)
        for preset, about in self.known.items():
            if about.dialect != dialect:
                continue
            if same_url(about.base_url, base):
                return self.preset(preset, key)
            for other, region in about.elsewhere.items():
                if same_url(other, base):
                    return {**self.preset(preset, key), "place": {"region": region}}
        settings = {"dialect": dialect, "base_url": base, "api_key": key}
        return settings if key else {**settings, "auth": "none"}

    def open_to_others(self, key: str) -> None:
        """What `key` says lets other machines in."""
        self.note(key, "other machines reach it so, and need a key: 'landbridge keys create'")

    def preset(self, name: str, key: str = "") -> dict[str, Any]:
        """Settings of a provider by a preset; its usual key is left out."""
        about = self.known.get(name)
        usual = about is not None and (key == f"${{{about.key}}}" or not about.key)
        return {"preset": name} if usual or not key else {"preset": name, "api_key": key}

    def done(self) -> Imported:
        """Everything, in the order a person writes it."""
        for name, settings in self._providers.items():
            self.put({key: value for key, value in settings.items() if key != "models" or value}, "providers", name)
        order = ("default_model", "listeners", "providers", "aliases", "routes", "tiers", "models", "prices")
        keys = [*(key for key in order if key in self.tree), *(key for key in self.tree if key not in order)]
        return Imported({key: self.tree[key] for key in keys}, self.notes)


def provider_name(name: str) -> str:
    """`name` as a provider may be called."""
    plain = _NAME.sub("-", name).strip("-.") or "provider"
    return f"{plain}-provider" if plain == "local" else plain


def base_url(url: str) -> str:
    """`url` without the endpoint at its end, which some files name."""
    return _ENDPOINT.sub("", url.strip()).rstrip("/")


def same_url(one: str, other: str) -> bool:
    """Whether two URLs mean the same place, with or without `/v1`."""
    plain = [url.rstrip("/").removesuffix("/v1").replace("//localhost", "//127.0.0.1") for url in (one, other)]
    return plain[0] == plain[1] and bool(plain[0])


def with_version(url: str) -> str:
    """`url` with `/v1`, where it has no path at all: OpenAI's clients want it there."""
    plain = url.rstrip("/")
    return plain if plain.count("/") > 2 else f"{plain}/v1"


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """The mappings of a list; nothing where it is none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def mapping(value: Any) -> Mapping[str, Any]:
    """A mapping; an empty one where it is none."""
    return value if isinstance(value, Mapping) else {}


def texts(value: Any) -> list[str]:
    """The texts of a list; one text counts as such a list."""
    if isinstance(value, str):
        return [value]
    return [str(each) for each in value if isinstance(each, str | int)] if isinstance(value, list) else []


def whole(value: float) -> int | float:
    """A number without a fraction as a whole one."""
    return int(value) if value == int(value) else value


def number(value: Any) -> float | None:
    """A finite number, also one written as text."""
    if isinstance(value, bool):
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
