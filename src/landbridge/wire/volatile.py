"""What differs from one conversation to the next in agents' system prompts, moved behind what does not. Pure.

Working directory, git status, date and the like stand in the middle of a system prompt, in front of thousands of tokens
of tools, and make a local model read all of it anew for every folder and day. They go to the front of the first user
message: nothing is lost, and what stands before is the same for all conversations (P77, P80). Measured with the real
clients (CLIENTS.md); only whole, known forms are touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec.structs import replace

from ..neutral.parts import Text
from ..neutral.request import Request

INVOKED = "You have been invoked in the following environment:"
STATUS = "gitStatus: This is the git status at the start of the conversation."
MEMORY = "You have a persistent file-based memory at "
# Every prompt comes by here, of any size and with any words: forms are looked for only where their words are found,
# and none goes over the same text twice, however often it begins without an end.
MOVED = (
    # Claude Code up to 2.1.2xx: a list below `# Environment`.
    (INVOKED, re.compile(rf"^{re.escape(INVOKED)} ?\n(?: - .*\n?)+", re.MULTILINE)),
    # Claude Code up to 2.1.2xx, at the end of a block.
    (STATUS, re.compile(rf"^{re.escape(STATUS)}[\s\S]*\Z", re.MULTILINE)),
    # opencode, and Claude Code before 2.1.
    (
        "\n</env>",
        re.compile(
            r"^(?:Here is useful information about the environment .*\n)?<env>\n(?:(?!</?env>).*\n)+</env>\n?",
            re.MULTILINE,
        ),
    ),
)
"""Passages that go as they are, each with words it cannot be without."""
NAMED = ((MEMORY, re.compile(rf"(?<={re.escape(MEMORY)})`[^`\n]+`"), "memory folder"),)
"""Places in the middle of a sentence, which keeps a name for them."""
HEAD = "<system-reminder>\nThis belongs to your instructions:\n\n"
TAIL = "\n</system-reminder>"


def settle(request: Request) -> Request:
    """`request` with a system prompt that is the same in every folder and on every day; itself where it is already."""
    moved: list[str] = []
    system = tuple([_settled(part, moved) for part in request.system])
    first = next((index for index, message in enumerate(request.messages) if message.role == "user"), None)
    if not moved or first is None:
        return request
    message = request.messages[first]
    told = Text(HEAD + "\n\n".join(moved) + TAIL)
    opening = replace(message, parts=(told, *message.parts))
    messages = (*request.messages[:first], opening, *request.messages[first + 1 :])
    return replace(request, system=tuple([part for part in system if part.text]), messages=messages)


def _settled(part: Text, moved: list[str]) -> Text:
    text = part.text
    for words, form in MOVED:
        if words in text:
            text = form.sub(_take(moved), text)
    for words, form, name in NAMED:
        if words in text:
            text = form.sub(_name(moved, name), text)
    return part if text == part.text else replace(part, text=text.rstrip() if text.strip() else "")


def _take(moved: list[str]) -> Callable[[re.Match[str]], str]:
    def take(found: re.Match[str]) -> str:
        moved.append(found[0].strip())
        return ""

    return take


def _name(moved: list[str], name: str) -> Callable[[re.Match[str]], str]:
    def take(found: re.Match[str]) -> str:
        moved.append(f"The {name} is {found[0]}.")
        return f"the {name} (its path is told in the first message)"

    return take
