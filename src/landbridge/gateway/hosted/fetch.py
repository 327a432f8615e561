"""One page or picture from the public web, with limits on where it may be, how large it is and how long it takes.

Every step of a redirect is looked at like a first address. Proxies of the environment are not used: nobody could say
then where a name leads.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import SplitResult, urldefrag, urljoin, urlsplit

from msgspec import Struct

from ... import __version__
from ...config import FetchSettings, MediaSettings
from ...errors import Garbled, GatewayError
from ...neutral.parts import Document, Image, Text
from ...upstream.client import Answer, Client, Endpoint
from ...wire.hosted.outcome import Fault, Outcome, Page
from ...wire.search.sites import permits
from ..media.documents import of_paper
from ..media.paper import Limits, read_paper
from .addresses import Dialer, NotPublic
from .apart import read_apart
from .page import PDF, Unsupported, kind_of
from .web import SWITCHED_OFF

MAX_REDIRECTS = 5
LONGEST = 2048
"""Characters of an address."""
PORTS = (80, 443, 8000, 8080, 8443)
"""Web servers; what listens elsewhere mostly is none."""
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
"""How pictures begin; what a server calls them is not asked."""
HEADERS = {
    "accept": "text/html,application/xhtml+xml,text/plain;q=0.9,application/pdf;q=0.8,*/*;q=0.5",
    "accept-language": "en,*;q=0.5",
    "user-agent": f"Mozilla/5.0 (compatible; landbridge/{__version__}; web_fetch)",
}


Got = TypeVar("Got")
Read = Callable[[Answer, str], Awaitable[Got]]
"""What is made of the answer from an address."""


class Rules(Struct, frozen=True):
    """What one request allows."""

    allowed: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


class _Refused(Exception):
    def __init__(self, code: str, words: str = "") -> None:
        self.fault = Fault(code, words)


class Fetcher:
    """Fetches by the settings."""

    def __init__(self, settings: FetchSettings, media: MediaSettings) -> None:
        self._settings, self._media = settings, media
        self._dialer = Dialer(settings.private_hosts)

    async def fetch(self, url: str, rules: Rules) -> Outcome:
        """The page at `url`. Raises nothing but cancellation."""
        return await self._guarded(url, rules, self._read)

    async def picture(self, url: str) -> Image | Fault:
        """The picture at `url`, for a target that would fetch it without asking what may be fetched."""
        if not self._settings.enabled:
            return Fault("unavailable", f"{SWITCHED_OFF}.")
        return await self._guarded(url, Rules(), self._read_picture)

    async def _guarded(self, url: str, rules: Rules, read: Read[Got]) -> Got | Fault:
        seconds = self._settings.timeout
        try:
            async with asyncio.timeout(seconds):
                return await self._fetch(url, rules, read)
        except _Refused as refused:
            return refused.fault
        except TimeoutError:
            return Fault("url_not_accessible", f"It did not come within {seconds:g} s.")
        except NotPublic as error:
            return Fault("url_not_allowed", f"{error}.")
        except GatewayError as error:
            return Fault("url_not_accessible", error.message)

    async def _fetch(self, url: str, rules: Rules, read: Read[Got]) -> Got:
        client = Client(self._dialer, straight=True)
        await client.start()
        try:
            for _ in range(MAX_REDIRECTS + 1):
                url = urldefrag(self._checked(url, rules)).url
                answer = await client.get(self._endpoint(url), {}, redirects=True)
                try:
                    if 300 <= answer.status < 400 and (location := answer.headers.get("location")):
                        url = urljoin(url, location)
                        continue
                    return await read(answer, url)
                finally:
                    await answer.close()
        finally:
            await client.close()
        raise _Refused("url_not_accessible", f"It redirects more than {MAX_REDIRECTS} times.")

    def _endpoint(self, url: str) -> Endpoint:
        seconds = self._settings.timeout
        return Endpoint(url=url, headers=HEADERS, connect_timeout=seconds, idle_timeout=seconds, origin="web")

    def _checked(self, url: str, rules: Rules) -> str:
        """`url`, if it may be fetched as far as one can tell without asking the name server."""
        parts = _parts(url)
        try:
            host, port = (parts.hostname or "").lower(), parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError:
            raise _Refused("invalid_tool_input", "Its port is none.") from None
        if parts.scheme not in ("http", "https") or not host:
            raise _Refused("url_not_allowed", "Only http:// and https:// addresses can be fetched.")
        if "@" in parts.netloc:
            raise _Refused("url_not_allowed", "It holds a user's name or password.")
        if not permits(url, rules.allowed, rules.blocked):
            raise _Refused("url_not_allowed", "The request keeps this tool to other domains.")
        if self._dialer.is_named(host, port):
            return url
        if port not in PORTS:
            raise _Refused("url_not_allowed", f"Port {port} is not fetched from.")
        return url

    async def _data(self, answer: Answer) -> bytes:
        if answer.status != 200:
            raise _Refused("url_not_accessible", f"The server answered with status {answer.status}.")
        try:
            return await answer.read(self._settings.max_bytes)
        except Garbled:
            most = self._settings.max_bytes / (1 << 20)
            raise _Refused("content_too_large", f"The limit is {most:g} MiB.") from None

    async def _read_picture(self, answer: Answer, url: str) -> Image:
        data = await self._data(answer)
        kind = next((kind for start, kind in PICTURES.items() if data.startswith(start)), "")
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            kind = "image/webp"
        if not kind:
            raise _Refused("unsupported_content_type", "What is there is no picture (PNG, JPEG, GIF, WebP, BMP).")
        return Image(data=base64.b64encode(data).decode("ascii"), media_type=kind)

    async def _read(self, answer: Answer, url: str) -> Page:
        data = await self._data(answer)
        declared = answer.headers.get("content-type", "")
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if kind_of(declared, data) == PDF:
            return Page(url, "", await self._pdf(data, url), now)
        try:
            title, text = await read_apart(data, declared, url, self._settings.timeout)
        except Unsupported as error:
            raise _Refused("unsupported_content_type", f"It is {error}.") from None
        return Page(url, title, text or "[the page has no text]", now)

    async def _pdf(self, data: bytes, url: str) -> str:
        media = self._media
        limits = Limits(media.pdf_pages, min(media.pdf_characters, self._settings.max_characters), 0, media.pdf_seconds)
        paper = await read_paper(base64.b64encode(data).decode("ascii"), limits)
        shown = of_paper(Document(title=urlsplit(url).path.rpartition("/")[2]), paper, limits)
        return "\n\n".join(part.text for part in shown if isinstance(part, Text))


def _parts(url: str) -> SplitResult:
    if len(url) > LONGEST:
        raise _Refused("url_too_long")
    # Parsers do not agree on these, and what one takes for a path is a host to another.
    if "\\" in url or any(ord(letter) <= 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in url):
        raise _Refused("invalid_tool_input", "It holds letters that no address has.")
    try:
        return urlsplit(url)
    except ValueError:
        raise _Refused("invalid_tool_input", "It is no address.") from None
