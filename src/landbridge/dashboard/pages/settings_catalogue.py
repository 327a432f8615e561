"""The settings as the page has them: what each means, beside what is in force and where that was said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, structs

from ...config.keys import NAME, dotted
from ...config.naming import path_of
from ...config.origin import Setting
from ...errors import ConfigFault
from ...manage.meanings import Meaning, Meanings, Section
from ...server.settings import InForce
from ..words import N_, _

Keys = tuple[str, ...]

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("General"), ("general",)),
    (N_("Serving"), ("listeners", "server", "access")),
    (N_("Models"), ("providers", "models", "model_defaults", "engine", "prices")),
    (N_("Routing"), ("aliases", "tiers", "routes", "views", "retries", "breaker")),
    (N_("Features"), ("media", "search", "fetch", "responses")),
    (N_("Records"), ("store", "metrics", "telemetry")),
)
"""The sections, in the order of the page; what is in none of them comes last."""
GENERAL = ("default_model", "dashboard")
"""What stands together under `general`."""
TITLES = {
    "general": N_("Basics"),
    "listeners": N_("Listeners"),
    "server": N_("Server"),
    "access": N_("Keys and access"),
    "providers": N_("Providers"),
    "models": N_("Models"),
    "model_defaults": N_("Defaults of all models"),
    "engine": N_("Engine"),
    "prices": N_("Prices"),
    "aliases": N_("Aliases"),
    "tiers": N_("Tiers of Claude"),
    "routes": N_("Routes"),
    "views": N_("Views"),
    "retries": N_("Retries"),
    "breaker": N_("Breaker"),
    "media": N_("Pictures and PDFs"),
    "search": N_("Web search"),
    "fetch": N_("Web fetch"),
    "responses": N_("Kept responses"),
    "store": N_("Ledger"),
    "metrics": N_("Metrics"),
    "telemetry": N_("Traces"),
}
_IN_BRACKETS = re.compile(r" \(\[[^\]]*\]\([^)]*\)\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


class Item(Struct, frozen=True):
    """One setting that can be set."""

    path: Keys
    meaning: Meaning
    setting: Setting | None = None
    """What is in force; None: the default, of a section of the user's."""

    @property
    def key(self) -> str:
        """Dotted, as in the file and for `landbridge config set`."""
        return dotted(self.path)

    @property
    def value(self) -> Any:
        """What is in force."""
        return self.meaning.default if self.setting is None else self.setting.value

    @property
    def origin(self) -> str:
        """Who said so: `file`, `environment`, `flag` or `default`."""
        return "default" if self.setting is None else self.setting.origin

    @property
    def place(self) -> str:
        """Where: the line, the variable."""
        return "" if self.setting is None else self.setting.place

    @property
    def own(self) -> bool:
        """Whether this very key stands in the file, and can be taken out there."""
        return self.origin == "file" and not self.place.endswith("]")


