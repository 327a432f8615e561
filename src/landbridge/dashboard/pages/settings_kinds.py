"""How each setting is asked for, from its JSON schema: what is shown for a value, and what is meant by an answer."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

from ...config.limits import MOST, YEAR
from ...manage.meanings import Meaning
from ..words import _

Json = dict[str, Any]
Editor = Literal["toggle", "choice", "text", "secret", "lines", "entries"]
LEFT_OUT = ""
"""The choice of what is left out."""


class Form(Struct, frozen=True):
    """How one value is asked for."""

    editor: Editor
    choices: Mapping[str, Any] = {}
    """What is shown to what is meant; None: it is left out."""
    number: Literal["", "whole", "any"] = ""
    least: float | None = None
    above: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    """Texts that stand for a number (`auto`)."""
    chain: bool = False
    """Whether one line is a text by itself and no list."""
    sections: bool = False
    """Whether a line may be a section (`{ model = "m", weight = 3 }`)."""
    member: Form | None = None
    """Of each value of `entries`."""
    loose: bool = False
    """Whether a value is what TOML makes of it, else text."""


class Wrong(Exception):
    """An answer that cannot be meant; says why."""


def form_of(meaning: Meaning) -> Form:
    """How a setting is asked for."""
    return _form(meaning.schema, optional=meaning.default is None, secret=meaning.secret)


def _form(schema: Json, *, optional: bool = False, secret: bool = False) -> Form:
    some: list[Json] = schema.get("anyOf", [])
    kinds = {each.get("type", "enum" if "enum" in each else "") for each in some}
    if "enum" in schema:
        return Form("choice", {each: each for each in schema["enum"]})
    if schema.get("type") == "boolean":
        return Form("choice", {LEFT_OUT: None, "true": True, "false": False}) if optional else Form("toggle")
    if "boolean" in kinds and "enum" in kinds:
        named = {each: each for part in some for each in part.get("enum", [])}
        return Form("choice", {**named, "true": True, "false": False})
    if schema.get("type") in ("integer", "number"):
        return _number(schema, ())
    if kinds & {"integer", "number"} and kinds <= {"integer", "number", "enum"}:
        words = tuple(each for part in some for each in part.get("enum", []))
        return _number(next(each for each in some if "enum" not in each), words)
    if schema.get("type") == "array":
        return Form("lines", sections=any("$ref" in each for each in schema["items"].get("anyOf", [])))
    if kinds == {"string", "array"}:
        return Form("lines", chain=True)
    if schema.get("type") == "object":
        return Form("entries", member=_form(schema["additionalProperties"], secret=secret))
    return Form("secret") if secret else Form("text", loose=bool(some))


def _number(schema: Json, words: tuple[str, ...]) -> Form:
    return Form(
        "text",
        number="whole" if schema["type"] == "integer" else "any",
        least=schema.get("minimum"),
        above=schema.get("exclusiveMinimum"),
        most=schema.get("maximum"),
        words=words,
    )


def shown(value: Any, form: Form) -> str:
    """A value as its field shows it."""
    if form.editor == "choice":
        return next((said for said, meant in form.choices.items() if meant == value and type(meant) is type(value)), "")
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return "\n".join(_line(each) for each in value)
        case float() if value == int(value) and abs(value) < MOST:
            return str(int(value))
        case Mapping():
            return _line(value)
    return str(value)


def meant(text: str, form: Form) -> Any:
    """What `text` in the field of a value means; None: it is left out. Raises `Wrong`."""
    if form.editor == "choice":
        return None if form.choices[text] == "" else form.choices[text]
    if form.editor == "lines":
        return _listed(text, form) or None
    stripped = text.strip()
    if form.number:
        return _numeric(stripped, form)
    if form.loose:
        return _loose(stripped)
    return stripped or None


def _numeric(text: str, form: Form) -> Any:
    if not text or text in form.words:
        return text or None
    try:
        number: float = int(text) if form.number == "whole" else float(text)
    except ValueError:
        raise Wrong(limits(form)) from None
    low = (form.least is not None and number < form.least) or (form.above is not None and number <= form.above)
    if number != number or low or (form.most is not None and number > form.most):
        raise Wrong(limits(form))
    return number


def limits(form: Form) -> str:
    """What a number may be, in words."""
    what = _("a whole number") if form.number == "whole" else _("a number")
    least = form.least if form.least is not None else form.above
    if form.most not in (None, MOST, YEAR):
        said = _("{what} from {least} to {most}", what=what, least=f"{least or 0:g}", most=f"{form.most:g}")
    elif form.above is not None:
        said = _("{what} above {least}", what=what, least=f"{form.above:g}")
    elif form.least is not None:
        said = _("{what} of at least {least}", what=what, least=f"{form.least:g}")
    else:
        said = what
    words = [_("{what} or {word}", what=said, word=json.dumps(word)) for word in form.words]
    return _("It must be {what}.", what=words[0] if words else said)


def _listed(text: str, form: Form) -> Any:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if form.chain:
        return lines[0] if len(lines) == 1 else lines
    if form.sections:
        return [_section(line) if line.startswith("{") else line for line in lines]
    return lines


def _section(line: str) -> Any:
    try:
        return tomllib.loads(f"value = {line}")["value"]
    except (ValueError, RecursionError):
        raise Wrong(_("A line is a name, or like {example}.", example='{ model = "NAME", weight = 3 }')) from None


def _loose(text: str) -> Any:
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, (str, int, float, bool)) else text


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        inner = ", ".join(f"{key} = {_line_value(each)}" for key, each in value.items())
        return f"{{ {inner} }}"
    return str(value)


def _line_value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (str, bool)) else f"{value:g}"


def size_of(key: str, value: Any) -> str:
    """What a number of bytes or seconds is in words; empty for other settings, and where it says nothing new."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    name = key.rpartition(".")[2]
    if ("bytes" in name or name in BYTES) and value >= 1024:
        unit = max(index for index in range(len(BINARY)) if value >= 1024**index)
        return f"{value / 1024**unit:.4g} {BINARY[unit]}"
    return ""


BYTES = frozenset({"max_body", "memory", "memory_limit", "prompt_cache", "cache_ram"})
"""Settings in bytes whose names do not say so."""
BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
