"""How an engine is asked beside its work, over HTTP: is it ready, what can it do, how many tokens has a prompt.

The same questions serve llama.cpp in our worker and a system's own llama-server. Who carries them is given: `Ask`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from ..errors import BadRequest, EngineFault, ProviderFault
from ..neutral.traits import Traits
from ..wire.openai_chat.llamacpp import openings
from .llamacpp import Run

CONTROL_TIMEOUT = 60.0
"""Seconds for an answer; counting a long prompt takes some while all cores generate."""
HEALTH_TIMEOUT = 5.0

Ask = Callable[[str, Mapping[str, str], bytes | None, float], Awaitable[tuple[int, bytes]]]
"""(url, headers, body, seconds) -> status and body. A POST where there is a body. Raises `ProviderFault` kinds."""

T = TypeVar("T")

_ONE_TURN = ({"role": "user", "content": "probe-one"},)
_SYSTEM_TURN = (
    {"role": "user", "content": "probe-one"},
    {"role": "assistant", "content": "probe-two"},
    {"role": "system", "content": "probe-three"},
    {"role": "user", "content": "probe-four"},
)
_SAME_ROLE_TWICE = ({"role": "user", "content": "probe-one"}, {"role": "user", "content": "probe-two"})
"""Conversations a chat template may or may not take; asked once per start (P43, P62)."""

IdPattern = Literal["any", "mistral9"]
_IDS: Mapping[IdPattern, str] = {"any": "call_probe", "mistral9": "callprobe"}
"""Ids of calls: as clients make them, and as Mistral's templates want them (P33)."""


class _Caps(Struct):
    supports_tools: bool = True
    supports_tool_calls: bool = True
    supports_parallel_tool_calls: bool = True


class _Generation(Struct):
    n_ctx: int = 0


class _Props(Struct):
    """The part of `GET /props` that is used."""

    default_generation_settings: _Generation = field(default_factory=_Generation)
    total_slots: int = 1
    chat_template_caps: _Caps = field(default_factory=_Caps)
    modalities: dict[str, bool] = field(default_factory=dict)
    build_info: str = ""


class _Fault(Struct):
    message: str = ""


class _Refusal(Struct):
    error: _Fault = field(default_factory=_Fault)


class _Prompt(Struct):
    prompt: str


class _Tokens(Struct):
    tokens: list[int]


class _Moved(Struct):
    """A slot that was saved or restored."""

    n_saved: int = 0
    n_written: int = 0
    n_restored: int = 0


class _Bare(Struct):
    """A request without a template, if it is one."""

    messages: msgspec.Raw = msgspec.Raw(b"")
    prompt: msgspec.Raw = msgspec.Raw(b"")


class Found(Struct, frozen=True):
    """What the engine says of itself once it is ready."""

    window: int
    """Tokens of context per slot."""
    slots: int
    traits: Traits
    build: str = ""
    """Which engine it is, in its own words."""
    embeds: bool = False
    """Whether it makes embeddings and does not chat."""
    serves: str = ""
    """What it calls the model. Empty for llama.cpp, which takes any name; of others only OpenAI's API is asked."""


