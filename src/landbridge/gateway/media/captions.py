"""Pictures in words: a model that sees, named in the settings, describes them for those that do not.

It is asked as a client would ask, through the whole gateway: name, conversion, limits and record are those of any
request. Its answer is remembered, so that a picture is described once, and the same way in every turn.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec
from msgspec import Struct

from ...config import MediaSettings
from ...errors import GatewayError
from ...neutral.parts import Image, Text
from ...wire.dialects import dialect
from ..call import Call, Sink
from ..ids import new_id
from .memo import Made, Memo, digest

DIALECT = "anthropic"
MAX_TOKENS = 4000
CAPACITY = 16 * 1024 * 1024
AGAIN = 60.0
"""Seconds before a picture is tried again that could not be described."""
MAX_FAULT = 300
"""Characters of an error that are repeated in the conversation."""
AT_ONCE = 4
"""Pictures that are described at a time."""
PROMPT = (
    "Describe this image for somebody who cannot see it and has to work from your words alone. Begin with what it is "
    "(a photo, a screenshot, a diagram, a scanned page). Write out all text in it word for word, in reading order, "
    "keeping the structure of tables, forms and code. Then say what else matters: layout, numbers of a chart, colours, "
    "what is marked or selected. Answer with the description only."
)

Exchange = Callable[[Call, Sink], Awaitable[None]]
"""Serves a call, as for a client."""


class Question(Call):
    """A call of our own. What it shows is described by nobody else: that would never end."""


class Caption(Struct, frozen=True):
    """What was said of a picture: a text, or why there is none."""

    text: str = ""
    fault: str = ""


class Captions:
    """Asks the model that sees."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._memo: Memo[Caption] = Memo(CAPACITY)
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def describe(self, image: Image, settings: MediaSettings) -> Caption:
        """What the model of the settings says of `image`."""
        key = (settings.captions, digest(image.data or image.url))

        async def make() -> Made[Caption]:
            async with self._turns:
                caption = await self._ask(image, settings)
            return Made(caption, 500 + 2 * len(caption.text), AGAIN if caption.fault else float("inf"))

        return await self._memo.get(key, make)

    async def _ask(self, image: Image, settings: MediaSettings) -> Caption:
        call = Question(DIALECT, _body(image, settings.captions), [(b"anthropic-version", b"2023-06-01")])
        heard = _Ear()
        try:
            async with asyncio.timeout(settings.caption_seconds):
                await self._exchange(call, heard)
        except TimeoutError:
            return Caption(fault=f"it gave no answer within {settings.caption_seconds:g} seconds")
        return heard.caption()


def _body(image: Image, model: str) -> bytes:
    source = (
        {"type": "base64", "media_type": image.media_type or "image/png", "data": image.data}
        if image.data
        else {"type": "url", "url": image.url}
    )
    content = [{"type": "image", "source": source}, {"type": "text", "text": PROMPT}]
    body = {"model": model, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": content}]}
    return msgspec.json.encode(body)


class _Ear:
    """Keeps a whole answer."""

    started = False
    blocked = False
    touched = 0.0

    def __init__(self) -> None:
        self._status, self._headers, self._body = 0, dict[str, str](), b""

    async def whole(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self._status, self._headers, self._body = status, dict(headers), body

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Streams are not asked for; some providers send one all the same."""
        self.started = True
        self._status, self._headers = status, dict(headers)

    async def write(self, data: bytes) -> None:
        self._body += data

    async def end(self) -> None:
        """It is complete."""

    def abort(self) -> None:
        """It is not."""
        self._status = 0

    def caption(self) -> Caption:
        """What was said."""
        try:
            if self._status != 200:
                error = dialect(DIALECT).read_error(self._status or 502, self._body, "captions", self._headers)
                return Caption(fault=_short(error.message))
            response = dialect(DIALECT).read_response(self._body, new_id, "captions")
        except GatewayError as error:
            return Caption(fault=_short(error.message))
        text = "".join(part.text for part in response.parts if isinstance(part, Text)).strip()
        return Caption(text) if text else Caption(fault="it answered nothing")


def _short(words: str) -> str:
    """An error's words, as part of a sentence."""
    line = " ".join(words.split())
    return (line if len(line) <= MAX_FAULT else line[: MAX_FAULT - 1] + "…").rstrip(".")
