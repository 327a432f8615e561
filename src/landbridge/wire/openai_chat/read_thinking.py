"""A chat client's wish to think, in any of the fields there are for it.

OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, `thinking` (DeepSeek, Moonshot, Z.ai), `enable_thinking` with
`thinking_budget` (Alibaba), and `chat_template_kwargs` (vLLM, SGLang, llama.cpp). Whoever says off means off, whatever
else is said beside it. A field of another shape is left to the extras, as any field nobody knows; so is one that holds
more than the wish.
"""

from __future__ import annotations

from typing import Literal, TypeVar

import msgspec
from msgspec import Raw, Struct

from ...neutral.request import Reasoning
from ..fields import Fields

T = TypeVar("T")

_string = msgspec.json.Decoder(str)


class _Reasoning(Struct, forbid_unknown_fields=True):
    effort: str | None = None
    max_tokens: int | None = None
    enabled: bool | None = None
    exclude: bool | None = None


class _Thinking(Struct, forbid_unknown_fields=True):
    type: Literal["enabled", "disabled", "adaptive", "auto"]
    budget_tokens: int | None = None


class _Template(Struct):
    enable_thinking: bool | None = None
    thinking: bool | None = None
    thinking_budget: int | None = None


_TEMPLATE = frozenset(_Template.__struct_fields__)


def read_thinking(fields: Fields) -> Reasoning:
    """The wish; what of the fields is understood is taken."""
    wish = _Wish()
    if effort := fields.take("reasoning_effort", _string):
        wish.word(effort)
    if (reasoning := _taken(fields, "reasoning", _Reasoning)) is not None:
        wish.word(reasoning.effort or "")
        wish.number(reasoning.max_tokens)
        wish.switch(reasoning.enabled)
        wish.display = "omitted" if reasoning.exclude else ""
    if (thinking := _taken(fields, "thinking", _Thinking)) is not None:
        wish.number(thinking.budget_tokens)
        wish.switch(thinking.type != "disabled", own=thinking.type != "enabled")
    wish.switch(_taken(fields, "enable_thinking", bool))
    wish.number(_taken(fields, "thinking_budget", int))
    if (template := _template(fields)) is not None:
        wish.switch(template.enable_thinking)
        wish.switch(template.thinking)
        wish.number(template.thinking_budget)
    return wish.read()


class _Wish:
    """What was said so far."""

    def __init__(self) -> None:
        self.display = ""
        self._mode: Literal["unset", "off", "on", "adaptive"] = "unset"
        self._budget: int | None = None
        self._effort = ""

    def word(self, effort: str) -> None:
        """A word of effort; `none` is off."""
        self._effort = self._effort or effort
        self.switch(None if not effort else effort != "none")

    def number(self, budget: int | None) -> None:
        """Tokens of thinking; 0 is off, less than that the model's own judgement."""
        if budget is not None:
            self._budget = budget if budget > 0 else None
            self.switch(budget != 0, own=budget < 0)

    def switch(self, on: bool | None, own: bool = False) -> None:
        """On or off; `own`: as the model judges."""
        if on is False:
            self._mode = "off"
        elif on and self._mode in ("unset", "adaptive"):
            self._mode = "adaptive" if own else "on"

    def read(self) -> Reasoning:
        """All of it together."""
        if self._mode == "off":
            return Reasoning("off")
        return Reasoning(self._mode, self._budget, self._effort, self.display)


def _taken(fields: Fields, name: str, kind: type[T]) -> T | None:
    """A field, if it has that shape; else it stays."""
    raw = fields.raw(name)
    if raw is None:
        return None
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError:
        fields.put(name, raw)
        return None


def _template(fields: Fields) -> _Template | None:
    """`chat_template_kwargs`; with other arguments it stays as well."""
    raw = fields.raw("chat_template_kwargs")
    if raw is None:
        return None
    try:
        names = msgspec.json.decode(raw, type=dict[str, Raw])
        found = msgspec.json.decode(raw, type=_Template)
    except msgspec.DecodeError:
        fields.put("chat_template_kwargs", raw)
        return None
    if not names.keys() <= _TEMPLATE:
        fields.put("chat_template_kwargs", raw)
    return found
