"""Searches and fetches in Gemini's answers: no parts of their own, but metadata of the candidate at its end.

They leave no trace in what a client sends back; what was found lives on in the answer's words.
"""

from __future__ import annotations

from msgspec import Raw

from ...neutral.parts import Opaque, ToolCall, ToolResult
from .outcome import Found, Outcome, Page
from .use import Use, json


class Metadata:
    """Writes it."""

    def asked(self, use: Use) -> Opaque | None:
        """Nothing."""
        return None

    def answered(self, use: Use, outcome: Outcome) -> Opaque | None:
        """Nothing."""
        return None

    def closing(self, uses: list[tuple[Use, Outcome]]) -> list[tuple[str, Raw]]:
        """`groundingMetadata` of what was searched, `urlContextMetadata` of what was fetched."""
        records: list[tuple[str, Raw]] = []
        searches = [(use, outcome) for use, outcome in uses if use.kind == "search"]
        if searches:
            found = [each for _, outcome in searches if isinstance(outcome, Found) for each in outcome.results]
            chunks = [{"web": {"uri": each.url, "title": each.title}} for each in found]
            grounding = {"webSearchQueries": [use.wanted for use, _ in searches], "groundingChunks": chunks}
            records.append(("groundingMetadata", json(grounding)))
        fetched = [
            {"retrievedUrl": use.wanted, "urlRetrievalStatus": f"URL_RETRIEVAL_STATUS_{_status(outcome)}"}
            for use, outcome in uses
            if use.kind == "fetch"
        ]
        if fetched:
            records.append(("urlContextMetadata", json({"urlMetadata": fetched})))
        return records


def _status(outcome: Outcome) -> str:
    return "SUCCESS" if isinstance(outcome, Page) else "ERROR"


def read(part: Opaque, *, own: bool) -> tuple[ToolCall | None, ToolResult | None]:
    """Nothing comes back."""
    return None, None
