"""Upstreams whose list of models is chosen by the test, byte by byte; everything else is a `Provider`."""

from __future__ import annotations

import json

from .provider import JSON, Answer, Provider, Received


def models(*names: str) -> Answer:
    """A true list in OpenAI's form."""
    entries = [{"id": name, "object": "model", "created": 1, "owned_by": "test"} for name in names]
    return Answer(headers=JSON, body=json.dumps({"object": "list", "data": entries}).encode())


class Lister(Provider):
    """Answers `GET .../models` with what `list` is at that moment; `asked` counts."""

    def __init__(self, list: Answer) -> None:
        super().__init__()
        self.list = list

    async def __aenter__(self) -> Lister:
        await super().__aenter__()
        return self

    @property
    def asked(self) -> int:
        """How often somebody wanted the list."""
        return sum(request.path.partition("?")[0].endswith("/models") for request in self.others)

    def answer(self, request: Received) -> Answer:
        """What this request gets."""
        usual = super().answer(request)
        return self.list if request.path.partition("?")[0].endswith("/models") else usual
