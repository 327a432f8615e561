"""`landbridge config check`: every fault with its line, every warning, and what a running router would change."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Home
from tests.cli.test_config import Spoken, said
from tests.fakes.router import FakeRouter

__all__ = ["said"]
pytestmark = pytest.mark.io

CHECK = "/api/v1/settings/check"
BROKEN = "defalt_model = 'm'\n[server]\nlog_level = 'loud'\nmax_body = 0\n[aliases]\na = ''\n"


def test_every_fault_with_its_line(home: Home, said: Any) -> None:
    home.config.write_text(BROKEN)
    found: Spoken = said("check")
    assert found.code == 2
    assert re.findall(r"fault +line (\d)", found.out) == ["1", "3", "4", "6"]
    assert "Did you mean" in found.out and "4 faults" in found.err
    faults = said("check", "--json").json["faults"]
    assert [each["line"] for each in faults] == [1, 3, 4, 6]
    assert faults[0] == {
        "message": "there is no setting 'defalt_model'.",
        "remedy": "Did you mean 'default_model'?",
        "line": 1,
    }


def test_what_is_not_toml(home: Home, said: Any) -> None:
    home.config.write_text("default_model = 'm'\n[server\n")
    found = said("check")
    assert (found.code, "line 2" in found.out, "one fault" in found.err) == (2, True, True)


def test_warnings_are_no_faults(home: Home, said: Any) -> None:
    home.settings(
        1,
        '[providers.a]\npreset = "openai"\napi_key = "sk-1234567"\n'
        '[providers.b]\npreset = "no-such"\n[providers.c]\npreset = "groq"\napi_key = "${NO_SUCH_KEY}"\n'
        '[aliases]\n"x*" = "nowhere"\n"y*" = ["a/m", "nothing"]\n',
    )
    found = said("check", "--json")
    assert (found.code, found.json["faults"]) == (0, [])
    text = " | ".join(found.json["warnings"])
    for words in ("'a' stands in the settings", "no-such", "NO_SUCH_KEY", "leads to 'nowhere'", "leads to 'nothing'"):
        assert words in text
    assert "leads to 'a/m'" not in text
    assert found.json["router"] is None
    assert "No router runs here" in said("check").err


def test_what_a_running_router_would_change(home: Home, said: Any, router: FakeRouter) -> None:
    home.settings(router.port)
    changes = [
        {"key": "default_model", "before": "a", "after": "b", "effect": "now"},
        {"key": "store.url", "before": "x", "effect": "restart"},
    ]
    router.answer(CHECK, 200, {"faults": [], "warnings": [], "changes": changes})
    found = said("check")
    rows = [line.split() for line in found.out.splitlines()]
    assert ["default_model", '"a"', '"b"', "at", "once"] in rows
    assert ["store.url", '"x"', "-", "after", "a", "restart"] in rows
    assert "A restart is needed for store.url." in found.err
    asked = [body for _, path, body in router.asked if path == CHECK]
    assert json.loads(asked[0]) == {"text": home.config.read_text()}
    router.answer(CHECK, 200, {"faults": [], "changes": []})
    assert "has these settings in force" in said("check").err
    router.answer(CHECK, 200, {"faults": [{"message": "Its variable is wrong.", "remedy": "Mend it."}]})
    refused = said("check")
    assert (refused.code, "Its variable is wrong. Mend it." in refused.err) == (2, True)


def test_another_file(home: Home, said: Any, tmp_path: Path) -> None:
    home.settings(1)
    other = tmp_path / "new.toml"
    other.write_text(BROKEN)
    found = said("check", str(other))
    assert found.code == 2 and str(other) in found.out
    assert said("check").code == 0
    assert "There is no settings file" in said("check", str(tmp_path / "none.toml")).err
