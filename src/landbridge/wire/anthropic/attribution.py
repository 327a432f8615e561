"""The line Claude Code puts in front of its system prompt, and its removal for everybody but Anthropic.

`x-anthropic-billing-header: cc_version=...;` changes between conversations and stands first, so it spoils every prefix
cache (P77, CLIENTS.md section 7). Anthropic gets it untouched and first.
"""

from __future__ import annotations

from msgspec.structs import replace

from ...neutral.parts import Text
from ...neutral.request import Request

MARK = "x-anthropic-billing-header:"


def strip_attribution(request: Request) -> Request:
    """`request` without the line: a block of its own, or the first line of a longer text."""
    if not request.system or not request.system[0].text.lstrip().startswith(MARK):
        return request
    first, *others = request.system
    _, _, rest = first.text.lstrip().partition("\n")
    rest = rest.lstrip("\n")
    kept: list[Text] = [replace(first, text=rest), *others] if rest else others
    return replace(request, system=tuple(kept))
