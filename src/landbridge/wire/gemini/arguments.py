"""A call's arguments as Gemini has them: always an object, embedded as it was written."""

from __future__ import annotations

from msgspec import Raw

from ...neutral.blocks import is_whole

Arguments = Raw | dict[str, object]


def as_object(args: Raw) -> Arguments:
    """An object stays as it is, byte for byte. Nothing is `{}` (P26); another value, or text that is not JSON, stands
    under `input`, where the model can still see it (P29).
    """
    text = bytes(args).decode(errors="replace")
    if not text.strip():
        return {}
    if not is_whole(text):
        return {"input": text}
    return args if text.lstrip()[0] == "{" else {"input": args}
