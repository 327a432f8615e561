"""An exported exchange holds what was said, and nothing of what must not be given away."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from landbridge.cli.context import load_context
from landbridge.config.masks import Masks
from landbridge.errors import ConfigFault
from landbridge.manage.case_file import Scrubber, case, write
from landbridge.store.bodies import Bodies, Round
from landbridge.store.report import Exchange
from tests.fakes.home import Home

SCRUB = Scrubber(Masks(["correct-horse-battery"]), "/srv/people/ann")


def case_of(row: Exchange, bodies: Bodies | None = None) -> str:
    context = load_context(None, None)
    return case(row, bodies, context.config, context.data_dir)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("nothing secret here", "nothing secret here"),
        ("say correct-horse-battery now", "say *** now"),
        ("key sk-ant-api03-abcdefghijklmnopqrst!", "key ***!"),
        ("Authorization: Bearer abcdefgh12345678", "Authorization: Bearer ***"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "***"),
        ("github_pat_11ABCDEFG0abcdefgh", "***"),
        ("xoxb-1234567890-abc", "***"),
        ("mail ann.b+c@mail.example.org, please", "mail someone@example.com, please"),
        ("/home/ann/project/a.py", "/home/someone/project/a.py"),
        ("/srv/people/ann/a.py", "/home/someone/a.py"),
        ("in /Users/Ann Smith/x", "in /Users/someone Smith/x"),
        (r"C:\Users\ann\x and C:\\Users\\ann\\x", r"C:\Users\someone\x and C:\\Users\\someone\\x"),
        ("https://ann:hunter2secret@host/x", "https://ann:***@host/x"),
        ("?api_key=abc123&x=1", "?api_key=***&x=1"),
        ("user@host is no address, nor is a@b", "user@host is no address, nor is a@b"),
    ],
)
def test_texts(text: str, clean: str) -> None:
    assert SCRUB.text(text) == clean
    assert SCRUB.text(clean) == clean, "what is clean stays as it is"


def test_values_by_their_names() -> None:
    value = {"api_key": "short", "x": [{"OPENAI_API_KEY": "k", "password": "", "tokens": 5}], "keyboard": "qwerty"}
    assert SCRUB.value(value) == {
        "api_key": "***",
        "x": [{"OPENAI_API_KEY": "***", "password": "", "tokens": 5}],
        "keyboard": "qwerty",
    }


@pytest.mark.io
def test_a_case(home: Home) -> None:
    home.settings(
        1, '[providers.lab]\ndialect = "openai_chat"\nbase_url = "http://127.0.0.1:9/v1"\napi_key = "planted-1"\n'
    )
    secret = "planted-1 of bob@example.org in /home/bob"
    asked: dict[str, Any] = {"model": "x", "messages": [{"role": "user", "content": secret}]}
    bodies = Bodies(
        dialect="openai_chat",
        headers={"user-agent": "codex/1", "x-claude-code-session-id": "s-1"},
        request=json.dumps(asked).encode(),
        rounds=[Round("http://u:pw@10.1.2.3:99/v1/chat/completions", b"{}", 200, f"data: {secret}\n\n".encode())],
        status=200,
        answer=secret.encode(),
    )
    row = Exchange(id="req_1", at=1.0, seconds=1.0, session="s-1", agent="a-1", key="k-1", message=secret)
    text = case_of(row, bodies)
    for planted in ("planted-1", "bob", "s-1", "a-1", "k-1", "10.1.2.3"):
        assert planted not in text
    found = json.loads(text)
    assert found["said"]["request"]["messages"][0]["content"] == "*** of someone@example.com in /home/someone"
    assert found["said"]["rounds"][0]["path"] == "/v1/chat/completions"
    assert (found["said"]["rounds"][0]["dialect"], found["about"]["form"]) == ("openai_chat", 1)
    assert json.loads(case_of(row))["said"] is None


@pytest.mark.io
def test_a_key_that_is_in_a_file_is_known_too(home: Home) -> None:
    kept = home.folder / "key"
    kept.write_text("planted-in-a-file\n")
    provider = 'dialect = "openai_chat"\nbase_url = "http://127.0.0.1:9/v1"\n'
    home.settings(1, f'[providers.lab]\n{provider}api_key = "file:{kept}"\n')
    row = Exchange(id="req_1", at=1.0, seconds=1.0, message="refused: planted-in-a-file")
    assert json.loads(case_of(row))["exchange"]["message"] == "refused: ***"


@pytest.mark.io
def test_a_file_is_its_owners_and_is_not_written_over(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    write(path, "{}")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("{}\n", 0o600)
    with pytest.raises(ConfigFault, match="exists"):
        write(path, "other")
    with pytest.raises(ConfigFault, match="cannot be written"):
        write(tmp_path / "no" / "case.json", "x")
    assert path.read_text() == "{}\n"
