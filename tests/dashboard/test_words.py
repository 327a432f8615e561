"""The pages' words in the reader's language: chosen by the settings, else by the browser, else English."""

from __future__ import annotations

import asyncio

import pytest

from landbridge.dashboard import words
from landbridge.dashboard.words import LANGUAGES, N_, _, chosen, language, n_, translated


def test_without_a_reader_it_is_english() -> None:
    assert language() == "en"
    assert _("Settings") == "Settings" and N_("Settings") == "Settings"
    assert _("{name}: failed", name="x") == "x: failed"
    assert n_("{n} model", "{n} models", 1) == "1 model" and n_("{n} model", "{n} models", 2) == "2 models"


def test_korean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "language", lambda: "ko")
    assert _("Settings") == "설정"
    assert _("{name}: failed", name="x") == "x: 실패"
    assert n_("{n} model", "{n} models", 1) == "모델 1개" and n_("{n} model", "{n} models", 2) == "모델 2개"
    assert _("Nobody has translated this.") == "Nobody has translated this."


class Client:
    landbridge_language = "ko"


@pytest.mark.anyio
async def test_a_task_speaks_as_who_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Page:
        client = Client()

    with monkeypatch.context() as patched:
        patched.setattr(words, "context", Page)
        assert _("Settings") == "설정"

    async def later() -> str:
        return _("Settings")

    assert list(await asyncio.gather(later(), later())) == ["설정", "설정"]


def test_for_who_is_no_page_s_reader() -> None:
    assert translated("ko", "Signed in") == "로그인했습니다" and translated("en", "Signed in") == "Signed in"


@pytest.mark.parametrize(
    ("setting", "accepted", "spoken"),
    [
        ("ko", "en", "ko"),
        ("en", "ko", "en"),
        ("auto", "ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("auto", "en-GB, ko", "en"),
        ("auto", "de, fr;q=0.5, KO;q=0.1", "ko"),
        ("auto", "de", "en"),
        ("auto", "", "en"),
        ("auto", ",;=", "en"),
    ],
)
def test_which_language_is_spoken(setting: str, accepted: str, spoken: str) -> None:
    assert chosen(setting, accepted) == spoken and spoken in LANGUAGES
