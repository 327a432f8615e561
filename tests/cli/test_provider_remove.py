"""`landbridge providers remove`, `disable` and `enable`: out of the settings or of use; what led to it is named."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from landbridge.cli.main import main
from landbridge.providers.key_file import KeyFile
from tests.cli.conftest import Home
from tests.fakes.keychain import instead, nothing
from tests.fakes.terminal import in_conversation

pytestmark = pytest.mark.io

BEFORE = """\
# first
[providers.lab] # mine
preset = "openai"
api_key = "keyring:lab"
[providers.more] # of all
preset = "openai"
api_key = "keyring:shared"
[providers.most]
preset = "openai"
api_key = "keyring:shared"
"""
NO_KEYCHAIN = {"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}


@pytest.fixture(autouse=True)
def without_keychain() -> Iterator[None]:
    with instead(nothing()):
        yield


def test_the_section_and_its_key_go_and_nothing_else(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.config.write_text(BEFORE)
    keys = KeyFile(home.data, {})
    for name in ("lab", "shared", "other"):
        keys.set(name, "k")
    assert main(["providers", "remove", "lab"]) == 0
    said = capsys.readouterr().err
    assert "lab is gone from" in said and "and its key from the keychain" in said
    after = home.config.read_text()
    assert "[providers.lab]" not in after and "# first" in after and "[providers.more] # of all" in after
    assert keys.names() == ["other", "shared"]
    assert main(["providers", "remove", "more"]) == 0
    assert keys.names() == ["other", "shared"], "another provider uses it"
    assert main(["providers", "remove", "most"]) == 0
    assert keys.names() == ["other"]


def test_somebody_is_asked(home: Home) -> None:
    home.config.write_text(BEFORE)
    env = {**home.env, **NO_KEYCHAIN}
    words = ("-m", "landbridge", "providers", "remove", "lab")
    code, seen = in_conversation(*words, env=env, steps=[("Remove lab? (y/N):", "\n")], cwd=home.folder)
    assert (code, home.config.read_text()) == (1, BEFORE) and "nothing was removed" in seen


def test_one_there_is_not(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.config.write_text(BEFORE)
    assert main(["providers", "remove", "lap"]) == 2
    assert "There are: lab, more, most." in capsys.readouterr().err


def test_off_and_on_again(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.config.write_text(f'default_model = "lab/m"\n{BEFORE}')
    assert main(["providers", "disable", "lab"]) == 0
    said = capsys.readouterr().err
    assert "default_model leads to it." in said and "lab is off." in said
    assert "[providers.lab] # mine" in home.config.read_text() and "enabled = false" in home.config.read_text()
    assert main(["providers", "list"]) == 0
    assert "off" in capsys.readouterr().out
    assert main(["providers", "enable", "lab"]) == 0
    assert "lab is on." in capsys.readouterr().err
    assert home.config.read_text() == f'default_model = "lab/m"\n{BEFORE}'
