"""Every setting is found on its line, however it is written in the file."""

from __future__ import annotations

from pathlib import Path

import pytest
import tomlkit
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config.places import Places, line_of, lines_of

FILE = """\
# a comment: port = 1
default_model = "m"

[listeners.router]
host = "x"
port = 1
[providers."my lab"]
models = [
  "a",
  "b",
]
headers = { one = "1", two = "2" }
[models]
small.context = 1
note = \"\"\"
[server]
context = 5
\"\"\"
[server]
drain_seconds = 3
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("default_model", 2),
        ("listeners", 4),
        ("listeners.router", 4),
        ("listeners.router.port", 6),
        ("providers.my lab", 7),
        ("providers.my lab.models", 8),
        ("providers.my lab.headers.two", 12),
        ("models.small", 14),
        ("models.small.context", 14),
        ("models.note", 15),
        ("server", 19),
        ("server.drain_seconds", 20),
        ("server.context", None),
        ("default_model.x", None),
        ("providers.my lab.models.a", None),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines(path: str, line: int | None, end: str) -> None:
    assert line_of(FILE.replace("\n", end), tuple(path.split("."))) == line


names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)
values = st.integers(0, 9) | st.just("a\nb") | st.lists(st.integers(0, 9), max_size=3) | st.booleans()


@given(st.dictionaries(names, st.dictionaries(names, values, max_size=4), max_size=4), st.data())
def test_a_key_is_on_the_line_that_tomlkit_wrote_it_on(tree: dict[str, dict[str, object]], data: st.DataObject) -> None:
    text = ""
    lines: dict[tuple[str, ...], int] = {}
    for section, members in tree.items():
        text += "# note\n" * data.draw(st.integers(0, 2))
        lines[section,] = text.count("\n") + 1
        text += f"[{tomlkit.key(section).as_string()}]\n"
        for key, value in members.items():
            lines[section, key] = text.count("\n") + 1
            text += f"{tomlkit.key(key).as_string()} = {tomlkit.item(value).as_string()}\n"
    assert {path: line_of(text, path) for path in lines} == lines


def test_a_text_that_is_no_toml_has_no_lines() -> None:
    assert line_of("a = ", ("a",)) is None


def test_values_of_several_lines_with_brackets_in_them() -> None:
    text = 'a = [\n  "]", # ]\n  "x",\n]\nb = """\n[c]\n}\n"""\n[[d]]\ne = 1\n[[d]]\ne = 2\n[f]\ng.h = {i = 1}\n'
    assert lines_of(text) == {
        ("a",): 1,
        ("b",): 5,
        ("d",): 9,
        ("d", "e"): 10,
        ("f",): 13,
        ("f", "g"): 14,
        ("f", "g", "h"): 14,
        ("f", "g", "h", "i"): 14,
    }


def test_a_long_file_takes_no_time() -> None:
    text = "".join(f"[models.m{number}]\ncontext = {number}\n" for number in range(1, 1500))
    assert line_of(text, ("models", "m1200", "context")) == 2400


def test_what_was_set_elsewhere_is_said() -> None:
    places = Places(Path("/etc/l.toml"), "[listeners.router]\nport = 1\n")
    places.add(("listeners", "router", "port"), "The variable X")
    places.add(("providers", "lab", "api_key"), "The command line")
    assert places.of(("listeners", "router", "port")) == "The variable X"
    assert places.of(("listeners", "router", "port", "deeper")) == "The variable X"
    assert places.of(("listeners", "router")) == "/etc/l.toml, line 1"
    assert places.of(("providers", "lab")) == "The command line", "nothing of it stands in the file"
    assert places.of(("server",)) == "/etc/l.toml"


def test_without_a_file_there_are_still_places() -> None:
    assert Places().of(("server",)) == "The settings"
