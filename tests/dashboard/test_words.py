"""Which language a reader gets, and how words are filled in."""

from __future__ import annotations

import pytest

from landbridge.dashboard.words import LANGUAGES, N_, _, chosen, language, n_, speak, translated
from tests.fakes.tab import tab


@pytest.mark.parametrize(
    ("setting", "accepted", "language"),
    [
        ("ko", "en-US", "ko"),
        ("auto", "ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("auto", "de-DE,de;q=0.9,en;q=0.8,ko;q=0.7", "en"),
        ("auto", "fr", "en"),
        ("auto", "", "en"),
        ("tlh", "ko", "ko"),
    ],
)
def test_the_language(setting: str, accepted: str, language: str) -> None:
    assert chosen(setting, accepted) == language
    assert language in LANGUAGES


def test_words_are_filled_in() -> None:
    assert _("{name}: failed", name="x") == "x: failed"
    assert _("100 % of {braces}") == "100 % of {braces}", "nothing is filled in where nothing is given"
    assert n_("{n} model", "{n} models", 1) == "1 model"
    assert n_("{n} model of {name}", "{n} models of {name}", 0, name="x") == "0 models of x"
    assert N_("Home") == "Home"


def test_what_nobody_has_translated_is_said_in_english() -> None:
    assert translated("ko", "qwertyuiop") == "qwertyuiop"
    assert translated("nowhere", "Home") == "Home"


@pytest.mark.anyio
async def test_each_tab_speaks_its_own() -> None:
    assert language() == "en"
    with tab():
        speak("ko")
        with tab():
            assert language() == "en"
        assert language() == "ko"
