"""Changes to the settings file: comments stay, nothing else changes, and no moment shows half a file."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landbridge.config import load, set_value, write_default
from landbridge.config.edit import DEFAULT, NotASection, edited, write
from landbridge.errors import ConfigFault

FILE = """\
# My settings
default_model = "a"   # the small one

[listeners.router]    # every API
port = 1
# about work
[providers.work]
preset = "openai"
[aliases]
"claude-*" = "a"      # all of them
[providers.lab]       # apart from its sibling
headers = { x = "1" }
"""


def got(tree: Any, keys: Sequence[str]) -> Any:
    for key in keys:
        tree = tree[key]
    return tree


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("default_model",), "b"),
        (("listeners", "router", "port"), 2),
        (("listeners", "router", "enabled"), False),
        (("listeners", "openai", "port"), 3),
        (("providers", "work", "models"), ["m", "n"]),
        (("providers", "lab", "headers", "y"), "2"),
        (("providers", "new", "preset"), "groq"),
        (("providers", "new", "headers", "x-a"), "1"),
        (("aliases", "claude-*haiku*"), "lab/m"),
        (("aliases", "claude-*"), "c"),
        (("models", "qwen2.5-7b", "context"), 4096),
        (("server", "ping_every"), 2.5),
    ],
)
def test_one_key_is_set_and_every_comment_stays(keys: tuple[str, ...], value: Any) -> None:
    after = edited(FILE, keys, value)
    expected = tomllib.loads(FILE)
    section = expected
    for key in keys[:-1]:
        section = section.setdefault(key, {})
    section[keys[-1]] = value
    assert tomllib.loads(after) == expected
    for line in FILE.splitlines():
        comment = line.partition("#")[2]
        assert comment in after


@pytest.mark.parametrize("text", [FILE, DEFAULT, "", "# only a comment"])
@pytest.mark.parametrize("keys", [("default_model",), ("listeners", "router", "port"), ("x", "y", "z")])
def test_setting_and_removing(text: str, keys: tuple[str, ...]) -> None:
    with_it = edited(text, keys, "v")
    assert got(tomllib.loads(with_it), keys) == "v"
    without = tomllib.loads(edited(with_it, keys, None))
    with pytest.raises(KeyError):
        got(without, keys)


def test_removing_what_is_not_there_changes_nothing() -> None:
    for keys in (("server",), ("server", "ping_every"), ("providers", "work", "models")):
        assert edited(FILE, keys, None) == FILE


names = st.sampled_from(["a", "b", "c.d", "e f", "", "안녕", '"'])
paths = st.lists(names, min_size=1, max_size=3)
values = st.text(max_size=5) | st.integers(-5, 5) | st.booleans() | st.lists(st.text(max_size=3), max_size=2)


def changed(tree: dict[str, Any], keys: list[str], value: Any) -> None:
    """What a change means, without any text."""
    for key in keys[:-1]:
        if key not in tree and value is None:
            return
        tree = tree.setdefault(key, {})
        if not isinstance(tree, dict):
            raise NotASection
    if value is None:
        tree.pop(keys[-1], None)
    else:
        tree[keys[-1]] = value


def pruned(tree: Any) -> Any:
    """Without empty sections: whether one stands in the file means nothing."""
    if not isinstance(tree, dict):
        return tree
    return {key: found for key, value in tree.items() if (found := pruned(value)) != {}}


@given(st.lists(st.tuples(paths, values | st.none()), max_size=8), st.sampled_from(["# first\n", FILE]))
def test_any_row_of_changes_reads_back(changes: list[tuple[list[str], Any]], text: str) -> None:
    expected = tomllib.loads(text)
    for keys, value in changes:
        try:
            changed(expected, keys, value)
        except NotASection:
            with pytest.raises(NotASection):
                edited(text, keys, value)
            continue
        text = edited(text, keys, value)
        assert pruned(tomllib.loads(text)) == pruned(expected)
    assert text.startswith(("# first\n", "# My settings\n"))


@pytest.mark.io
def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "landbridge.toml"
    write_default(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    set_value(file, ("default_model",), "b")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert load(file, {}).default_model == "b"


@pytest.mark.io
def test_the_file_to_start_from_is_read_as_the_defaults_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "landbridge.toml"
    write_default(file)
    assert load(file, {}) == load(None, {})
    file.write_text("# mine")
    write_default(file)
    assert file.read_text() == "# mine"


@pytest.mark.io
def test_a_first_change_makes_the_file(tmp_path: Path) -> None:
    file = tmp_path / "landbridge.toml"
    set_value(file, ("models", "qwen2.5", "slots"), 2)
    assert load(file, {}).models["qwen2.5"].slots == 2
    assert "# landbridge settings" in file.read_text()


@pytest.mark.io
@pytest.mark.parametrize("content", [b"[broken", b"a = 1\na = 2\n", b"\xff"])
def test_a_broken_file_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigFault, match="is not TOML"):
        set_value(file, ("default_model",), "b")
    assert file.read_bytes() == content
    assert [path.name for path in tmp_path.iterdir()] == ["landbridge.toml"]


@pytest.mark.io
def test_a_value_in_the_way_is_said(tmp_path: Path) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_text("default_model = 'a'\n")
    with pytest.raises(ConfigFault, match="'default_model' is a value, not a section"):
        set_value(file, ("default_model", "name"), "b")


@pytest.mark.io
def test_a_write_that_fails_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_text("# old")

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        set_value(file, ("default_model",), "b")
    assert file.read_text() == "# old"
    assert [path.name for path in tmp_path.iterdir()] == ["landbridge.toml"]


@pytest.mark.io
def test_a_reader_sees_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    """The old file stays whole for whoever has it open: it is replaced, not written over."""
    file = tmp_path / "landbridge.toml"
    file.write_text("# old")
    with file.open() as reading:
        write(file, "# new")
        assert reading.read() == "# old"
    assert file.read_text() == "# new"


@pytest.mark.io
def test_a_link_to_the_file_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "dotfiles.toml", tmp_path / "landbridge.toml"
    target.write_text("default_model = 'a'\n")
    link.symlink_to(target)
    set_value(link, ("default_model",), "b")
    assert link.is_symlink()
    assert "'a'" not in target.read_text()


@pytest.mark.io
def test_line_endings_stay(tmp_path: Path) -> None:
    file = tmp_path / "landbridge.toml"
    file.write_bytes(b"# mine\r\ndefault_model = 'a'\r\n")
    set_value(file, ("default_model",), "b")
    assert file.read_bytes() == b'# mine\r\ndefault_model = "b"\r\n'


def test_a_section_of_its_own_needs_none_above_it() -> None:
    after = edited("# mine\n", ("providers", "lab"), {"preset": "openai", "place": {"region": "eu"}, "models": ["a"]})
    assert "[providers]" not in after and "[providers.lab]" in after
    assert tomllib.loads(after) == {
        "providers": {"lab": {"preset": "openai", "place": {"region": "eu"}, "models": ["a"]}}
    }
    again = edited(after, ("providers", "more"), {"preset": "groq"})
    assert again.startswith(after.rstrip())
    assert list(tomllib.loads(again)["providers"]) == ["lab", "more"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("[a]\nx = 1\n# about b\n# more of it\n[b]\ny = 2\n", "# about b\n# more of it\n[b]\ny = 2\n"),
        ("[a]\nx = 1\n# y = 2\n\n[b]\ny = 2\n", "[b]\ny = 2\n"),
        ("[a]\n# its own\nx = 1\n[b]\ny = 2\n", "[b]\ny = 2\n"),
        ("# top\n[a]\nx = 1\n# at the end\n", "# top\n"),
        ("[b]\ny = 2\n[a]\nx = 1\n# about c\n[c]\nz = 3\n", "[b]\ny = 2\n# about c\n[c]\nz = 3\n"),
    ],
)
def test_what_stands_right_above_a_section_stays_with_it(text: str, after: str) -> None:
    assert edited(text, ("a",), None) == after


def test_so_it_is_with_sections_of_one_kind() -> None:
    text = '[providers.a]\npreset = "x"\n# about b\n[providers.b] # mine\npreset = "y"\n'
    assert edited(text, ("providers", "a"), None) == '# about b\n[providers.b] # mine\npreset = "y"\n'