class Catalogue:
    """All settings. `take` has what is in force now."""

    def __init__(self, meanings: Meanings, force: InForce) -> None:
        self._sections = {section.name: section for section in meanings.sections}
        self.take(force)

    def take(self, force: InForce) -> None:
        """Know what is in force."""
        self.file, self.fault, self.restart = force.file, force.fault, tuple(force.restart)
        self._force: dict[Keys, Setting] = {}
        for each in force.settings:
            try:
                self._force[path_of(each.key)] = each
            except ConfigFault:  # of a newer router: the file shows it
                continue

    def groups(self) -> list[tuple[str, list[str]]]:
        """The sections there are, in groups with titles."""
        known = {"general", *self._sections} - set(GENERAL)
        found = [(_(title), [name for name in names if name in known]) for title, names in GROUPS]
        named = {name for _title, names in GROUPS for name in names}
        rest = [name for name in self._sections if name in known - named]
        return [*found, *([(_("More"), rest)] if rest else [])]

    def title(self, name: str) -> str:
        """Of a section."""
        return _(TITLES[name]) if name in TITLES else name

    def about(self, name: str) -> str:
        """What a section is for."""
        return plain(_(self._sections[name].text)) if name in self._sections else ""

    def section(self, name: str) -> Section | None:
        """A section by its name; None where there is none (`general` is several)."""
        return self._sections.get(name)

    def has(self, name: str) -> bool:
        """Whether the page has such a section."""
        return name == "general" or (name in self._sections and name not in GENERAL)

    def items(self, name: str) -> list[Item]:
        """The settings of a section without names of the user's."""
        if name == "general":
            return [item for part in GENERAL for item in self.items(part)]
        return [self.item(_path(each.key), each) for each in self._sections[name].settings]

    def names(self, name: str) -> list[str]:
        """What stands in a section under names of the user's."""
        return list(dict.fromkeys(path[1] for path in self._force if path[0] == name and len(path) > 1))

    def is_named(self, section: str) -> bool:
        """Whether it holds sections under names of the user's."""
        found = self._sections.get(section)
        return found is not None and any(NAME in _path(each.key) or _of_sections(each) for each in found.settings)

    def named(self, section: str, name: str) -> list[Item]:
        """The settings of what has that name."""
        found = []
        for each in self._sections[section].settings:
            if _of_sections(each):
                each = structs.replace(each, schema=each.schema["additionalProperties"], default={})
            found.append(self.item((section, name, *_path(each.key)[2:]), each))
        return found

    def item(self, path: Keys, meaning: Meaning) -> Item:
        """One setting as it is now."""
        return Item(path, meaning, self._force.get(path))

    def entries(self, path: Keys) -> dict[str, Setting]:
        """The entries of a mapping, by their names."""
        size = len(path)
        whole = self._force.get(path)
        if whole is not None and isinstance(whole.value, Mapping):
            return {name: structs.replace(whole, value=value) for name, value in whole.value.items()}
        return {each[size]: said for each, said in self._force.items() if each[:size] == path and len(each) == size + 1}

    def every(self) -> Iterator[tuple[str, Item]]:
        """Every setting with its section: those of the user's names once for each, or once under `NAME`."""
        for name, section in self._sections.items():
            shown = "general" if name in GENERAL else name
            if self.is_named(section.name):
                for own in self.names(name) or [NAME]:
                    yield from ((shown, item) for item in self.named(name, own))
            else:
                yield from ((shown, item) for item in self.items(name))

    def find(self, words: str) -> list[tuple[str, Item]]:
        """Settings with all these words in their key or meaning, in either language; those in the key first."""
        wanted = words.lower().split()
        if not wanted:
            return []
        found = []
        for name, item in self.every():
            key = item.key.lower()
            text = f"{key} {item.meaning.text} {_(item.meaning.text)} {self.title(name)}".lower()
            if all(word in text for word in wanted):
                found.append((not all(word in key for word in wanted), name, item))
        return [(name, item) for _rank, name, item in sorted(found, key=lambda each: each[0])]

    def said(self, name: str) -> int:
        """How many settings of a section have been said, by the file or otherwise."""
        parts = GENERAL if name == "general" else (name,)
        return sum(path[0] in parts and each.origin != "default" for path, each in self._force.items())


def plain(text: str) -> str:
    """A text of the manual without its links, which lead nowhere here."""
    return _LINK.sub(r"\1", _IN_BRACKETS.sub("", text))


def coded(text: str) -> list[tuple[str, bool]]:
    """Its parts, each with whether it is code."""
    parts = plain(text).split("`")
    return [(part, number % 2 == 1) for number, part in enumerate(parts) if part]


def _path(key: str) -> Keys:
    return tuple(key.split("."))


def _of_sections(meaning: Meaning) -> bool:
    """Whether its values are sections themselves: `views`."""
    inner = meaning.schema.get("additionalProperties")
    return isinstance(inner, dict) and inner.get("type") == "object"


def shown_value(value: Any) -> str:
    """A value in a word or two, for lists."""
    if value in (None, "", [], {}):
        return "-"
    match value:
        case bool():
            return _("on") if value else _("off")
        case list():
            return ", ".join(str(each) for each in value)
        case Mapping():
            return ", ".join(f"{key} = {shown_value(each)}" for key, each in value.items())
        case float() if value == int(value):
            return str(int(value))
    return str(value)
