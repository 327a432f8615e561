"""Agents' system prompts: what differs from folder to folder is moved, nothing is lost, the rest stays as it is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import Request
from landbridge.wire import volatile
from landbridge.wire.volatile import HEAD, TAIL, settle

ENVIRONMENT = """\
# Environment
You have been invoked in the following environment:\x20
 - Primary working directory: {folder}
 - Is a git repository: {git}
 - Platform: linux
{more}
# Context management
When the conversation grows long, it is summarized.
"""
MEMORY = (
    "# Memory\n\nYou have a persistent file-based memory at `{folder}/memory/`. This directory already exists. "
    "Each memory is one file, with frontmatter:\n\n```markdown\n---\n```\n"
)
STATUS = (
    "gitStatus: This is the git status at the start of the conversation. Note that.\n\nCurrent branch: {folder}\n\nx\n"
)
ENV = "Here is useful information about the environment you run in:\n<env>\n  Working directory: {folder}\n</env>\n"


def request(system: str, *more: str) -> Request:
    return Request(
        model="m",
        system=(Text("You are an agent."), Text(system), *map(Text, more)),
        messages=(Message("user", (Text("hello"),)), Message("assistant", (Text("yes"),))),
    )


def first(settled: Request) -> str:
    part = settled.messages[0].parts[0]
    assert isinstance(part, Text)
    assert part.text.startswith(HEAD)
    assert part.text.endswith(TAIL)
    return part.text


@pytest.mark.parametrize("form", [ENVIRONMENT, MEMORY, STATUS, ENV])
def test_p77_p80_a_system_prompt_is_the_same_in_every_folder(form: str) -> None:
    one, two = (
        settle(request("Before.\n\n" + form.format(folder=folder, git=git, more="")))
        for folder, git in (("/home/a", "true"), ("/srv/b", "false"))
    )
    assert one.system == two.system
    assert "/home/a" in first(one)
    assert "/srv/b" in first(two)
    assert one.messages[1:] == request("").messages[1:]
    assert one.messages[0].parts[1:] == (Text("hello"),)


def test_p80_all_of_it_is_still_told_and_nothing_else_is_moved() -> None:
    text = ENVIRONMENT.format(folder="/a", git="true", more=" - You are powered by the model m.\n")
    settled = settle(request(text, STATUS.format(folder="main")))
    assert settled.system[1].text == (
        "# Environment\n\n# Context management\nWhen the conversation grows long, it is summarized."
    )
    assert len(settled.system) == 2, "a block of which nothing is left goes"
    told = first(settled)
    for line in (text.splitlines()[1:5], STATUS.format(folder="main").strip().splitlines()):
        assert all(each.strip() in told for each in line)


def test_p80_a_path_in_a_sentence_keeps_a_name() -> None:
    settled = settle(request(MEMORY.format(folder="/a")))
    assert (
        "memory at the memory folder (its path is told in the first message). This directory" in settled.system[1].text
    )
    assert "The memory folder is `/a/memory/`." in first(settled)


def test_a_prompt_without_such_things_is_left_alone() -> None:
    for text in ("", "You know <env> blocks.", "# Environment\nnone", "gitStatus: clean"):
        asked = request(text)
        assert settle(asked) is asked
    bare = Request(model="m", messages=(), system=(Text(ENV.format(folder="/a")),))
    assert settle(bare) is bare, "there is no message that could tell it"


def test_p80_later_turns_begin_with_the_same() -> None:
    asked = request(ENVIRONMENT.format(folder="/a", git="true", more="") + MEMORY.format(folder="/a"))
    longer = Request(model="m", system=asked.system, messages=(*asked.messages, Message("user", (Text("more"),))))
    one, two = settle(asked), settle(longer)
    assert one.system == two.system
    assert two.messages[: len(one.messages)] == one.messages


@given(st.text(), st.text(alphabet="abc/ .-_\n", max_size=30).filter(lambda text: "\n" not in text))
def test_whatever_stands_around_it_stays(around: str, folder: str) -> None:
    text = f"{around}\n<env>\nWorking directory: {folder}\n</env>\n"
    settled = settle(request(text))
    assert "<env>" not in settled.system[-1].text or "<env>" in around
    assert f"Working directory: {folder}" in first(settled)
    kept = "".join(part.text for part in settled.system)
    assert around.rstrip() in kept or "<env>" in around or "gitStatus" in around


@pytest.mark.parametrize(
    "beginning",
    [
        "<env>\n",
        "<env>\nWorking directory: /a\n",
        f"{volatile.INVOKED}\n",
        f"{volatile.INVOKED}\n - a - b",
        f"{volatile.STATUS}\n",
        f"{volatile.MEMORY}`",
        "Here is useful information about the environment x",
        "Here is useful information about the environment x\n",
        "\n",
    ],
)
def test_a_form_that_begins_often_and_never_ends_takes_no_time(beginning: str) -> None:
    text = "\n</env>" + beginning * (400_000 // len(beginning))
    began = time.process_time()
    settle(request(text))
    assert time.process_time() - began < 2, "it took minutes when every beginning was read to the end of the text"


def test_an_environment_within_another_begins_at_the_inner_one() -> None:
    settled = settle(request("<env>\nleft open\n<env>\nWorking directory: /a\n</env>\nrest"))
    assert settled.system[-1].text == "<env>\nleft open\nrest"
    assert "Working directory: /a" in first(settled)