class Control:
    """Asks one engine over HTTP. `origin` stands in its errors."""

    def __init__(self, ask: Ask, url: str, key: str, origin: str) -> None:
        self.url = url
        self.headers: Mapping[str, str] = {"authorization": f"Bearer {key}"}
        self._carry = ask
        self._origin = origin

    async def healthy(self) -> bool:
        """Whether it says that it is ready. Not reachable yet is no."""
        try:
            status, _ = await self._carry(self.url + "/health", {}, None, HEALTH_TIMEOUT)
        except ProviderFault:
            return False
        return status == 200

    async def find(self, run: Run) -> Found:
        """Window, slots and abilities, asked of the engine and its chat template rather than assumed."""
        props = await self._ask("/props", None, _Props)
        slots = max(1, props.total_slots)
        window = props.default_generation_settings.n_ctx or run.context // slots
        if run.pooling:
            traits = Traits(window=window, images=False, documents=False, tools=False)
            return Found(window=window, slots=slots, traits=traits, build=props.build_info, embeds=True)
        tools = props.chat_template_caps.supports_tools and props.chat_template_caps.supports_tool_calls
        with_text, ids = await self._calls() if tools else (True, "any")
        traits = Traits(
            max_output=run.settings.max_output,
            window=window,
            images=props.modalities.get("vision", False),
            fetches_images=False,
            documents=False,
            tools=tools,
            system_turns="keep" if await self._renders(_SYSTEM_TURN) else "fold",
            alternate=not await self._renders(_SAME_ROLE_TWICE),
            content_with_calls=with_text,
            parallel_history=props.chat_template_caps.supports_parallel_tool_calls,
            tool_id_pattern=ids,
            max_stop=16,
            sampling=("temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty"),
            strict_tools=False,
            forced_by="schema",
            web_tools=False,
            effort="chat_template_kwargs" if await self._can_think_or_not() else "none",
            thinking=run.settings.thinking,
            repair=run.settings.repair,
        )
        return Found(window=window, slots=slots, traits=traits, build=props.build_info)

    async def count(self, body: bytes) -> int:
        """Prompt tokens of a request's body, tools and all: exactly what the engine will report as usage."""
        asked = msgspec.json.decode(body, type=_Bare)
        if bytes(asked.messages) or not bytes(asked.prompt):
            return len(await self._tokens((await self._ask("/apply-template", body, _Prompt)).prompt))
        prompt = msgspec.json.decode(asked.prompt, type=str | list[int])
        return len(await self._tokens(prompt) if isinstance(prompt, str) else prompt)

    async def _tokens(self, prompt: str) -> list[int]:
        """The tokens of a prompt. The flags are those with which llama-server reads it itself."""
        question = {"content": prompt, "add_special": True, "parse_special": True}
        return (await self._ask("/tokenize", msgspec.json.encode(question), _Tokens)).tokens

    async def busy_slots(self) -> int:
        """How many slots work right now."""
        slots = await self._ask("/slots", None, list[dict[str, Any]])
        return sum(bool(slot.get("is_processing")) for slot in slots)

    async def opening(self, body: bytes) -> list[int]:
        """The tokens with which every chat begins that has the first message and the tools of `body`."""
        prompts = [(await self._ask("/apply-template", asked, _Prompt)).prompt for asked in openings(body)]
        one, other = [await self._tokens(prompt) for prompt in prompts]
        pairs = enumerate(zip(one, other, strict=False))
        return one[: next((index for index, (mine, theirs) in pairs if mine != theirs), 0)]

    async def save_slot(self, slot: int, name: str) -> tuple[int, int]:
        """Write what a slot has read into a file of `slot_save_path`: how many tokens, in how many bytes."""
        moved = await self._ask(f"/slots/{slot}?action=save", _filename(name), _Moved)
        return moved.n_saved, moved.n_written

    async def restore_slot(self, slot: int, name: str) -> int:
        """Read a file back into a slot: how many tokens. Raises `BadRequest` for a file that the engine does not take;
        the slot is empty then.
        """
        return (await self._ask(f"/slots/{slot}?action=restore", _filename(name), _Moved)).n_restored

    async def _calls(self) -> tuple[bool, IdPattern]:
        """Whether the chat template shows text beside calls, and which ids it takes."""
        for pattern, id in _IDS.items():
            for text in ("probe-two", ""):
                if await self._renders(_call(id, text)):
                    return bool(text), pattern
        return False, "any"

    async def _renders(self, messages: Sequence[Mapping[str, object]]) -> bool:
        """Whether the chat template takes `messages` and shows every text in them."""
        body = msgspec.json.encode({"messages": messages})
        try:
            prompt = (await self._ask("/apply-template", body, _Prompt)).prompt
        except (BadRequest, EngineFault):
            return False
        return all(str(message["content"] or "") in prompt for message in messages)

    async def _can_think_or_not(self) -> bool:
        """Whether the chat template has a switch for thinking: it renders another prompt when told not to."""
        prompts: set[str] = set()
        for wish in (True, False):
            asked = {"messages": _ONE_TURN, "chat_template_kwargs": {"enable_thinking": wish}}
            try:
                prompts.add((await self._ask("/apply-template", msgspec.json.encode(asked), _Prompt)).prompt)
            except (BadRequest, EngineFault):
                return False
        return len(prompts) > 1

    async def _ask(self, path: str, body: bytes | None, kind: type[T]) -> T:
        try:
            status, content = await self._carry(self.url + path, self.headers, body, CONTROL_TIMEOUT)
        except ProviderFault as error:
            raise EngineFault(
                f"The engine does not answer at {path} ({type(error).__name__}).",
                remedy="Try again; if it stays so, restart landbridge.",
                origin=self._origin,
            ) from error
        if status == 400:
            raise BadRequest(_said(content), origin=self._origin)
        try:
            if status == 200:
                return msgspec.json.decode(content, type=kind)
        except msgspec.MsgspecError:
            pass
        raise EngineFault(f"The engine answered {status} at {path}: {_said(content)}", origin=self._origin)


def _filename(name: str) -> bytes:
    return msgspec.json.encode({"filename": name})


def _call(id: str, text: str) -> Sequence[Mapping[str, object]]:
    """A conversation with a call, with `text` beside it, and its result."""
    call = {"id": id, "type": "function", "function": {"name": "probe", "arguments": "{}"}}
    return (
        {"role": "user", "content": "probe-one"},
        {"role": "assistant", "content": text or None, "tool_calls": [call]},
        {"role": "tool", "content": "probe-three", "tool_call_id": id},
    )


def _said(content: bytes) -> str:
    """The engine's own words about an error."""
    try:
        said = msgspec.json.decode(content, type=_Refusal).error.message
    except msgspec.MsgspecError:
        said = content[:200].decode("utf-8", "replace")
    return said or "no reason given"
