"""The forms in which models write tool calls as text, each as its maker's chat template taught it to the model.

A form has an opening marker and reads what follows (`cursor.py`). Markup in names, tags and values is read once: where
a value holds markup again, nothing is a call. Inside a JSON string markup is text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

import msgspec
from msgspec import Struct

from .cursor import Broken, Cursor, LeakedCall, NoCall, Waits
from .mend import mend

Read = Callable[[Cursor], list[LeakedCall]]
"""Reads the calls behind a marker, to the end of the form."""


class Form(Struct, frozen=True):
    """One way to write calls."""

    marker: str
    read: Read
    stray: str = ""
    """A closing tag that models put behind it although nothing opened it; it goes with the call."""


_LINE = re.compile(r"(?:j|js|jso|json)?[ \t\r]*(?=\n|\Z)")
_KEY = re.compile(r"[\w.$-]+")
_FOREIGN = re.compile(r"<tool_call>|<function=|<parameter=|\[TOOL_CALLS\]|<\|python_tag\|>|<[｜|‖ ]{1,3}(?:DSML|tool)")


# -- <tool_call>{"name": ..., "arguments": {...}}</tool_call> ----------------------------------------------------------


def _tool_call(cursor: Cursor) -> list[LeakedCall]:
    cursor.blank()
    if cursor.sees("{"):
        call = cursor.call()
    elif cursor.meets("<function="):
        call = _function(cursor)
    else:
        raise NoCall
    cursor.expect("</tool_call>")
    return [call]


# -- <function=NAME><parameter=KEY>value</parameter></function>, <function=NAME>{json}</function> ----------------------


def _bare_function(cursor: Cursor) -> list[LeakedCall]:
    return [_function(cursor)]


def _function(cursor: Cursor) -> LeakedCall:
    name = cursor.name()
    cursor.expect(">")
    cursor.named = True
    cursor.blank()
    if cursor.sees("{"):
        args = _object(cursor)
        cursor.expect("</function>")
        return LeakedCall(name, *args)
    values: dict[str, str] = {}
    while not _closes(cursor, "</function>"):
        cursor.expect("<parameter=")
        key = _key(cursor.until(">", _FOREIGN))
        values[key] = _typed(cursor, name, key, cursor.until("</parameter>", _FOREIGN))
    return LeakedCall(name, _joined(values))


# -- <｜DSML｜invoke name="NAME"><｜DSML｜parameter name="KEY" string="true">value</...></...>


def _dsml_calls(bar: str, word: str, cursor: Cursor) -> list[LeakedCall]:
    calls: list[LeakedCall] = []
    while not (calls and _closes(cursor, f"</{bar}DSML{bar}{word}>")):
        cursor.expect(f'<{bar}DSML{bar}invoke name="')
        calls += _dsml_call(bar, cursor)
    return calls


def _dsml_call(bar: str, cursor: Cursor) -> list[LeakedCall]:
    name = cursor.name()
    cursor.expect('"', ">")
    cursor.named = True
    cursor.blank()
    if cursor.sees("{"):
        args = _object(cursor)
        cursor.expect(f"</{bar}DSML{bar}invoke>")
        return [LeakedCall(name, *args)]
    values: dict[str, str] = {}
    while not _closes(cursor, f"</{bar}DSML{bar}invoke>"):
        cursor.expect(f'<{bar}DSML{bar}parameter name="')
        key = _key(cursor.until('"', _FOREIGN))
        kind = cursor.until(">", _FOREIGN)
        value = cursor.until(f"</{bar}DSML{bar}parameter>", _FOREIGN)
        values[key] = _text(value) if 'string="true"' in kind else _typed(cursor, name, key, value)
    return [LeakedCall(name, _joined(values))]


# -- <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{json}<｜tool▁call▁end｜><｜tool▁calls▁end｜> --


def _begun_calls(bar: str, gap: str, cursor: Cursor) -> list[LeakedCall]:
    calls: list[LeakedCall] = []
    while not (calls and _closes(cursor, f"<{bar}tool{gap}calls{gap}end{bar}>")):
        cursor.expect(f"<{bar}tool{gap}call{gap}begin{bar}>")
        calls += _begun_call(bar, gap, cursor)
    return calls


def _begun_call(bar: str, gap: str, cursor: Cursor) -> list[LeakedCall]:
    """One call; an older form says `function` first and puts the arguments into a code block."""
    separator = f"<{bar}tool{gap}sep{bar}>"
    cursor.blank()
    older = cursor.meets(f"function{separator}")
    name = cursor.name()
    if older:
        cursor.expect("```json")
    else:
        cursor.expect(separator)
    cursor.named = True
    cursor.blank()
    args = _object(cursor)
    if older:
        cursor.expect("```")
    cursor.expect(f"<{bar}tool{gap}call{gap}end{bar}>")
    return [LeakedCall(name, *args)]


# -- [TOOL_CALLS][{"name": ..., "arguments": {...}}], [TOOL_CALLS]NAME[ARGS]{json} -------------------------------------


def _bracketed(cursor: Cursor) -> list[LeakedCall]:
    cursor.blank()
    if cursor.sees("["):
        return cursor.calls()
    name = cursor.name()
    if cursor.meets("[CALL_ID]"):
        cursor.named = True
        cursor.until("[ARGS]", _FOREIGN)
    elif cursor.meets("[ARGS]"):
        cursor.named = True
    cursor.blank()
    return [LeakedCall(name, *_object(cursor))]


# -- <|python_tag|>{"name": ..., "parameters": {...}} ------------------------------------------------------------------


def _tagged(cursor: Cursor) -> list[LeakedCall]:
    cursor.blank()
    if not cursor.sees("{"):
        raise NoCall
    return [cursor.call()]


# -- an answer that is {"name": ..., "arguments": {...}} and nothing else, bare or in a code block ---------------------


def _whole(cursor: Cursor) -> list[LeakedCall]:
    """Such an answer so far; only its end says that nothing stands beside the call."""
    fenced = cursor.meets("```")
    if fenced:
        line = _LINE.match(cursor.text, cursor.at)
        if line is None:
            raise NoCall
        if line.end() == len(cursor.text):
            raise Waits
        cursor.at = line.end()
        cursor.blank()
    if not cursor.sees("{"):
        raise NoCall
    call = cursor.call(spare=False)
    if fenced:
        cursor.expect("```")
    cursor.blank()
    if not cursor.over:
        raise Broken
    return [call]


# -- parts of them -----------------------------------------------------------------------------------------------------


def _closes(cursor: Cursor, tag: str) -> bool:
    cursor.blank()
    return cursor.meets(tag)


def _object(cursor: Cursor) -> tuple[str, tuple[str, ...]]:
    """The arguments as one object, mended if need be, and the names of what was mended."""
    if not cursor.sees("{"):
        raise cursor.fail()
    cursor.named = True
    mended = mend(cursor.json(), ended=False)
    if mended is None:
        raise Broken
    return mended.text, mended.names


def _key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise Broken
    return key


def _joined(values: dict[str, str]) -> str:
    return "{" + ", ".join(f"{_text(key)}: {value}" for key, value in values.items()) + "}"


def _text(value: str) -> str:
    return msgspec.json.encode(value).decode()


def _typed(cursor: Cursor, name: str, key: str, value: str) -> str:
    """The JSON of a bare value, by the schema: text, unless it can only be something else. One line break at each end
    belongs to the markup.
    """
    value = value.removeprefix("\n").removesuffix("\n")
    types = cursor.shapes.of(name).types.get(key, frozenset())
    if not types or "string" in types:
        return _text(value)
    mended = mend(value.strip(), ended=False)
    return _text(value) if mended is None else mended.text


# -- the table ---------------------------------------------------------------------------------------------------------


def _forms() -> Iterator[Form]:
    yield Form("<tool_call>", _tool_call)
    yield Form("<function=", _bare_function, stray="</tool_call>")
    yield Form("[TOOL_CALLS]", _bracketed)
    yield Form("<|python_tag|>", _tagged, stray="<|eom_id|>")
    # Servers write the special tokens out in several spellings.
    for bar in ("｜", "|", "‖", "｜｜", "||", " | "):
        for word in ("function_calls", "tool_calls"):
            yield Form(f"<{bar}DSML{bar}{word}>", partial(_dsml_calls, bar, word))
        yield Form(f'<{bar}DSML{bar}invoke name="', partial(_dsml_call, bar))
    for bar in ("｜", "|"):
        for gap in ("▁", "_", " "):
            yield Form(f"<{bar}tool{gap}calls{gap}begin{bar}>", partial(_begun_calls, bar, gap))
            close = f"<{bar}tool{gap}calls{gap}end{bar}>"
            yield Form(f"<{bar}tool{gap}call{gap}begin{bar}>", partial(_begun_call, bar, gap), stray=close)


WHOLE = Form("", _whole)
FORMS = {form.marker: form for form in _forms()}
"""All forms by their markers, none of which begins another."""
MARKER = re.compile("|".join(map(re.escape, FORMS)))
STARTS = frozenset(marker[:size] for marker in FORMS for size in range(1, len(marker)))
"""Every text that may still become a marker."""
LONGEST = max(map(len, FORMS))
