"""What cannot be a field becomes words, once, and is reported."""

from __future__ import annotations

import pytest
from msgspec import Raw
from msgspec.structs import replace

from landbridge.neutral.parts import Message, Text
from landbridge.neutral.request import OutputFormat, Request
from landbridge.wire.structured import ONLY, instructed

HI = Request("m", (Message("user", (Text("hi"),)),), system=(Text("Be brief."),))
SCHEMA = OutputFormat(Raw(b'{ "type":"object", "required": ["title"] }'))
ANY = OutputFormat()


def told(request: Request, schemas: bool, objects: bool) -> tuple[list[str], list[str]]:
    """The words that were added, and the paths of losses."""
    found, losses = instructed(request, schemas=schemas, objects=objects)
    assert replace(found, system=request.system) == request
    assert found.system[: len(request.system)] == request.system
    return [text.text for text in found.system[len(request.system) :]], [loss.path for loss in losses]


@pytest.mark.parametrize(
    ("schemas", "objects", "path"),
    [(True, True, ""), (True, False, ""), (False, True, "output.schema"), (False, False, "output")],
)
def test_a_schema_without_a_field_is_told_in_words(schemas: bool, objects: bool, path: str) -> None:
    words = [f"{ONLY} It must follow this JSON schema:\n{bytes(SCHEMA.schema).decode()}"]
    assert told(replace(HI, output=SCHEMA), schemas, objects) == ((words, [path]) if path else ([], []))


@pytest.mark.parametrize("schemas", [True, False])
@pytest.mark.parametrize(("objects", "losses"), [(True, []), (False, ["output"])])
def test_json_of_any_shape_is_always_told(schemas: bool, objects: bool, losses: list[str]) -> None:
    assert told(replace(HI, output=ANY), schemas, objects) == ([ONLY], losses)


def test_without_a_wish_nothing_is_said() -> None:
    assert told(HI, False, False) == ([], [])


@pytest.mark.parametrize("where", ["system", "messages"])
def test_who_speaks_of_json_already_is_not_told_again(where: str) -> None:
    """OpenAI and others refuse their JSON mode where nothing in the prompt says JSON."""
    said = Text("Give me Json.")
    asked = replace(HI, system=(said,)) if where == "system" else replace(HI, messages=(Message("user", (said,)),))
    assert told(replace(asked, output=ANY), True, True) == ([], [])
    assert told(replace(asked, output=ANY), True, False) == ([ONLY], ["output"])


def test_p80_the_words_are_the_same_in_every_turn() -> None:
    later = replace(HI, messages=(*HI.messages, Message("assistant", (Text("{}"),)), Message("user", (Text("more"),))))
    assert told(replace(HI, output=SCHEMA), False, False) == told(replace(later, output=SCHEMA), False, False)
