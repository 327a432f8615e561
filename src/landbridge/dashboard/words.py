"""The pages' words in the language of who looks: `_("Load")`, `n_("{n} model", "{n} models", n)`.

English stands in the code; other languages are gettext catalogues below `languages/`, made by `python -m tests.words`.
What a page says is in the language chosen in the settings, or in the first of the browser's that there is.
"""

from __future__ import annotations

import gettext
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from nicegui import context

LANGUAGES = {"en": "English", "ko": "한국어"}
FOLDER = Path(__file__).with_name("languages")
ATTRIBUTE = "landbridge_language"
_heard: ContextVar[str] = ContextVar("heard", default="en")
"""The language that was asked for last: tasks inherit it from who starts them."""


def _(text: str, /, **values: object) -> str:
    """`text` in the reader's language, with its `{names}` filled in."""
    said = _catalogue(language()).gettext(text)
    return said.format(**values) if values else said


def n_(one: str, many: str, n: int, /, **values: object) -> str:
    """`one` or `many`, as the reader's language counts; `{n}` is the number."""
    return _catalogue(language()).ngettext(one, many, n).format(n=n, **values)


def N_(text: str) -> str:
    """`text` as it is, marked for translation: for constants, which are said later with `_`."""
    return text


def translated(name: str, text: str) -> str:
    """`text` in that language: for who is no page's reader."""
    return _catalogue(name).gettext(text)


def language() -> str:
    """Of who looks; in a task that was started for somebody's page, of that one."""
    try:
        found: str = getattr(context.client, ATTRIBUTE, "en")
    except RuntimeError:  # no page's own task
        return _heard.get()
    _heard.set(found)
    return found


def chosen(setting: str, accepted: str) -> str:
    """The language to speak: the one set, or the first the browser takes (its Accept-Language) that there is."""
    if setting in LANGUAGES:
        return setting
    for part in accepted.split(","):
        name = part.partition(";")[0].strip().lower().partition("-")[0]
        if name in LANGUAGES:
            return name
    return "en"


def speak(name: str) -> None:
    """The page that is being built speaks this language."""
    setattr(context.client, ATTRIBUTE, name)


@lru_cache
def _catalogue(name: str) -> gettext.NullTranslations:
    return gettext.translation("dashboard", FOLDER, [name], fallback=True)
