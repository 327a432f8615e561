"""Access tokens of Google's cloud: asked for when needed, kept while they hold, asked for again before they end.

One refresh at a time: who comes while it runs takes the old token as long as that holds, and waits for the new one
after that.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from ..errors import ConfigFault, Forbidden, Garbled, GatewayError, TimedOut, Unreachable
from ..providers.sign_google import GoogleKeys, Token, question, read_token
from ..upstream.client import Client, Endpoint

EARLY = 300.0
"""Seconds before a token's end that the next one is asked for."""
SURE = 15.0
"""Seconds before its end that a token is not used any more: a request takes time, and clocks differ."""
PATIENCE = 15.0
"""Seconds that whoever gives tokens has."""
REST = 10.0
"""Seconds between two attempts while the old token still holds."""
MAX_ANSWER = 256 * 1024
LOGIN = "Run 'gcloud auth application-default login', or name a service account's file: api_key = \"file:PATH\"."


class GoogleTokens:
    """The tokens of one provider."""

    def __init__(self, keys: GoogleKeys, name: str) -> None:
        self._keys, self._name = keys, name
        self._token: Token | None = None
        self._ends = self._again = 0.0
        """Loop times: of the token's end, of the next attempt."""
        self._lock = asyncio.Lock()

    async def headers(self, client: Client) -> Mapping[str, str]:
        """The headers that carry the token. Raises what keeps it from being had."""
        token = await self._current(client)
        found = {"authorization": f"Bearer {token.text.reveal()}"}
        if self._keys.quota_project:
            found["x-goog-user-project"] = self._keys.quota_project
        return found

    async def _current(self, client: Client) -> Token:
        now = asyncio.get_running_loop().time()
        if (held := self._held(now)) is not None and (now < self._again or self._lock.locked()):
            return held
        async with self._lock:
            now = asyncio.get_running_loop().time()
            held = self._held(now)
            if held is not None and now < self._again:
                return held  # somebody else has asked meanwhile
            try:
                return await self._refresh(client)
            except GatewayError:
                if held is None:
                    raise
                self._again = now + REST
                return held

    def _held(self, now: float) -> Token | None:
        return self._token if now < self._ends - SURE else None

    async def _refresh(self, client: Client) -> Token:
        try:
            async with asyncio.timeout(PATIENCE):
                status, body = await self._ask(client)
        except TimeoutError:
            raise TimedOut(f"No access token came within {PATIENCE:g} s.", origin=self._origin) from None
        except Unreachable as error:
            if self._keys.kind == "machine":
                raise self._none() from None
            raise Unreachable(f"No access token: {error.message}", remedy=error.remedy, origin=self._origin) from None
        said = read_token(body)
        if isinstance(said, Token):
            now = asyncio.get_running_loop().time()
            self._token, self._ends = said, now + said.seconds
            self._again = self._ends - min(EARLY, said.seconds / 2)
            return said
        if self._keys.kind == "machine" and status == 404:
            raise self._none()
        if said or 400 <= status < 500:
            words = said or f"status {status}"
            remedy = "Make new credentials, or log in anew (gcloud auth application-default login)."
            raise Forbidden(f"Google gives no access token: {words}.", remedy=remedy, origin=self._origin)
        raise Garbled(f"Who should give access tokens answered something else (status {status}).", origin=self._origin)

    async def _ask(self, client: Client) -> tuple[int, bytes]:
        keys = self._keys
        if keys.kind == "machine":
            headers = {"metadata-flavor": "Google"}
            endpoint = Endpoint(url=keys.token_uri, headers=headers, connect_timeout=2.0, origin=self._origin)
            answer = await client.get(endpoint, {})
        else:
            try:
                asked = await asyncio.to_thread(question, keys, int(time.time()))
            except ConfigFault as fault:
                words = f"Provider '{self._name}' cannot be used: {fault.message}."
                raise Forbidden(words, remedy=fault.remedy, origin=self._origin) from None
            headers = {"content-type": "application/x-www-form-urlencoded"}
            answer = await client.post(Endpoint(url=keys.token_uri, headers=headers, origin=self._origin), asked, {})
        try:
            return answer.status, await answer.read(MAX_ANSWER)
        finally:
            await answer.close()

    @property
    def _origin(self) -> str:
        return f"provider:{self._name}"

    def _none(self) -> Forbidden:
        return Forbidden(f"Provider '{self._name}': there are no Google credentials.", remedy=LOGIN)
