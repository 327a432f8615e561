"""JSON with one value replaced by something else that is JSON too."""

from __future__ import annotations

from hypothesis import strategies as st

_ODD: st.SearchStrategy[object] = st.sampled_from(
    [None, True, -1, 1.5, 10**30, "", "x", "\ud83d", [], [None], [[]], {}, {"type": "new"}, [{}], [{"type": "text"}]]
)


def mangled(data: st.DataObject, value: object) -> object:
    """The same JSON with one value, at any depth, replaced."""
    if isinstance(value, dict) and value and data.draw(st.integers(0, 5)):
        name = data.draw(st.sampled_from(sorted(value)))
        return {**value, name: mangled(data, value[name])}
    if isinstance(value, list) and value and data.draw(st.integers(0, 5)):
        at = data.draw(st.integers(0, len(value) - 1))
        return [*value[:at], mangled(data, value[at]), *value[at + 1 :]]
    return data.draw(_ODD)
