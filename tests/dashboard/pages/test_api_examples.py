"""Commands that are to be copied: a shell takes them as they are."""

from __future__ import annotations

import json
import shlex

import pytest

from landbridge.dashboard.pages.api_examples import EXAMPLES, FACES, Example, command

BASE = "http://127.0.0.1:38080"


def words(example: Example, model: str = "lab/m", *, keyed: bool = False) -> list[str]:
    """As the program gets them."""
    return shlex.split(command(example, BASE, model, keyed=keyed).replace("\\\n", ""))


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_shell_takes_them(example: Example) -> None:
    found = words(example)
    assert found[0] == "curl"
    assert found[1].startswith(BASE + example.path.partition("{")[0])
    if example.name == "models":
        assert found[2:] == []
    else:
        assert found[2:5] == ["-H", "content-type: application/json", "-d"]
        assert "lab/m" in found[5] or "lab%2Fm" in found[1]
        json.loads(found[5])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_key_comes_from_a_variable(example: Example) -> None:
    assert "$LANDBRIDGE_KEY" in " ".join(words(example, keyed=True))
    assert "LANDBRIDGE_KEY" not in " ".join(words(example))
    assert '-H "' in command(example, BASE, "m", keyed=True), "in double quotes, in which variables are filled in"


def test_no_name_breaks_out() -> None:
    name = 'it\'s $HOME `ls` "m"'
    asked = words(EXAMPLES[0], name)
    assert json.loads(asked[5])["model"] == name
    assert len(asked) == 6
    assert "'" not in words(EXAMPLES[3], name)[1]


def test_faces_and_listeners() -> None:
    assert {face.listener for face in FACES} == {"router", "openai"}
    assert all(each.listeners for each in EXAMPLES)
