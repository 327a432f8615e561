"""What llama.cpp is told and how it is asked: parameters, llama-server's argv, and the control calls over HTTP.

The same HTTP serves llama.cpp in our worker and a system's own llama-server, so that one can stand in for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import msgspec
from msgspec import Struct, field

from ..config import ModelSettings
from ..errors import BadRequest, ConfigFault, EngineFault
from ..neutral.traits import Traits

HOST = "127.0.0.1"
CONTROL_TIMEOUT = aiohttp.ClientTimeout(total=60, connect=5)
HEALTH_TIMEOUT = aiohttp.ClientTimeout(total=5)
PROMPT_CACHE_MIB = 1024
"""Memory for the prefixes of other conversations (llama.cpp's own default is 8 GiB)."""
CANCEL_SECONDS = 0.4
"""How long a batch of the prompt may take: the engine notices a client that left after the current one and stops after
the next (measured; two of 512 tokens take 9 s on one core)."""
PACE = 12e9
"""Tokens per second of one CPU core, times bytes of the model; the least measured (ENGINE.md has 12 to 23)."""
FINEST_BATCH = 32
"""Below this, prompts become noticeably slower; 48 or 64 tokens cost less than 5 % against 512."""
CONTROL_THREADS = 4
"""HTTP threads beside one per slot, for health and counting while all slots are busy."""

OURS = frozenset({"model.path", "hostnames", "port", "api_keys", "cors_origins", "cors_credentials", "ssl_file_key"})
"""Parameters no setting may change: they keep the engine private."""
OUR_FLAGS = frozenset({"m", "model", "host", "port", "api-key", "api-key-file", "cors-origins"})


T = TypeVar("T")

_SYSTEM_TURN = (
    {"role": "user", "content": "probe-one"},
    {"role": "assistant", "content": "probe-two"},
    {"role": "system", "content": "probe-three"},
    {"role": "user", "content": "probe-four"},
)
_SAME_ROLE_TWICE = ({"role": "user", "content": "probe-one"}, {"role": "user", "content": "probe-two"})
_CALL = {"id": "call_probe", "type": "function", "function": {"name": "probe", "arguments": "{}"}}
_TEXT_AND_CALL = (
    {"role": "user", "content": "probe-one"},
    {"role": "assistant", "content": "probe-two", "tool_calls": [_CALL]},
    {"role": "tool", "content": "probe-three", "tool_call_id": "call_probe"},
)
"""Conversations a chat template may or may not take; asked once per start (P43, P62)."""


class Run(Struct, frozen=True):
    """What one engine process is to run: the outcome of planning."""

    path: Path
    """The model file."""
    context: int
    """Tokens, all slots together."""
    threads: int
    batch: int
    gpu_layers: int
    template: str
    """Text of a chat template; empty: the file's own."""
    settings: ModelSettings


def cancellable_batch(batch: int, size: int, threads: int) -> int:
    """At most `batch` prompt tokens, and so few that a CPU reads two batches of them within a second (P84)."""
    quick = int(CANCEL_SECONDS * PACE * threads / max(1, size)) // 16 * 16
    return min(batch, max(FINEST_BATCH, quick))


def with_progress(chat_body: bytes) -> bytes:
    """The body with a request for progress events: only by writing them does the engine notice a client that left."""
    return chat_body.rstrip().removesuffix(b"}") + b',"return_progress":true}'


def write_params(run: Run, key: str) -> dict[str, object]:
    """Parameters by llama.cpp's own names, for `xllamacpp.CommonParams`. Raises `ConfigFault` for a forbidden one."""
    _forbid(run.settings.extra, OURS)
    slots = run.settings.slots
    params: dict[str, object] = {
        "model.path": str(run.path),
        "n_ctx": run.context,
        "n_parallel": slots,
        "n_batch": run.batch,
        "n_ubatch": min(run.batch, 512),
        "cpuparams.n_threads": run.threads,
        "cpuparams_batch.n_threads": run.threads,
        "n_gpu_layers": run.gpu_layers,
        "fit_params": False,  # the plan has decided what fits
        "cache_ram_mib": PROMPT_CACHE_MIB,
        "n_threads_http": slots + CONTROL_THREADS,
        "endpoint_slots": True,
        "ui": False,
        "hostnames": [HOST],
        "port": 0,
        "api_keys": [key],
        "cors_origins": "",
        "cors_credentials": False,
    }
    if run.template:
        params["chat_template"] = run.template
    return {**params, **run.settings.extra}


def write_argv(command: Sequence[str], run: Run, key_file: Path, template_file: Path | None) -> tuple[str, ...]:
    """A llama-server's command line. The key stands in a file: other users can read command lines."""
    _forbid(run.settings.extra, OUR_FLAGS)
    options: dict[str, object] = {
        "-m": run.path,
        "-c": run.context,
        "-np": run.settings.slots,
        "-b": run.batch,
        "-ub": min(run.batch, 512),
        "-t": run.threads,
        "-ngl": run.gpu_layers,
        "--host": HOST,
        "--port": 0,
        "--api-key-file": key_file,
    }
    if template_file is not None:
        options["--chat-template-file"] = template_file
    argv = [*command, *(str(word) for pair in options.items() for word in pair), "--jinja", "--slots", "--no-webui"]
    for name, value in run.settings.extra.items():
        argv += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return tuple(argv)


def _forbid(extra: Mapping[str, object], ours: frozenset[str]) -> None:
    if taken := sorted(ours & extra.keys()):
        raise ConfigFault(
            f"The engine setting '{taken[0]}' cannot be changed under `extra`.",
            remedy="Remove it: landbridge sets it itself, so that only landbridge can reach the engine.",
        )


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


class _Fault(Struct):
    message: str = ""


class _Refusal(Struct):
    error: _Fault = field(default_factory=_Fault)


class _Prompt(Struct):
    prompt: str


class _Tokens(Struct):
    tokens: list[msgspec.Raw]


class Found(Struct, frozen=True):
    """What the engine says of itself once it is ready."""

    window: int
    """Tokens of context per slot."""
    slots: int
    traits: Traits


class Control:
    """Asks one engine over HTTP. `origin` stands in its errors."""

    def __init__(self, session: aiohttp.ClientSession, url: str, key: str, origin: str) -> None:
        self.url = url
        self.headers: Mapping[str, str] = {"authorization": f"Bearer {key}"}
        self._session = session
        self._origin = origin

    async def healthy(self) -> bool:
        """Whether it says that it is ready. Not reachable yet is no."""
        try:
            async with self._session.get(self.url + "/health", timeout=HEALTH_TIMEOUT) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def find(self, run: Run) -> Found:
        """Window, slots and abilities, asked of the engine and its chat template rather than assumed."""
        props = await self._ask("GET", "/props", None, _Props)
        slots = max(1, props.total_slots)
        window = props.default_generation_settings.n_ctx or run.context // slots
        tools = props.chat_template_caps.supports_tools and props.chat_template_caps.supports_tool_calls
        traits = Traits(
            max_output=run.settings.max_output,
            window=window,
            images=props.modalities.get("vision", False),
            documents=False,
            tools=tools,
            system_turns="keep" if await self._renders(_SYSTEM_TURN) else "fold",
            alternate=not await self._renders(_SAME_ROLE_TWICE),
            content_with_calls=not tools or await self._renders(_TEXT_AND_CALL),
            max_stop=16,
            sampling=("temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty"),
            strict_tools=False,
        )
        return Found(window=window, slots=slots, traits=traits)

    async def count(self, chat_body: bytes) -> int:
        """Prompt tokens of a chat request's body, tools and all: exactly what the engine will report as usage."""
        rendered = await self._ask("POST", "/apply-template", chat_body, _Prompt)
        # The flags are those with which llama-server reads a chat prompt itself.
        question = {"content": rendered.prompt, "add_special": True, "parse_special": True}
        return len((await self._ask("POST", "/tokenize", msgspec.json.encode(question), _Tokens)).tokens)

    async def busy_slots(self) -> int:
        """How many slots work right now."""
        slots = await self._ask("GET", "/slots", None, list[dict[str, Any]])
        return sum(bool(slot.get("is_processing")) for slot in slots)

    async def _renders(self, messages: Sequence[Mapping[str, object]]) -> bool:
        """Whether the chat template takes `messages` and shows every text in them."""
        body = msgspec.json.encode({"messages": messages})
        try:
            prompt = (await self._ask("POST", "/apply-template", body, _Prompt)).prompt
        except (BadRequest, EngineFault):
            return False
        return all(str(message["content"]) in prompt for message in messages)

    async def _ask(self, method: str, path: str, body: bytes | None, kind: type[T]) -> T:
        headers = {**self.headers, "content-type": "application/json"}
        try:
            async with self._session.request(
                method, self.url + path, data=body, headers=headers, timeout=CONTROL_TIMEOUT
            ) as answer:
                content = await answer.read()
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
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


def _said(content: bytes) -> str:
    """The engine's own words about an error."""
    try:
        said = msgspec.json.decode(content, type=_Refusal).error.message
    except msgspec.MsgspecError:
        said = content[:200].decode("utf-8", "replace")
    return said or "no reason given"
