"""The forms in which models write tool calls as text, each as its maker's chat template taught it to the model.

A form has an opening marker and reads what follows (`cursor.py`). Markup in names, tags and values is read once: where
a value holds markup again, nothing is a call. Inside a JSON string markup is text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from msgspec import Struct

from .cursor import Broken, Cursor, LeakedCall, NoCall, Waits
from .values import FOREIGN, as_text, checked_key, closes, exact, joined, read_object, typed

Read = Callable[[Cursor], list[LeakedCall]]
"""Reads the calls behind a marker, to the end of the form."""


class Form(Struct, frozen=True):
    """One way to write calls."""

    marker: str
    read: Read
    stray: str = ""
    """A closing tag that models put behind it although nothing opened it; it goes with the call."""


_LINE = re.compile(r"(?:j|js|jso|json)?[ \t\r]*(?=\n|\Z)")


# -- <tool_call>{"name": ..., "arguments": {...}}</tool_call> ----------------------------------------------------------


def _tool_call(cursor: Cursor) -> list[LeakedCall]:
    cursor.blank()
    if cursor.sees("{"):
        call = cursor.call()
    elif cursor.meets("<function="):
        call = _function(cursor)
    else:
        return [_keyed(cursor)]
    cursor.expect("</tool_call>")
    return [call]


# -- <tool_call>NAME<arg_key>KEY</arg_key><arg_value>value</arg_value></tool_call> (GLM) -------------------------------


def _keyed(cursor: Cursor) -> LeakedCall:
    try:
        name = cursor.name()
    except Broken:
        raise NoCall from None  # the tag stands in prose
    values: dict[str, str] = {}
    while not closes(cursor, "</tool_call>"):
        cursor.expect("<arg_key>")
        cursor.named = True
        key = checked_key(cursor.until("</arg_key>", FOREIGN).strip())
        cursor.expect("<arg_value>")
        values[key] = exact(cursor, name, key, cursor.until("</arg_value>", FOREIGN))
    if not values and cursor.shapes.of(name).required:
        raise NoCall  # only the name stands there: without arguments it is a call only where there need be none
    return LeakedCall(name, joined(values))


# -- <function=NAME><parameter=KEY>value</parameter></function>, <function=NAME>{json}</function> ----------------------


def _bare_function(cursor: Cursor) -> list[LeakedCall]:
    return [_function(cursor)]


def _function(cursor: Cursor) -> LeakedCall:
    name = cursor.name()
    cursor.expect(">")
    cursor.named = True
    cursor.blank()
    if cursor.sees("{"):
        args = read_object(cursor)
        cursor.expect("</function>")
        return LeakedCall(name, *args)
    values: dict[str, str] = {}
    while not closes(cursor, "</function>"):
        cursor.expect("<parameter=")
        key = checked_key(cursor.until(">", FOREIGN))
        values[key] = typed(cursor, name, key, cursor.until("</parameter>", FOREIGN))
    return LeakedCall(name, joined(values))


# -- <｜DSML｜invoke name="NAME"><｜DSML｜parameter name="KEY" string="true">value</...></...>


def _dsml_calls(bar: str, word: str, cursor: Cursor) -> list[LeakedCall]:
    calls: list[LeakedCall] = []
    while not (calls and closes(cursor, f"</{bar}DSML{bar}{word}>")):
        cursor.expect(f'<{bar}DSML{bar}invoke name="')
        calls += _dsml_call(bar, cursor)
    return calls


def _dsml_call(bar: str, cursor: Cursor) -> list[LeakedCall]:
    name = cursor.name()
    cursor.expect('"', ">")
    cursor.named = True
    cursor.blank()
    if cursor.sees("{"):
        args = read_object(cursor)
        cursor.expect(f"</{bar}DSML{bar}invoke>")
        return [LeakedCall(name, *args)]
    values: dict[str, str] = {}
    while not closes(cursor, f"</{bar}DSML{bar}invoke>"):
        cursor.expect(f'<{bar}DSML{bar}parameter name="')
        key = checked_key(cursor.until('"', FOREIGN))
        kind = cursor.until(">", FOREIGN)
        value = cursor.until(f"</{bar}DSML{bar}parameter>", FOREIGN)
        values[key] = as_text(value) if 'string="true"' in kind else typed(cursor, name, key, value)
    return [LeakedCall(name, joined(values))]


# -- <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>NAME<｜tool▁sep｜>{json}<｜tool▁call▁end｜><｜tool▁calls▁end｜> --


def _begun_calls(bar: str, gap: str, cursor: Cursor) -> list[LeakedCall]:
    calls: list[LeakedCall] = []
    while not (calls and closes(cursor, f"<{bar}tool{gap}calls{gap}end{bar}>")):
        cursor.expect(f"<{bar}tool{gap}call{gap}begin{bar}>")
        calls += _begun_call(bar, gap, cursor)
    return calls


def _begun_call(bar: str, gap: str, cursor: Cursor) -> list[LeakedCall]:
    """One call; an older form says `function` first and puts the arguments into a code block."""
    separator = f"<{bar}tool{gap}sep{bar}>"
    cursor.blank()
    older = cursor.meets(f"function{separator}")
    name = cursor.name() if older else _numbered(cursor)
    cursor.blank()
    if older:
        cursor.expect("```json")
    elif not cursor.meets(ARGUMENTS):
        cursor.expect(separator)
    cursor.named = True
    cursor.blank()
    args = read_object(cursor)
    if older:
        cursor.expect("```")
    cursor.expect(f"<{bar}tool{gap}call{gap}end{bar}>")
    return [LeakedCall(name, *args)]


# -- <|tool_calls_section_begin|><|tool_call_begin|>functions.NAME:0<|tool_call_argument_begin|>{json}... (Kimi) -------
# Its single calls begin and end as those above do in one of their spellings.

ARGUMENTS = "<|tool_call_argument_begin|>"
_ID = re.compile(r"[\w.:/-]*+(?=[^\w.:/-])")
_NUMBERED = re.compile(r"(?:functions\.)?([\w./-]+):\d+(?=[\s<])")


def _section(cursor: Cursor) -> list[LeakedCall]:
    calls: list[LeakedCall] = []
    while not (calls and closes(cursor, "<|tool_calls_section_end|>")):
        cursor.expect("<|tool_call_begin|>")
        calls += _begun_call("|", "_", cursor)
    return calls


def _numbered(cursor: Cursor) -> str:
    """The name of a tool, or Kimi's id of a call, which holds it."""
    end = _ID.match(cursor.text, cursor.at)
    if end is None:
        raise Waits
    found = _NUMBERED.match(cursor.text, cursor.at)
    if found is None or found[1] not in cursor.shapes:
        return cursor.name()
    cursor.at = found.end()
    return found[1]


# -- [TOOL_CALLS][{"name": ..., "arguments": {...}}], [TOOL_CALLS]NAME[ARGS]{json} -------------------------------------


def _bracketed(cursor: Cursor) -> list[LeakedCall]:
    cursor.blank()
    if cursor.sees("["):
        return cursor.calls()
    name = cursor.name()
    if cursor.meets("[CALL_ID]"):
        cursor.named = True
        cursor.until("[ARGS]", FOREIGN)
    elif cursor.meets("[ARGS]"):
        cursor.named = True
    cursor.blank()
    return [LeakedCall(name, *read_object(cursor))]


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


# -- the table ---------------------------------------------------------------------------------------------------------


def _forms() -> Iterator[Form]:
    yield Form("<tool_call>", _tool_call)
    yield Form("<function=", _bare_function, stray="</tool_call>")
    yield Form("<|tool_calls_section_begin|>", _section)
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
