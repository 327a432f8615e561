"""What commands say of a change to the settings file."""

from __future__ import annotations

import pytest

from landbridge.cli.settings_change import say_changes, settings_file, written
from landbridge.config.compare import Change
from tests.cli.conftest import Home


def test_changes_with_different_effects_are_said_apart(capsys: pytest.CaptureFixture[str]) -> None:
    say_changes(
        [
            Change(key="a", before=1, after=2, effect="now"),
            Change(key="b", after=2, effect="restart"),
            Change(key="c", before=2, effect="now"),
        ]
    )
    said = capsys.readouterr().err.replace("landbridge: ", "").splitlines()
    assert said[:3] == ["a = 2 (was 1)", "b = 2", "c is gone (was 2)"]
    assert said[3:] == ["a, c: a running router takes it up at once.", "b: counts after a restart of the router."]


def test_of_many_changes_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    say_changes([Change(key=f"k{number}", after=number, effect="now") for number in range(50)])
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 14 and "and 38 more" in said[12]


@pytest.mark.io
def test_without_a_place_for_versions_it_is_said(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.data.write_text("no folder")
    changes = written(settings_file(None, None), "default_model = 'm'\n", "config set")
    assert [each.key for each in changes] == ["default_model"]
    assert "no version of the settings could be kept" in capsys.readouterr().err
